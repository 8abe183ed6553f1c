"""Values that Nodenap itself would refuse: the rules of `nodenap config check`.

A function with an invalid nodenap.toml makes no pass, so `pulumi up` must not deploy it. The
program cannot be run here, since the function may be of another architecture. A test passes invalid
values to a built program and shows that each of its rules is covered here.
"""

import math
import re
from typing import Any

from config_reader import Reader
from pools import Pool, catalogue

MOST = 1_000_000_000
INFINITY = math.inf
LONGEST_MS = 366 * 24 * 3600 * 1000
UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
DURATION = re.compile("".join(f"(?:([0-9]+){unit})?" for unit in UNITS_MS))
QUOTED = r""" *(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*') *"""
MATCHER = rf" *(?!__name__\b)[A-Za-z_]\w* *(?:=~|!~|!=|=){QUOTED}"

# Ranges of numbers; durations in milliseconds.
LIMITS: dict[str, tuple[float, float]] = {
    "limits.min_nodes": (0, 1000),
    "limits.max_nodes": (1, 1000),
    "limits.max_price_per_hour_usd": (0, INFINITY),
    "limits.max_launches_per_pass": (1, 100),
    "limits.max_launches_per_hour": (1, MOST),
    "scale_up.cpu_above_percent": (math.nextafter(0, 1), 100),
    "scale_up.memory_above_percent": (0, 100),
    "scale_up.cpu_window": (5000, INFINITY),
    "scale_up.pending_for": (0, INFINITY),
    "scale_up.join_timeout": (1, INFINITY),
    "scale_down.cpu_below_percent": (0, 100),
    "scale_down.requested_below_percent": (0, 100),
    "scale_down.unneeded_for": (0, INFINITY),
    "scale_down.cooldown": (0, INFINITY),
    "scale_down.drain_timeout": (1, INFINITY),
    "scale_down.max_removals_per_pass": (1, MOST),
    "scale_down.max_empty_removals_per_pass": (1, MOST),
    "metrics.timeout": (1, 15_000),
    "metrics.max_age": (1, INFINITY),
    "relook.every": (1, INFINITY),
    "relook.for": (0, 100_000),
    "reserve.cpu_millicores": (0, MOST),
    "reserve.memory_mib": (0, MOST),
    "reserve.price_per_hour_usd": (0, INFINITY),
    "instance_type.vcpu": (1, MOST),
    "instance_type.memory_mib": (1, MOST),
    "instance_type.price_per_hour_usd": (0, INFINITY),
    "instance_type.max_pods": (1, MOST),
    "instance_type.baseline_percent": (-INFINITY, INFINITY),
}
WORDS = {
    "cluster.mode": ("observe", "add_only", "act"),
    "scale_down.victim": ("saving", "oldest", "cheapest"),
    "scale_down.without_drain": ("empty", "any"),
    "instance_type.architecture": ("x86_64", "arm64"),
}
DURATIONS = {
    *("scale_up.cpu_window", "scale_up.pending_for", "scale_up.join_timeout"),
    *("scale_down.unneeded_for", "scale_down.cooldown", "scale_down.drain_timeout"),
    *("metrics.timeout", "metrics.max_age", "relook.every", "relook.for"),
}
# Defaults for rules about two values; see docs/nodenap.example.toml.
DEFAULTS = {
    "limits.min_nodes": 2,
    "limits.max_nodes": 10,
    "scale_up.cpu_above_percent": 70,
    "scale_down.cpu_below_percent": 30,
    "reserve.cpu_millicores": 100,
    "reserve.memory_mib": 300,
}


def milliseconds(text: str) -> int | None:
    """Milliseconds of "1h30m" and the like; None if it is not a duration."""
    found = DURATION.fullmatch(text)
    parts = zip(found.groups(), UNITS_MS.values(), strict=True) if found and text else ()
    spans = [int(count) * unit for count, unit in parts if count]
    return sum(spans) if spans and max(spans) <= LONGEST_MS else None


def fault_of(path: str, value: Any) -> str:
    """The error in the value of "limits.max_nodes" or another single key, or ""."""
    if path in DURATIONS:
        value = milliseconds(value)
        if value is None:
            return 'must be a duration such as "90s", "5m", "2h" or "1h30m"'
    elif path in WORDS:
        words = WORDS[path]
        return "" if value in words else f"must be one of {', '.join(words)}, not {value!r}"
    elif isinstance(value, str):
        return text_fault(path, value)
    return number_fault(path, value)


def text_fault(path: str, value: str) -> str:
    if not value:
        return "must not be empty"
    if path == "metrics.matcher" and not re.fullmatch(f"{MATCHER}(?:,{MATCHER})*", value, re.ASCII):
        return 'must be label matchers such as cluster="prod", separated by commas'
    return ""


def number_fault(path: str, value: float) -> str:
    least, most = LIMITS[path]
    if not math.isfinite(value):
        return "must be a finite number"
    if least <= value <= most:
        return ""
    unit = " ms" if path in DURATIONS else ""
    bounds = [f"at least {least:g}{unit}"] if least > -INFINITY else []
    bounds += [f"at most {most:g}{unit}"] if most < INFINITY else []
    return f"must be {' and '.join(bounds)}"


def check_together(
    tables: dict[str, dict], pools: tuple[Pool, ...], types: tuple[dict, ...], reader: Reader
) -> None:
    """Errors in combinations of values that are valid by themselves."""

    def value(path: str) -> float:
        table, key = path.split(".")
        return tables[table].get(key, DEFAULTS[path])

    least, most = value("limits.min_nodes"), value("limits.max_nodes")
    of_pools = sum(one.min_nodes for one in pools), sum(one.max_nodes for one in pools)
    if least > most:
        reader.fault("scaling.limits.min_nodes", f"is above max_nodes ({most})")
    if of_pools[0] > most:
        reader.fault("scaling.limits.max_nodes", f"is below the pools' min_nodes ({of_pools[0]})")
    if of_pools[1] < least:
        reader.fault("scaling.limits.min_nodes", f"is above the pools' max_nodes ({of_pools[1]})")
    below, above = value("scale_down.cpu_below_percent"), value("scale_up.cpu_above_percent")
    if below >= above:
        reader.fault(
            "scaling.scale_down.cpu_below_percent", f"must be below cpu_above_percent ({above:g})"
        )
    kept = value("reserve.cpu_millicores"), value("reserve.memory_mib")
    known = catalogue() | {one["name"]: one for one in types}
    for at, pool in enumerate(pools):
        check_types(pool.instance_types, known, kept, (reader, f"pools[{at}].instance_types"))


def check_types(
    names: tuple[str, ...],
    known: dict[str, dict],
    kept: tuple[float, float],
    place: tuple[Reader, str],
) -> None:
    """`kept`: the millicores and MiB of each node that are reserved for the system."""
    reader, key = place
    for at, name in enumerate(names):
        if name in names[:at]:
            reader.fault(f"{key}[{at}]", f"names {name} twice")
        elif name not in known:
            reader.fault(f"{key}[{at}]", f"{name} is unknown; add it to instance_types")
        elif known[name]["vcpu"] * 1000 <= kept[0] or known[name]["memory_mib"] <= kept[1]:
            reader.fault(f"{key}[{at}]", f"{name} has nothing left after scaling.reserve")
    architectures = {known[one].get("architecture", "x86_64") for one in names if one in known}
    if len(architectures) > 1:
        reader.fault(key, "mixes architectures; use one pool for each")
