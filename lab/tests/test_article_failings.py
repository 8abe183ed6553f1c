"""The bugs of the baseline's handler, a to f, all reproduced; Nodenap must have none of them."""

import time

import pytest

from stand.lambda_runtime import events
from stand.waiting import wait_until
from stand.world import Pass, full


def pending(count: int, cpu: float = 0.8) -> dict:
    """Pods that each fill a t2.small."""
    return {"name": "web", "count": count, "cpu": cpu, "memory_bytes": 64 << 20}


def test_a_killed_between_lock_and_release_the_lock_does_not_stay(world):
    """The baseline: the instance launched, the lock held forever, every tick skipped."""
    workers = world.launch_workers(2)
    world.show(workers, [pending(5), *full(workers)])
    world.moto.faults({"action": "RunInstances", "do": "delay", "delay_ms": 60_000, "count": -1})
    function = world.bootstrap()
    killed = function.invoke_later(events.scheduled())
    wait_until(
        lambda: (world.state_item() or {}).get("open_intents", {}).get("M"), "nothing was announced"
    )
    function.kill()
    killed.join()
    world.moto.faults()
    assert Pass(world.nodenap_json("tick")).codes == ["lease_held"]
    lease_ms = int(world.state_item()["lease_until"]["N"]) - time.time() * 1000
    assert lease_ms < 120_000  # no longer than one tick
    world.end_lease()
    world.tick()
    world.tick()
    assert len(world.instances()) == 2 + 5
    assert all(len(ids) == 1 for ids in world.moto.tokens().values())


def test_b_cadvisor_missing_does_not_read_as_an_idle_cluster(world):
    """The baseline: CPU read as 0, all eight workers terminated in 42 minutes."""
    workers = world.launch_workers(8)
    world.show(workers, cpu=0.95, off=["cadvisor", "resource"])
    for _ in range(5):
        assert world.tick_once().record["signals"]["cpu_percent"] is None
    assert set(world.instance_ids()) == set(workers)


def test_b2_prometheus_down_is_not_an_idle_cluster(world):
    """The baseline: CPU 0, pending 0 and answer 200; with MIN 1 a worker is terminated."""
    workers = world.launch_workers(3)
    world.show(workers, cpu=0.05)
    world.through = "toxi"
    world.configure(limits={"min_nodes": 1})
    world.toxiproxy.switch("prometheus", False)
    for _ in range(3):
        ticked = world.tick_once()
        assert ticked.codes[0] == "metrics_unknown" and ticked.exit_code == 1
    assert set(world.instance_ids()) == set(workers)


def test_c_ghosts_do_not_stop_a_launch(world):
    """The baseline: server, two workers and seven Nodes without instances count as "10 nodes";
    nothing is launched."""
    workers = world.launch_workers(2)
    ghosts = [{"name": f"ghost-{number}", "ready": "false"} for number in range(7)]
    world.show(workers, [pending(10), *full(workers)], cpu=0.9)
    world.change_scene(nodes=[*world.exporter.current()["nodes"], *ghosts])
    assert world.tick().decision == "scale_up"
    assert len(world.instances()) == 10  # max_nodes


def test_c_ghosts_do_not_cost_the_last_worker(world):
    """The baseline: server, one worker and three Nodes without instances at 10% CPU; the worker
    is terminated."""
    (worker,) = world.launch_workers(1)
    ghosts = [{"name": f"ghost-{number}", "ready": "false"} for number in range(3)]
    world.configure(limits={"min_nodes": 1})
    world.show([worker], cpu=0.1)
    world.change_scene(nodes=[*world.exporter.current()["nodes"], *ghosts])
    assert world.tick().decision == "hold"
    assert world.instance_ids() == [worker]


def test_d_two_at_once_launch_as_one(world):
    """The baseline: 13 of 15 pairs launched two, where one Prometheus was 300 ms slower."""
    workers = world.launch_workers(2)
    world.show(workers, [pending(1), *full(workers)])
    quick = world.bootstrap()
    world.through = "toxi"
    world.config = world.folder / "slow.toml"
    world.configure()
    world.toxiproxy.latency("prometheus", 300)
    slow = world.bootstrap()
    threads = [function.invoke_later(events.scheduled()) for function in (slow, quick, slow, quick)]
    for thread in threads:
        thread.join()
    slow.invoke(events.scheduled())
    quick.invoke(events.scheduled())
    assert len(world.instances()) == 3


def test_e_a_burst_gets_all_its_nodes_in_one_tick(world):
    """The baseline: one worker every six minutes; the eighth launch at tick 22."""
    workers = world.launch_workers(2)
    world.show(workers, [pending(50, cpu=0.1), *full(workers)])
    record = world.tick()
    assert len(record.done("launch")) == 6  # nine pods a node
    assert len(world.instances()) == 8


def test_e_the_cooldown_does_not_hold_back_waiting_pods(world):
    workers = world.launch_workers(2)
    world.configure(scale_down={"cooldown": "1h"})
    world.show(workers, [pending(1), *full(workers)])
    world.tick()
    world.change_scene(pods=[*world.exporter.current()["pods"], {**pending(2), "name": "more"}])
    assert world.tick().decision == "scale_up"
    assert len(world.instances()) == 5


@pytest.mark.parametrize("boot", ["never", "slowly"])
def test_f_booting_workers_count_toward_the_maximum(world, boot):
    """The baseline: 21 launched and running in two hours with MAX 10; 11 if boot is slow."""
    if boot == "slowly":
        world.moto.settings(pending_s=3600)
    world.configure(limits={"max_nodes": 4, "min_nodes": 0})
    world.show([], [pending(30)])
    for _ in range(6):
        world.tick()
        assert len(world.instances()) <= 4
    assert len(world.instances()) == 4


def test_the_second_subnet_is_used(world):
    world.show([])
    world.tick()
    zones = sorted(one["Placement"]["AvailabilityZone"] for one in world.instances())
    assert zones == ["us-east-1a", "us-east-1b"]


def test_a_busy_node_is_not_taken_for_being_the_oldest(world):
    """Without the Kubernetes API there is no draining: only a node without pods may be removed."""
    workers = world.launch_workers(3)
    pods = [{"name": "db", "node": workers[0], "owner": "StatefulSet", "cpu": 0.1}]
    world.show(workers, pods, cpu=0.05)
    record = world.tick()
    assert record.decision == "scale_down"
    assert workers[0] in world.instance_ids()
