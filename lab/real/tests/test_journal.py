"""The table that the demo ends with."""

import journal
import pytest

SIGNALS = {
    "cpu_percent": 81.2,
    "pending_pods": 23,
    "nodes_ready": 3,
    "nodes_booting": 0,
}


def record(**changes):
    return {
        "now": "2026-11-24T14:00:05Z",
        "decision": "scale_up",
        "reasons": [{"code": "pending_pods", "text": "23 pods cannot be placed"}],
        "signals": SIGNALS,
        "launch": [{"instance_type": "t2.small", "count": 2}],
        "remove": [],
        "done": [
            {"kind": "launch", "id": "i-1", "result": "ok", "error": None},
            {"kind": "launch", "id": "i-2", "result": "ok", "error": None},
        ],
    } | changes


def test_each_action_is_a_row_and_holds_are_counted():
    text = journal.table([record(), record(done=[]), record(done=[])])
    assert text.count("14:00:05") == 1
    assert text.endswith("and 2 records of passes that had nothing to do")


@pytest.mark.parametrize(
    "changes, wanted",
    [
        ({}, "3 nodes Ready, CPU 81 %, 23 pods pending"),
        ({"cpu_percent": None}, "3 nodes Ready, CPU unknown, 23 pods pending"),
        ({"pending_pods": None}, "3 nodes Ready, CPU 81 %, pending unknown"),
        ({"nodes_booting": 2}, "3 nodes Ready, 2 booting, CPU 81 %, 23 pods pending"),
    ],
)
def test_what_was_seen(changes, wanted):
    assert journal.saw(SIGNALS | changes) == wanted


@pytest.mark.parametrize(
    "done, wanted",
    [
        ([], ""),
        (["launch i-1", "launch i-2"], "launch 2 t2.small: i-1, i-2"),
        (["terminate i-9"], "terminate 1: i-9"),
        (
            ["launch i-1", "launch x no_capacity"],
            "launch 1 t2.small: i-1; launch 1 t2.small: x (no_capacity)",
        ),
    ],
)
def test_what_was_done(done, wanted):
    parts = [effect.split() + [None] for effect in done]
    effects = [{"kind": kind, "id": name, "error": error} for kind, name, error, *_ in parts]
    assert journal.did(record(done=effects)) == wanted
