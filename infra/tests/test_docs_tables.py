"""The generated tables of the documents are up to date."""

import json
import re

import docs_scenarios
import docs_tables
import iam_cases
import pytest
import rbac_cases
import regions

NEEDS_PROGRAM = "nodenap is not built (./dev build): what it prints is not compared"
HOW = "python infra/tests/docs_tables.py --write"


def test_security_has_each_request_that_is_judged():
    assert not docs_tables.out_of_date("docs/security.md"), HOW


@pytest.mark.skipif(not docs_tables.built_program(), reason=NEEDS_PROGRAM)
def test_costs_has_what_the_program_counts():
    assert not docs_tables.out_of_date("docs/costs.md"), HOW


@pytest.mark.skipif(not docs_tables.built_program(), reason=NEEDS_PROGRAM)
@pytest.mark.parametrize("name", docs_scenarios.NAMES)
def test_the_page_of_a_scenario_has_what_is_printed_of_it(name):
    assert not docs_tables.out_of_date(docs_scenarios.page_of(name)), HOW


def test_each_scenario_has_its_page_and_each_page_its_scenario():
    pages = sorted(path.stem for path in (docs_tables.ROOT / "docs/scenarios").glob("*.md"))
    assert pages == docs_scenarios.NAMES
    overview = (docs_tables.ROOT / "docs/simulator.md").read_text()
    for name in docs_scenarios.NAMES:
        assert f"(scenarios/{name}.md)" in overview
        page = docs_tables.ROOT / docs_scenarios.page_of(name)
        assert f"(../../scenarios/{name}.toml)" in page.read_text()


def test_readme_shows_rows_of_the_office_day():
    """Shortened, but identical to the scenario's page."""
    text = (docs_tables.ROOT / "README.md").read_text()
    head = "$ nodenap simulate scenarios/office-day.toml\n"
    rows = text.partition(head)[2].partition("\n```")[0].splitlines()
    page = (docs_tables.ROOT / "docs/scenarios/office-day.md").read_text().splitlines()
    assert len(rows) > 5
    assert [row for row in rows if row not in page] == []


def test_a_long_story_is_trimmed_in_its_middle():
    rows = [f"00:{at:02}:00  {'launch i-1' if at == 9 else '':10}  because" for at in range(15)]
    text = "\n".join(["x, seed 1", "", "TIME      DID         WHY", *rows, "", "TOTAL  1", ""])
    lines = docs_scenarios.trimmed(text).splitlines()
    assert lines[3:9] == rows[:6]
    assert lines[9:12] == ["   … 3 more …", rows[9], "   … 3 more …"]
    assert lines[12:] == [*rows[-2:], "", "TOTAL  1"]
    assert docs_scenarios.narrow("x" * 200).endswith("x …")


SURPLUS_USD = {"t3": 0.05, "t4g": 0.04}  # of a vCPU-hour above the baseline, Linux


def test_the_surplus_is_counted_from_the_catalogue():
    """docs/costs.md: baseline and price of each type, and the price of a vCPU above it."""
    found = json.loads((docs_tables.ROOT / "data/ec2-instance-types.json").read_text())
    types = {one["name"]: one for one in found["instance_types"]}
    text = (docs_tables.ROOT / "docs/costs.md").read_text()
    rows = re.findall(r"^\| (t\w+\.\w+) \| (.*) \| \$(.*) \| (.*) = \$(.*) \|$", text, re.M)
    assert [row[0] for row in rows] == ["t3.small", "t3.large", "t4g.small"]
    for name, baseline, price, product, surplus in rows:
        one, per_hour = types[name], SURPLUS_USD[name.split(".")[0]]
        above = 100 - one["baseline_percent"]
        assert baseline == f"{one['vcpu']} × {one['baseline_percent']}%"
        assert float(price) == one["price_per_hour_usd"]
        assert product == f"{one['vcpu']} × {above}% × ${per_hour}"
        assert float(surplus) == pytest.approx(one["vcpu"] * above / 100 * per_hour)


def test_the_installation_names_the_regions_without_t2():
    without = [one for one in regions.DUAL_STACK if not regions.sells(one, "t2.small")]
    text = (docs_tables.ROOT / "docs/install.md").read_text()
    assert f"do not sell t2 ({', '.join(without)})" in text


def test_no_request_is_lost_by_grouping():
    text = docs_tables.rights()
    cells = [cell.strip() for line in text.splitlines() for cell in line.split("|")]
    words = [word for cell in cells for word in cell.split("; ")]
    for case in iam_cases.CASES:
        assert case.name.removeprefix(f"{case.role}: ") in words, case.name
        assert all(request.action in text for request in case.requests), case.name
    resources = {what for _, what, _ in rbac_cases.ALLOWED + rbac_cases.DENIED}
    assert all(f"| `{one}` |" in docs_tables.rbac() for one in resources)


def test_a_part_is_made_anew_between_its_marks():
    text = "a\n<!-- x: by us -->\nold\n<!-- end of x -->\nb\n"
    wanted = text.replace("old", "new\nlines")
    assert docs_tables.with_parts(text, {"x": lambda: "new\nlines"}) == wanted
    with pytest.raises(ValueError, match="'y' are there 0 times"):
        docs_tables.with_parts(text, {"y": str})
