"""The program's inputs, sent to moto through the AWS API: names and references are correct."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import stack
import stack_ec2
import stack_services
from botocore.exceptions import ClientError, ParamValidationError
from stack_on_aws import Properties, World

MAKERS = stack_ec2.MAKERS | stack_services.MAKERS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Waits until moto responds; it takes some seconds to load on a busy machine."""
    for _ in range(600):
        assert process.poll() is None, "moto ended"
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/moto-api/data.json"):
            return
        time.sleep(0.2)
    raise AssertionError("moto does not answer")


@pytest.fixture(scope="session")
def moto_url():
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def made(moto_url, full) -> World:
    """The whole stack on moto."""
    world = World(moto_url, MAKERS)
    world.make(full)
    return world


def peer_id(made: World, full, kind: str, name: str) -> str:
    return made.ids[full.one(kind, name).id]


def test_every_resource_is_made_by_its_own_parameters(made, full):
    assert {one.kind for one in full.resources} == set(MAKERS)


WRONG = [
    # An unknown property, one of the wrong type, and one with an invalid reference.
    ("ec2/route:Route", {"routeTableId": "rtb-0", "destination": "::/0"}, ParamValidationError),
    ("sns/topicSubscription:TopicSubscription", {"topic": 7}, ParamValidationError),
    ("ec2/route:Route", {"routeTableId": "rtb-0", "destinationCidrBlock": "::/0"}, ClientError),
    ("iam/rolePolicy:RolePolicy", {"role": "nobody", "policy": "{}"}, ClientError),
    ("iam/instanceProfile:InstanceProfile", {"name": "a", "role": "nobody"}, ClientError),
    (
        "iam/instanceProfile:InstanceProfile",
        {"name": "b", "role": "nodenap-prod-worker", "x": 1},
        AssertionError,
    ),
]


@pytest.mark.parametrize(("kind", "inputs", "fault"), WRONG)
def test_what_is_wrong_is_noticed(made, kind, inputs, fault):
    with pytest.raises(fault):
        MAKERS[kind](made, Properties(stack.Resource(kind, "x", inputs), inputs))


def test_a_launch_as_nodenap_sends_it_works_on_what_was_made(made, full):
    """Like in src/adapters/aws/ec2_requests.cpp: template, version, type, subnet and tags."""
    ec2 = made.client("ec2")
    template = peer_id(made, full, "ec2/launchTemplate:LaunchTemplate", "pool-workers")
    subnet = peer_id(made, full, "ec2/subnet:Subnet", "public-b")
    tags = [
        {"Key": "ManagedBy", "Value": "autoscaler"},
        {"Key": "nodenap:cluster", "Value": "prod"},
    ]
    answer = ec2.run_instances(
        ClientToken="intent-1",
        MinCount=1,
        MaxCount=1,
        LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
        InstanceType="t3.small",
        SubnetId=subnet,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    (instance,) = answer["Instances"]
    group = peer_id(made, full, "ec2/securityGroup:SecurityGroup", "workers")
    assert [one["GroupId"] for one in instance["SecurityGroups"]] == [group]
    assert instance["SubnetId"] == subnet and instance["InstanceType"] == "t3.small"
    assert instance["ImageId"] == "ami-0aaaaaaaaaaaaaaa1"
    listed = ec2.describe_instances(Filters=[{"Name": "tag:ManagedBy", "Values": ["autoscaler"]}])[
        "Reservations"
    ]
    found = [one["InstanceId"] for group in listed for one in group["Instances"]]
    server = peer_id(made, full, "ec2/instance:Instance", "server")
    assert found == [instance["InstanceId"]] and server not in found


def test_the_table_takes_the_code_s_keys(made):
    dynamodb = made.client("dynamodb")
    key = {"cluster_id": {"S": "prod"}, "record": {"S": "state"}}
    dynamodb.update_item(
        TableName="nodenap-prod",
        Key=key,
        UpdateExpression="ADD epoch :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    item = dynamodb.get_item(TableName="nodenap-prod", Key=key, ConsistentRead=True)["Item"]
    assert item["epoch"] == {"N": "1"}
    expiry = dynamodb.describe_time_to_live(TableName="nodenap-prod")["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expires_at"
    with pytest.raises(ClientError, match="DeletionProtection"):
        dynamodb.delete_table(TableName="nodenap-prod")


def test_no_group_lets_the_world_in(made):
    groups = made.client("ec2").describe_security_groups()["SecurityGroups"]
    ours = [one for one in groups if one["GroupName"].startswith("nodenap-prod")]
    assert len(ours) == 3
    for one in ours:
        for permission in one["IpPermissions"]:
            assert not permission["IpRanges"] and not permission["Ipv6Ranges"]
            assert permission["UserIdGroupPairs"]
    (function,) = [one for one in ours if one["GroupName"].endswith("-function")]
    everywhere = [p for p in function["IpPermissionsEgress"] if p["IpRanges"]]
    assert not everywhere


def test_the_server_stands_where_the_function_looks_for_it(made, full):
    server = peer_id(made, full, "ec2/instance:Instance", "server")
    (found,) = made.client("ec2").describe_instances(InstanceIds=[server])["Reservations"]
    instance = found["Instances"][0]
    assert instance["PrivateIpAddress"] == "10.0.1.10"
    assert instance["SubnetId"] == peer_id(made, full, "ec2/subnet:Subnet", "public-a")
    assert instance["IamInstanceProfile"]["Arn"].endswith("nodenap-prod-server")


def test_the_clock_and_the_rules_lead_to_the_function(made):
    function = made.client("lambda").get_function(FunctionName="nodenap-prod")["Configuration"]
    schedule = made.client("scheduler").get_schedule(Name="nodenap-prod", GroupName="nodenap-prod")
    assert schedule["Target"]["Arn"] == function["FunctionArn"]
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    events = made.client("events")
    for event in ("spot-warning", "rebalance", "state-change"):
        (target,) = events.list_targets_by_rule(Rule=f"nodenap-prod-{event}")["Targets"]
        assert target["Arn"] == function["FunctionArn"]
    subscriptions = made.client("sns").list_subscriptions()["Subscriptions"]
    assert function["FunctionArn"] in {one["Endpoint"] for one in subscriptions}


def test_the_scheduler_s_role_is_the_one_that_was_made(made):
    role = made.client("iam").get_role(RoleName="nodenap-prod-scheduler")["Role"]
    schedule = made.client("scheduler").get_schedule(Name="nodenap-prod", GroupName="nodenap-prod")
    assert schedule["Target"]["RoleArn"] == role["Arn"]
