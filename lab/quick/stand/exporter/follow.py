"""Follow mode: the cluster consists of moto's running instances, with a scheduler.

POST /follow {"cluster": "prod", …} begins, {"cluster": null} ends. Every running instance with the
cluster's tag becomes a Ready node join_s later. The Node object of a terminated one remains
and is never Ready again, since this cluster has no cloud controller. Its pods become pending.
"""

import threading
import time
from dataclasses import dataclass, field, fields

from stand.exporter.scene import MIB, Node, Pod, Scene
from stand.exporter.scheduler import Deployment, bind, reconcile
from stand.http import Refused, request_json

LOOK_EVERY_S = 0.3
SERVER_TAINT = "node-role.kubernetes.io/control-plane:NoSchedule"


@dataclass
class Following:
    cluster: str | None = None
    join_s: float = 3.0                 # from running to Ready
    never_joins: bool = False           # instances run, no node appears
    ghosts: bool = True                 # terminated instances leave their Node object
    server_cores: int = 2
    server_memory_bytes: int = 4096 * MIB
    server_cpu: float = 0.1
    server_takes_pods: bool = False
    reserve_cores: float = 0.1          # of each worker, for kubelet and system
    reserve_memory_bytes: int = 300 * MIB
    idle_cpu: float = 0.03              # busy share of a worker without load
    busy_cores: float = 0.0             # load, spread over the Ready workers
    deployments: dict = field(default_factory=dict)


class Follower:
    """Keeps the scene's nodes and pods in step with moto, under the exporter's lock."""

    def __init__(self, moto: str, lock: threading.RLock, scene_changed) -> None:
        self._moto = moto
        self._lock = lock
        self._scene_changed = scene_changed
        self._running_since: dict[str, float] = {}
        self._nodes: dict[str, Node] = {}
        self._pods: list[Pod] = []
        self._began = time.time()
        self.settings = Following()
        threading.Thread(target=self._loop, daemon=True).start()

    def follow(self, sent: dict) -> None:
        unknown = sorted(set(sent) - {one.name for one in fields(Following)})
        if unknown or "deployments" in sent:
            raise ValueError(f"follow has no {', '.join(unknown) or 'deployments'}")
        if sent.get("cluster", self.settings.cluster) != self.settings.cluster:
            self.settings = Following()
            self._running_since, self._nodes, self._pods = {}, {}, []
        for name, value in sent.items():
            setattr(self.settings, name, value)
        self._look_once()

    def declare(self, sent: dict) -> None:
        deployment = Deployment(**sent)
        self.settings.deployments[deployment.key] = deployment
        self._look_once()

    def remove(self, namespace: str, name: str) -> None:
        if self.settings.deployments.pop((namespace, name), None) is None:
            raise ValueError(f"no such deployment: {namespace}/{name}")
        self._look_once()

    def _loop(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            with self._lock:
                self._look_once()

    def _look_once(self) -> None:
        if self.settings.cluster is None:
            return
        try:
            address = f"{self._moto}/lab/instances?cluster={self.settings.cluster}"
            instances = request_json(address)
        except (Refused, OSError):
            return  # moto is unavailable: the nodes stay unchanged
        now = time.time()
        self._see(instances, now)
        self._pods = reconcile(list(self.settings.deployments.values()), self._pods, now)
        alive = [node for node in self._nodes.values() if node.ready == "true"]
        bind(self._pods, [self._server(), *alive], [], now)
        self._spread_load(alive)
        nodes = [self._server(), *self._nodes.values()]
        pods = [_coredns(), *self._pods]
        self._scene_changed(Scene(nodes=nodes, pods=pods, set_at=now))

    def _see(self, instances: list[dict], now: float) -> None:
        running = {one["id"]: one for one in instances if one["state"] == "running"}
        for instance_id, instance in running.items():
            since = self._running_since.setdefault(instance_id, now)
            joined = now - since >= self.settings.join_s and not self.settings.never_joins
            if joined and instance_id not in self._nodes:
                self._nodes[instance_id] = self._worker(instance, now)
        for instance_id in set(self._nodes) - set(running):
            if self.settings.ghosts:
                self._nodes[instance_id].ready = "unknown"
            else:
                del self._nodes[instance_id]

    def _worker(self, instance: dict, now: float) -> Node:
        cores, memory = instance["vcpu"], instance["memory_mib"] * MIB
        return Node(
            name=instance["id"],
            cores=cores,
            memory_bytes=memory,
            allocatable_cores=cores - self.settings.reserve_cores,
            allocatable_memory_bytes=memory - self.settings.reserve_memory_bytes,
            provider_id=f"aws:///{instance['zone']}/{instance['id']}",
            internal_ip=instance["private_ip"] or "",
            instance_type=instance["type"],
            zone=instance["zone"],
            labels={
                "node.kubernetes.io/instance-type": instance["type"],
                "topology.kubernetes.io/zone": instance["zone"],
            },
            created_at=now,
        )

    def _server(self) -> Node:
        settings = self.settings
        return Node(
            name="server-0",
            server=True,
            cores=settings.server_cores,
            memory_bytes=settings.server_memory_bytes,
            cpu=settings.server_cpu,
            taints=[] if settings.server_takes_pods else [SERVER_TAINT],
            created_at=self._began - 86400,
        )

    def _spread_load(self, alive: list[Node]) -> None:
        cores = sum(node.cores for node in alive)
        share = self.settings.busy_cores / cores if cores else 0.0
        for node in alive:
            node.cpu = min(1.0, self.settings.idle_cpu + share)


def _coredns() -> Pod:
    """Every K3s cluster has a pod: its DNS runs on the server."""
    return Pod(
        name="coredns",
        namespace="kube-system",
        state="running",
        node="server-0",
        owner_name="coredns",
        uid="kube-system-coredns",
        created_at=time.time() - 86400,
    )
