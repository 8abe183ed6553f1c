"""docs/security.md: each position says what it can and cannot do, and which check shows it."""

import pathlib
import re

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TEXT = (HERE.parents[1] / "docs/security.md").read_text()
POSITIONS = (
    "Root on a worker",
    "May create pods",
    "May tag",
    "May invoke",
    "May publish",
)


def section(title: str) -> str:
    return TEXT.split(f"### {title}\n")[1].split("\n## ")[0].split("\n### ")[0]


def rows(title: str, head: str) -> list[tuple[str, str]]:
    """The table that begins with `head`: what, and what shows it."""
    table = section(title).split(f"| {head} | shown by |\n")[1].split("\n\n")[0]
    cells = [re.findall(r"(?<=\| ).*?(?= \|)", line) for line in table.splitlines()[1:]]
    assert all(len(one) == 2 for one in cells), cells
    return [(what, shown) for what, shown in cells]


@pytest.mark.parametrize("title", POSITIONS)
def test_each_position_has_what_it_can_and_cannot_with_its_checks(title):
    for head in ("it can", "it cannot"):
        found = rows(title, head)
        assert found and all(what and shown for what, shown in found), head


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+\.py)`", TEXT))))
def test_each_test_that_is_named_is_there(name):
    assert (HERE / name).is_file()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/]+\.cpp)`", TEXT))))
def test_each_unit_test_that_is_named_is_there(path):
    assert (HERE.parents[1] / path).is_file()


@pytest.mark.parametrize("fault", sorted(set(re.findall(r"simulator's fault `(\w+)`", TEXT))))
def test_each_simulated_fault_that_is_named_is_there(fault):
    assert re.search(rf"\bdouble {fault}\b", (HERE.parents[1] / "src/sim/faults.hpp").read_text())


def test_the_positions_name_tests():
    assert len(re.findall(r"`test_\w+\.py`", TEXT)) >= 15
