"""K3s' own add-ons stay on the server: publish.sh's part, on a real API server and scheduler."""

import datetime
import json
import os
import subprocess

import boot
import pytest
from boot_cluster import kubernetes  # noqa: F401  (a fixture)

ADDONS = ("coredns", "metrics-server", "local-path-provisioner")
SERVER_ROLE = "node-role.kubernetes.io/control-plane"
TAINT = {"key": SERVER_ROLE, "value": "true", "effect": "NoSchedule"}
# More pod slots on the worker, so that the scheduler prefers it by default.
NODES = {"the-server": ({SERVER_ROLE: "true"}, [TAINT], "2"), "a-worker": ({}, [], "16")}
K3S = """#!/bin/bash
shift
exec {kubectl} --kubeconfig {config} "$@"
"""


def addon(name, image):
    """Like K3s' own: only a toleration for the server's taint."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "kube-system"},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                    "tolerations": [
                        {"key": SERVER_ROLE, "operator": "Exists", "effect": "NoSchedule"}
                    ],
                    "containers": [
                        {
                            "name": name,
                            "image": image,
                            "resources": {"requests": {"cpu": "100m"}},
                        }
                    ],
                },
            },
        },
    }


def add_node(kubernetes, name):  # noqa: F811
    labels, taints, _ = NODES[name]
    kubernetes.apply(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels | {"kubernetes.io/os": "linux"}},
            "spec": {"taints": taints},
        }
    )
    say_ready(kubernetes, name)


def say_ready(kubernetes, name):  # noqa: F811
    """Like its kubelet, repeatedly: a node without a heartbeat for 20 s counts as lost."""
    amounts = {"cpu": NODES[name][2], "memory": "8Gi", "pods": "110"}
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ready = {"type": "Ready", "status": "True", "reason": "Test", "lastHeartbeatTime": now}
    status = {"status": {"capacity": amounts, "allocatable": amounts, "conditions": [ready]}}
    patch = ["patch", "node", name, "--subresource=status", "--patch", json.dumps(status)]
    kubernetes.kubectl(*patch)


@pytest.fixture(scope="module")
def placed(kubernetes):  # noqa: F811
    """placed(): the node of each add-on's newest pod, once scheduled."""

    def of(name):
        pods = kubernetes.items("pods", "-n", "kube-system", "-l", f"app={name}")
        live = [one for one in pods if "deletionTimestamp" not in one["metadata"]]
        newest = max(live, key=lambda one: one["metadata"]["creationTimestamp"], default=None)
        return newest and newest["spec"].get("nodeName")

    def now():
        found = {name: of(name) for name in ADDONS}
        return all(found.values()) and found

    def of_image(image):
        def settled():
            for name in NODES:
                say_ready(kubernetes, name)
            pods = kubernetes.items("pods", "-n", "kube-system")
            images = [one["spec"]["containers"][0]["image"] for one in pods]
            return images.count(image) >= len(ADDONS) and now()

        return kubernetes.wait_until(f"pods of {image}", settled, seconds=60)

    for name in NODES:
        add_node(kubernetes, name)
    return of_image


def apply_all(kubernetes, image):  # noqa: F811
    """Like K3s at each start: a three-way merge, so that additions by others are kept."""
    for name in ADDONS:
        kubernetes.apply(addon(name, image))


def keep_on_server(kubernetes, folder):  # noqa: F811
    """The script's lines, without those for Parameter Store."""
    program = folder / "k3s"
    kubectl = kubernetes.CACHE / "real/bin/kubectl"
    program.write_text(K3S.format(kubectl=kubectl, config=kubernetes.STATE / "pki/admin.conf"))
    program.chmod(0o755)
    text = boot.read("publish.sh")
    functions = text.split("PATH=/usr/local/bin")[0]
    loop = text.splitlines()[-1]
    script = boot.filled(functions, {"REGION": "r", "FUNCTION_USER": "u"}) + loop
    path = f"{folder}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_add_ons_stay_on_the_server(kubernetes, placed, tmp_path):  # noqa: F811
    """Also through an upgrade, when K3s applies a new image."""
    apply_all(kubernetes, "lab.test/addon:1")
    before = placed("lab.test/addon:1")
    assert "a-worker" in before.values(), "left to itself the scheduler puts some on a worker"
    keep_on_server(kubernetes, tmp_path)

    def moved():
        return set(placed("lab.test/addon:1").values()) == {"the-server"}

    assert kubernetes.wait_until("the add-ons on the server", moved, seconds=60)
    apply_all(kubernetes, "lab.test/addon:2")
    assert set(placed("lab.test/addon:2").values()) == {"the-server"}
    keep_on_server(kubernetes, tmp_path)  # running it again changes nothing
