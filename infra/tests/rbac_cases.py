"""The table of requests of the function's ServiceAccount that the API server is asked about.

Each is (verb, resource, namespace); a resource is name.group/subresource.
"""

USER = "system:serviceaccount:nodenap:nodenap"
LOOKED_AT = (
    "pods",
    "nodes",
    "namespaces",
    "persistentvolumes",
    "persistentvolumeclaims",
    "storageclasses.storage.k8s.io",
    "csinodes.storage.k8s.io",
    "poddisruptionbudgets.policy",
    "daemonsets.apps",
)
ALLOWED = [(verb, resource, "") for resource in LOOKED_AT for verb in ("get", "list")] + [
    ("patch", "nodes", ""),
    ("delete", "nodes", ""),
    ("create", "pods/eviction", "kube-system"),
    ("create", "pods/eviction", "default"),
]
DENIED = (
    [(verb, resource, "") for resource in LOOKED_AT for verb in ("watch", "create", "update")]
    + [("delete", resource, "") for resource in LOOKED_AT if resource != "nodes"]
    + [("patch", resource, "") for resource in LOOKED_AT if resource != "nodes"]
    + [(verb, "secrets", "nodenap") for verb in ("get", "list", "watch", "create", "delete")]
    + [(verb, "secrets", "kube-system") for verb in ("get", "list")]
    + [(verb, "configmaps", "kube-system") for verb in ("get", "list", "update")]
    + [
        ("deletecollection", "nodes", ""),
        ("update", "nodes/status", ""),
        ("patch", "nodes/status", ""),
        ("get", "nodes/proxy", ""),
        ("get", "nodes/metrics", ""),
        ("create", "pods/exec", "default"),
        ("create", "pods/binding", "default"),
        ("get", "pods/log", "default"),
        ("update", "pods/ephemeralcontainers", "default"),
        ("create", "serviceaccounts/token", "nodenap"),
        ("impersonate", "users", ""),
        ("create", "subjectaccessreviews.authorization.k8s.io", ""),
        ("create", "clusterrolebindings.rbac.authorization.k8s.io", ""),
        ("escalate", "clusterroles.rbac.authorization.k8s.io", ""),
        ("patch", "validatingadmissionpolicies.admissionregistration.k8s.io", ""),
        ("approve", "certificatesigningrequests.certificates.k8s.io", ""),
        ("get", "deployments.apps", "default"),
        ("list", "events", "default"),
        ("create", "leases.coordination.k8s.io", "kube-node-lease"),
    ]
)
