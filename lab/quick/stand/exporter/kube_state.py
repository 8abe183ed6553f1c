"""The metrics of kube-state-metrics (2.x) for a scene."""

from stand.exporter.samples import Sample
from stand.exporter.scene import Node, Pod, Scene

PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")
PHASE_OF = {
    "running": "Running",
    "terminating": "Running",
    "succeeded": "Succeeded",
    "unschedulable": "Pending",
    "gated": "Pending",
    "starting": "Pending",
}
REASONS = (
    "Evicted",
    "NodeAffinity",
    "NodeLost",
    "SchedulingGated",
    "Shutdown",
    "UnexpectedAdmissionError",
)
PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


def kube_state_metrics(scene: Scene) -> list[Sample]:
    samples: list[Sample] = []
    for node in scene.nodes:
        samples.extend(_node(node))
    for pod in scene.pods:
        samples.extend(_pod(pod))
    return samples


def _node(node: Node) -> list[Sample]:
    own = {"node": node.name}
    info = {
        **own,
        "kernel_version": "6.1.0",
        "os_image": "Ubuntu 22.04.4 LTS",
        "container_runtime_version": "containerd://1.7.15-k3s1",
        "kubelet_version": node.version,
        "kubeproxy_version": node.version,
        "provider_id": node.provider_id,
        "pod_cidr": "",
        "system_uuid": "",
        "internal_ip": node.internal_ip,
    }
    samples = [
        Sample("kube_node_info", info, 1),
        Sample("kube_node_created", own, int(node.created_at)),
        Sample("kube_node_spec_unschedulable", own, node.unschedulable),
    ]
    for kind, address in (("InternalIP", node.internal_ip), ("Hostname", node.name)):
        if address:
            labels = {**own, "type": kind, "address": address}
            samples.append(Sample("kube_node_status_addresses", labels, 1))
    if node.server:
        samples.append(Sample("kube_node_role", {**own, "role": "control-plane"}, 1))
    for taint in node.taints:
        samples.append(Sample("kube_node_spec_taint", {**own, **_taint(taint)}, 1))
    if node.labels:
        labels = {f"label_{_sanitised(key)}": text for key, text in node.labels.items()}
        samples.append(Sample("kube_node_labels", {**own, **labels}, 1))
    return samples + _conditions(node) + _resources(node)


def _conditions(node: Node) -> list[Sample]:
    holding = {"Ready": node.ready}
    for pressure in PRESSURES:
        holding[pressure] = "unknown" if node.ready == "unknown" else "false"
    return [
        Sample(
            "kube_node_status_condition",
            {"node": node.name, "condition": condition, "status": status},
            status == holds,
        )
        for condition, holds in holding.items()
        for status in ("true", "false", "unknown")
    ]


def _resources(node: Node) -> list[Sample]:
    cores, memory, pods = node.room()
    samples = []
    for family, values in (
        ("kube_node_status_capacity", (node.cores, node.memory_bytes, node.max_pods)),
        ("kube_node_status_allocatable", (cores, memory, pods)),
    ):
        for (resource, unit), value in zip(
            (("cpu", "core"), ("memory", "byte"), ("pods", "integer")), values, strict=True
        ):
            labels = {"node": node.name, "resource": resource, "unit": unit}
            samples.append(Sample(family, labels, value))
    return samples


def _pod(pod: Pod) -> list[Sample]:
    own = {"namespace": pod.namespace, "pod": pod.name, "uid": pod.uid}
    info = {
        **own,
        "host_ip": "",
        "pod_ip": "",
        "node": pod.node or "",
        "created_by_kind": pod.owner,
        "created_by_name": pod.owner_name if pod.owner else "",
        "priority_class": "",
        "host_network": "false",
    }
    owner = {
        **own,
        "owner_kind": pod.owner,
        "owner_name": pod.owner_name if pod.owner else "",
        "owner_is_controller": "true" if pod.owner else "",
    }
    samples = [
        Sample("kube_pod_info", info, 1),
        Sample("kube_pod_created", own, int(pod.created_at)),
        Sample("kube_pod_owner", owner, 1),
    ]
    asks = pod.cpu or pod.memory_bytes or pod.init_cpu or pod.init_memory_bytes
    samples += [
        Sample("kube_pod_status_qos_class", {**own, "qos_class": one}, one == pod_class)
        for pod_class in ("Burstable" if asks else "BestEffort",)
        for one in ("BestEffort", "Burstable", "Guaranteed")
    ]
    phase = PHASE_OF[pod.state]
    samples += [
        Sample("kube_pod_status_phase", {**own, "phase": one}, one == phase) for one in PHASES
    ]
    gated = "SchedulingGated" if pod.state == "gated" else None
    samples += [
        Sample("kube_pod_status_reason", {**own, "reason": one}, one == gated) for one in REASONS
    ]
    return samples + _scheduling(pod, own) + _requests(pod, own)


def _scheduling(pod: Pod, own: dict) -> list[Sample]:
    waiting = pod.state in ("unschedulable", "gated")
    samples = [
        Sample("kube_pod_status_scheduled", {**own, "condition": one}, waiting == (one == "false"))
        for one in ("true", "false")
    ] + [Sample("kube_pod_status_scheduled", {**own, "condition": "unknown"}, 0)]
    if waiting:  # a gated pod is reported as unschedulable too
        samples.append(Sample("kube_pod_status_unschedulable", own, 1))
        samples.append(Sample("kube_pod_status_unscheduled_time", own, int(pod.created_at)))
    if pod.state == "terminating":
        samples.append(Sample("kube_pod_deletion_timestamp", own, int(pod.created_at) + 30))
    return samples


def _requests(pod: Pod, own: dict) -> list[Sample]:
    samples = []
    for family, container, cpu, memory in (
        ("kube_pod_container_resource_requests", "main", pod.cpu, pod.memory_bytes),
        ("kube_pod_init_container_resource_requests", "init", pod.init_cpu, pod.init_memory_bytes),
    ):
        for resource, unit, value in (("cpu", "core", cpu), ("memory", "byte", memory)):
            if value:
                labels = {"container": container, "node": pod.node or "", "resource": resource}
                samples.append(Sample(family, {**own, **labels, "unit": unit}, value))
    return samples


def _taint(taint: str) -> dict[str, str]:
    body, _, effect = taint.rpartition(":")
    key, _, value = body.partition("=")
    return {"key": key, "value": value, "effect": effect}


def _sanitised(key: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in key)
