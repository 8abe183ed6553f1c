"""The baseline's three tests with the Lambda binary and real pods, scheduler and cAdvisor."""

import datetime
import math

import cluster
import pytest
from required import need
from stage import BUSY, CORES

pytestmark = pytest.mark.timeout(3600)

PODS_ON_A_NODE = 9  # of 100m each, on 900m allocatable


@pytest.fixture(scope="module")
def stage(stand):
    """The stage after all three tests."""
    from nodenap import missing_program
    from show import Progress
    from stage import RealStage
    from story import REPLICAS, Story

    missing = missing_program()
    need(missing and f"{missing} is not built")
    told = RealStage(stand)
    told.replicas = REPLICAS
    try:
        Story(told, Progress(), tick_every_s=3, patience_s=1200).tell()
        yield told
    finally:
        told.end()


@pytest.fixture(scope="module")
def records(stage):
    """The actions, oldest first."""
    return [record for record in reversed(stage.history()) if record.get("done")]


def codes(record):
    return {reason["code"] for reason in record["reasons"]}


def removed(record):
    return [one["instance_id"] for one in record.get("remove", [])]


def because(records, code):
    return [record for record in records if code in codes(record)]


def ids(record, kind):
    return [effect["id"] for effect in record["done"] if effect["kind"] == kind]


def test_it_begins_with_the_minimum(stage, records):
    assert codes(records[0]) == {"below_minimum"}
    assert len(ids(records[0], "launch")) == stage.minimum


def test_busy_workers_bring_one_more(records):
    [record] = because(records, "high_cpu")
    assert record["signals"]["cpu_percent"] > 70
    assert len(ids(record, "launch")) == 1


def test_the_built_in_query_reads_real_cadvisor(stage):
    signals = stage.built_in["signals"]
    assert signals["cpu_percent"] is not None, signals["unknown"]
    assert signals["cores"] == stage.minimum + 2  # the server's, and the new worker's
    [(_, measured)] = cluster.measure(f"100 * {BUSY} / {CORES}", time=stage.built_in["now"])
    assert abs(signals["cpu_percent"] - measured) < 10


def test_fifty_replicas_bring_all_nodes_at_once(stage, records):
    [record] = because(records, "pending_pods")
    before = stage.minimum + 1
    wanted = math.ceil((stage.replicas - PODS_ON_A_NODE * before) / PODS_ON_A_NODE)
    assert record["signals"]["pending_pods"] == stage.replicas - PODS_ON_A_NODE * before
    assert len(ids(record, "launch")) == wanted


def test_deleting_them_takes_the_empty_nodes_but_never_the_server(stage, records):
    removals = [record for record in records if record["decision"] == "scale_down"]
    launched = {name for record in records for name in ids(record, "launch")}
    gone = [name for record in removals for name in removed(record)]
    assert all(1 <= len(removed(record)) <= 3 for record in removals)  # max_empty_removals_per_pass
    assert set(gone) == launched - set(stage.workers())
    assert len(gone) == len(launched) - stage.minimum
    assert stage.server_runs()


def test_the_cooldown_lies_between_two_removals(records):
    removals = [record for record in records if record["decision"] == "scale_down"]
    times = [datetime.datetime.fromisoformat(record["now"]) for record in removals]
    pauses = [(after - now).total_seconds() for now, after in zip(times, times[1:], strict=False)]
    assert all(pause >= 10 for pause in pauses), pauses


def test_what_is_gone_is_a_ghost_that_nobody_counts(stage):
    left = stage.minimum + 1
    cluster.wait_until("the lost are not Ready", lambda: len(cluster.ready_nodes()) == left)
    assert len(cluster.items("nodes")) > left

    def nobody_counts_them():
        signals = stage.tick()["signals"]
        return (signals["nodes_ready"], signals["nodes_other"]) == (stage.minimum, 1)

    cluster.wait_until("the ghosts are not counted", nobody_counts_them)
    assert len(stage.workers()) == stage.minimum
