"""A small scheduler: binds the pods of deployments to nodes with enough free resources."""

from dataclasses import dataclass

from stand.exporter.scene import MIB, Node, Pod


@dataclass
class Deployment:
    name: str
    replicas: int
    cpu: float = 0.1
    memory_bytes: int = 128 * MIB
    namespace: str = "default"

    @property
    def key(self) -> tuple[str, str]:
        return self.namespace, self.name


def reconcile(deployments: list[Deployment], pods: list[Pod], now: float) -> list[Pod]:
    """Like a ReplicaSet: creates missing pods and deletes surplus ones."""
    kept = []
    for deployment in deployments:
        own = [pod for pod in pods if _belongs(pod, deployment)]
        own = sorted(own, key=lambda pod: pod.state != "running")[: deployment.replicas]
        taken = {pod.name for pod in own}
        names = (f"{deployment.name}-{n}" for n in range(1, 2 * deployment.replicas + 1))
        missing = deployment.replicas - len(own)
        fresh = [name for name in names if name not in taken][:missing]
        kept += own + [_new_pod(deployment, name, now) for name in fresh]
    return kept


def bind(pods: list[Pod], nodes: list[Node], reserved: list[Pod], now: float) -> None:
    """Schedules pending pods to the emptiest nodes first; the rest stay unschedulable.

    reserved: other pods (DaemonSets) that use resources too.
    """
    names = {node.name for node in nodes}
    for pod in pods:
        if pod.node is not None and pod.node not in names:
            pod.node, pod.state, pod.created_at = None, "unschedulable", now
    left = {node.name: list(node.room()) for node in nodes if _takes_pods(node)}
    for pod in [*pods, *reserved]:
        if pod.node in left:
            _take(left[pod.node], pod)
    for pod in pods:
        if pod.node is None:
            fitting = [name for name, room in left.items() if _fits(room, pod)]
            if fitting:
                pod.node = max(fitting, key=lambda name: left[name][0])
                pod.state = "running"
                _take(left[pod.node], pod)


def _belongs(pod: Pod, deployment: Deployment) -> bool:
    return (pod.namespace, pod.owner_name) == deployment.key and pod.owner == "ReplicaSet"


def _new_pod(deployment: Deployment, name: str, now: float) -> Pod:
    return Pod(
        name=name,
        namespace=deployment.namespace,
        state="unschedulable",
        owner_name=deployment.name,
        cpu=deployment.cpu,
        memory_bytes=deployment.memory_bytes,
        uid=f"{deployment.namespace}-{name}-{int(now * 1000):x}",
        created_at=now,
    )


def _takes_pods(node: Node) -> bool:
    refused = any(taint.endswith((":NoSchedule", ":NoExecute")) for taint in node.taints)
    return node.ready == "true" and not node.unschedulable and not refused


def _fits(room: list, pod: Pod) -> bool:
    return room[0] + 1e-9 >= pod.cpu and room[1] >= pod.memory_bytes and room[2] >= 1


def _take(room: list, pod: Pod) -> None:
    room[0] -= pod.cpu
    room[1] -= pod.memory_bytes
    room[2] -= 1
