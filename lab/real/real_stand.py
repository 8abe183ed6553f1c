"""The whole real stand: cluster, AWS and datacenter."""

import contextlib
import json
import pathlib
import subprocess
import sys
import time

import cluster
from cloud import TABLE, Cloud

HERE = pathlib.Path(__file__).resolve().parent

# The share of a real core that each core of a machine may use: many machines share one computer.
CPU_SHARE = 0.4

ROLE = "node-role.kubernetes.io/control-plane"
SERVER_TAINT = f"""node-taint:
- {ROLE}=true:NoSchedule
"""


class RealStand:
    """up() starts a cluster with its server and no workers; say(text) reports progress."""

    def __init__(self, say=lambda text: None):
        self.say = say
        self.folder = cluster.STATE
        self.cloud = Cloud(self.folder / "cloud")

    def up(self):
        self.say("a real control plane: API server, scheduler, controllers, datastore, Prometheus")
        cluster.up()
        self.say("AWS: EC2 by moto, DynamoDB by dynalite, a datacenter that runs the instances")
        for name, pid in self.cloud.up().items():
            self.record(f"cloud-{name}", pid)
        self.start_datacenter()
        self.start_server()

    def record(self, name, pid):
        """Records a process for down.sh, even if this program is killed."""
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        born = stat.rsplit(")", 1)[1].split()[19]
        (self.folder / "pid" / name).write_text(f"{pid} {born}\n")

    def start_datacenter(self):
        command = [sys.executable, "-u", HERE / "datacenter.py", "--cpu-share", str(CPU_SHARE)]
        command += ["--endpoint", self.cloud.url("moto")]
        with open(self.folder / "log" / "datacenter.log", "wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.cloud.variables(**cluster.PLACES),
                start_new_session=True,
            )
        self.record("datacenter", process.pid)

    def start_server(self):
        """The server's own instance and node: tainted, and not managed by Nodenap."""
        token = cluster.join_token()
        self.worker_template = self.cloud.template("worker", user_data(token, "workers"))
        server = user_data(token, "server").replace("kubelet-arg:", SERVER_TAINT + "kubelet-arg:")
        template = self.cloud.template("server", server)
        [self.server] = self.cloud.launch(template, Name="k3s-server")
        cluster.wait_until("the server's node", lambda: self.server in cluster.ready_nodes())
        cluster.kubectl("label", "node", self.server, f"{ROLE}=true")
        cluster.apply(system_pod("coredns"))
        cluster.wait_until("the server's pod", lambda: cluster.running("coredns", "kube-system"))

    def launch_by_hand(self, count):
        return self.cloud.launch(self.worker_template, count, Name="by-hand")

    def write_config(self, **changes):
        """Writes nodenap.toml for this stand; returns its path. Changes use the names in
        nodenap.toml.in."""
        values = {
            "PROMETHEUS": cluster.PROMETHEUS,
            "TABLE": TABLE,
            "TEMPLATE": self.worker_template,
            "SUBNETS": json.dumps(self.cloud.network.subnets),
            "ZONES": json.dumps(self.cloud.network.zones),
            "CPU_SHARE": CPU_SHARE,
        } | changes
        text = (HERE / "nodenap.toml.in").read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.folder / "nodenap.toml"
        path.write_text(text)
        return path


def system_pod(name):
    """Replaces the pods that K3s runs on its server, since every K3s cluster has some."""
    manifest = cluster.workload(
        name,
        1,
        requests={"cpu": "100m", "memory": "70Mi"},
        nodeSelector={ROLE: "true"},
        tolerations=[{"operator": "Exists"}],
    )
    manifest["metadata"]["namespace"] = "kube-system"
    return manifest


def user_data(token, pool):
    text = (HERE / "worker-user-data.sh").read_text()
    values = {"SERVER": cluster.API, "TOKEN": token, "POOL": pool}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


@contextlib.contextmanager
def standing(say=lambda text: None, keep=False):
    """The running stand; always stopped at the end unless it is kept."""
    with cluster.only_one():
        stand = RealStand(say)
        try:
            began = time.monotonic()
            stand.up()
            say(f"the real stand is running ({time.monotonic() - began:.0f} s)")
            yield stand
        except BaseException:
            say(f"the logs are in {cluster.keep_logs()}")
            cluster.down()
            raise
        if not keep:
            cluster.down()
