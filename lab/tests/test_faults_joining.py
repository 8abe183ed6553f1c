"""Instances that never register, and Node objects without an instance."""

import time

from stand.world import full


def wait_for_decision(world, wanted) -> object:
    """Makes real passes until one satisfies the condition."""
    deadline = time.monotonic() + 60
    while not wanted(ticked := world.tick()):
        assert time.monotonic() < deadline, ticked.record
        time.sleep(0.2)
    return ticked


def test_an_instance_that_never_joins_is_terminated_explained_and_its_offer_rests(world):
    world.configure(scale_up={"join_timeout": "1s"}, limits={"min_nodes": 1})
    joined, lost = world.launch_workers(2)
    world.show([joined])
    ticked = wait_for_decision(world, lambda one: one.done("terminate"))
    assert [one["id"] for one in ticked.done("terminate")] == [lost]
    assert lost in ticked.text and "register" in ticked.text
    assert world.instance_ids() == [joined]
    (resting,) = world.nodenap_json("status")["resting_offers"]
    assert "registered" in resting["cause"]


def test_never_joining_instances_are_not_paid_for_without_end(world):
    """Two are needed, none registers: each offering is tried, then in backoff; nothing piles up."""
    world.configure(scale_up={"join_timeout": "1s"})
    world.show([])
    launched = set()
    for _ in range(12):
        world.tick()
        alive = world.instance_ids()
        launched |= set(alive)
        assert len(alive) <= 2
        time.sleep(0.3)
    assert len(launched) <= 4  # two zones, one type: each offering once before its backoff


def test_a_joined_node_that_is_not_ready_is_not_reaped(world):
    world.configure(scale_up={"join_timeout": "1s"})
    workers = world.launch_workers(2)
    world.show(workers)
    world.tick()  # sees both Ready
    nodes = world.exporter.current()["nodes"]
    world.change_scene(nodes=[*nodes[:2], {**nodes[2], "ready": "false"}])
    time.sleep(1.5)  # past the join timeout
    ticked = world.tick()
    assert ticked.record["signals"]["nodes_notready"] == 1
    assert set(world.instance_ids()) == set(workers)


def test_a_node_without_an_instance_is_never_counted(world):
    """Two Ready workers and five Node objects of instances terminated long ago."""
    workers = world.launch_workers(2)
    world.show(workers)
    ghosts = [{"name": f"i-0ghost{n}", "ready": "unknown"} for n in range(5)]
    world.change_scene(nodes=[*world.exporter.current()["nodes"], *ghosts])
    signals = world.tick().record["signals"]
    assert signals["nodes_ready"] == 2
    assert signals["nodes_other"] <= 1  # the server


def test_ghosts_do_not_hide_a_missing_worker(world):
    (worker,) = world.launch_workers(1)
    world.show([worker])
    ghosts = [{"name": f"i-0ghost{n}", "ready": "unknown"} for n in range(5)]
    world.change_scene(nodes=[*world.exporter.current()["nodes"], *ghosts])
    assert world.tick().codes == ["below_minimum"]
    assert len(world.instances()) == 2


def test_ghosts_do_not_cost_the_last_worker(world):
    world.configure(limits={"min_nodes": 1})
    (worker,) = world.launch_workers(1)
    world.show([worker], cpu=0.05)
    ghosts = [{"name": f"i-0ghost{n}", "ready": "unknown"} for n in range(3)]
    world.change_scene(nodes=[*world.exporter.current()["nodes"], *ghosts])
    assert world.tick().decision == "hold"
    assert world.instance_ids() == [worker]


def test_booting_nodes_count_for_pods(world):
    """The second pass sees the same pending pods, and booting nodes for them."""
    workers = world.launch_workers(2)
    pods = [{"name": "nginx", "count": 24, "cpu": 0.2, "memory_bytes": 64 << 20}, *full(workers)]
    world.configure(limits={"max_nodes": 20}, pool={"max_nodes": 20})
    world.show(workers, pods)
    first = world.tick()
    assert len(first.done("launch")) == 6  # four pods a node
    second = world.tick()
    assert second.done("launch") == [] and second.codes == ["booting"], second.record
    assert len(world.instances()) == 8
