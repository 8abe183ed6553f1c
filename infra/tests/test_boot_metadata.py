"""The worker's user data with AWS's own mock of the metadata service, version 2 only."""

import dataclasses
import json
import os
import shutil
import subprocess

import boot
import boot_machine
import pytest
import yaml
from boot_machine import boot_servers, cluster
from test_boot_render import WORKER

PROGRAM = cluster.CACHE / "bin/ec2-metadata-mock"
MODULE = "github.com/aws/amazon-ec2-metadata-mock/cmd/ec2-metadata-mock@v1.13.0"
K3S = (boot_machine.HERE / "boot_k3s.sh").read_bytes()
BOOT = dataclasses.replace(WORKER, k3s_sha256={"x86_64": boot_servers.sha256(K3S)})


class MetadataMock(subprocess.Popen):
    """AWS's program in the machine's network, with our values instead of its examples."""

    def __init__(self, namespace, folder, values):
        own = ["ip", "-n", namespace, "addr", "add", "169.254.169.254/32", "dev", "lo"]
        subprocess.run(own, check=True)
        (folder / "metadata.json").write_text(json.dumps({"metadata": {"values": values}}))
        command = ["ip", "netns", "exec", namespace, PROGRAM, "--imdsv2", "--port", "80"]
        command += ["--hostname", "169.254.169.254", "--config-file", folder / "metadata.json"]
        with open(folder / "metadata.log", "wb") as log:
            super().__init__(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def shutdown(self):
        self.terminate()

    def server_close(self):
        self.wait()


class Machine(boot_machine.Machine):
    def metadata_service(self, lifecycle):
        values = {
            "instance-id": boot_machine.INSTANCE["InstanceId"],
            "instance-type": "t2.small",
            "instance-life-cycle": lifecycle,
            "local-ipv4": "10.0.1.77",
            "placement-availability-zone": "us-east-1b",
            "iam-security-credentials": self.keys,
        }
        return MetadataMock(self.namespace, self.folder, values)


def missing_mock():
    """Why AWS's program is not available, or None; it is built once, in about 10 s."""
    if PROGRAM.exists():
        return None
    # lab/quick/install.sh installs Go if it is missing.
    path = f"{os.environ['PATH']}:{PROGRAM.parents[1] / 'venv-tools/bin'}"
    go = shutil.which("go", path=path)
    if not go:
        return "Go is not there, which builds amazon-ec2-metadata-mock"
    environment = os.environ | {"GOBIN": str(PROGRAM.parent), "GOFLAGS": "-modcacherw"}
    command = [go, "install", "-tags", "aemmlinux", MODULE]
    built = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=500
    )
    return built.stderr if built.returncode != 0 else None


def test_a_worker_learns_from_it_who_it_is_and_reads_its_token(tmp_path_factory, tmp_path):
    boot_machine.need_root()
    boot_machine.need(missing_mock())
    store = boot_servers.ParameterStore("ssm:GetParameter", tmp_path_factory.mktemp("moto"))
    store.ssm.put_parameter(Name=BOOT.agent_token_parameter, Value="K10x", Type="SecureString")
    store.check_signatures(True)
    try:
        with Machine(tmp_path, store, K3S, lifecycle="spot") as machine:
            assert machine.boot(boot.worker_user_data(BOOT)).returncode == 0, machine.log
    finally:
        store.stop()
    config = yaml.safe_load(machine.file("/etc/rancher/k3s/config.yaml"))
    assert config["node-name"] == boot_machine.INSTANCE["InstanceId"]
    assert config["node-ip"] == "10.0.1.77"
    assert "nodenap.dev/capacity=spot" in config["node-label"]
    assert "topology.kubernetes.io/zone=us-east-1b" in config["node-label"]
    assert machine.noted("k3s.token") == "K10x"
