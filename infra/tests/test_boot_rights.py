"""The function's permissions in the cluster, checked by a real API server."""

import base64
import json

import pytest
from boot_cluster import as_user, kubernetes, reviews  # noqa: F401  (a fixture)
from rbac_cases import ALLOWED, DENIED, LOOKED_AT, USER

POOL = {"nodenap.dev/pool": "workers"}
NODES = {
    "of-a-pool": POOL,
    "of-a-pool-too": POOL,
    "of-nobody": {},
    "a-server": {"node-role.kubernetes.io/control-plane": "true"},
    "a-server-in-a-pool": POOL | {"node-role.kubernetes.io/control-plane": "true"},
    "a-master-in-a-pool": POOL | {"node-role.kubernetes.io/master": "true"},
    "an-etcd-in-a-pool": POOL | {"node-role.kubernetes.io/etcd": ""},
}
REFUSED = {
    "of-nobody": "no label nodenap.dev/pool",
    "a-server": "no label nodenap.dev/pool",
    "a-server-in-a-pool": "the node is a server",
    "a-master-in-a-pool": "the node is a server",
    "an-etcd-in-a-pool": "the node is a server",
}
LEAVING = json.dumps(
    {
        "spec": {
            "unschedulable": True,
            "taints": [{"key": "nodenap.dev/leaving", "value": "7", "effect": "NoSchedule"}],
        }
    }
)


@pytest.fixture(scope="module")
def token(kubernetes):  # noqa: F811  (pytest's way to ask for it)
    """The token of the Secret that the server puts into Parameter Store."""
    for name, labels in NODES.items():
        kubernetes.apply(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
        )

    def filled():
        secret = kubernetes.kubectl(
            "get", "secret", "nodenap-token", "-n", "nodenap", "-o", "jsonpath={.data.token}"
        )
        return base64.b64decode(secret).decode()

    made = kubernetes.wait_until("the token", filled, seconds=60)

    def policy_is_active():
        # A new policy is active once the API server has compiled it.
        return as_user(made, "delete", "node", "of-nobody", "--dry-run=server").returncode != 0

    kubernetes.wait_until("the admission policy", policy_is_active, seconds=60)
    return made


@pytest.mark.parametrize("wanted", [True, False], ids=["allowed", "denied"])
def test_the_table_of_rights(kubernetes, wanted):  # noqa: F811
    rows = ALLOWED if wanted else DENIED
    answers = reviews(USER, rows)
    assert [row for row, answer in zip(rows, answers, strict=True) if answer != wanted] == []


# The permissions that Prometheus' node discovery and kubelet scrapes need, and those they must not
# have: a scraped kubelet sees the token.
PROMETHEUS = "system:serviceaccount:nodenap:prometheus"
SCRAPES = [("get", "nodes/metrics", "")]
SCRAPES += [(verb, "nodes", "") for verb in ("get", "list", "watch")]
ELSE = ("endpointslices.discovery.k8s.io", "services", "pods", "secrets", "configmaps")
CLOSED = [("list", what, "nodenap") for what in ELSE] + [
    ("list", "pods", "kube-system"),
    ("get", "nodes/proxy", ""),
    ("patch", "nodes", ""),
    ("delete", "pods", "nodenap"),
]


@pytest.mark.parametrize("wanted", [True, False], ids=["allowed", "denied"])
def test_prometheus_finds_nodes_and_no_more(kubernetes, wanted):  # noqa: F811
    rows = SCRAPES if wanted else CLOSED
    answers = reviews(PROMETHEUS, rows)
    assert [row for row, answer in zip(rows, answers, strict=True) if answer != wanted] == []


def test_the_secret_holds_the_clusters_authority(kubernetes, token):  # noqa: F811
    held = kubernetes.kubectl(
        "get", "secret", "nodenap-token", "-n", "nodenap", "-o", r"jsonpath={.data.ca\.crt}"
    )
    assert base64.b64decode(held).decode().strip() == (
        (kubernetes.STATE / "pki/ca.crt").read_text().strip()
    )


def test_it_lists_what_it_looks_at(token):
    for resource in LOOKED_AT:
        done = as_user(token, "get", resource, "-A", "-o", "name")
        assert done.returncode == 0, done.stderr


def test_it_marks_a_node_of_a_pool_as_leaving_and_deletes_it(kubernetes, token):  # noqa: F811
    assert as_user(token, "patch", "node", "of-a-pool", "-p", LEAVING).returncode == 0
    [node] = [n for n in kubernetes.items("nodes") if n["metadata"]["name"] == "of-a-pool"]
    assert node["spec"]["unschedulable"]
    assert as_user(token, "delete", "node", "of-a-pool").returncode == 0


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("command", [("delete",), ("patch", "-p", LEAVING)], ids=lambda c: c[0])
def test_it_cannot_touch(token, name, command):
    done = as_user(token, command[0], "node", name, *command[1:])
    assert done.returncode != 0
    assert REFUSED[name] in done.stderr


@pytest.mark.parametrize(
    "labels",
    [{"nodenap.dev/pool": None}, {"nodenap.dev/pool": "other"}, {"tier": "web"}],
    ids=["takes the pool away", "moves to another pool", "adds a label"],
)
def test_it_changes_no_labels_even_of_its_own(token, labels):
    patch = json.dumps({"metadata": {"labels": labels}})
    done = as_user(token, "patch", "node", "of-a-pool-too", "-p", patch)
    assert "Nodenap does not change the labels of nodes" in done.stderr


def test_it_cannot_label_another_node_as_its_own(token):
    done = as_user(token, "label", "node", "of-nobody", "nodenap.dev/pool=workers")
    assert done.returncode != 0 and "no label nodenap.dev/pool" in done.stderr


def test_people_and_controllers_are_not_bound_by_the_policy(kubernetes, token):  # noqa: F811
    kubernetes.kubectl("label", "node", "of-nobody", "tier=web")
    kubernetes.kubectl("delete", "node", "of-nobody", "--dry-run=server")
