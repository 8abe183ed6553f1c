"""User data as text: golden files, shellcheck, refused values, EC2's size limit."""

import dataclasses
import gzip
import os
import pathlib
import shutil
import subprocess

import boot
import pytest
import yaml

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
SHA = {"x86_64": "0123456789abcdef" * 4, "arm64": "fedcba9876543210" * 4}
SERVER = boot.ServerBoot(
    cluster="prod",
    region="us-east-1",
    k3s_version="v1.34.4+k3s1",
    k3s_sha256=SHA,
    agent_token_parameter="/k3s/prod/agent-token",
    api_token_parameter="/k3s/prod/nodenap-token",
    api_ca_parameter="/k3s/prod/ca",
    alert_topic_arn="arn:aws:sns:us-east-1:123456789012:nodenap-alerts",
    alarm_topic_arn="arn:aws:sns:us-east-1:123456789012:nodenap-alarms",
)
WORKER = boot.WorkerBoot(
    cluster="prod",
    region="us-east-1",
    k3s_version="v1.34.4+k3s1",
    k3s_sha256=SHA,
    agent_token_parameter="/k3s/prod/agent-token",
    server_address="https://10.0.1.10:6443",
    pool="workers",
    labels={"tier": "web", "example.com/disk": "ssd"},
    taints=["dedicated=web:NoSchedule", "example.com/spot:PreferNoSchedule"],
)
RENDERED = {
    "master_userdata.sh": boot.server_user_data(SERVER),
    "worker_userdata.sh": boot.worker_user_data(WORKER),
    "worker_userdata_plain.sh": boot.worker_user_data(
        dataclasses.replace(WORKER, labels={}, taints=[])
    ),
}


@pytest.mark.parametrize("name", RENDERED)
def test_it_is_rendered_as_the_golden_file_says(name):
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(RENDERED[name])
    assert RENDERED[name] == path.read_text(), "UPDATE_GOLDEN=1 writes the new text"


@pytest.mark.parametrize("name", RENDERED)
def test_it_is_clean_to_shellcheck(name, tmp_path):
    assert shutil.which("shellcheck"), "shellcheck is needed (Debian's package shellcheck)"
    (tmp_path / name).write_text(RENDERED[name])
    done = subprocess.run(
        ["shellcheck", tmp_path / name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_parts_are_clean_to_shellcheck():
    parts = sorted(boot.SCRIPTS.glob("*.sh"))
    done = subprocess.run(["shellcheck", *parts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", RENDERED)
def test_ec2_has_room_for_it_gzipped(name):
    assert len(gzip.compress(RENDERED[name].encode())) < 12 << 10, "EC2's limit is 16 KiB"


def test_every_manifest_is_inlined_and_whole():
    text = RENDERED["master_userdata.sh"]
    for name, manifest in boot.manifests(SERVER).items():
        start = f"  manifest {name} <<'{boot.END_OF_MANIFEST}'\n"
        inlined = text.split(start)[1].split(boot.END_OF_MANIFEST)[0]
        wanted = boot.without_comments(manifest)
        assert list(yaml.safe_load_all(inlined)) == list(yaml.safe_load_all(wanted))


def test_no_manifest_of_the_folder_is_forgotten():
    assert {path.name for path in boot.MANIFESTS.glob("*.yaml")} == set(boot.SERVER_MANIFESTS)


@pytest.mark.parametrize("name", RENDERED)
def test_it_pipes_nothing_from_the_network_into_a_shell(name):
    lines = RENDERED[name].splitlines()
    assert not [line for line in lines if "curl" in line and "sh" in line.split("|")[1:]]
    assert "get.k3s.io" not in RENDERED[name]


def test_a_value_is_one_word_whatever_is_in_it():
    hostile = "web'; touch /tmp/owned; '$(reboot)"
    script = boot.filled("x=@VALUE@", {"VALUE": boot.shlex.quote(hostile)}) + '; printf %s "$x"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == hostile


REFUSED_BY_BOTH = {
    "a cluster with a space": {"cluster": "my prod"},
    "a cluster with a quote": {"cluster": "a'b"},
    "a region that is none": {"region": "us-east"},
    "a region of another partition's names": {"region": "cn-north-1"},
    "K3s without its own number": {"k3s_version": "v1.34.4"},
    "K3s whose kubelet flags beat our file": {"k3s_version": "v1.31.9+k3s1"},
    "a channel in place of a version": {"k3s_version": "latest"},
    "no checksum": {"k3s_sha256": {}},
    "a checksum that is too short": {"k3s_sha256": {"x86_64": "abc"}},
    "an unknown architecture": {"k3s_sha256": {"riscv64": "0" * 64}},
    "a parameter without a slash": {"agent_token_parameter": "token"},
    "a parameter with a command": {"agent_token_parameter": "/a;reboot"},
}
REFUSED_BY_WORKERS = {
    "plain HTTP": {"server_address": "http://10.0.1.10:6443"},
    "no port": {"server_address": "https://10.0.1.10"},
    "no pool": {"pool": ""},
    "a pool that is no label": {"pool": "a b"},
    "a label with a newline": {"labels": {"tier": "web\n- x=y"}},
    "a label key that is none": {"labels": {"-a": "b"}},
    "our own label": {"labels": {"nodenap.dev/pool": "other"}},
    "the instance type": {"labels": {"node.kubernetes.io/instance-type": "m5.large"}},
    "a zone": {"labels": {"topology.kubernetes.io/zone": "us-east-1a"}},
    "a role": {"labels": {"node-role.kubernetes.io/control-plane": "true"}},
    "a taint without effect": {"taints": ["dedicated=web"]},
    "a taint with an unknown effect": {"taints": ["dedicated=web:Never"]},
    "the server's taint": {"taints": ["node-role.kubernetes.io/control-plane=true:NoSchedule"]},
    "a taint of servers without value": {"taints": ["node-role.kubernetes.io/etcd:NoExecute"]},
}
REFUSED_BY_THE_SERVER = {
    "a topic that is none": {"alert_topic_arn": "nodenap-alerts"},
    "a topic for people that is none": {"alarm_topic_arn": "nodenap-alarms"},
    "a user with capitals": {"function_user": "Nodenap"},
    "one parameter for two things": {"api_ca_parameter": "/k3s/prod/agent-token"},
}


@pytest.mark.parametrize("case", REFUSED_BY_BOTH | REFUSED_BY_WORKERS)
def test_a_worker_refuses(case):
    with pytest.raises(boot.BadValue):
        dataclasses.replace(WORKER, **(REFUSED_BY_BOTH | REFUSED_BY_WORKERS)[case])


@pytest.mark.parametrize("case", REFUSED_BY_BOTH | REFUSED_BY_THE_SERVER)
def test_a_server_refuses(case):
    with pytest.raises(boot.BadValue):
        dataclasses.replace(SERVER, **(REFUSED_BY_BOTH | REFUSED_BY_THE_SERVER)[case])


@pytest.mark.parametrize(
    "change",
    [
        {"labels": {"node.kubernetes.io/lifecycle": "spot"}},
        {"labels": {"example.com/empty": ""}},
        {"server_address": "https://[fd00::1]:6443"},
        {"server_address": "https://server.example.com:6443"},
        {"region": "us-gov-west-1"},
        {"k3s_sha256": {"arm64": "0" * 64}},
        {"taints": ["example.com/only-key:NoExecute"]},
    ],
)
def test_a_worker_takes(change):
    boot.worker_user_data(dataclasses.replace(WORKER, **change))
