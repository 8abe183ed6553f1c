"""A worker's user data creates a real node: the real kubelet, with the arguments of K3s' stand-in.

Then the monitoring's own Prometheus configuration scrapes that node with its own permissions.
"""

import dataclasses
import json
import subprocess
import time
import urllib.parse
import urllib.request

import boot
import boot_machine
import pytest
import yaml
from boot_cluster import kubernetes  # noqa: F401  (a fixture)
from boot_machine import boot_servers, cluster, imds, tls
from test_boot_render import WORKER
from test_monitoring_manifests import CACHE, PROMETHEUS, RULES, pod_of, without_discovery

AGENT = (cluster.HERE / "guest/k3s").read_bytes()
NAME = boot_machine.INSTANCE["InstanceId"]
SPACE = f"nodenap-{NAME}"
ADDRESS = "198.18.0.11"
BOOT = dataclasses.replace(
    WORKER,
    k3s_sha256={"x86_64": boot_servers.sha256(AGENT)},
    server_address=cluster.API,
    taints=["dedicated=web:NoSchedule"],
)
METRICS = "198.18.0.2:30091"


def machine_script(*arguments):
    subprocess.run(
        [cluster.HERE / "node.sh", *arguments], check=True, stdin=subprocess.DEVNULL, timeout=120
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory, kubernetes):  # noqa: F811  (pytest's way to ask for it)
    made = boot_servers.ParameterStore("ssm:GetParameter", tmp_path_factory.mktemp("moto"))
    token = cluster.join_token()
    made.ssm.put_parameter(Name=BOOT.agent_token_parameter, Value=token, Type="SecureString")
    made.check_signatures(True)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def node(kubernetes, store, tmp_path_factory):  # noqa: F811
    """The Ready Node object of a machine that ran only its user data."""
    folder = tmp_path_factory.mktemp("join")
    tls.make_certificates(folder / "tls", ("github.com", "ssm.us-east-1.amazonaws.com"))
    prelude = (boot_machine.HERE / "boot_join.sh").read_text()
    prelude = prelude.replace("@CA@", (folder / "tls/ca.pem").read_text().strip())
    (folder / "user-data").write_text(prelude + boot.worker_user_data(BOOT))
    machine_script("start", NAME, "1", str(folder / "user-data"))
    tree = imds.tree_of(boot_machine.INSTANCE, ADDRESS, "us-east-1")
    roles = "/latest/meta-data/iam/security-credentials"
    tree |= {roles: "role", f"{roles}/role": json.dumps(store.keys)}
    tree["/latest/meta-data/instance-life-cycle"] = "on-demand"
    servers = [imds.Server(SPACE, tree)]
    servers.append(boot_servers.Web(SPACE, folder / "tls/server.pem", store.url, AGENT))
    cluster.wait_until("the node", lambda: NAME in cluster.ready_nodes(), seconds=240)
    yield next(one for one in cluster.items("nodes") if one["metadata"]["name"] == NAME)
    machine_script("kill", NAME)
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_node_is_its_instance(node):
    assert node["spec"]["providerID"] == f"aws:///us-east-1b/{NAME}"
    addresses = {one["type"]: one["address"] for one in node["status"]["addresses"]}
    assert addresses["InternalIP"] == ADDRESS


def test_the_node_has_the_labels_and_taints_of_its_pool_from_the_beginning(node):
    wanted = {
        "nodenap.dev/pool": "workers",
        "nodenap.dev/capacity": "on-demand",
        "node.kubernetes.io/instance-type": "t2.small",
        "topology.kubernetes.io/region": "us-east-1",
        "topology.kubernetes.io/zone": "us-east-1b",
        "kubernetes.io/hostname": NAME,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "tier": "web",
        "example.com/disk": "ssd",
    }
    assert wanted.items() <= node["metadata"]["labels"].items()
    [taint] = [t for t in node["spec"]["taints"] if t["key"] == "dedicated"]
    assert (taint["value"], taint["effect"]) == ("web", "NoSchedule")


def test_the_kubelet_took_the_settings_of_the_folder(node):
    answer = cluster.kubectl("get", "--raw", f"/api/v1/nodes/{NAME}/proxy/configz")
    config = json.loads(answer)["kubeletconfig"]
    assert config["shutdownGracePeriod"] == "1m0s"
    assert config["shutdownGracePeriodCriticalPods"] == "15s"
    assert config["systemReserved"] == {"cpu": "100m", "memory": "50Mi"}
    assert config["evictionHard"]["memory.available"] == "100Mi"


@pytest.fixture(scope="module")
def prometheus(kubernetes, node, tmp_path_factory):  # noqa: F811
    """query(text) on a Prometheus with the manifest's configuration and permissions."""
    folder = tmp_path_factory.mktemp("prometheus")
    token = cluster.kubectl("create", "token", "prometheus", "-n", "nodenap")
    (folder / "token").write_text(token)
    (folder / "nodenap.yml").write_text(RULES)
    config = without_discovery(PROMETHEUS)
    config["global"] |= {"scrape_interval": "2s", "scrape_timeout": "2s"}
    for job in config["scrape_configs"]:
        if job["job_name"] == "kube-state-metrics":
            continue
        # Labelled like service discovery does. K3s signs kubelets' certificates, this stand does
        # not.
        target = [{"targets": [f"{ADDRESS}:10250"], "labels": {"instance": NAME}}]
        (folder / f"{job['job_name']}.json").write_text(json.dumps(target))
        job["authorization"] = {"credentials_file": str(folder / "token")}
        job["tls_config"] = {"insecure_skip_verify": True}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    program = CACHE / "debian-prometheus/usr/bin/prometheus"
    command = ["ip", "netns", "exec", "nodenap-server", program, "--log.level=warn"]
    command += [f"--config.file={folder}/prometheus.yml"]
    command += [f"--web.listen-address={METRICS}", f"--storage.tsdb.path={folder}/data"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        cluster.wait_until("a scrape of each job", lambda: len(query("up == 1")) == 3, seconds=60)
        yield query
    except cluster.Failed as failed:
        raise cluster.Failed(f"{failed}; {targets()}") from None
    finally:
        process.terminate()
        process.wait()


def targets():
    """The status of Prometheus' targets, for failure reports."""
    with urllib.request.urlopen(f"http://{METRICS}/api/v1/targets", timeout=10) as answer:
        found = json.load(answer)["data"]["activeTargets"]
    return [(one["scrapeUrl"], one["lastError"]) for one in found]


def query(text):
    url = f"http://{METRICS}/api/v1/query?{urllib.parse.urlencode({'query': text})}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]
    except OSError:
        return []


def test_prometheus_may_scrape_kubelets_and_gets_the_machines_figures(prometheus):
    for text in (
        'container_cpu_usage_seconds_total{id="/"}',
        'container_memory_working_set_bytes{id="/"}',
        "machine_cpu_cores",
        "machine_memory_bytes",
        "node_cpu_usage_seconds_total",
        "node_memory_working_set_bytes",
    ):
        [sample] = cluster.wait_until(text, lambda text=text: prometheus(text), seconds=60)
        assert sample["metric"]["instance"] == NAME


def test_samples_are_as_young_as_their_scrape(prometheus):
    cluster.wait_until("cores", lambda: prometheus("machine_cpu_cores"), seconds=60)
    time.sleep(8)
    age = prometheus("time() - max(timestamp(machine_cpu_cores))")[0]["value"][1]
    assert float(age) < 5


def test_nothing_but_the_machine_and_pods_is_stored(prometheus):
    cluster.wait_until("cores", lambda: prometheus("machine_cpu_cores"), seconds=60)
    assert prometheus('{__name__=~"container_.+",id!="/",pod=""}') == []
    assert prometheus('{__name__=~"container_.+",container!=""}') == []


def test_the_rules_give_figures(prometheus):
    for name in ("nodenap:cpu_percent", "nodenap:memory_percent"):
        [sample] = cluster.wait_until(name, lambda name=name: prometheus(name), seconds=120)
        assert 0 <= float(sample["value"][1]) <= 200


def test_the_dashboards_expressions_are_understood(prometheus):
    dashboard = json.loads((boot.HERE / "dashboards/grafana.json").read_text())
    expressions = [t["expr"] for panel in dashboard["panels"] for t in panel["targets"]]
    assert len(expressions) >= 13
    for text in expressions:
        url = f"http://{METRICS}/api/v1/query?{urllib.parse.urlencode({'query': text})}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert json.load(answer)["status"] == "success", text


def test_the_monitorings_pods_are_made_and_never_go_to_a_worker(node):
    for app in ("prometheus", "alertmanager", "kube-state-metrics"):
        [pod] = cluster.wait_until(app, lambda app=app: cluster.pods(app, "nodenap"))
        assert not pod["spec"].get("nodeName")
        assert cluster.wait_until(
            "the scheduler's word", lambda app=app: judged(app), seconds=30
        )


def judged(app):
    [pod] = cluster.pods(app, "nodenap")
    return cluster.condition(pod, "PodScheduled") == "False"


def test_a_secret_prometheus_web_lies_over_the_empty_web_configuration(node):
    volumes = pod_of("prometheus")["volumes"]
    spec = {
        "volumes": [volume for volume in volumes if volume["name"] == "config"],
        "tolerations": [{"operator": "Exists"}],
    }
    pod = cluster.workload("web", 1, **spec)
    pod["metadata"]["namespace"] = "nodenap"
    [container] = pod["spec"]["template"]["spec"]["containers"]
    container["volumeMounts"] = [{"name": "config", "mountPath": "/config"}]
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"web.yml": "from the secret"}}
    cluster.apply(secret | {"metadata": {"name": "prometheus-web", "namespace": "nodenap"}})
    cluster.apply(pod)
    cluster.wait_until("it runs", lambda: cluster.running("web", "nodenap"), seconds=120)
    shown = ("exec", "-n", "nodenap", "deploy/web", "--", "cat")
    assert cluster.kubectl(*shown, "/config/web.yml") == "from the secret"
    assert "scrape_configs" in cluster.kubectl(*shown, "/config/prometheus.yml")
