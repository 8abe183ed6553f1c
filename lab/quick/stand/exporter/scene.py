"""The scene: nodes and pods, and faults of their metrics.

POST /scene takes the keys of Scene; "nodes" and "pods" are lists with the keys of Node and Pod.
A pod with "count": 50 stands for 50 pods, name-1 to name-50.
"""

import time
from dataclasses import asdict, dataclass, field, fields

MIB = 1 << 20
GIB = 1 << 30


@dataclass
class Node:
    name: str
    server: bool = False
    cores: int = 2
    memory_bytes: int = 4 * GIB
    allocatable_cores: float | None = None        # default: all of them
    allocatable_memory_bytes: int | None = None
    max_pods: int = 110
    cpu: float = 0.1              # busy share of its cores, 0 to 1
    memory: float = 0.4           # used share of its memory
    ready: str = "true"           # the status of its Ready condition: true, false, unknown
    age_s: float = 3600.0         # age of its Node object when the scene was set
    taints: list[str] = field(default_factory=list)  # "key=value:Effect"
    labels: dict[str, str] = field(default_factory=dict)
    unschedulable: bool = False
    provider_id: str = ""
    internal_ip: str = ""
    version: str = "v1.30.2+k3s1"  # of its kubelet
    instance_type: str = ""
    zone: str = ""
    scraped: bool = True          # False: Prometheus cannot reach its kubelet
    created_at: float = 0.0       # set from age_s

    def room(self) -> tuple[float, int, int]:
        """The resources for pods: cores, bytes, and number of pods."""
        cores = self.cores if self.allocatable_cores is None else self.allocatable_cores
        memory = self.allocatable_memory_bytes
        return cores, self.memory_bytes if memory is None else memory, self.max_pods


POD_STATES = ("running", "unschedulable", "gated", "starting", "terminating", "succeeded")


@dataclass
class Pod:
    name: str
    namespace: str = "default"
    state: str | None = None      # default: running on its node, without one unschedulable
    node: str | None = None
    owner: str = "ReplicaSet"     # ReplicaSet, DaemonSet, StatefulSet, Job, or "" for none
    owner_name: str = ""
    cpu: float = 0.1              # requested cores
    memory_bytes: int = 128 * MIB
    init_cpu: float = 0.0         # requested by an init container
    init_memory_bytes: int = 0
    since_s: float = 60.0         # in this state, when the scene was set
    uid: str = ""
    created_at: float = 0.0       # set from since_s


@dataclass
class Scene:
    nodes: list[Node] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)
    off: list[str] = field(default_factory=lambda: ["resource"])  # missing endpoints or families
    nan: list[str] = field(default_factory=list)  # families whose every value is NaN
    frozen_s: float | None = None  # the kubelets' samples stopped this long before the scene
    per_cpu: bool = False          # one CPU series a core instead of cpu="total"
    drop_root: bool = False        # a relabel rule dropped everything with id="/"
    duplicate: str = "none"        # a second job scrapes the kubelets: none, whole, half
    set_at: float = 0.0

    def describe(self) -> dict:
        return asdict(self)


def read_scene(sent: dict, now: float | None = None) -> Scene:
    """A scene from its JSON; raises ValueError with the cause."""
    now = time.time() if now is None else now
    scene = _read(Scene, {**sent, "nodes": [], "pods": []})
    scene.set_at = now
    scene.nodes = [_read(Node, one) for one in sent.get("nodes", [])]
    for node in scene.nodes:
        node.created_at = node.created_at or now - node.age_s
    for one in sent.get("pods", []):
        scene.pods.extend(_pods(one, now))
    if scene.duplicate not in ("none", "whole", "half"):
        raise ValueError(f"duplicate cannot be {scene.duplicate}")
    return scene


def _pods(sent: dict, now: float) -> list[Pod]:
    sent = dict(sent)
    count = sent.pop("count", None)
    name = sent.get("name", "")
    names = [name] if count is None else [f"{name}-{number}" for number in range(1, count + 1)]
    return [_pod({"owner_name": name, **sent, "name": one}, now) for one in names]


def _pod(sent: dict, now: float) -> Pod:
    pod = _read(Pod, sent)
    pod.state = pod.state or ("running" if pod.node else "unschedulable")
    if pod.state not in POD_STATES:
        raise ValueError(f"a pod cannot be {pod.state}")
    pod.created_at = pod.created_at or now - pod.since_s
    pod.uid = pod.uid or f"{pod.namespace}-{pod.name}-{int(pod.created_at * 1000):x}"
    return pod


def _read(kind: type, sent: dict):
    unknown = sorted(set(sent) - {one.name for one in fields(kind)})
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}")
    return kind(**sent)
