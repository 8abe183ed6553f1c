"""`./dev demo` without its build: the baseline's three tests as a user sees them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demo"))

import demo  # noqa: E402
from show import Progress, table  # noqa: E402


def test_the_demo_tells_the_articles_three_tests(world, capsys):
    records = demo.run(world.stand, Progress())
    reasons = {reason["code"] for record in records for reason in record["reasons"]}
    assert {"below_minimum", "high_cpu", "pending_pods", "underused"} <= reasons
    told = table(records)
    said = capsys.readouterr().out
    for chapter in ("Test 1", "Test 2", "Test 3"):
        assert chapter in said
    assert "underused" in told


def test_a_stand_that_is_kept_says_how_to_go_on(world, capsys):
    demo.say_how_to_go_on(world.stand)
    said = capsys.readouterr().out
    assert world.stand.url("moto") in said and world.stand.url("dynalite") in said
