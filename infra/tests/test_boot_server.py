"""The server's user data, run on its own machine: K3s, the applied manifests, the published
parameters."""

import dataclasses
import json
import re

import boot
import boot_machine
import pytest
import yaml
from boot_machine import boot_servers
from test_boot_render import SERVER

K3S = (boot_machine.HERE / "boot_k3s.sh").read_bytes()
OWN_SECRET, API_TOKEN = "the-servers-own-secret", "the-functions-own-secret"
AGENT_TOKEN = r"K10[0-9a-f]{64}::node:[0-9a-f]{64}"
BOOT = dataclasses.replace(SERVER, k3s_sha256={"x86_64": boot_servers.sha256(K3S)})


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    boot_machine.need_root()
    made = boot_servers.ParameterStore("ssm:PutParameter", tmp_path_factory.mktemp("moto"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def booted(store, tmp_path_factory):
    """A server that booted, was switched off, and booted again with the same disk."""
    parameters, logs = [], ""
    with boot_machine.Machine(tmp_path_factory.mktemp("server"), store, K3S) as machine:
        for _ in range(2):
            store.check_signatures(True)
            done = machine.boot(boot.server_user_data(BOOT))
            store.check_signatures(False)
            assert done.returncode == 0, machine.log
            logs += machine.log
            names = (BOOT.agent_token_parameter, BOOT.api_token_parameter, BOOT.api_ca_parameter)
            parameters.append([store.parameter(name) for name in names])
        machine.log = logs
        yield machine, parameters


def test_k3s_is_started_as_a_server_without_any_argument(booted):
    assert booted[0].noted("k3s") == "server\nserver\n"


def test_k3s_is_configured(booted):
    assert yaml.safe_load(booted[0].file("/etc/rancher/k3s/config.yaml")) == {
        "agent-token-file": "/run/nodenap/agent-token",
        "secrets-encryption": True,
        "write-kubeconfig-mode": "0600",
        "disable-cloud-controller": True,
        "disable": ["servicelb", "traefik"],
        "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
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
        ],
    }


def test_k3s_finds_the_manifests_whole(booted):
    """With the server's own name in the policy that exempts it."""
    assert "%SERVER_NODE%" in boot.manifests(BOOT)["nodes.yaml"]
    for name, manifest in boot.manifests(BOOT, "i-0123456789abcdef0").items():
        laid = booted[0].file(f"/var/lib/rancher/k3s/server/manifests/nodenap-{name}")
        wanted = boot.without_comments(manifest)
        assert list(yaml.safe_load_all(laid)) == list(yaml.safe_load_all(wanted))


def test_three_parameters_are_written_encrypted_and_say_what_k3s_said(booted):
    agent, token, authority = booted[1][0]
    assert re.fullmatch(AGENT_TOKEN, agent["Value"])
    assert token["Value"] == API_TOKEN
    assert authority["Value"] == "-----BEGIN CERTIFICATE-----\nthe cluster CA"
    assert {one["Type"] for one in (agent, token, authority)} == {"SecureString"}


def test_the_agent_token_is_the_same_after_a_reboot(booted):
    first, second = booted[1]
    assert [one["Value"] for one in first] == [one["Value"] for one in second]
    assert all(one["Version"] == 2 for one in second)


def test_the_servers_own_secret_stays_where_k3s_keeps_it(booted):
    machine, parameters = booted
    assert not [one for one in parameters[1] if OWN_SECRET in one["Value"]]
    places = ["/usr/local/bin/k3s", "/var/lib/rancher/k3s/server/token"]
    assert sorted(machine.places_of(OWN_SECRET)) == places  # the first is the stand-in for K3s


def test_what_is_published_is_in_no_argument_log_and_nowhere_else_on_disk(booted):
    machine, parameters = booted
    agent_secret = parameters[0][0]["Value"].rsplit(":", 1)[1]
    assert machine.places_of(agent_secret) == ["/var/lib/rancher/k3s/server/agent-token"]
    assert machine.places_of(API_TOKEN) == ["/usr/local/bin/k3s"]  # the stand-in for K3s
    for secret in (machine.keys["SecretAccessKey"], machine.keys["Token"]):
        assert machine.places_of(secret) == []


def test_the_add_ons_of_k3s_are_kept_on_the_server(booted):
    asked = booted[0].noted("kubectl").splitlines()
    patched = [line.split(" --patch ") for line in asked if line.startswith("patch deployment ")]
    names = [words.split()[2] for words, _ in patched]
    assert names[:3] == ["coredns", "metrics-server", "local-path-provisioner"]
    assert all(words.endswith("--namespace kube-system") for words, _ in patched)
    role = {"node-role.kubernetes.io/control-plane": "true"}
    for _, patch in patched:
        assert json.loads(patch) == {"spec": {"template": {"spec": {"nodeSelector": role}}}}


def test_a_restart_of_k3s_publishes_and_keeps_them_again(booted):
    """Like an upgrade: K3s applies its manifests again."""
    unit = booted[0].file("/etc/systemd/system/nodenap-publish.service")
    assert "PartOf=k3s.service" in unit.splitlines()


def test_both_services_start_now_and_at_each_boot(booted):
    calls = booted[0].noted("systemctl").splitlines()
    assert "enable k3s.service nodenap-publish.service" in calls
    assert "start --no-block k3s.service nodenap-publish.service" in calls
    assert not [call for call in calls if "failed" in call]


def test_without_an_agent_token_of_its_own_nothing_is_published(tmp_path, store):
    parameters = {"agent_token_parameter": "/k3s/other/agent-token"}
    text = boot.server_user_data(dataclasses.replace(BOOT, **parameters))
    with boot_machine.Machine(tmp_path, store, K3S) as machine:
        machine.boot(text, variant="no-agent-token")
    assert "the agent token is the server's own; it is not published" in machine.log
    assert machine.noted("systemctl").count("nodenap-publish.service failed") == 3
    assert not store.ssm.get_parameters(Names=list(parameters.values()))["Parameters"]
