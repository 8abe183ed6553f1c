"""The exporter reports the same as the real exporters, through a real Prometheus."""

import math

import pytest

from stand.exporter.kube_state import kube_state_metrics
from stand.exporter.kubelet import CpuCounters, cadvisor, cadvisor_again
from stand.exporter.samples import Sample, as_text
from stand.exporter.scene import Node, read_scene
from stand.exporter.scheduler import Deployment, bind, reconcile

GIB = 1 << 30


def value(samples: list[Sample], name: str, **labels: str) -> float | None:
    found = [
        one.value
        for one in samples
        if one.name == name and all(one.labels.get(key) == text for key, text in labels.items())
    ]
    assert len(found) <= 1, f"{name} {labels} is there {len(found)} times"
    return float(found[0]) if found else None


# --- the formats ----------------------------------------------------------------------------------


def test_text_format_escapes_dates_and_types():
    text = as_text(
        [
            Sample("b_total", {"id": 'a"\\\n'}, 1.5, 1000),
            Sample("a", {}, math.nan),
        ]
    ).decode()
    assert text == (
        "# TYPE a gauge\na{} NaN\n# TYPE b_total counter\n"
        'b_total{id="a\\"\\\\\\n"} 1.5 1000\n'
    )


def test_an_unschedulable_pod_has_its_series_and_a_running_one_has_none():
    scene = read_scene({"pods": [{"name": "waits"}, {"name": "runs", "node": "n"}]})
    samples = kube_state_metrics(scene)
    family = "kube_pod_status_unschedulable"
    assert value(samples, family, pod="waits") == 1
    assert value(samples, family, pod="runs") is None
    assert value(samples, "kube_pod_status_phase", pod="waits", phase="Pending") == 1
    assert value(samples, "kube_pod_status_phase", pod="runs", phase="Running") == 1


def test_a_gated_pod_is_called_unschedulable_too():
    samples = kube_state_metrics(read_scene({"pods": [{"name": "p", "state": "gated"}]}))
    assert value(samples, "kube_pod_status_unschedulable", pod="p") == 1
    assert value(samples, "kube_pod_status_reason", pod="p", reason="SchedulingGated") == 1


def test_a_slow_image_is_pending_and_not_unschedulable():
    pod = {"name": "p", "state": "starting", "node": "n"}
    samples = kube_state_metrics(read_scene({"pods": [pod]}))
    assert value(samples, "kube_pod_status_phase", pod="p", phase="Pending") == 1
    assert value(samples, "kube_pod_status_unschedulable", pod="p") is None


def test_requests_owner_and_deletion():
    pod = {
        "name": "p",
        "node": "n",
        "state": "terminating",
        "owner": "DaemonSet",
        "owner_name": "agent",
        "cpu": 0.25,
        "memory_bytes": 100,
        "init_cpu": 1,
    }
    samples = kube_state_metrics(read_scene({"pods": [pod]}))
    requests = "kube_pod_container_resource_requests"
    assert value(samples, requests, resource="cpu", unit="core", node="n") == 0.25
    assert value(samples, requests, resource="memory", unit="byte") == 100
    assert value(samples, "kube_pod_init_container_resource_requests", resource="cpu") == 1
    assert value(samples, "kube_pod_owner", owner_kind="DaemonSet", owner_name="agent") == 1
    assert value(samples, "kube_pod_deletion_timestamp", pod="p") > 0


def test_a_node_with_everything():
    node = {
        "name": "n",
        "cores": 4,
        "memory_bytes": 8 * GIB,
        "allocatable_cores": 3.9,
        "ready": "unknown",
        "age_s": 60,
        "taints": ["dedicated=db:NoSchedule"],
        "provider_id": "aws:///us-east-1a/i-1",
    }
    samples = kube_state_metrics(read_scene({"nodes": [node]}, now=1000))
    condition = "kube_node_status_condition"
    assert value(samples, condition, condition="Ready", status="unknown") == 1
    assert value(samples, condition, condition="Ready", status="true") == 0
    assert value(samples, "kube_node_status_allocatable", resource="cpu") == 3.9
    assert value(samples, "kube_node_status_capacity", resource="memory") == 8 * GIB
    assert value(samples, "kube_node_status_allocatable", resource="pods") == 110
    assert value(samples, "kube_node_spec_taint", key="dedicated", effect="NoSchedule") == 1
    assert value(samples, "kube_node_created", node="n") == 940
    assert value(samples, "kube_node_info", provider_id="aws:///us-east-1a/i-1") == 1


def test_a_node_that_is_not_ready_answers_no_scrape():
    scene = read_scene({"nodes": [{"name": "n", "ready": "false"}]})
    assert cadvisor(scene, counted(scene)) == []


def test_per_cpu_series_add_up_and_a_half_duplicate_has_half():
    scene = read_scene({"nodes": [{"name": "n"}], "per_cpu": True, "duplicate": "half"})
    counters = counted(scene)
    name = "container_cpu_usage_seconds_total"
    roots = [s for s in cadvisor(scene, counters) if s.name == name and s.labels["id"] == "/"]
    assert [one.labels["cpu"] for one in roots] == ["cpu00", "cpu01"]
    again = [s for s in cadvisor_again(scene, counters) if s.labels["id"] == "/"]
    assert [one.labels["cpu"] for one in again] == ["cpu00"]


@pytest.mark.parametrize(
    "sent",
    [
        {"colour": "red"},
        {"nodes": [{"name": "n", "colour": "red"}]},
        {"pods": [{"name": "p", "state": "lost"}]},
    ],
)
def test_a_wrong_scene_is_refused(sent):
    with pytest.raises(ValueError):
        read_scene(sent)


# --- the scheduler --------------------------------------------------------------------------------


def test_pods_are_bound_while_there_is_room():
    nodes = [Node("a", cores=1), Node("b", cores=1), Node("full", taints=["x=:NoSchedule"])]
    pods = reconcile([Deployment("nginx", replicas=9, cpu=0.25)], [], now=0)
    bind(pods, nodes, [], now=0)
    assert sum(pod.node == "a" for pod in pods) == 4
    assert sum(pod.node == "b" for pod in pods) == 4
    assert [pod.state for pod in pods if pod.node is None] == ["unschedulable"]


def test_pods_of_a_lost_node_wait_again():
    pods = reconcile([Deployment("nginx", replicas=1, cpu=0.25)], [], now=0)
    bind(pods, [Node("a")], [], now=0)
    bind(pods, [], [], now=5)
    assert (pods[0].node, pods[0].state, pods[0].created_at) == (None, "unschedulable", 5)


def test_a_deleted_deployment_has_no_pods():
    pods = reconcile([Deployment("nginx", replicas=2)], [], now=0)
    assert len(pods) == 2
    assert reconcile([], pods, now=1) == []


# --- through Prometheus ---------------------------------------------------------------------------

BUSY = (
    "sum(max by(instance)(sum by(instance,job,metrics_path)"
    '(rate(container_cpu_usage_seconds_total{id="/"}[20s])))'
    " and on(instance) max by(instance)(machine_cpu_cores))"
)
CORES = (
    "sum(max by(instance)(machine_cpu_cores) and on(instance) sum by(instance)"
    '(rate(container_cpu_usage_seconds_total{id="/"}[20s])))'
)
AGE = (
    'time() - min(max by(instance)(timestamp(container_cpu_usage_seconds_total{id="/"})'
    " and on(instance) machine_cpu_cores))"
)


@pytest.fixture
def nodes(world):
    """Names that are new to Prometheus."""
    return [f"{world.cluster}-w1", f"{world.cluster}-w2"]


@pytest.mark.parametrize(
    "scene",
    [
        {},
        {"per_cpu": True},
        {"duplicate": "whole"},
        {"per_cpu": True, "duplicate": "half"},
    ],
    ids=["plain", "per-cpu", "scraped twice", "half dropped"],
)
def test_busy_cores_are_right_at_once(world, nodes, scene):
    world.show(nodes, cpu=0.5, worker={"cores": 2}, **scene)
    assert world.prometheus.value(BUSY) == pytest.approx(3.0, rel=0.02)
    assert world.prometheus.value(CORES) == 6


def test_a_node_that_left_counts_in_neither(world, nodes):
    world.show(nodes, cpu=0.5, worker={"cores": 2})
    world.change_scene(nodes=world.exporter.current()["nodes"][:2])
    assert world.prometheus.value("count(machine_cpu_cores)") == 2
    assert world.prometheus.value(CORES) == 4
    assert world.prometheus.value(BUSY) == pytest.approx(2.0, rel=0.02)


def test_live_samples_are_young(world, nodes):
    world.show(nodes)
    assert world.prometheus.value(AGE) < 60


def test_frozen_samples_are_old(world, nodes):
    world.show(nodes, frozen_s=120)
    assert world.prometheus.value(AGE) >= 115


def test_nan_is_nan(world, nodes):
    world.show(nodes, nan=["machine_cpu_cores"])
    assert math.isnan(world.prometheus.value(CORES))


@pytest.mark.parametrize("off", ["cadvisor", "kube-state-metrics", "machine_cpu_cores"])
def test_what_is_switched_off_is_gone(world, nodes, off):
    world.show(nodes)
    family = {"cadvisor": "machine_cpu_cores", "kube-state-metrics": "kube_node_info"}.get(off, off)
    assert world.prometheus.value(f"count({family})") == 3
    world.change_scene(off=[off, "resource"])
    assert world.prometheus.value(f"count({family})") is None


def test_a_kubelet_out_of_reach_is_missing(world, nodes):
    world.show(nodes, worker={"scraped": False})
    assert world.prometheus.value("count(machine_cpu_cores)") == 1
    assert world.prometheus.value("count(kube_node_info)") == 3


# --- following moto -------------------------------------------------------------------------------


def test_instances_become_nodes_pods_are_bound_and_ghosts_stay(world):
    """The steps of the demo: launch, register, schedule, terminate."""
    cluster, prometheus = world.cluster, world.prometheus
    ready = 'count(kube_node_status_condition{condition="Ready",status="true"} == 1)'
    waiting = "count(kube_pod_status_unschedulable == 1)"
    world.exporter.follow(cluster, join_s=0.5)
    world.exporter.deploy("nginx", 8, cpu=0.25)
    prometheus.wait_for(waiting, 8)
    workers = world.launch_workers(2)
    prometheus.wait_for(ready, 3)  # the server, and two workers with 0.9 cores for pods
    prometheus.wait_for(waiting, 2)
    world.exporter.load(1.0)
    assert {node["cpu"] for node in world.exporter.current()["nodes"][1:]} == {0.53}
    world.ec2.terminate_instances(InstanceIds=workers[:1])
    prometheus.wait_for(waiting, 5)
    prometheus.wait_for(ready, 2)
    assert prometheus.value("count(kube_node_info)") == 3
    world.exporter.delete_deployment("nginx")
    prometheus.wait_for(waiting, None)


def counted(scene) -> CpuCounters:
    counters = CpuCounters()
    counters.advance(scene.nodes, 1000)
    return counters
