"""Samples, and Prometheus' text format."""

import math
from dataclasses import dataclass


@dataclass
class Sample:
    name: str
    labels: dict[str, str]
    value: float
    at_ms: int | None = None  # cAdvisor dates its samples itself, kube-state-metrics does not


def as_text(samples: list[Sample]) -> bytes:
    lines, named = [], None
    for sample in sorted(samples, key=lambda one: one.name):
        if sample.name != named:
            named = sample.name
            kind = "counter" if named.endswith("_total") else "gauge"
            lines.append(f"# TYPE {named} {kind}")
        labels = ",".join(f'{key}="{_escaped(text)}"' for key, text in sample.labels.items())
        date = "" if sample.at_ms is None else f" {sample.at_ms}"
        lines.append(f"{sample.name}{{{labels}}} {_number(sample.value)}{date}")
    return ("\n".join(lines) + "\n").encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else repr(float(value))
