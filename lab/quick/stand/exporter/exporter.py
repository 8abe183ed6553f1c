"""The exporter's state and its responses."""

import math
import re
import threading
import time

from stand.exporter import kubelet
from stand.exporter.follow import Follower
from stand.exporter.kube_state import kube_state_metrics
from stand.exporter.kubelet import CpuCounters
from stand.exporter.remote_write import Series, remote_write
from stand.exporter.samples import Sample
from stand.exporter.scene import Scene, read_scene

# Endpoint → the job that scrapes it (templates/prometheus.yml).
JOBS = {
    "kube-state-metrics": "kube-state-metrics",
    "cadvisor": "kubelet",
    "cadvisor-again": "kubelet-again",
    "resource": "kubelet",
}


class Exporter:
    def __init__(self, prometheus: str, moto: str, me: str) -> None:
        self.lock = threading.RLock()
        self.scene = Scene()
        self._counters = CpuCounters()
        self._prometheus, self._me = prometheus, me
        self.follower = Follower(moto, self.lock, self._nodes_and_pods_from)

    def set_scene(self, sent: dict) -> None:
        """Replaces the scene; counters of remaining nodes continue."""
        self._advance()
        scene = read_scene(sent)
        if "nodes" in sent or "pods" in sent:
            self.follower.follow({"cluster": None})
        self.scene = scene
        self._advance()

    def show(self, sent: dict) -> int:
        """Scene and history at once, so that no scrape comes between: samples older than the
        last scrape would be out of order, and Prometheus could not delete them again."""
        self.set_scene(sent["scene"])
        return self.backfill(sent["seconds"], sent["step"])

    def change_scene(self, sent: dict) -> None:
        """Replaces only the keys that are sent; "nodes" and "pods" as whole lists."""
        self._advance()
        fresh = read_scene(sent)
        for key in sent:
            setattr(self.scene, key, getattr(fresh, key))
        self.scene.set_at = fresh.set_at
        self._advance()

    def metrics(self, endpoint: str) -> list[Sample] | None:
        """None if the endpoint is down."""
        self._advance()
        if endpoint in self.scene.off:
            return None
        return self._samples(endpoint, None)

    def backfill(self, seconds: float, step: float) -> int:
        """Writes the kubelets' history into Prometheus as if the scene had always existed,
        labelled like its scrapes; returns the number of samples. (Rates need it; no query
        needs the history of kube-state-metrics.)"""
        self._advance()
        now = time.time()
        series: Series = {}
        ticks = int(seconds / step)
        for at in (now - step * (ticks - tick) for tick in range(ticks)):
            for endpoint, job in JOBS.items():
                if endpoint != "kube-state-metrics" and endpoint not in self.scene.off:
                    self._add_history(series, endpoint, job, at)
        return remote_write(self._prometheus, series)

    def _add_history(self, series: Series, endpoint: str, job: str, at: float) -> None:
        for sample in self._samples(endpoint, at):
            labels = {
                "instance": self._me,
                **sample.labels,
                "__name__": sample.name,
                "job": job,
                "metrics_path": f"/metrics/{endpoint}",
            }
            date = int(at * 1000) if sample.at_ms is None else sample.at_ms
            points = series.setdefault(tuple(sorted(labels.items())), [])
            if not points or points[-1][0] < date:
                points.append((date, sample.value))

    def _samples(self, endpoint: str, at: float | None) -> list[Sample]:
        scene = self.scene
        if endpoint == "kube-state-metrics":
            samples = kube_state_metrics(scene)
        elif endpoint == "resource":
            samples = kubelet.resource(scene, self._counters, at)
        elif endpoint == "cadvisor":
            samples = kubelet.cadvisor(scene, self._counters, at)
        else:
            samples = kubelet.cadvisor_again(scene, self._counters, at)
        for sample in samples:
            if any(re.fullmatch(family, sample.name) for family in scene.nan):
                sample.value = math.nan
        return [
            sample
            for sample in samples
            if not any(re.fullmatch(family, sample.name) for family in scene.off)
        ]

    def _nodes_and_pods_from(self, followed: Scene) -> None:
        self._advance()
        self.scene.nodes, self.scene.pods = followed.nodes, followed.pods
        self._advance()

    def _advance(self) -> None:
        self._counters.advance(self.scene.nodes, time.time())
