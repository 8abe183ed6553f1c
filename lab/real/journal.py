"""The journal as a table for people: time, what Nodenap saw, did, and why."""

import datetime
import shutil
import textwrap

TITLES = ("time", "saw", "did", "why")
WIDTHS = (8, 30, 32)
NARROWEST = 24


def table(records):
    """All records that did something, oldest first; passes that only held are counted."""
    rows = [TITLES] + [row(record) for record in records if record["done"]]
    widths = (*WIDTHS, max(NARROWEST, shutil.get_terminal_size((110, 24)).columns - 78))
    lines = [line for cells in rows for line in lines_of(cells, widths)]
    lines.insert(1, "  ".join("-" * width for width in widths))
    held = sum(not record["done"] for record in records)
    return "\n".join([*lines, "", f"and {held} records of passes that had nothing to do"])


def row(record):
    when = datetime.datetime.fromisoformat(record["now"]).strftime("%H:%M:%S")
    why = "; ".join(f"{reason['code']}: {reason['text']}" for reason in record["reasons"])
    return when, saw(record["signals"]), did(record), why


def saw(signals):
    text = [f"{signals['nodes_ready']} nodes Ready"]
    if signals["nodes_booting"]:
        text.append(f"{signals['nodes_booting']} booting")
    text.append(amount(signals["cpu_percent"], "CPU {:.0f} %", "CPU unknown"))
    text.append(amount(signals["pending_pods"], "{:.0f} pods pending", "pending unknown"))
    return ", ".join(text)


def amount(value, form, unknown):
    return unknown if value is None else form.format(value)


def did(record):
    types = [one["instance_type"] for one in record["launch"] for _ in range(one["count"])]
    kinds = {}
    for effect in record["done"]:
        kinds.setdefault((effect["kind"], effect["error"]), []).append(effect["id"])
    parts = []
    for (kind, error), ids in kinds.items():
        size = f" {types[0]}" if kind == "launch" and types else ""
        names = ", ".join(ids)
        parts.append(f"{kind} {len(ids)}{size}: {names}" + (f" ({error})" if error else ""))
    return "; ".join(parts)


def lines_of(cells, widths):
    wrapped = [
        textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)
    ]
    for number in range(max(map(len, wrapped))):
        parts = [
            (lines[number] if number < len(lines) else "").ljust(width)
            for lines, width in zip(wrapped, widths, strict=True)
        ]
        yield "  ".join(parts).rstrip()
