"""Writes the TOML that a nodenap.toml needs: tables of plain values, and arrays of tables."""

import json


def to_toml(document: dict) -> str:
    """{"limits": {"min_nodes": 2}, "pool": [{…}, {…}]} as TOML; None leaves a key or table out."""
    lines: list[str] = []
    for name, content in document.items():
        if content is None:
            continue
        tables = content if isinstance(content, list) else [content]
        header = f"[[{name}]]" if isinstance(content, list) else f"[{name}]"
        for table in tables:
            lines.append(header)
            given = {key: value for key, value in table.items() if value is not None}
            lines += [f"{key} = {_value(value)}" for key, value in given.items()]
            lines.append("")
    return "\n".join(lines)


def _value(value) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)} = {_value(one)}" for key, one in value.items())
        return f"{{ {pairs} }}"
    return json.dumps(value, ensure_ascii=False)
