"""Clocks that are a minute off: nothing is launched twice, nothing is removed wrongly."""

import pytest

from stand.lambda_runtime import events
from stand.world import Pass, full


def off(seconds: int) -> dict[str, str]:
    return {"NODENAP_TEST_CLOCK_OFF_S": str(seconds)}


@pytest.mark.parametrize("seconds", [60, -60], ids=["a minute ahead", "a minute behind"])
def test_a_missing_worker_is_launched_once(world, seconds):
    world.show(world.launch_workers(1))
    first = world.tick_once(off(seconds))
    assert "below_minimum" in first.codes, first.record
    world.tick_once(off(seconds))
    world.tick()  # another machine, whose clock is right
    assert len(world.instances()) == 2
    assert world.nodenap_json("status")["lease"]["held"] is False


@pytest.mark.parametrize("seconds", [60, -60], ids=["a minute ahead", "a minute behind"])
def test_an_idle_cluster_never_goes_below_its_minimum(world, seconds):
    workers = world.launch_workers(4)
    world.show(workers, cpu=0.05)
    for _ in range(4):
        world.tick_once(off(seconds))
        world.tick()
    assert len(world.instances()) >= 2


@pytest.mark.parametrize("seconds", [60, -60], ids=["a minute ahead", "a minute behind"])
def test_busy_nodes_are_not_taken_for_idle(world, seconds):
    workers = world.launch_workers(4)
    world.show(workers, cpu=0.6)
    ticked = world.tick_once(off(seconds))
    assert ticked.decision == "hold", ticked.record
    assert set(world.instance_ids()) == set(workers)


def test_a_fresh_instance_is_not_late_to_join_for_a_clock_that_is_ahead(world):
    """EC2 sets the launch time, Nodenap uses its own clock: a minute ahead is not a timeout."""
    workers = world.launch_workers(2)
    world.show(workers[:1])
    assert world.tick_once(off(60)).done("terminate") == []
    assert set(world.instance_ids()) == set(workers)


def test_a_held_lease_is_not_taken_by_a_clock_a_minute_behind(world):
    world.show(world.launch_workers(1))
    world.tick_once({"NODENAP_TEST_KILL_AT": "1:after"})
    held = world.nodenap_json("tick", variables=off(-60))
    assert Pass(held).codes == ["lease_held"]


def test_two_passes_a_minute_apart_in_their_clocks_launch_as_one(world):
    """A clock that is ahead may take a lease early: its former owner then can write nothing."""
    workers = world.launch_workers(2)
    world.show(workers, [{"name": "web", "count": 2, "cpu": 0.8}, *full(workers)])
    world.through = "toxi"
    world.config = world.folder / "slow.toml"
    world.configure(metrics={"timeout": "9s"})
    world.toxiproxy.latency("prometheus", 1500)
    slow = world.bootstrap()
    world.through = "direct"
    world.config = world.folder / "ahead.toml"
    world.configure()
    ahead = world.bootstrap(off(600))
    for _ in range(3):
        running = slow.invoke_later(events.scheduled())
        ahead.invoke(events.scheduled())
        running.join()
    slow.invoke(events.scheduled())
    assert len(world.instances()) == 4
    assert all(result.function_error is None for result in slow.results + ahead.results)
