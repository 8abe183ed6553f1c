"""Generates the documents' tables from test cases and the program's output.

    python infra/tests/docs_tables.py            names those that are out of date
    python infra/tests/docs_tables.py --write    writes them anew, each between its two marks

Needs the Python of infra/tests/requirements.txt, and for docs/costs.md and docs/scenarios/ a built
`nodenap`.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

import docs_scenarios  # noqa: E402
import iam_cases  # noqa: E402
import rbac_cases  # noqa: E402

EXAMPLE = ROOT / "docs/nodenap.example.toml"
OTHER_SETTINGS = (
    "--changes 0",
    "--changes 600",
    "--every 1m",
    "--every 5m",
    "--memory 256",
    "--memory 512",
    "--memory 1769",
    "--arch x86_64",
)


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


# --- Permissions ----------------------------------------------------------------------------------


def grouped(cases: list[iam_cases.Case]) -> list[list[iam_cases.Case]]:
    """Grouped by role; requests that no role may make are the last group."""
    groups: dict[str, list[iam_cases.Case]] = {}
    for case in cases:
        groups.setdefault(case.requests[0].action, []).append(case)
    given = [one for one in groups.values() if any(case.allowed for case in one)]
    refused = [case for one in groups.values() if one not in given for case in one]
    return given + [refused] if refused else given


def names(cases: list[iam_cases.Case], allowed: bool) -> str:
    words = [one.name.removeprefix(f"{one.role}: ") for one in cases if one.allowed == allowed]
    return "; ".join(words)


def rights() -> str:
    rows = []
    for role in dict.fromkeys(case.role for case in iam_cases.CASES):
        for cases in grouped([one for one in iam_cases.CASES if one.role == role]):
            asked = [request.action for case in cases for request in case.requests]
            actions = ", ".join(dict.fromkeys(asked))
            rows.append((role, actions, names(cases, True), names(cases, False)))
    allowed = sum(case.allowed for case in iam_cases.CASES)
    counts = f"{allowed} requests are allowed, {len(iam_cases.CASES) - allowed} denied."
    return counts + "\n\n" + table(("role", "AWS asks about", "allowed", "denied"), rows)


def verbs(asked: list[tuple[str, str, str]], resource: str) -> str:
    """Such as "get, list in nodenap; get in default"."""
    places: dict[str, list[str]] = {}
    for verb, what, where in asked:
        if what == resource:
            places.setdefault(where, []).append(verb)
    words = [", ".join(one) + (f" in {where}" if where else "") for where, one in places.items()]
    return "; ".join(words)


def rbac() -> str:
    allowed, denied = rbac_cases.ALLOWED, rbac_cases.DENIED
    resources = dict.fromkeys(what for _, what, _ in allowed + denied)
    rows = [(f"`{one}`", verbs(allowed, one), verbs(denied, one)) for one in resources]
    counts = f"{len(allowed)} requests are allowed, {len(denied)} denied."
    return counts + "\n\n" + table(("resource", "allowed", "denied"), rows)


# --- Costs ----------------------------------------------------------------------------------------


def built_program() -> str | None:
    found = [path for path in sorted(ROOT.glob("build/*/nodenap")) if path.is_file()]
    return str(found[0]) if found else shutil.which("nodenap")


def cost(config: pathlib.Path, *more: str) -> str:
    command = [built_program(), "cost", "--offline", "--config", config, *more]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def total(config: pathlib.Path, *more: str) -> str:
    return f"${json.loads(cost(config, '--output', 'json', *more))['total_usd']:.4f}"


def bill() -> str:
    return f"```\n{cost(EXAMPLE)}```"


def known_regions() -> list[str]:
    prices = json.loads((ROOT / "data/aws-prices.json").read_text())
    return [one["region"] for one in prices["regions"]]


def region_totals() -> str:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "nodenap.toml"
        for region in known_regions():
            config.write_text(EXAMPLE.read_text().replace('"us-east-1', f'"{region}'))
            rows.append((f"`{region}`", total(config)))
    return table(("region", "total"), rows)


def setting_totals() -> str:
    rows = [(f"`{one}`", total(EXAMPLE, *one.split())) for one in OTHER_SETTINGS]
    return table(("us-east-1 with", "total"), rows)


# --- Scenarios ------------------------------------------------------------------------------------


def parts_of(name: str) -> dict[str, Callable[[], str]]:
    return {
        "story": lambda: docs_scenarios.story(built_program(), name),
        "compared": lambda: docs_scenarios.compared(built_program(), name),
    }


# --- Into the documents ---------------------------------------------------------------------------

PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/security.md": {"rights": rights, "rbac": rbac},
    "docs/costs.md": {"bill": bill, "regions": region_totals, "settings": setting_totals},
    **{docs_scenarios.page_of(name): parts_of(name) for name in docs_scenarios.NAMES},
}
NEED_NO_PROGRAM = ("docs/security.md",)


def with_parts(text: str, parts: dict[str, Callable[[], str]]) -> str:
    """`text` with each part regenerated between `<!-- NAME: … -->` and `<!-- end of NAME -->`."""
    for name, make in parts.items():
        marks = rf"(<!-- {name}: [^\n]* -->\n).*?(\n<!-- end of {name} -->)"
        made = make()
        text, times = re.subn(marks, lambda m, made=made: m[1] + made + m[2], text, flags=re.S)
        if times != 1:
            raise ValueError(f"the marks of {name!r} are there {times} times")
    return text


def out_of_date(document: str, write: bool = False) -> bool:
    path = ROOT / document
    text = path.read_text()
    wanted = with_parts(text, PARTS[document])
    if write and wanted != text:
        path.write_text(wanted)
    return wanted != text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="into the documents")
    write = parser.parse_args().write
    documents = list(PARTS)
    if not built_program():
        documents = list(NEED_NO_PROGRAM)
        print(f"only {', '.join(documents)}, for nodenap is not built (./dev build)")
    old = [document for document in documents if out_of_date(document, write)]
    for document in old:
        print(f"{document}: {'written' if write else 'out of date; --write makes it anew'}")
    return 1 if old and not write else 0


if __name__ == "__main__":
    sys.exit(main())
