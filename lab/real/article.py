"""The article's three tests as steps on the real stand; the tests assert, the demo shows."""

import time

import cluster

MIN_WORKERS = 2
REPLICAS = 50
CPU_QUERY = (
    '100 * sum(rate(container_cpu_usage_seconds_total{id="/"}[20s]))'
    " / (%s * sum(machine_cpu_cores))"
)
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


class Article:
    """say(text) hears each step, and what the cluster looks like whenever that changes."""

    def __init__(self, stand, cpu_share, say=lambda text: None):
        self.stand, self.say = stand, say
        self.cpu_query = CPU_QUERY % cpu_share
        self.said = ""

    # --- the steps --------------------------------------------------------------------------

    def minimum(self):
        """From a server alone to the smallest cluster allowed."""
        self.wait("the first workers are Ready", lambda: len(self.ready_workers()) == MIN_WORKERS)

    def burn(self):
        """One busy pod on each node, the server's too: CPU over 70 %. Gives the new workers."""
        before = self.stand.cloud.workers()
        cluster.apply(
            cluster.workload(
                "stress",
                len(before) + 1,
                limits={"cpu": "300m"},
                command=["sh", "-c", "while :; do :; done"],
                affinity=ONE_ON_EACH_NODE,
                tolerations=[{"operator": "Exists"}],
            )
        )
        self.wait("CPU is over 70 %", lambda: self.cpu_percent() > 70)
        self.wait("a worker more", lambda: self.stand.cloud.workers() > before)
        self.wait("it is Ready", self.all_ready)
        return self.stand.cloud.workers() - before

    def stop_burning(self):
        cluster.kubectl("delete", "deployment", "stress")

    def deploy(self):
        """kubectl create deployment nginx --replicas=50. Gives the new workers."""
        before = self.stand.cloud.workers()
        cluster.apply(cluster.workload("nginx", REPLICAS, requests={"cpu": "100m"}))
        self.wait("all 50 run", lambda: len(cluster.running("nginx")) == REPLICAS)
        return self.stand.cloud.workers() - before

    def delete(self):
        """The deployment goes, and with it the need: down to the minimum."""
        cluster.kubectl("delete", "deployment", "nginx")
        self.wait("the minimum again", lambda: len(self.stand.cloud.workers()) == MIN_WORKERS)

    # --- looking ----------------------------------------------------------------------------

    def wait(self, what, happened, seconds=900.0):
        """Waits without haste: a slow machine is no failure."""

        def look():
            self.describe()
            return happened()

        cluster.wait_until(what, look, seconds, every=1.0)
        self.say(what)

    def describe(self):
        workers, ready = self.stand.cloud.workers(), self.ready_workers()
        pods = cluster.items("pods")
        waiting = sum(not pod["spec"].get("nodeName") for pod in pods)
        text = f"{len(workers)} workers, {len(ready)} of them Ready; {len(pods)} pods"
        text += f", {waiting} without a node" if waiting else ""
        if text != self.said:
            self.said = text
            cpu = self.cpu_percent()
            self.say(f"  {text}" + (f"; CPU {cpu:.0f} %" if cpu >= 0 else ""))

    def cpu_percent(self):
        """-1 while there is no rate yet."""
        answer = cluster.measure(self.cpu_query)
        return answer[0][1] if answer else -1.0

    def ready_workers(self):
        return self.stand.cloud.workers() & cluster.ready_nodes()

    def all_ready(self):
        return self.ready_workers() == self.stand.cloud.workers()


def seconds_since(began):
    return f"{time.monotonic() - began:4.0f} s"
