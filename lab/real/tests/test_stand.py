"""The real stand has real nodes of the right size, which fail like machines."""

import subprocess
import sys

import cluster
import pytest

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def workers(stand):
    """Two workers that registered by their own user data."""
    ids = stand.launch_by_hand(2)
    cluster.wait_until("two workers", lambda: set(ids) <= cluster.ready_nodes())
    return ids


@pytest.fixture
def remove():
    """remove(app): the Deployment will be deleted at the end of the test."""
    apps = []
    yield apps.append
    for app in apps:
        cluster.kubectl("delete", "deployment", app)
        cluster.wait_until(f"{app} is gone", lambda app=app: not cluster.pods(app))


def node(name):
    return next(one for one in cluster.items("nodes") if one["metadata"]["name"] == name)


def in_machine(name, *command):
    line = [cluster.HERE / "node.sh", "exec", name, *command]
    return subprocess.check_output(line, text=True, stderr=subprocess.STDOUT)


def test_a_worker_is_the_instance_that_its_user_data_made_of_it(workers):
    metadata, spec = node(workers[0])["metadata"], node(workers[0])["spec"]
    assert spec["providerID"] == f"aws:///us-east-1a/{workers[0]}"
    assert metadata["labels"]["nodenap.dev/pool"] == "workers"
    assert metadata["labels"]["node.kubernetes.io/instance-type"] == "t2.small"


def test_the_server_is_a_tainted_node_and_no_worker(stand):
    taints = node(stand.server)["spec"]["taints"]
    assert [t["key"] for t in taints if t["effect"] == "NoSchedule"] == [
        "node-role.kubernetes.io/control-plane"
    ]
    assert stand.server not in stand.cloud.workers()


def test_a_t2_small_has_one_core_and_two_gibibytes(workers):
    status = node(workers[0])["status"]
    assert status["capacity"]["cpu"] == "1"
    assert (status["allocatable"]["cpu"], status["allocatable"]["memory"]) == ("900m", "1748Mi")
    selector = f'{{node="{workers[0]}"}}'
    for query, wanted in (("machine_cpu_cores", 1), ("machine_memory_bytes", 2048 << 20)):
        cluster.wait_until(query, lambda q=query: cluster.measure(q + selector))
        assert cluster.measure(query + selector)[0][1] == wanted


def test_the_metadata_service_wants_a_session_token(workers):
    url = "http://169.254.169.254/latest/meta-data/instance-id"
    status = in_machine(workers[0], "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url)
    assert status == "401"


def test_unschedulable_and_gated_pods_are_distinguished(stand, workers, remove):
    big = cluster.workload("big", 3, requests={"cpu": "2"})
    gated = cluster.workload("gated", 2, schedulingGates=[{"name": "example.com/wait"}])
    for one in (big, gated):
        remove(one["metadata"]["name"])
        cluster.apply(one)
    counted = "count(kube_pod_status_unschedulable == 1)"
    reason = 'kube_pod_status_reason{reason="SchedulingGated"} == 1'
    waiting = f"{counted} - count({reason})"
    cluster.wait_until("five in all", lambda: value(counted) == 5)
    cluster.wait_until("three of them wait for a node", lambda: value(waiting) == 3)


def test_a_pod_runs_answers_and_is_measured(stand, workers, remove):
    remove("busy")
    busy = ["sh", "-c", "echo hello; while :; do :; done"]
    cluster.apply(cluster.workload("busy", 1, limits={"cpu": "200m"}, command=busy))
    cluster.wait_until("it runs", lambda: cluster.running("busy"))
    cluster.wait_until("it speaks", lambda: "hello" in cluster.kubectl("logs", "deploy/busy"))
    assert cluster.kubectl("exec", "deploy/busy", "--", "echo", "here") == "here\n"
    used = 'max(rate(container_cpu_usage_seconds_total{id="/"}[20s]))'
    cluster.wait_until("its node is busy", lambda: value(used) > 0.15)


def test_a_token_of_another_cluster_is_refused(stand):
    from real_stand import user_data

    foreign = "K10" + "0" * 64 + "::abcdef.0123456789abcdef"
    template = stand.cloud.template("foreign", user_data(foreign, "workers"))
    [stranger] = stand.cloud.launch(template, Name="stranger")
    log = stand.folder / "node" / stranger / "user-data.log"
    cluster.wait_until(
        "it was refused", lambda: log.exists() and "does not match" in log.read_text()
    )
    assert stranger not in {one["metadata"]["name"] for one in cluster.items("nodes")}
    stand.cloud.terminate(stranger)


def test_a_terminated_instance_leaves_a_node_that_is_not_ready(stand, workers):
    [lost] = stand.launch_by_hand(1)
    cluster.wait_until("it joined", lambda: lost in cluster.ready_nodes())
    stand.cloud.terminate(lost)
    cluster.wait_until("its plug is pulled", lambda: not (stand.folder / "node" / lost).exists())
    cluster.wait_until("not Ready", lambda: lost not in cluster.ready_nodes())
    assert lost in {one["metadata"]["name"] for one in cluster.items("nodes")}
    cluster.wait_until("no target of Prometheus", lambda: not cluster.measure(up_of(lost)))


def test_a_second_stand_is_refused_while_one_runs(stand):
    code = "import cluster\nwith cluster.only_one(): pass"
    tried = subprocess.run(
        [sys.executable, "-c", code], cwd=cluster.HERE, capture_output=True, text=True, check=False
    )
    assert tried.returncode != 0 and "another real stand is running" in tried.stderr


def up_of(name):
    return f'up{{node="{name}"}}'


def value(query):
    answer = cluster.measure(query)
    return answer[0][1] if answer else 0.0
