"""Checks the monitoring manifests with the autoscaler's queries, promtool and amtool."""

import os
import pathlib
import re
import shutil
import subprocess

import boot
import pytest
import yaml
from test_boot_render import SERVER

ROOT = boot.HERE.parent
QUERIES = "".join(
    (ROOT / f"src/adapters/prometheus/{one}.cpp").read_text()
    for one in ("promql", "queries", "node_queries")
)
CACHE = pathlib.Path(os.environ.get("NODENAP_CACHE", "~/.cache/nodenap")).expanduser()
PROMTOOL = CACHE / "debian-prometheus/usr/bin/promtool"
DOCUMENTS = [
    document for text in boot.manifests(SERVER).values() for document in yaml.safe_load_all(text)
]
DEPLOYMENTS = [one for one in DOCUMENTS if one["kind"] == "Deployment"]


def named(kind, name):
    [found] = [d for d in DOCUMENTS if (d["kind"], d["metadata"]["name"]) == (kind, name)]
    return found


def pod_of(name):
    return named("Deployment", name)["spec"]["template"]["spec"]


def container_of(name):
    [container] = pod_of(name)["containers"]
    return container


PROMETHEUS = yaml.safe_load(named("ConfigMap", "prometheus")["data"]["prometheus.yml"])
RULES = named("ConfigMap", "prometheus-rules")["data"]["nodenap.yml"]
JOBS = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}


def families(text):
    """kube-state-metrics' names in a text."""
    own = r"\bkube_(?:pod|node|persistentvolume|persistentvolumeclaim|storageclass|job)_[a-z_]+"
    return set(re.findall(own, text)) - {"kube_pod_resource_request"}  # the scheduler's own


def allowed_families():
    [argument] = [a for a in container_of("kube-state-metrics")["args"] if "--metric-allow" in a]
    return {name.strip() for name in argument.split("=")[1].split(",")}


def test_kube_state_metrics_gives_what_is_read_and_no_more():
    dashboard = (ROOT / "infra/dashboards/grafana.json").read_text()
    assert families(QUERIES) <= allowed_families()
    assert allowed_families() == families(QUERIES + RULES + dashboard)


def kept(job, **labels):
    """Whether a sample passes the job's relabel rules, as Prometheus applies "keep"."""
    for rule in JOBS[job]["metric_relabel_configs"]:
        if rule.get("action", "replace") != "keep":
            continue
        text = rule.get("separator", ";").join(labels.get(n, "") for n in rule["source_labels"])
        if not re.fullmatch(rule["regex"], text):
            return False
    return True


def test_every_series_of_kubelets_that_the_queries_read_is_kept():
    names = re.findall(r"\b((?:container|machine|node)_[a-z]+_[a-z_]+)\b", QUERIES)
    read = {name for name in names if name.endswith(("_total", "_bytes", "_cores"))}
    assert len(read) == 6
    for name in read - {n for n in read if n.startswith("node_")}:
        labels = {"id": "/"} if name.startswith("container_") else {}
        assert kept("cadvisor", __name__=name, **labels), name
    for name in {n for n in read if n.startswith("node_")}:
        assert kept("kubelet", __name__=name), name


[KEEP] = [
    rule["regex"]
    for rule in JOBS["kube-state-metrics"]["metric_relabel_configs"]
    if rule.get("action") == "labelkeep"
]
KEPT = set(KEEP.split("|"))
# Labels of other jobs, and those that a query creates.
ELSEWHERE = {"git_version", "id", "metrics_path", "of", "part", "shard_ordinal", "state"}
ELSEWHERE |= {"exported_namespace", "exported_node", "exported_pod", "kube_cluster"}


def labels_read():
    """Every label that a query, a rule, the dashboard or the program uses."""
    sources = [*(ROOT / "src/adapters/prometheus").glob("*.cpp")]
    sources += [ROOT / "src/doctor/monitoring.cpp", ROOT / "infra/dashboards/grafana.json"]
    text = "".join(one.read_text() for one in sources).replace('\\"', '"') + RULES
    grouped = re.findall(r"\b(?:by|on|group_left)\s*\(([\w,\s]*)\)", text)
    named = re.findall(r'[{,](\w+)(?:=~|!~|!=|=)"', text) + re.findall(r'label\("(\w+)"\)', text)
    return {one.strip() for group in grouped for one in group.split(",") if one.strip()} | {*named}


def test_every_label_that_is_read_is_kept():
    read = labels_read() - ELSEWHERE
    assert len(read) > 25
    assert [one for one in sorted(read) if not re.fullmatch(KEEP, one)] == []


# Labels whose length the API limits (test_boot_words.py), or whose values are fixed by Kubernetes.
BOUNDED = {
    *("__name__", "instance", "job", "label_nodenap_dev_.*"),
    *("container", "job_name", "namespace", "node", "persistentvolume", "pod", "storageclass"),
    *("key", "resource", "role", "uid", "value"),
    *("effect", "owner_is_controller", "phase", "qos_class", "reason", "restart_policy", "status"),
    "volume_binding_mode",
}


def test_every_label_that_is_kept_has_a_bound():
    rules = JOBS["kube-state-metrics"]["metric_relabel_configs"]
    cut = [one for one in rules if one["regex"] == "(?s)(.{255}).+"]
    assert all(one["source_labels"] == [one["target_label"]] for one in cut)
    assert {one["target_label"] for one in cut} == KEPT - BOUNDED
    assert 255 * len("\U0001f600".encode()) < JOBS["kube-state-metrics"]["label_value_length_limit"]


POD = {"id": "/kubepods/burstable/pod1", "pod": "web-1", "namespace": "default"}


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (POD, True),
        (POD | {"container": "web", "id": POD["id"] + "/c1"}, False),
        ({"id": "/system.slice/ssh.service"}, False),
        ({"id": "/kubepods"}, False),
    ],
    ids=["a pod", "a container of it", "a service of the host", "a group of pods"],
)
def test_of_groups_only_the_machine_and_pods_are_kept(labels, wanted):
    name = "container_cpu_usage_seconds_total"
    assert kept("cadvisor", __name__=name, **labels) == wanted


def test_kube_state_metrics_is_asked_where_nobody_else_can_answer():
    """It does not need the cluster's DNS either, which may be unavailable."""
    pod = pod_of("kube-state-metrics")
    assert pod["hostNetwork"] and pod["dnsPolicy"] == "Default"
    arguments = container_of("kube-state-metrics")["args"]
    listens = [one for one in arguments if re.match("--(telemetry-)?(host|port)=", one)]
    assert listens == [
        "--host=127.0.0.1",
        "--port=8080",
        "--telemetry-host=127.0.0.1",
        "--telemetry-port=8081",
    ]
    assert "ports" not in container_of("kube-state-metrics")
    assert container_of("kube-state-metrics")["readinessProbe"]["httpGet"]["host"] == "127.0.0.1"
    assert JOBS["kube-state-metrics"]["static_configs"] == [{"targets": ["127.0.0.1:8080"]}]
    assert pod_of("prometheus")["hostNetwork"]


def test_nothing_is_found_by_a_service_that_a_pod_could_join():
    """Prometheus discovers only Nodes."""
    text = str(PROMETHEUS)
    assert "svc.cluster.local" not in text and "dns_sd_configs" not in text
    found = [one for job in JOBS.values() for one in job.get("kubernetes_sd_configs", [])]
    assert found == [{"role": "node"}, {"role": "node"}]
    services = [d["metadata"]["name"] for d in DOCUMENTS if d["kind"] == "Service"]
    assert services == ["prometheus"]


def test_only_kube_state_metrics_names_pods_and_nodes():
    """honor_labels lets a response set labels such as pod and node; kubelets must not."""
    assert [name for name, job in JOBS.items() if job.get("honor_labels")] == ["kube-state-metrics"]
    assert kept("kube-state-metrics", __name__="kube_pod_info")
    for job in ("cadvisor", "kubelet"):
        assert not kept(job, __name__="kube_pod_info", id="/")
    assert not kept("kube-state-metrics", __name__="machine_cpu_cores")


def test_labels_and_times_are_as_the_queries_need_them():
    assert JOBS["kube-state-metrics"]["honor_labels"] is True
    for job in ("cadvisor", "kubelet"):
        assert JOBS[job]["honor_timestamps"] is False
        assert "insecure_skip_verify" not in str(JOBS[job])
    assert PROMETHEUS["global"]["scrape_interval"] == "15s"


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["metadata"]["name"])
def test_it_runs_on_the_server_only_pinned_small_and_without_rights_of_root(deployment):
    pod = deployment["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"node-role.kubernetes.io/control-plane": "true"}
    assert {t["key"] for t in pod["tolerations"]} == {"node-role.kubernetes.io/control-plane"}
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["containers"]:
        digest = r"@sha256:[0-9a-f]{64}"
        assert re.fullmatch(r"[a-z0-9./-]+:v\d+\.\d+\.\d+" + digest, container["image"])
        assert container["resources"]["limits"]["memory"]
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_all_of_it_has_room_on_a_t3_medium():
    limits = [container_of(d["metadata"]["name"])["resources"]["limits"] for d in DEPLOYMENTS]
    mebibytes = sum(int(limit["memory"].removesuffix("Mi")) for limit in limits)
    assert mebibytes <= 1200, "of 4096, beside K3s' server with about 1600"
    assert "--storage.tsdb.retention.size=1GB" in container_of("prometheus")["args"]


def test_nobody_here_may_read_a_secret():
    for role in (d for d in DOCUMENTS if d["kind"] in ("ClusterRole", "Role")):
        for rule in role["rules"]:
            assert "*" not in rule["resources"] + rule["verbs"] + rule["apiGroups"]
            assert "secrets" not in rule["resources"]
    [resources] = [a for a in container_of("kube-state-metrics")["args"] if "--resources" in a]
    kinds = "nodes,pods,persistentvolumes,persistentvolumeclaims,jobs,storageclasses"
    assert resources == f"--resources={kinds}"


def test_prometheus_is_at_port_30090_of_the_server_alone():
    service = named("Service", "prometheus")["spec"]
    assert (service["type"], service["ports"][0]["nodePort"]) == ("NodePort", 30090)
    assert service["externalTrafficPolicy"] == "Local"


def test_whoever_reaches_prometheus_can_only_read():
    """Every pod can (docs/security.md), so APIs that change it must stay off."""
    flags = [one.split("=")[0] for one in container_of("prometheus")["args"]]
    assert not [one for one in flags if one.startswith(("--web.enable", "--enable-feature"))]


def test_alertmanager_listens_on_the_loopback_in_the_hosts_network():
    assert pod_of("alertmanager")["hostNetwork"] and pod_of("prometheus")["hostNetwork"]
    assert "--web.listen-address=127.0.0.1:9093" in container_of("alertmanager")["args"]
    assert PROMETHEUS["alerting"]["alertmanagers"][0]["static_configs"] == [
        {"targets": ["127.0.0.1:9093"]}
    ]


def need(program, package):
    if not shutil.which(program):
        if os.environ.get("NODENAP_REQUIRE_REAL") == "1":
            pytest.fail(f"{program} is needed; it is in {package}")
        pytest.skip(f"{program} is not there; it is in {package}")
    return program


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def without_discovery(config):
    """Debian's Prometheus is built without Kubernetes discovery; files replace it."""
    text = yaml.safe_dump(config)
    found = yaml.safe_load(text)
    for job in found["scrape_configs"]:
        if job.pop("kubernetes_sd_configs", None):
            job["file_sd_configs"] = [{"files": [f"{job['job_name']}.json"]}]
        job.pop("authorization", None)
        job.pop("tls_config", None)
    found["rule_files"] = ["nodenap.yml"]
    return found


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "nodenap.yml").write_text(RULES)
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(without_discovery(PROMETHEUS)))
    return tmp_path


def test_promtool_takes_the_configuration_and_the_rules(folder):
    need(PROMTOOL, "Debian's prometheus, by lab/quick/install.sh prometheus")
    assert "SUCCESS" in run(PROMTOOL, "check", "config", "prometheus.yml", cwd=folder)
    web = named("ConfigMap", "prometheus")["data"]["web.yml"]
    (folder / "web.yml").write_text(web)
    run(PROMTOOL, "check", "web-config", "web.yml", cwd=folder)


def test_the_alerts_fire_when_they_should(folder):
    need(PROMTOOL, "Debian's prometheus, by lab/quick/install.sh prometheus")
    shutil.copy(pathlib.Path(__file__).parent / "monitoring_alerts.yml", folder / "test.yml")
    assert "SUCCESS" in run(PROMTOOL, "test", "rules", "test.yml", cwd=folder)


def test_every_alert_has_a_test():
    tested = (pathlib.Path(__file__).parent / "monitoring_alerts.yml").read_text()
    alerts = re.findall(r"- alert: (\w+)", RULES)
    assert len(alerts) == 6
    assert [name for name in alerts if f"alertname: {name}" not in tested] == []


def test_amtool_takes_alertmanagers_configuration(tmp_path):
    need("amtool", "Debian's prometheus-alertmanager")
    text = named("ConfigMap", "alertmanager")["data"]["alertmanager.yml"]
    (tmp_path / "alertmanager.yml").write_text(text)
    assert "SUCCESS" in run("amtool", "check-config", tmp_path / "alertmanager.yml")
    for receiver in yaml.safe_load(text)["receivers"]:
        [sns] = receiver["sns_configs"]
        assert sns["topic_arn"] == TOPICS[receiver["name"]]
        assert sns["sigv4"] == {"region": SERVER.region}


# The receivers of an alert, by severity: triggers go to the function, alerts for people go to
# people.
TOPICS = {"function": SERVER.alert_topic_arn, "people": SERVER.alarm_topic_arn}
REACHED = [("info", "function"), ("warning", "people")]


@pytest.mark.parametrize(("severity", "receiver"), REACHED)
def test_an_alert_reaches_whom_it_is_for(tmp_path, severity, receiver):
    need("amtool", "Debian's prometheus-alertmanager")
    path = tmp_path / "alertmanager.yml"
    path.write_text(named("ConfigMap", "alertmanager")["data"]["alertmanager.yml"])
    asked = run(
        "amtool", "config", "routes", "test", f"--config.file={path}", f"severity={severity}"
    )
    assert asked.strip() == receiver


def test_every_alert_has_a_severity_that_is_routed():
    severities = re.findall(r"labels: \{severity: (\w+)\}", RULES)
    assert len(severities) == len(re.findall(r"- alert: ", RULES))
    assert set(severities) == {severity for severity, _ in REACHED}
