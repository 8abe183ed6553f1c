"""The demo's output: a progress line per step, and a table at the end."""

import os
import shutil
import sys
import textwrap
import time
from collections import Counter

WORDS = {"scale_up": "added", "scale_down": "removed", "hold": "nothing"}
COLOURS = {"scale_up": "32", "scale_down": "33", "hold": "2"}


class Progress:
    """Prints permanent lines and, on a terminal, a progress line between them."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._moves = sys.stdout.isatty()

    def chapter(self, title: str) -> None:
        self._clear()
        print(f"\n{_paint('1', title)}", flush=True)

    def step(self, text: str) -> None:
        self._clear()
        print(f"  {self._clock()}  {text}", flush=True)

    def waiting(self, text: str) -> None:
        if self._moves:
            line = f"  {self._clock()}  … {text}"[: _width() - 1]
            print(f"\r\033[K{line}", end="", flush=True)

    def _clear(self) -> None:
        if self._moves:
            print("\r\033[K", end="")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:5.0f} s"


def table(records: list[dict]) -> str:
    """The history, oldest first: time, observations, actions and reasons."""
    rows = [("time", "saw", "did", "why")]
    rows += [_row(record) for record in reversed(records)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    left = max(30, _width() - sum(widths) - 8)
    lines = []
    for number, row in enumerate(rows):
        why = textwrap.wrap(row[3], left) or [""]
        first = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        indent = " " * (sum(widths) + 6)
        text = f"{first}  {why[0]}" + "".join(f"\n{indent}{more}" for more in why[1:])
        lines.append(_paint(_colour(number, records), text))
    return "\n".join(lines)


def _row(record: dict) -> tuple[str, str, str, str]:
    signals = record["signals"]
    cpu = signals.get("cpu_percent")
    pending = signals.get("pending_pods")
    saw = "CPU unknown, " if cpu is None else f"CPU {round(cpu)}%, "
    saw += f"{'?' if pending is None else pending} pending, "
    saw += f"{signals['nodes_ready']} ready"
    if signals["nodes_booting"]:
        saw += f" + {signals['nodes_booting']} booting"
    return record["now"][11:19], saw, _did(record), "; ".join(_reasons(record))


def _reasons(record: dict) -> list[str]:
    return [f"{reason['code']}: {reason['text']}" for reason in record["reasons"]]


def _did(record: dict) -> str:
    counts = Counter()
    for group in record.get("launch", []):
        counts[group["instance_type"]] += group["count"]
    added = ", ".join(f"{count} × {name}" for name, count in counts.items())
    removed = ", ".join(one["instance_id"] for one in record.get("remove", []))
    parts = [f"added {added}" if added else "", f"removed {removed}" if removed else ""]
    return ", ".join(part for part in parts if part) or WORDS["hold"]


def _colour(number: int, records: list[dict]) -> str:
    return "1" if number == 0 else COLOURS[records[len(records) - number]["decision"]]


def _paint(code: str, text: str) -> str:
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR")
    return text if plain else f"\033[{code}m{text}\033[0m"


def _width() -> int:
    return shutil.get_terminal_size((140, 24)).columns
