"""A machine to run user data on: its own root (copy on write), network, processes and /run.

It can reach an instance metadata service, Parameter Store (moto, which checks signatures and
policies) and the download host; K3s and systemctl on it are programs that record their calls. The
user data runs as it is, byte for byte: names and certificates lead it here, nothing in it knows.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import uuid

import pytest

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parents[1] / "lab"
sys.path[:0] = [str(LAB / "real"), str(LAB / "quick")]

import boot_servers  # noqa: E402  (the path above makes the lab's modules findable)
import cluster  # noqa: E402
import imds  # noqa: E402
from stand import tls  # noqa: E402

ROLE = "node-role"
SESSION_SECRET_NAMES = ("SecretAccessKey", "Token")
INSTANCE = {
    "InstanceId": "i-0123456789abcdef0",
    "InstanceType": "t2.small",
    "ImageId": "ami-1",
    "Placement": {"AvailabilityZone": "us-east-1b"},
}


def need_root():
    """Namespaces, mounts and cgroups."""
    need(cluster.missing_right())


def need(reason):
    """Skips if there is a reason, or fails if the real stand is required."""
    if reason and os.environ.get("NODENAP_REQUIRE_REAL") == "1":
        pytest.fail(f"NODENAP_REQUIRE_REAL=1, but user data cannot run here: {reason}")
    if reason:
        pytest.skip(f"user data cannot run here: {reason}")


class Machine(contextlib.AbstractContextManager):
    """One machine. boot() runs user data; its results are then read from the folder."""

    def __init__(self, folder, store, k3s, lifecycle="on-demand"):
        self.folder, self.record, self.disk = folder, folder / "record", folder / "disk"
        self.namespace = f"boot-{uuid.uuid4().hex[:8]}"
        for path in (self.record, self.disk):
            path.mkdir()
        subprocess.run(["ip", "netns", "add", self.namespace], check=True)
        subprocess.run(["ip", "-n", self.namespace, "link", "set", "lo", "up"], check=True)
        names = ("github.com", "ssm.us-east-1.amazonaws.com")
        tls.make_certificates(folder / "tls", names)
        make_shims(folder / "shims")
        self.keys = store.keys
        self.metadata = self.metadata_service(lifecycle)
        self.web = boot_servers.Web(self.namespace, folder / "tls/server.pem", store.url, k3s)

    def metadata_service(self, lifecycle):
        return imds.Server(self.namespace, self.tree(lifecycle))

    def tree(self, lifecycle):
        tree = imds.tree_of(INSTANCE, "10.0.1.77", "us-east-1")
        roles = "/latest/meta-data/iam/security-credentials"
        return tree | {
            "/latest/meta-data/instance-life-cycle": lifecycle,
            roles: ROLE,
            f"{roles}/{ROLE}": json.dumps(self.keys),
        }

    def boot(self, user_data, times=1, variant=""):
        """Runs the user data this many times; returns the finished process."""
        (self.folder / "user-data").write_text(user_data)
        (self.record / "variant").write_text(variant)
        command = ["ip", "netns", "exec", self.namespace, "unshare", "--mount", "--pid", "--uts"]
        command += ["--ipc", "--fork", "--kill-child", "--propagation", "private"]
        command += ["bash", HERE / "boot_root.sh", self.folder, str(times)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        self.log = done.stdout + done.stderr
        return done

    def __exit__(self, *_):
        for server in (self.metadata, self.web):
            server.shutdown()
            server.server_close()
        subprocess.run(["ip", "netns", "del", self.namespace], check=True)

    def file(self, path):
        """A file on the machine's disk."""
        return (self.disk / path.lstrip("/")).read_text()

    def noted(self, name):
        """The calls recorded by the programs, by name of the record."""
        path = self.record / name
        return path.read_text() if path.exists() else ""

    def places_of(self, secret):
        """Where the secret appears: on disk, in logs, arguments or environments."""
        found = []
        for path in self.disk.rglob("*"):
            if path.is_file() and not path.is_symlink() and secret.encode() in path.read_bytes():
                found.append("/" + str(path.relative_to(self.disk)))
        for name, text in (("the log", self.log), ("arguments", self.noted("execs"))):
            found += [name] if secret in text else []
        return found


def make_shims(folder):
    """A folder for the front of PATH: programs record their arguments, then run the real one."""
    folder.mkdir()
    shutil.copy(HERE / "boot_shim.sh", folder / ".shim")
    for place in ("/usr/bin", "/usr/sbin"):
        for name in os.listdir(place):
            if name not in ("bash", "env") and not (folder / name).is_symlink():
                (folder / name).symlink_to(".shim")
    (folder / "k3s").symlink_to(".shim")
    (folder / "systemctl").unlink(missing_ok=True)
    shutil.copy(HERE / "boot_systemctl.sh", folder / "systemctl")


def after(seconds, action):
    timer = threading.Timer(seconds, action)
    timer.start()
    return timer
