"""The datacenter's rules, without root: with fakes of EC2 and node.sh that only record calls."""

import base64

import datacenter as module
import pytest

ID = "i-{:017x}".format


class Ec2:
    """Instances by state, like in boto3's responses."""

    def __init__(self):
        self.states = {}

    def get_paginator(self, _):
        return self

    def paginate(self):
        instances = [describe(name, state) for name, state in self.states.items()]
        return [{"Reservations": [{"Instances": [one]} for one in instances]}]

    def describe_instance_attribute(self, **_):
        return {"UserData": {"Value": base64.b64encode(b"#!/bin/sh\ntrue\n").decode()}}


def describe(instance_id, state):
    return {
        "InstanceId": instance_id,
        "InstanceType": "t2.small",
        "ImageId": "ami-1",
        "State": {"Name": state},
        "Placement": {"AvailabilityZone": "us-east-1a"},
    }


class Service:
    def shutdown(self):
        """Nothing to end."""

    def server_close(self):
        """Nothing to close."""


@pytest.fixture
def world(monkeypatch):
    """An EC2, a datacenter that polls it, and the resulting node.sh calls."""
    calls, failing = [], []

    def node(*arguments, env=None):
        calls.append((arguments[0], arguments[1], *arguments[2:3]))
        if env:
            calls[-1] += (env["LAB_NODE_CORES"], env["LAB_NODE_MEM_MIB"], env["LAB_NODE_CPUS"])
        if arguments[0] == "start" and failing and failing.pop():
            raise OSError("no room")

    monkeypatch.setattr(module, "node", node)
    monkeypatch.setattr(module.imds, "Server", lambda *_: Service())
    ec2 = Ec2()
    center = module.Datacenter(ec2, "us-east-1", boot_delay_s=5, cpu_share=0.4, reserved="0 0")
    return ec2, center, calls, failing


def test_an_instance_boots_after_the_delay_once_with_its_types_size(world):
    ec2, center, calls, _ = world
    ec2.states[ID(1)] = "pending"
    center.step(0)
    ec2.states[ID(1)] = "running"
    for now in (1, 5.9, 6, 7):
        center.step(now)
    assert calls == [("start", ID(1), "1", "1", "2048", "0.40")]


@pytest.mark.parametrize("state", ["shutting-down", "terminated", "stopping", "stopped", None])
def test_the_plug_is_pulled_when_ec2_says_so(world, state):
    ec2, center, calls, _ = world
    ec2.states[ID(1)] = "running"
    center.step(0)
    center.step(5)
    ec2.states = {ID(1): state} if state else {}
    center.step(6)
    center.step(7)
    assert calls[1:] == [("kill", ID(1))]


def test_a_free_index_is_used_again(world):
    ec2, center, calls, _ = world
    ec2.states = {ID(1): "running", ID(2): "running"}
    center.step(0)
    center.step(5)
    ec2.states = {ID(1): "terminated", ID(2): "running", ID(3): "running"}
    center.step(6)
    center.step(11)
    assert [call[:3] for call in calls if call[0] == "start"] == [
        ("start", ID(1), "1"),
        ("start", ID(2), "2"),
        ("start", ID(3), "1"),
    ]


def test_a_boot_that_fails_is_cleared_away_and_tried_again(world):
    ec2, center, calls, failing = world
    failing.append(True)
    ec2.states[ID(1)] = "running"
    for now in (0, 5, 6, 7):
        center.step(now)
    assert [call[0] for call in calls] == ["start", "kill", "start"]


def test_user_data_is_decoded_as_often_as_it_was_encoded():
    script = "#!/bin/sh\necho hello\n"
    once = base64.b64encode(script.encode()).decode()
    twice = base64.b64encode(once.encode()).decode()
    assert [module.decoded(text) for text in (script, once, twice, "")] == [script] * 3 + [""]
