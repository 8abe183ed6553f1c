"""Values that a tenant or a kubelet writes into an object and kube-state-metrics into a label.

`FREE`: those that Kubernetes' API accepts at any length, as a real API server shows
(test_boot_words.py); Prometheus must not lose a response because of one
(test_monitoring_limits.py). `BOUND`: those that the API refuses when they are long; they are kept
as they are.
"""

LONG = "x" * 2000
WIDE = "\U0001f600" * 300  # four bytes each: longer than the limit, and fewer letters than 1024
OF_POD = 'namespace="default",pod="a",uid="1"'
OF_NODE = 'node="i-1"'


def pod(owner=None, claim=None, container="box", resource=None):
    box = {"name": container, "image": "lab.test/box:1"}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "default"}}
    if owner:
        words = {"apiVersion": "example.com/v1", "kind": "Nothing", "name": "x", "uid": "0"}
        made["metadata"]["ownerReferences"] = [words | owner]
    if resource:
        box["resources"] = {"requests": {resource: "1"}, "limits": {resource: "1"}}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}] if claim else []
    return made | {"spec": {"containers": [box], "volumes": volumes}}


def claim(**spec):
    asks = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    metadata = {"name": "a", "namespace": "default"}
    kind = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
    return kind | {"spec": asks | spec}


def conditions(kind):
    return {"status": {"conditions": [{"type": kind, "status": "True"}]}}


def address(text):
    return {"status": {"addresses": [{"type": "InternalIP", "address": text}]}}


def version(text):
    return {"status": {"nodeInfo": {"kubeletVersion": text}}}


# name: the object with the value, and its series. A patch is a kubelet's, of its own Node.
FREE = {
    "owner_name": (
        lambda word: pod(owner={"name": word}),
        f'kube_pod_owner{{{OF_POD},owner_kind="Nothing",owner_name="%s"}} 1',
    ),
    "owner_kind": (
        lambda word: pod(owner={"kind": word}),
        f'kube_pod_owner{{{OF_POD},owner_kind="%s",owner_name="x"}} 1',
    ),
    "created_by_name": (
        lambda word: pod(owner={"name": word, "controller": True}),
        f'kube_pod_info{{{OF_POD},created_by_kind="Nothing",created_by_name="%s"}} 1',
    ),
    "persistentvolumeclaim": (
        lambda word: pod(claim=word),
        "kube_pod_spec_volumes_persistentvolumeclaims_info"
        f'{{{OF_POD},volume="data",persistentvolumeclaim="%s"}} 1',
    ),
    "volumename": (
        lambda word: claim(volumeName=word),
        'kube_persistentvolumeclaim_info{namespace="default",persistentvolumeclaim="a",'
        'storageclass="local-path",volumename="%s"} 1',
    ),
    "condition": (
        conditions,
        f'kube_node_status_condition{{{OF_NODE},condition="%s",status="true"}} 1',
    ),
    "address": (
        address,
        f'kube_node_status_addresses{{{OF_NODE},type="InternalIP",address="%s"}} 1',
    ),
    "kubelet_version": (version, f'kube_node_info{{{OF_NODE},kubelet_version="%s"}} 1'),
}
BOUND = {
    "container": pod(container=LONG),
    "resource": pod(resource=f"example.com/{LONG}"),
    "storageclass": claim(storageClassName=LONG),
}
