"""The tables of nodenap.toml that can be set through the stack, and how they are written.

All of Nodenap's keys except those set by the stack: the cluster's id, the region, Prometheus'
address and the table. Values are validated like in Nodenap (scaling_rules.py), so that an error
stops `pulumi up` and not the function.
"""

import json
from typing import Any

import scaling_rules
from config_reader import Reader

KNOWN: dict[str, dict[str, type]] = {
    "cluster": {"mode": str},
    "limits": {
        "min_nodes": int,
        "max_nodes": int,
        "max_price_per_hour_usd": float,
        "max_launches_per_pass": int,
        "max_launches_per_hour": int,
    },
    "scale_up": {
        "cpu_above_percent": float,
        "memory_above_percent": float,
        "cpu_window": str,
        "pending_for": str,
        "join_timeout": str,
    },
    "scale_down": {
        "cpu_below_percent": float,
        "requested_below_percent": float,
        "unneeded_for": str,
        "cooldown": str,
        "drain_timeout": str,
        "max_removals_per_pass": int,
        "max_empty_removals_per_pass": int,
        "victim": str,
        "without_drain": str,
    },
    "metrics": {
        "timeout": str,
        "max_age": str,
        "matcher": str,
        "cpu_query": str,
        "memory_query": str,
        "pending_query": str,
    },
    "relook": {"every": str, "for": str},
    "reserve": {"cpu_millicores": int, "memory_mib": int, "price_per_hour_usd": float},
}

# Entries of [[instance_type]]: types missing in Nodenap's catalogue, or with another price.
TYPE_KEYS: dict[str, tuple[type, bool]] = {  # and whether it is required
    "name": (str, True),
    "vcpu": (int, True),
    "memory_mib": (int, True),
    "price_per_hour_usd": (float, True),
    "architecture": (str, False),
    "baseline_percent": (float, False),
    "max_pods": (int, False),
}

MODES = scaling_rules.WORDS["cluster.mode"]
MOST_NODES = scaling_rules.DEFAULTS["limits.max_nodes"]


def judged(reader: Reader, table: str, key: str, kind: type) -> Any:
    """The value of the key; an error if its type is wrong or Nodenap would refuse it."""
    before = len(reader.faults)
    value = reader.take(key, kind, None)
    if len(reader.faults) == before:
        wrong = scaling_rules.fault_of(f"{table}.{key}", value)
        if wrong:
            reader.fault(key, wrong)
    return value


def read(reader: Reader) -> dict[str, dict[str, Any]]:
    """The configured tables, by name; other keys keep Nodenap's defaults."""
    tables = {}
    for name, kinds in KNOWN.items():
        table = reader.table(name)
        given = {key: kind for key, kind in kinds.items() if key in table.unread}
        tables[name] = {key: judged(table, name, key, kind) for key, kind in given.items()}
        table.finish()
    reader.finish()
    return tables


def read_types(reader: Reader) -> tuple[dict[str, Any], ...]:
    """The stack's `instance_types`, each as a table for nodenap.toml."""
    types = []
    for entry in reader.tables("instance_types", []):
        values = {}
        for key, (kind, needed) in TYPE_KEYS.items():
            if needed or key in entry.unread:
                values[key] = judged(entry, "instance_type", key, kind)
        entry.finish()
        types.append(values)
    return tuple(types)


def toml_value(value: Any) -> str:
    """A value in TOML: strings, numbers, booleans, lists and inline tables of strings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inside = ", ".join(f"{toml_value(k)} = {toml_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, str):
        # JSON's escapes are valid in TOML, except for one character that TOML requires to be
        # escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def toml_table(header: str, values: dict[str, Any]) -> str:
    """One table as text, such as "[limits]" with its keys; empty if it has none."""
    if not values:
        return ""
    lines = [header] + [f"{key} = {toml_value(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"
