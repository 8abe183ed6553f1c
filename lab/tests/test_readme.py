"""README's comparison of Nodenap with the baseline matches the simulator."""

import json
import re
import subprocess

import pytest

from stand.world import REPOSITORY, program

README = (REPOSITORY / "README.md").read_text()
ROWS = re.findall(r"^\| [^|]*\(`([\w-]+)`(?:, (\d+) seeds)?\) \|(.*)\|$", README, re.MULTILINE)


def told(scenario: str, seeds: str) -> dict:
    """The summaries of `--compare article`, by rules."""
    name = scenario if seeds else str(REPOSITORY / "scenarios" / f"{scenario}.toml")
    words = [program("nodenap"), "simulate", name, "--compare", "article", "--output", "json"]
    done = subprocess.run(
        [*words, "--seeds", seeds or "1"], capture_output=True, text=True, timeout=300
    )
    assert done.stdout, done.stderr
    return {tally["rules"]: tally for tally in json.loads(done.stdout)["tallies"]}


def test_the_table_is_there():
    assert len(ROWS) == 5


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_what_the_simulator_says(row):
    scenario, seeds, cells = row
    tallies = told(scenario, seeds)
    waited, waited_article, broken, broken_article = (cell.strip() for cell in cells.split("|"))
    for cell, rules in [(waited, "nodenap"), (waited_article, "article")]:
        seconds = re.match(r"[\d,]+", cell)
        if not seeds:
            assert int(seconds[0].replace(",", "")) == tallies[rules]["pending_pod_seconds"]
        dollars = re.search(r"\$(\d+\.\d\d)", cell)
        assert not dollars or float(dollars[1]) == round(tallies[rules]["dollars"], 2)
    assert broken == "none" and tallies["nodenap"]["seeds_broken"] == 0
    counted = re.match(r"in (\d+) of (\d+)", broken_article)
    if counted:
        assert [int(word) for word in counted.groups()] == [
            tallies["article"]["seeds_broken"],
            tallies["article"]["seeds"],
        ]
    else:
        assert tallies["article"]["seeds_broken"] == 1
