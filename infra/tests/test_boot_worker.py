"""The worker's user data, run on its own machine: K3s' configuration, and where secrets are."""

import dataclasses
import re

import boot
import boot_machine
import pytest
import yaml
from boot_machine import boot_servers
from test_boot_render import WORKER

K3S = (boot_machine.HERE / "boot_k3s.sh").read_bytes()
SECRET = "K10" + "5a" * 32 + "::node:the-workers-own-secret"
PARAMETER = WORKER.agent_token_parameter
BOOT = dataclasses.replace(WORKER, k3s_sha256={"x86_64": boot_servers.sha256(K3S)})


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    boot_machine.need_root()
    made = boot_servers.ParameterStore("ssm:GetParameter", tmp_path_factory.mktemp("moto"))
    made.check_signatures(True)
    yield made
    made.stop()


def put_token(store):
    store.check_signatures(False)
    store.ssm.put_parameter(Name=PARAMETER, Value=SECRET, Type="SecureString", Overwrite=True)
    store.check_signatures(True)


@pytest.fixture(scope="module")
def booted(store, tmp_path_factory):
    """A machine that ran its user data twice, before and after the server published the token."""
    with boot_machine.Machine(tmp_path_factory.mktemp("worker"), store, K3S) as machine:
        machine.web.failures = 1
        late = boot_machine.after(6, lambda: put_token(store))
        done = machine.boot(boot.worker_user_data(BOOT), times=2)
        late.join()
        yield machine, done


def test_it_ends_well(booted):
    machine, done = booted
    assert done.returncode == 0, machine.log


def test_k3s_is_started_as_an_agent_without_any_argument(booted):
    assert booted[0].noted("k3s") == "agent\nagent\n"


def test_k3s_is_given_the_instance_the_pool_and_the_way_to_the_server(booted):
    assert yaml.safe_load(booted[0].file("/etc/rancher/k3s/config.yaml")) == {
        "server": "https://10.0.1.10:6443",
        "token-file": "/run/nodenap/agent-token",
        "node-name": "i-0123456789abcdef0",
        "node-ip": "10.0.1.77",
        "kubelet-arg": [
            "provider-id=aws:///us-east-1b/i-0123456789abcdef0",
            "config-dir=/var/lib/rancher/k3s/agent/etc/kubelet.conf.d",
        ],
        "node-label": [
            "node.kubernetes.io/instance-type=t2.small",
            "topology.kubernetes.io/region=us-east-1",
            "topology.kubernetes.io/zone=us-east-1b",
            "nodenap.dev/pool=workers",
            "nodenap.dev/capacity=on-demand",
            "example.com/disk=ssd",
            "tier=web",
        ],
        "node-taint": ["dedicated=web:NoSchedule", "example.com/spot:PreferNoSchedule"],
    }


def test_k3s_finds_the_token_in_memory_where_only_root_can_read_it(booted):
    machine, _ = booted
    assert machine.noted("k3s.token") == SECRET
    assert machine.noted("run").splitlines() == [
        "700 /run/nodenap",
        "600 /run/nodenap/agent-token",
    ]


def test_a_token_that_is_not_there_yet_is_waited_for(booted):
    assert "GetParameter /k3s/prod/agent-token: ParameterNotFound; retrying" in booted[0].log


def test_secrets_are_in_no_argument_log_environment_and_nowhere_on_disk(booted):
    machine, _ = booted
    execs = machine.noted("execs")
    assert "curl " in execs and "nodenap-ssm" in machine.file("/etc/systemd/system/k3s.service")
    for secret in (SECRET, "the-workers-own-secret", *secrets_of(machine)):
        assert machine.places_of(secret) == []
        assert secret not in machine.noted("k3s.env")


def secrets_of(machine):
    """The role's keys, and the sessions of the metadata service."""
    keys = [machine.keys[name] for name in boot_machine.SESSION_SECRET_NAMES]
    assert machine.metadata.tokens
    return keys + list(machine.metadata.tokens)


def test_k3s_is_downloaded_by_version_once_though_the_first_try_fails(booted):
    asked = booted[0].web.downloads
    assert asked == ["/k3s-io/k3s/releases/download/v1.34.4%2Bk3s1/k3s"] * 2
    assert "is already installed" in booted[0].log


def test_a_shutdown_is_graceful(booted):
    machine, _ = booted
    folder = "/var/lib/rancher/k3s/agent/etc/kubelet.conf.d"
    config = yaml.safe_load(machine.file(f"{folder}/50-nodenap.conf"))
    assert config["kind"] == "KubeletConfiguration"
    assert (config["shutdownGracePeriod"], config["shutdownGracePeriodCriticalPods"]) == (
        "60s",
        "15s",
    )
    delay = re.search(
        r"InhibitDelayMaxSec=(\d+)", machine.file("/etc/systemd/logind.conf.d/zz-nodenap.conf")
    )
    assert int(delay.group(1)) > 60
    assert "try-restart systemd-logind.service" in machine.noted("systemctl")


def test_the_service_starts_now_and_at_each_boot(booted):
    machine, _ = booted
    calls = machine.noted("systemctl").splitlines()
    assert "enable k3s.service" in calls and "start --no-block k3s.service" in calls
    assert "ExecStart=/usr/local/bin/k3s agent" in machine.file("/etc/systemd/system/k3s.service")


def test_another_checksum_is_refused_and_nothing_starts(store, tmp_path):
    with boot_machine.Machine(tmp_path, store, K3S + b"# changed\n") as machine:
        assert machine.boot(boot.worker_user_data(BOOT)).returncode != 0
    assert "does not have the checksum" in machine.log
    assert machine.noted("k3s") == "" and "k3s.service" not in machine.noted("systemctl")
    assert not list(machine.disk.glob("usr/local/bin/k3s*"))


def test_no_checksum_for_this_architecture_is_refused(store, tmp_path):
    only_arm = dataclasses.replace(BOOT, k3s_sha256={"arm64": "0" * 64})
    with boot_machine.Machine(tmp_path, store, K3S) as machine:
        assert machine.boot(boot.worker_user_data(only_arm)).returncode != 0
    assert "the checksum for x86_64 is missing" in machine.log and not machine.web.downloads


def test_a_spot_instance_says_so(store, tmp_path):
    put_token(store)
    plain = dataclasses.replace(BOOT, labels={}, taints=[])
    with boot_machine.Machine(tmp_path, store, K3S, lifecycle="spot") as machine:
        assert machine.boot(boot.worker_user_data(plain)).returncode == 0, machine.log
    config = yaml.safe_load(machine.file("/etc/rancher/k3s/config.yaml"))
    assert config["node-label"][-1] == "nodenap.dev/capacity=spot"
    assert "node-taint" not in config
