"""What a compromised worker may not do in the cluster, tried on a real API server."""

import json

import pytest
from boot_cluster import SERVER_NODE, kubectl_with, node_certificate, patch_status
from boot_cluster import user_certificate
from boot_cluster import kubernetes  # noqa: F401  (a fixture)

ROLE = "node-role.kubernetes.io"
ROGUE, OTHER = "i-0eeeeeeeeeeeeeeee", "i-0ffffffffffffffff"
TRIAL = ("create", "--dry-run=server", "-f", "-")
REFUSED = "only the server registers with the taint of servers"
NO_LABELS = "a mirror pod has no labels here, so that no Service selects it"


@pytest.fixture(scope="module")
def as_node(kubernetes, tmp_path_factory):  # noqa: F811  (pytest's way to ask for it)
    """as_node(name, kubectl's arguments…, stdin): the result; the policies are active."""
    folder = tmp_path_factory.mktemp("nodes")
    identities = {name: node_certificate(name, folder) for name in (ROGUE, SERVER_NODE, OTHER)}

    def ask(name, *arguments, stdin=None):
        return kubectl_with(identities[name], *arguments, stdin=stdin)

    def in_force():
        tainted = node(OTHER, taints=[taint("control-plane")])
        return REFUSED in ask(OTHER, *TRIAL, stdin=tainted).stderr

    kubernetes.wait_until("the policy on registration", in_force, seconds=60)
    return ask


def taint(role):
    return {"key": f"{ROLE}/{role}", "value": "true", "effect": "NoSchedule"}


def node(name, taints=(), labels=None):
    made = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels or {}}}
    return json.dumps(made | {"spec": {"taints": list(taints)}})


def mirror_pod(namespace, labels, uid, name="rogue"):
    """As a kubelet creates one from a file on its disk: it must name the Node that owns it."""
    owner = {"apiVersion": "v1", "kind": "Node", "name": ROGUE, "uid": uid, "controller": True}
    metadata = {
        "name": f"{name}-{ROGUE}",
        "namespace": namespace,
        "labels": labels,
        "annotations": {"kubernetes.io/config.mirror": "0", "kubernetes.io/config.hash": "0"},
        "ownerReferences": [owner],
    }
    spec = {"nodeName": ROGUE, "containers": [{"name": "box", "image": "lab.test/box:1"}]}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


@pytest.mark.parametrize("role", ["control-plane", "master", "etcd"])
def test_no_worker_registers_with_the_taint_of_servers(as_node, role):
    done = as_node(OTHER, "create", "-f", "-", stdin=node(OTHER, taints=[taint(role)]))
    assert done.returncode != 0 and REFUSED in done.stderr


def test_the_server_registers_with_its_taint(as_node):
    """By its name, which no other kubelet has: it must always be able to register."""
    own = node(SERVER_NODE, taints=[taint("control-plane")])
    done = as_node(SERVER_NODE, "create", "-f", "-", stdin=own)
    assert done.returncode == 0, done.stderr
    other = as_node(OTHER, "create", "-f", "-", stdin=own)
    assert other.returncode != 0 and "is not allowed to modify node" in other.stderr


@pytest.fixture(scope="module")
def rogue(as_node, kubernetes):  # noqa: F811
    """A worker's Node, registered by its kubelet with its pool's taint; its uid."""
    dedicated = {"key": "dedicated", "value": "web", "effect": "NoSchedule"}
    made = node(ROGUE, taints=[dedicated], labels={"nodenap.dev/pool": "workers"})
    done = as_node(ROGUE, "create", "-f", "-", stdin=made)
    assert done.returncode == 0, done.stderr
    uid = kubernetes.kubectl("get", "node", ROGUE, "-o", "jsonpath={.metadata.uid}")

    def in_force():
        labelled = mirror_pod("kube-system", {"app": "x"}, uid)
        return NO_LABELS in as_node(ROGUE, *TRIAL, stdin=labelled).stderr

    kubernetes.wait_until("the policy on mirror pods", in_force, seconds=60)
    return uid


LATER = {
    "the taint of servers": ({"spec": {"taints": [taint("control-plane")]}}, "modify taints"),
    "a server's role": ({"metadata": {"labels": {f"{ROLE}/control-plane": "true"}}}, "labels"),
}


@pytest.mark.parametrize("what", LATER)
def test_no_worker_makes_itself_a_server_later(as_node, rogue, what):
    """Kubernetes' own NodeRestriction."""
    patch, said = LATER[what]
    done = as_node(ROGUE, "patch", "node", ROGUE, "-p", json.dumps(patch))
    assert done.returncode != 0 and said in done.stderr


SELECTED = [
    ("nodenap", {"app": "kube-state-metrics"}),
    ("nodenap", {"app": "prometheus"}),
    ("kube-system", {"k8s-app": "kube-dns"}),
    ("kube-system", {"k8s-app": "metrics-server"}),
    ("kube-system", {"any": "label"}),
]


@pytest.mark.parametrize(("namespace", "labels"), SELECTED)
def test_no_mirror_pod_answers_for_a_service(as_node, rogue, namespace, labels):
    done = as_node(ROGUE, "create", "-f", "-", stdin=mirror_pod(namespace, labels, rogue))
    assert done.returncode != 0 and NO_LABELS in done.stderr


def test_a_mirror_pod_without_labels_is_made_and_gets_none_later(as_node, rogue):
    done = as_node(ROGUE, "create", "-f", "-", stdin=mirror_pod("nodenap", {}, rogue))
    assert done.returncode == 0, done.stderr
    name = ("pod", f"rogue-{ROGUE}", "-n", "nodenap")
    patch = json.dumps({"metadata": {"labels": {"app": "prometheus"}}})
    for status in ([], ["--subresource=status"]):
        changed = as_node(ROGUE, "patch", *name, *status, "-p", patch)
        assert changed.returncode != 0 and "forbidden" in changed.stderr.lower()


def test_mirror_pods_of_other_namespaces_are_left_alone(as_node, rogue):
    """Users run static pods; see docs/security.md for what a compromised kubelet can do there."""
    made = mirror_pod("default", {"app": "web"}, rogue)
    done = as_node(ROGUE, "create", "-f", "-", stdin=made)
    assert done.returncode == 0, done.stderr


def test_people_and_controllers_are_bound_by_neither(kubernetes, as_node):  # noqa: F811
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "kube-system"}}
    pod["metadata"]["labels"] = {"k8s-app": "kube-dns"}
    pod["spec"] = {"containers": [{"name": "box", "image": "lab.test/box:1"}]}
    kubernetes.kubectl(*TRIAL, stdin=json.dumps(pod))
    kubernetes.kubectl(*TRIAL, stdin=node("by-hand", taints=[taint("control-plane")]))


# --- The agents' second identity ------------------------------------------------------------------

AGENT = "system:k3s-controller"
FLANNEL_ONLY = "an agent of K3s changes only flannel's annotations of a Node"
# K3s' own permissions for it, as in its manifest since v1.32.0 (manifests/rolebindings.yaml).
AGENT_ROLE = f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: "{AGENT}"}}
rules:
- {{apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}}
- {{apiGroups: [""], resources: [nodes/status], verbs: [patch]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: "{AGENT}"}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "{AGENT}"}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: "{AGENT}"}}]
"""
VICTIM = "i-0aaaaaaaaaaaaaaaa"
FLANNEL = "flannel.alpha.coreos.com"
IMAGES = [{"names": [f"registry.test/{at}@sha256:{at:064}"], "sizeBytes": at} for at in range(50)]
STATUS = {
    "capacity": {"cpu": "2", "memory": "2000Mi", "pods": "110"},
    "allocatable": {"cpu": "2", "memory": "1900Mi", "pods": "110"},
    "addresses": [{"type": "InternalIP", "address": "10.0.2.7"}],
    "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
    "images": IMAGES,
}


def labels(**changed):
    return {"metadata": {"labels": changed}}


@pytest.fixture(scope="module")
def as_agent(kubernetes, as_node, tmp_path_factory):  # noqa: F811
    """as_agent(patch): the result on another worker's Node, which its kubelet registered."""
    kubernetes.kubectl("apply", "-f", "-", stdin=AGENT_ROLE)
    folder = tmp_path_factory.mktemp("agent")
    identity = user_certificate(f"/CN={AGENT}", folder)
    kubelet = node_certificate(VICTIM, folder)
    made = node(VICTIM, labels={"nodenap.dev/pool": "workers"})
    assert kubectl_with(kubelet, "create", "-f", "-", stdin=made).returncode == 0

    def in_force():
        return FLANNEL_ONLY in patch_status(identity, VICTIM, labels(a="b"))[1]

    kubernetes.wait_until("the policy on the status of Nodes", in_force, seconds=60)
    of_kubelet = {"status": STATUS, "metadata": {"annotations": {"example.com/kept": "1"}}}
    code, text = patch_status(kubelet, VICTIM, of_kubelet)
    assert code == 200, text  # the policy does not cover a kubelet's own status
    return lambda patch: patch_status(identity, VICTIM, patch)


OWNER = {"apiVersion": "v1", "kind": "Namespace", "name": "gone", "uid": "0"}
OF_OTHERS = {
    "a server's role": labels(**{f"{ROLE}/control-plane": "true"}),
    "no pool": labels(**{"nodenap.dev/pool": None}),
    "a false owner": {"metadata": {"ownerReferences": [OWNER]}},
    "a finalizer": {"metadata": {"finalizers": ["example.com/never"]}},
    "a foreign annotation": {"metadata": {"annotations": {"example.com/a": "b"}}},
    "another value": {"metadata": {"annotations": {"example.com/kept": "2"}}},
    "an annotation less": {"metadata": {"annotations": {"example.com/kept": None}}},
    "not Ready": {"status": {"conditions": [{"type": "Ready", "status": "False"}]}},
    "no network": {"status": {"conditions": [{"type": "NetworkUnavailable", "status": "True"}]}},
    "pressure": {"status": {"conditions": [{"type": "DiskPressure", "status": "True"}]}},
    "a small size": {"status": {"allocatable": {"cpu": "1m", "memory": "1Mi"}}},
    "an address": {"status": {"addresses": [{"type": "InternalIP", "address": "10.0.2.99"}]}},
    "no images": {"status": {"images": None}},
}


@pytest.mark.parametrize("what", OF_OTHERS)
def test_no_agent_changes_the_node_of_another(as_agent, what):
    code, text = as_agent(OF_OTHERS[what])
    assert code != 200 and FLANNEL_ONLY in text


def test_flannel_writes_its_annotations(as_agent, kubernetes):  # noqa: F811
    """Like flannel at each start of K3s, also if they exist already and if one is removed."""
    words = {"backend-type": "vxlan", "backend-data": '{"VNI":1}', "public-ip": "10.0.2.7"}
    for value in (words, words | {"public-ip": "10.0.2.8"}, words | {"backend-data": None}):
        kept = {f"{FLANNEL}/{key}": one for key, one in value.items()}
        code, text = as_agent({"metadata": {"annotations": kept}})
        assert code == 200, text
    found = json.loads(kubernetes.kubectl("get", "node", VICTIM, "-o", "json"))["metadata"]
    assert found["annotations"][f"{FLANNEL}/public-ip"] == "10.0.2.7"
    assert found["labels"]["nodenap.dev/pool"] == "workers"


# --- The advice of docs/security.md for users' namespaces -----------------------------------------

ROOTS = {
    "the host's network": {"hostNetwork": True},
    "the host's disk": {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]},
    "a privileged container": {"privileged": True},
}


@pytest.mark.parametrize("what", ROOTS)
def test_the_advised_label_refuses_what_makes_a_pod_root(kubernetes, what):  # noqa: F811
    label = {"pod-security.kubernetes.io/enforce": "baseline"}
    metadata = {"name": "of-people", "labels": label}
    kubernetes.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    container = {"name": "box", "image": "lab.test/box:1"}
    spec = dict(ROOTS[what])
    if spec.pop("privileged", False):
        container["securityContext"] = {"privileged": True}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "of-people"}}
    with pytest.raises(kubernetes.Failed, match="violates PodSecurity"):
        kubernetes.kubectl(
            *TRIAL, stdin=json.dumps(pod | {"spec": spec | {"containers": [container]}})
        )
