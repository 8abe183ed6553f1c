"""Prometheus faults: nothing is removed, and known signals still add nodes."""

import pytest

SPARE = 4  # workers; two would be enough


@pytest.fixture
def idle(world):
    """A removal is due: four idle and empty workers, no pending pods, no cooldown."""
    world.workers = world.launch_workers(SPARE)
    world.show(world.workers, cpu=0.05)
    return world


def must_hold(world, *signals: str) -> None:
    """The pass reports the missing signals, removes nothing, and releases the lease."""
    ticked = world.tick_once()
    assert ticked.decision == "hold", ticked.record
    assert ticked.codes[0] == "metrics_unknown", ticked.record
    assert set(signals) <= set(ticked.unknown), ticked.record
    assert all(cause for cause in ticked.unknown.values())
    assert set(world.instance_ids()) == set(world.workers)
    assert "lease_owner" not in world.state_item()
    assert ticked.exit_code == 1  # a source failed


def test_without_a_fault_empty_nodes_go(idle):
    """The control: the tests below hold because of their fault."""
    ticked = idle.tick()
    assert (ticked.decision, ticked.exit_code) == ("scale_down", 0), ticked.record
    assert len(idle.instances()) == 2, "down to the minimum at once"


def test_prometheus_down(idle):
    idle.through = "toxi"
    idle.configure()
    idle.toxiproxy.switch("prometheus", False)
    must_hold(idle, "cpu", "pending", "nodes")


def test_prometheus_too_slow(idle):
    idle.through = "toxi"
    idle.configure(metrics={"timeout": "1s"})
    idle.toxiproxy.latency("prometheus", 5000)
    must_hold(idle, "cpu", "pending", "nodes")


def test_prometheus_hangs(idle):
    idle.through = "toxi"
    idle.configure(metrics={"timeout": "1s"})
    idle.toxiproxy.hang("prometheus")
    must_hold(idle, "cpu", "pending", "nodes")


def test_prometheus_answer_cut_short(idle):
    idle.through = "toxi"
    idle.configure()
    idle.toxiproxy.add("prometheus", "limit_data", bytes=300)
    must_hold(idle, "cpu")


def test_prometheus_empty(idle):
    idle.exporter.scene(nodes=[], pods=[])
    idle.change_scene(nodes=[], pods=[])
    idle.prometheus.forget()
    must_hold(idle, "cpu", "pending", "nodes")


def test_half_the_targets_gone(idle):
    nodes = idle.exporter.current()["nodes"]
    idle.change_scene(nodes=[{**node, "scraped": number < 2} for number, node in enumerate(nodes)])
    must_hold(idle, "cpu")


def test_cadvisor_missing_while_kube_state_metrics_answers(idle):
    idle.change_scene(off=["cadvisor", "resource"])
    must_hold(idle, "cpu")


def test_kube_state_metrics_missing_while_cadvisor_answers(idle):
    idle.change_scene(off=["kube-state-metrics", "resource"])
    must_hold(idle, "pending", "nodes")


@pytest.mark.parametrize(
    "family", ["machine_cpu_cores", "container_cpu_usage_seconds_total"]
)
def test_nan(world, family):
    world.workers = world.launch_workers(SPARE)
    world.show(world.workers, cpu=0.05, nan=[family])
    must_hold(world, "cpu")


def test_stale(world):
    world.workers = world.launch_workers(SPARE)
    world.show(world.workers, cpu=0.05, frozen_s=120)
    must_hold(world, "cpu")


def test_root_group_dropped_and_no_other_source(world):
    world.workers = world.launch_workers(SPARE)
    world.show(world.workers, cpu=0.05, drop_root=True)
    must_hold(world, "cpu")


def test_root_group_dropped_and_the_resource_endpoint_answers(world):
    workers = world.launch_workers(SPARE)
    world.show(workers, cpu=0.05, drop_root=True, off=[])
    ticked = world.tick()
    assert ticked.decision == "scale_down", ticked.record


@pytest.mark.parametrize(
    "scene",
    [
        {"per_cpu": True},
        {"duplicate": "whole"},
        {"per_cpu": True, "duplicate": "half"},
    ],
    ids=["per-cpu series", "job scraped twice", "duplicate half dropped"],
)
def test_cpu_is_right_however_it_is_scraped(world, scene):
    workers = world.launch_workers(2)
    world.show(workers, cpu=0.5, worker={"cores": 2}, **scene)
    signals = world.tick().record["signals"]
    assert signals["cpu_percent"] == pytest.approx(50, abs=2)
    assert signals["cores"] == 6


def test_cpu_does_not_exceed_a_hundred_after_a_node_left(world):
    """The baseline's formula gives 120%: the counter of the lost node counts, its cores do not."""
    workers = world.launch_workers(2)
    world.show(workers, cpu=0.6, worker={"cores": 2})
    world.ec2.terminate_instances(InstanceIds=workers[1:])
    world.change_scene(nodes=world.exporter.current()["nodes"][:2])
    assert world.tick().record["signals"]["cpu_percent"] == pytest.approx(60, abs=2)


def test_no_waiting_pod_is_none_and_not_unknown(world):
    world.show(world.launch_workers(2))
    ticked = world.tick()
    assert ticked.record["signals"]["pending_pods"] == 0
    assert ticked.unknown == {} and ticked.exit_code == 0


def test_gated_starting_and_ending_pods_do_not_wait(world):
    workers = world.launch_workers(2)
    pods = [
        {"name": "gated", "state": "gated"},
        {"name": "starting", "state": "starting", "node": workers[0]},
        {"name": "ending", "state": "terminating"},
    ]
    world.show(workers, pods)
    ticked = world.tick()
    assert ticked.record["signals"]["pending_pods"] == 0
    assert ticked.decision == "hold"


def test_cpu_unknown_and_pods_waiting_still_adds(idle):
    idle.change_scene(
        off=["cadvisor", "resource"], pods=[{"name": "big", "count": 8, "cpu": 0.8}]
    )
    ticked = idle.tick()
    assert ticked.decision == "scale_up" and "pending_pods" in ticked.codes
    assert len(idle.instances()) == SPARE + 4  # four of them fit on the idle ones


def test_metrics_unknown_and_below_the_minimum_still_adds(world):
    world.launch_workers(1)
    world.through = "toxi"
    world.configure()
    world.toxiproxy.switch("prometheus", False)
    ticked = world.tick()
    assert ticked.codes == ["below_minimum"]
    assert len(world.instances()) == 2
