"""User data of the server and of the workers: scripts/ with their @NAMES@ filled in.

Pure functions. Values are validated here, because an error in user data only shows up as an
instance that never registers. Each value is quoted as one shell word.
"""

import json
import pathlib
import re
import shlex
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE / "scripts"
MANIFESTS = HERE / "k8s"
# What K3s on the server applies, in this order.
SERVER_MANIFESTS = (
    "rbac.yaml",
    "nodes.yaml",
    "kube-state-metrics.yaml",
    "prometheus.yaml",
    "alert-rules.yaml",
    "alertmanager.yaml",
)
ARCHITECTURES = {"x86_64": "AMD64", "arm64": "ARM64"}
# K3s before 1.32 passes the kubelet its eviction thresholds as a flag, which overrides our file.
OLDEST_MINOR = 32
END_OF_MANIFEST = "END_OF_MANIFEST"
NAME = r"@([A-Z][A-Z0-9_]+)@"
# The server's Node is named by its instance id, which is only known when it boots.
SERVER_NODE = "%SERVER_NODE%"

DNS_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
NAME_PART = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
LABEL_KEY = rf"({DNS_LABEL}(\.{DNS_LABEL})*/)?{NAME_PART}"
LABEL_VALUE = rf"({NAME_PART})?"
PATTERNS = {
    "cluster": r"[A-Za-z0-9][-A-Za-z0-9_.]{0,62}",
    "region": r"(?!cn-|us-iso)[a-z]{2}(-[a-z]+)+-\d",
    "k3s_version": r"v\d+\.\d+\.\d+(-rc\d+)?\+k3s\d+",
    "sha256": r"[0-9a-f]{64}",
    "parameter": r"/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14}",
    "topic": r"arn:aws(-us-gov)?:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}",
    "user": DNS_LABEL,
    "server": r"https://([a-z0-9.-]+|\[[0-9a-f:]+\]):\d{1,5}",
    "pool": LABEL_VALUE,
    "label": rf"{LABEL_KEY}={LABEL_VALUE}",
    "taint": rf"{LABEL_KEY}(={LABEL_VALUE})?:(NoSchedule|PreferNoSchedule|NoExecute)",
}
# A kubelet may not set other labels with Kubernetes' own prefixes on its Node.
KUBERNETES_LABEL = r"([^/]+\.)?(kubernetes|k8s)\.io/.*"
ALLOWED_LABEL = r"([^/]+\.)?node\.kubernetes\.io/.*"
# Taints of servers; k8s/nodes.yaml allows only the server to register with them.
SERVER_ROLES = ("control-plane", "master", "etcd")
SERVER_TAINTS = tuple(f"node-role.kubernetes.io/{role}" for role in SERVER_ROLES)


class BadValue(ValueError):
    """An invalid value for user data; the text names it and the reason."""


def checked(kind: str, name: str, value: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(PATTERNS[kind], value):
        raise BadValue(f"{name}: {value!r} is not a valid {kind}; it must match {PATTERNS[kind]}")
    return value


@dataclass(frozen=True)
class ServerBoot:
    """The inputs of the server's user data; k3s_sha256 is by architecture, x86_64 or arm64."""

    cluster: str
    region: str
    k3s_version: str
    k3s_sha256: dict[str, str]
    agent_token_parameter: str
    api_token_parameter: str
    api_ca_parameter: str
    alert_topic_arn: str  # invokes the function
    alarm_topic_arn: str  # notifies people
    function_user: str = "nodenap"

    def __post_init__(self):
        check_common(self)
        checked("parameter", "api_token_parameter", self.api_token_parameter)
        checked("parameter", "api_ca_parameter", self.api_ca_parameter)
        checked("topic", "alert_topic_arn", self.alert_topic_arn)
        checked("topic", "alarm_topic_arn", self.alarm_topic_arn)
        checked("user", "function_user", self.function_user)
        names = (self.agent_token_parameter, self.api_token_parameter, self.api_ca_parameter)
        if len(set(names)) != len(names):
            raise BadValue("the three parameters must have different names")


@dataclass(frozen=True)
class WorkerBoot:
    """The inputs of a pool's user data; taints are written key=value:Effect."""

    cluster: str
    region: str
    k3s_version: str
    k3s_sha256: dict[str, str]
    agent_token_parameter: str
    server_address: str  # https://address:6443
    pool: str
    labels: dict[str, str] = field(default_factory=dict)
    taints: list[str] = field(default_factory=list)

    def __post_init__(self):
        check_common(self)
        checked("server", "server_address", self.server_address)
        if not self.pool:
            raise BadValue("pool: the name is missing")
        checked("pool", "pool", self.pool)
        for key, value in self.labels.items():
            check_label(key, value)
        for taint in self.taints:
            check_taint(taint)


def check_common(boot: ServerBoot | WorkerBoot) -> None:
    checked("cluster", "cluster", boot.cluster)
    checked("region", "region", boot.region)
    checked("k3s_version", "k3s_version", boot.k3s_version)
    if not is_new_enough(boot.k3s_version):
        raise BadValue(f"k3s_version: must be v1.{OLDEST_MINOR} or later, not {boot.k3s_version}")
    checked("parameter", "agent_token_parameter", boot.agent_token_parameter)
    if not boot.k3s_sha256 or not set(boot.k3s_sha256) <= set(ARCHITECTURES):
        raise BadValue(f"k3s_sha256: needs a checksum for one or more of {list(ARCHITECTURES)}")
    for architecture, checksum in boot.k3s_sha256.items():
        checked("sha256", f"k3s_sha256[{architecture}]", checksum)


def is_new_enough(k3s_version: str) -> bool:
    """The minor version; the format is checked elsewhere."""
    minor = re.match(r"v1\.(\d+)\.", k3s_version)
    return not minor or int(minor.group(1)) >= OLDEST_MINOR


def check_label(key: str, value: str) -> None:
    checked("label", "labels", f"{key}={value}")
    if key.startswith("nodenap.dev/") or key.startswith("topology.kubernetes.io/"):
        raise BadValue(f"labels: {key} is set by Nodenap itself")
    if key == "node.kubernetes.io/instance-type":
        raise BadValue(f"labels: {key} is set by the instance itself")
    if re.fullmatch(KUBERNETES_LABEL, key) and not re.fullmatch(ALLOWED_LABEL, key):
        raise BadValue(f"labels: a kubelet is not allowed to set {key} on its own Node")


def check_taint(taint: str) -> None:
    checked("taint", "taints", taint)
    if re.split("[=:]", taint)[0] in SERVER_TAINTS:
        raise BadValue(f"taints: {taint} is for servers; the cluster refuses a worker with it")


def yaml_list(items) -> str:
    """Lines of a YAML list; JSON strings are valid YAML."""
    return "\n".join(f"- {json.dumps(item)}" for item in items)


def server_user_data(boot: ServerBoot) -> str:
    values = common_values(boot) | {
        "API_TOKEN_PARAMETER": shlex.quote(boot.api_token_parameter),
        "API_CA_PARAMETER": shlex.quote(boot.api_ca_parameter),
        "FUNCTION_USER": shlex.quote(boot.function_user),
    }
    parts = {
        "AGENT_TOKEN_SH": read("agent_token.sh"),
        "PUBLISH_SH": filled(read("publish.sh"), values),
        "MANIFESTS": "\n".join(manifest_writer(name, boot) for name in SERVER_MANIFESTS),
    }
    return assembled("master_userdata.sh", values, parts)


def worker_user_data(boot: WorkerBoot) -> str:
    labels = [f"{key}={value}" for key, value in sorted(boot.labels.items())]
    taints = "node-taint:\n" + yaml_list(boot.taints) if boot.taints else ""
    values = common_values(boot) | {
        "SERVER": shlex.quote(boot.server_address),
        "POOL": shlex.quote(boot.pool),
        "LABELS": shlex.quote(yaml_list(labels)),
        "TAINTS": shlex.quote(taints),
    }
    return assembled("worker_userdata.sh", values, {})


def common_values(boot: ServerBoot | WorkerBoot) -> dict[str, str]:
    values = {
        "CLUSTER": boot.cluster,
        "REGION": boot.region,
        "K3S_VERSION": boot.k3s_version,
        "AGENT_TOKEN_PARAMETER": boot.agent_token_parameter,
    }
    for architecture, name in ARCHITECTURES.items():
        values[f"K3S_SHA256_{name}"] = boot.k3s_sha256.get(architecture, "")
    return {name: shlex.quote(value) for name, value in values.items()}


def manifests(boot: ServerBoot, server_node: str = SERVER_NODE) -> dict[str, str]:
    """The manifests by file name, as the server of that name applies them."""
    values = {
        "SERVER_NODE": server_node,
        "FUNCTION_USER": boot.function_user,
        "REGION": boot.region,
        "ALERT_TOPIC_ARN": boot.alert_topic_arn,
        "ALARM_TOPIC_ARN": boot.alarm_topic_arn,
    }
    return {name: filled((MANIFESTS / name).read_text(), values) for name in SERVER_MANIFESTS}


def manifest_writer(name: str, boot: ServerBoot) -> str:
    text = without_comments(manifests(boot)[name])
    if END_OF_MANIFEST in text:
        raise BadValue(f"{name} must not contain {END_OF_MANIFEST}")
    return f"  manifest {name} <<'{END_OF_MANIFEST}'\n{text}{END_OF_MANIFEST}"


def without_comments(text: str) -> str:
    """Removes whole-line comments, since user data is limited in size."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines) + "\n"


def assembled(script: str, values: dict[str, str], parts: dict[str, str]) -> str:
    """Inserts values into the script, then replaces lines by whole files."""
    identity = filled(read("identity.sh"), {"SSM_PY": read("ssm.py")})
    parts = parts | {"INSTALL_SH": read("install_k3s.sh"), "IDENTITY_SH": identity}
    text = filled(filled(read(script), values), parts)
    left = re.search(NAME, text)
    if left:
        raise BadValue(f"{script} has no value for {left.group(0)}")
    return text + "\n"


def read(script: str) -> str:
    """A script without its last newline and without directives for shellcheck."""
    lines = (SCRIPTS / script).read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("# shellcheck "))


def filled(text: str, values: dict[str, str]) -> str:
    """Replaces the @NAMES@ that have a value."""
    return re.sub(NAME, lambda match: values.get(match.group(1), match.group(0)), text)
