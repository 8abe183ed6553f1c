"""kill -9 between any two calls of a pass; the first pass after the lease recovers.

NODENAP_TEST_KILL_AT="n:before" makes the program kill itself before its n-th outgoing call,
"n:after" after its response. Each test repeats for every n.
"""

import signal

import pytest

from stand import aws

KILLED = -signal.SIGKILL
MOST_CALLS = 40


def walk(world, side: str, prepare, must_be_right) -> int:
    """Kills at each call in turn, each time with a new cluster; returns the number of calls."""
    for number in range(1, MOST_CALLS):
        world.begin_cluster()
        prepare()
        ended = world.tick({"NODENAP_TEST_KILL_AT": f"{number}:{side}"})
        if ended.exit_code != KILLED:
            assert ended.exit_code == 0, ended.events
            return number - 1
        recover(world, f"{number}:{side}")
        must_be_right(f"killed at {number}:{side}")
    raise AssertionError(f"a pass makes {MOST_CALLS} calls or more")


def recover(world, where: str) -> None:
    """The lease expires, the next pass recovers, and one more finds nothing left to do."""
    if "lease_owner" in (world.state_item() or {}):
        world.end_lease()
    first = world.tick()
    assert first.exit_code == 0, f"{where}: {first.events}"
    second = world.tick()
    assert (second.decision, second.exit_code) == ("hold", 0), f"{where}: {second.record}"
    status = world.nodenap_json("status")
    assert status["lease"]["held"] is False, where
    assert status["open_intents"] == [], where


@pytest.mark.parametrize("side", ["before", "after"])
def test_launches(world, side):
    """Two workers are missing: at whatever call the first pass is killed, two exist in the end."""
    world.show([])

    def must_be_right(where: str) -> None:
        instances = world.moto.instances(world.cluster)
        assert len(instances) == 2, where
        intents = [one["tags"]["nodenap:intent"] for one in instances]
        assert len(set(intents)) == 2, where
        assert [one["client_token"] for one in instances] == intents, where

    calls = walk(world, side, lambda: None, must_be_right)
    assert calls >= 7  # acquire, list, queries, operations, two launches, history, release


@pytest.mark.parametrize("side", ["before", "after"])
def test_removals(world, side):
    """Three idle workers, two needed: in the end two, never fewer."""
    world.configure(limits={"max_nodes": 100}, pool={"max_nodes": 100})
    spare = world.launch_workers(60)
    world.show(spare, cpu=0.05)
    groups = (spare[first : first + 3] for first in range(0, len(spare), 3))

    def three_idle_workers() -> None:
        tag = [{"Key": "nodenap:cluster", "Value": world.cluster}]
        world.ec2.create_tags(Resources=next(groups), Tags=tag)

    def must_be_right(where: str) -> None:
        assert len(world.instances()) == 2, where

    calls = walk(world, side, three_idle_workers, must_be_right)
    assert calls >= 6


@pytest.mark.parametrize("side", ["before", "after"])
def test_no_capacity_walk(world, side):
    """The first offering is refused and the next one used: two operations, one instance."""
    world.configure(limits={"min_nodes": 1})
    world.show([])
    world.moto.capacity({"zone": aws.ZONES[0], "left": 0})

    def must_be_right(where: str) -> None:
        instances = world.moto.instances(world.cluster)
        assert [one["zone"] for one in instances] == [aws.ZONES[1]], where

    walk(world, side, lambda: None, must_be_right)
