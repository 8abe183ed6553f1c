"""docs/security.md: for each attacker what it can and cannot do, with the tests that show it."""

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
    """The rows of the table with the heading `head`: statement and tests."""
    table = section(title).split(f"| {head} | shown by |\n")[1].split("\n\n")[0]
    cells = [re.findall(r"(?<=\| ).*?(?= \|)", line) for line in table.splitlines()[1:]]
    assert all(len(one) == 2 for one in cells), cells
    return [(what, shown) for what, shown in cells]


@pytest.mark.parametrize("title", POSITIONS)
def test_each_position_has_what_it_can_and_cannot_with_its_checks(title):
    for head in ("it can", "it cannot"):
        found = rows(title, head)
        assert found and all(what and shown for what, shown in found), head


CASES = sorted(set(re.findall(r"`(test_\w+\.py)((?:::\w+)?)`", TEXT)))
UNIT_CASES = sorted(set(re.findall(r"`(tests/[\w/]+\.cpp)((?:: \w+\.\w+)?)`", TEXT)))


@pytest.mark.parametrize(("name", "case"), CASES)
def test_each_test_that_is_named_is_a_case_that_is_there(name, case):
    """A file alone is not enough: it may have any test."""
    assert case, f"{name} is named without a case"
    assert f"\ndef {case.removeprefix('::')}(" in (HERE / name).read_text()


@pytest.mark.parametrize(("path", "case"), UNIT_CASES)
def test_each_unit_test_that_is_named_is_a_case_that_is_there(path, case):
    assert case, f"{path} is named without a case"
    suite, name = case.removeprefix(": ").split(".")
    text = (HERE.parents[1] / path).read_text()
    assert re.search(rf"^TEST(?:_F|_P)?\({suite}, {name}\)", text, re.M)


def test_each_promise_that_is_named_is_one():
    promises = (HERE.parents[1] / "docs/internals/promises.md").read_text()
    named = re.findall(r"`docs/internals/promises\.md`([^|;]*)", TEXT)
    assert len(named) > 10
    for words in named:
        numbers = re.findall(r"\b[IL]\d+\b", words)
        assert numbers, "a row names the promise, not only the page"
        assert [one for one in numbers if f"\n| {one} | " not in promises] == []


def test_no_paragraph_says_a_thing_twice():
    """In the same words, eight or more."""
    for line in TEXT.splitlines():
        words = re.findall(r"[\w`']+", line)
        runs = [" ".join(words[at : at + 8]) for at in range(len(words) - 7)]
        assert len(set(runs)) == len(runs), [one for one in runs if runs.count(one) > 1]


FAULTS = re.findall(r"simulator's faults? `(\w+)`(?: and `(\w+)`)?", TEXT)


@pytest.mark.parametrize("fault", sorted({name for pair in FAULTS for name in pair if name}))
def test_each_simulated_fault_that_is_named_is_there(fault):
    kinds = (HERE.parents[1] / "src/sim/faults/faults.cpp").read_text()
    assert f'{{"{fault}", ' in kinds


def test_the_positions_name_tests():
    assert len(CASES) >= 20 and len(UNIT_CASES) >= 8
