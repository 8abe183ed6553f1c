"""The real stand as a stage for the baseline's three tests (lab/demo/story.py).

Real pods use CPU, are pending and run here; the function is the real Lambda binary with the quick
stand's Runtime API, moto for EC2 and dynalite for DynamoDB.
"""

import cluster
from cloud import aws  # noqa: F401  (cloud makes the quick stand's package findable)
from nodenap import Nodenap
from real_stand import CPU_SHARE

BUSY = 'sum(rate(container_cpu_usage_seconds_total{id="/"}[20s]))'
CORES = "sum(machine_cpu_cores)"
SEEN = 'count(rate(container_cpu_usage_seconds_total{id="/"}[20s]))'
ONE_ON_EACH_NODE = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {
                "topologyKey": "kubernetes.io/hostname",
                "labelSelector": {"matchLabels": {"app": "stress"}},
            }
        ]
    }
}


class RealStage:
    name, minimum = "real", 2

    def __init__(self, stand):
        self.stand, self.server = stand, stand.server
        self.nodenap = Nodenap(stand)
        self.built_in = None  # a plan with the built-in CPU query, at the end of the load

    def load(self, on):
        if on:
            self.burn()
        else:
            self.rest()

    def burn(self):
        """One busy pod on each node, also the server: CPU above 70% of their limit."""
        cluster.apply(
            cluster.workload(
                "stress",
                len(self.workers()) + 1,
                limits={"cpu": "320m"},
                command=["sh", "-c", "while :; do :; done"],
                affinity=ONE_ON_EACH_NODE,
                tolerations=[{"operator": "Exists"}],
            )
        )

    def rest(self):
        """Returns when the load is no longer in the measured window."""
        everyone = len(self.workers()) + 1  # the server too; the new worker reports its usage last
        cluster.wait_until("each node's CPU usage is measured", lambda: value(SEEN) == everyone)
        self.built_in = self.nodenap.plan_by_built_in_query()
        cluster.kubectl("delete", "deployment", "stress")
        cluster.wait_until("the CPU is idle", lambda: value(BUSY) < 0.4 * CPU_SHARE * value(CORES))

    def deploy(self, replicas):
        """Returns when the scheduler has handled each pod and Prometheus has scraped it."""
        cluster.apply(
            cluster.workload("nginx", replicas, requests={"cpu": "100m", "memory": "64Mi"})
        )
        cluster.wait_until(
            "the scheduler has seen every pod", lambda: len(judged("nginx")) == replicas
        )
        seen = 'count(kube_pod_status_scheduled{pod=~"nginx.*",condition!="unknown"} == 1)'
        cluster.wait_until("Prometheus has scraped them", lambda: value(seen) == replicas)

    def delete(self):
        cluster.kubectl("delete", "deployment", "nginx")

    def tick(self):
        return self.nodenap.wake()

    def workers(self):
        return sorted(self.stand.cloud.workers())

    def server_runs(self):
        return self.server in self.stand.cloud.alive() and self.server in cluster.ready_nodes()

    def ready_workers(self):
        return len(self.stand.cloud.workers() & cluster.ready_nodes())

    def waiting_pods(self):
        """Unschedulable pods; if there are none, pods that do not run yet."""
        pods = cluster.pods("nginx")
        homeless = sum(not pod["spec"].get("nodeName") for pod in pods)
        return homeless or sum(pod["status"].get("phase") != "Running" for pod in pods)

    def history(self):
        return self.nodenap.history()

    def end(self):
        self.nodenap.stop()


def judged(app):
    """The pods that are scheduled or reported as unschedulable."""
    return [pod for pod in cluster.pods(app) if cluster.condition(pod, "PodScheduled")]


def value(query):
    answer = cluster.measure(query)
    return answer[0][1] if answer else 0.0
