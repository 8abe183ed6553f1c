"""The kubelets' metrics: cAdvisor's endpoint and the resource endpoint.

Container samples carry cAdvisor's own date, so Prometheus writes no stale marker for them: as on a
real cluster, the series of a removed node can be read for five more minutes. The machine_…
samples are undated and end at once.
"""

from stand.exporter.samples import Sample
from stand.exporter.scene import Node, Scene

KUBEPODS_SHARE = 0.9  # share of a node's CPU usage by its pods; the rest is the system's


class CpuCounters:
    """The CPU seconds of each node, counted on whole seconds as cAdvisor's housekeeping does."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._counted_to: dict[str, int] = {}

    def advance(self, nodes: list[Node], now: float) -> None:
        for node in nodes:
            tick = int(now)
            seen = self._counted_to.setdefault(node.name, tick)
            busy = node.cpu * node.cores
            self._seconds[node.name] = self._seconds.get(node.name, 1e6) + busy * (tick - seen)
            self._counted_to[node.name] = tick

    def read(self, node: Node, at: float | None = None) -> tuple[float, int]:
        """Seconds and their timestamp; at: as if the node had always been as busy as now."""
        to = self._counted_to[node.name]
        at = to if at is None else int(at)
        return self._seconds[node.name] - node.cpu * node.cores * (to - at), at * 1000


def cadvisor(scene: Scene, counters: CpuCounters, at: float | None = None) -> list[Sample]:
    return [
        sample
        for node in _reached(scene)
        for sample in (*_cpu(scene, node, counters, at), *_machine(node))
    ]


def cadvisor_again(scene: Scene, counters: CpuCounters, at: float | None = None) -> list[Sample]:
    """A second scrape of the same kubelets; of a half one, a relabel rule dropped every other
    CPU series and the machine's."""
    if scene.duplicate == "none":
        return []
    if scene.duplicate == "whole":
        return cadvisor(scene, counters, at)
    series = [one for node in _reached(scene) for one in _cpu(scene, node, counters, at)]
    roots = [one for one in series if one.name.startswith("container_cpu")]
    return [one for one in roots if not one.labels["cpu"].endswith(("1", "3", "5", "7", "9"))]


def resource(scene: Scene, counters: CpuCounters, at: float | None = None) -> list[Sample]:
    """The kubelet's /metrics/resource."""
    samples = []
    for node in _reached(scene):
        seconds, date = counters.read(node, _date(scene, at))
        used = node.memory * node.memory_bytes
        own = {"instance": node.name}
        samples.append(Sample("node_cpu_usage_seconds_total", own, seconds, date))
        samples.append(Sample("node_memory_working_set_bytes", own, used, date))
    return samples


def _cpu(scene: Scene, node: Node, counters: CpuCounters, at: float | None) -> list[Sample]:
    seconds, date = counters.read(node, _date(scene, at))
    used = node.memory * node.memory_bytes
    samples = []
    for group, share in (("/", 1.0), ("/kubepods", KUBEPODS_SHARE)):
        if group == "/" and scene.drop_root:
            continue
        own = {"id": group, "instance": node.name, "node": node.name}
        names = [f"cpu{core:02}" for core in range(node.cores)] if scene.per_cpu else ["total"]
        samples += [
            Sample(
                "container_cpu_usage_seconds_total",
                {**own, "cpu": name},
                seconds * share / len(names),
                date,
            )
            for name in names
        ]
        samples.append(Sample("container_memory_working_set_bytes", own, used * share, date))
    for pod in scene.pods:
        # Only the system's containers, which never end: the timestamped samples of others would
        # outlive them.
        if pod.node == node.name and pod.namespace == "kube-system" and pod.state == "running":
            own = {"id": f"/kubepods/pod{pod.uid}", "instance": node.name, "node": node.name}
            labels = {**own, "cpu": "total", "namespace": pod.namespace, "pod": pod.name}
            samples.append(Sample("container_cpu_usage_seconds_total", labels, seconds, date))
    return samples


def _machine(node: Node) -> list[Sample]:
    own = {
        "instance": node.name,
        "node": node.name,
        "boot_id": f"boot-{node.name}",
        "machine_id": f"machine-{node.name}",
        "system_uuid": "",
    }
    return [
        Sample("machine_cpu_cores", own, node.cores),
        Sample("machine_memory_bytes", own, node.memory_bytes),
    ]


def _reached(scene: Scene) -> list[Node]:
    """A kubelet is scraped while its node runs; one that is not Ready does not respond."""
    return [node for node in scene.nodes if node.scraped and node.ready == "true"]


def _date(scene: Scene, at: float | None) -> float | None:
    if scene.frozen_s is None:
        return at
    end = scene.set_at - scene.frozen_s
    return end if at is None else min(at, end)
