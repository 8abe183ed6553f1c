"""The tables of nodenap.toml that a person may set through the stack, and their writing.

All of Nodenap's keys are here but those that are the stack's own: the cluster's id, the region,
Prometheus' address and the table. Values are judged as Nodenap does it (scaling_rules.py), so that
a fault stops `pulumi up` and not the function.
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

# Entries of [[instance_type]]: what Nodenap's catalogue lacks, or has at another price.
TYPE_KEYS: dict[str, tuple[type, bool]] = {  # with whether it must be given
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
    """The value of the key; a fault where its kind is another or Nodenap would refuse it."""
    before = len(reader.faults)
    value = reader.take(key, kind, None)
    if len(reader.faults) == before:
        wrong = scaling_rules.fault_of(f"{table}.{key}", value)
        if wrong:
            reader.fault(key, wrong)
    return value


def read(reader: Reader) -> dict[str, dict[str, Any]]:
    """The tables that are set, by name; keys that are not set keep Nodenap's own defaults."""
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
    """A value as TOML writes it: strings, numbers, flags, lists and inline tables of strings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inside = ", ".join(f"{toml_value(k)} = {toml_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, str):
        # JSON's escapes are TOML's too, but for the one character that TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def toml_table(header: str, values: dict[str, Any]) -> str:
    """One table as text, such as "[limits]" with its keys; empty where there is nothing to say."""
    if not values:
        return ""
    lines = [header] + [f"{key} = {toml_value(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"
