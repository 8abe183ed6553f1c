"""The whole real stand: cluster, cloud and datacenter, up together and down together."""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

import cluster
from cloud import ZONES, Cloud

HERE = pathlib.Path(__file__).resolve().parent
SERVER_TAGS = {"Role": "server"}

# Of a real core, what each core of a machine may use: this many machines share one computer.
CPU_SHARE = 0.4


class RealStand:
    """up() leaves a cluster with its server and no worker; say(text) tells what is going on."""

    def __init__(self, say=lambda text: None):
        self.say = say
        self.folder = cluster.STATE
        self.cloud = Cloud(self.folder / "cloud")

    def up(self):
        self.say("a real control plane: API server, scheduler, controllers, datastore, Prometheus")
        cluster.up()
        self.say("the cloud: EC2 by moto, DynamoDB by dynalite, a datacenter that obeys EC2")
        for name, peer in self.cloud.up().items():
            self.record(f"cloud-{name}", peer["pid"])
        self.start_datacenter()
        self.start_server()

    def down(self):
        cluster.down()

    def record(self, name, pid):
        """Notes a process where down.sh finds it, even after this program was killed."""
        born = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
        (self.folder / "pid" / name).write_text(f"{pid} {born}\n")

    def start(self, name, command, **environment):
        """A process in the background, with its log beside the others'."""
        with open(self.folder / "log" / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | environment,
                start_new_session=True,
            )
        self.record(name, process.pid)
        return process

    def start_datacenter(self):
        command = [
            sys.executable,
            HERE / "datacenter.py",
            "--endpoint",
            self.cloud.peers.url("moto"),
            "--cpu-share",
            str(CPU_SHARE),
        ]
        self.start(
            "datacenter",
            command,
            PYTHONUNBUFFERED="1",
            LAB_DIR=str(self.folder),
            **self.cloud.environment(),
        )

    def start_server(self):
        """The server's own instance and node: there, tainted, and not the autoscaler's."""
        token = cluster.join_token()
        server = user_data(token, "server").replace("kubelet-arg:", SERVER_TAINT + "kubelet-arg:")
        self.worker_template = self.cloud.template("worker", user_data(token, "workers"))
        [self.server] = self.cloud.launch(
            self.cloud.template("server", server), "k3s-server", **SERVER_TAGS
        )
        cluster.wait_until("the server's node", lambda: self.server in cluster.ready_nodes())
        cluster.kubectl("label", "node", self.server, "node-role.kubernetes.io/control-plane=true")

    def write_config(self, **changes):
        """nodenap.toml for this stand; its path. Changes are by the names in nodenap.toml.in."""
        values = {
            "PROMETHEUS": cluster.PROMETHEUS,
            "TEMPLATE": self.worker_template,
            "SUBNETS": str(self.cloud.subnets()).replace("'", '"'),
            "ZONES": str(list(ZONES)).replace("'", '"'),
            "CPU_SHARE": CPU_SHARE,
            "MIN": 2,
        } | changes
        text = (HERE / "nodenap.toml.in").read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.folder / "nodenap.toml"
        path.write_text(text)
        return path


SERVER_TAINT = """node-taint:
- node-role.kubernetes.io/control-plane=true:NoSchedule
"""


def user_data(token, pool):
    text = (HERE / "worker-user-data.sh").read_text()
    return text.replace("@SERVER@", cluster.API).replace("@TOKEN@", token).replace("@POOL@", pool)


@contextlib.contextmanager
def standing(say=lambda text: None, keep=False):
    """The stand, up; taken down at the end whatever happens, unless it is to be kept."""
    with cluster.only_one():
        stand = RealStand(say)
        try:
            began = time.monotonic()
            stand.up()
            say(f"the real stand is up ({time.monotonic() - began:.0f} s)")
            yield stand
        finally:
            if not keep:
                stand.down()
