"""End to end: an event invokes the Lambda binary, and afterwards a worker runs on EC2."""

import json

import pytest

from stand.lambda_runtime import events
from stand.world import Pass, full


@pytest.fixture
def below_minimum(world):
    """One worker while two are required."""
    workers = world.launch_workers(1)
    world.show(workers)
    world.moto.forget_calls()
    return world


def test_an_event_becomes_an_instance(below_minimum):
    world = below_minimum
    answer = world.bootstrap().invoke(events.scheduled())
    assert answer.function_error is None, answer.body
    record = Pass(answer.json())
    assert (record.decision, record.codes) == ("scale_up", ["below_minimum"])
    (launched,) = record.done("launch")
    assert launched["id"] in world.instance_ids()
    assert len(world.instances()) == 2


def test_the_launch_is_as_the_pool_says(below_minimum):
    world = below_minimum
    world.bootstrap().invoke(events.scheduled())
    (call,) = world.moto.calls("RunInstances")
    asked = call["parameters"]
    assert (asked["MinCount"], asked["MaxCount"]) == ("1", "1")
    assert asked["LaunchTemplate.LaunchTemplateId"] == world.network.launch_template
    assert asked["LaunchTemplate.Version"] == world.network.launch_template_version
    assert asked["InstanceType"] == "t2.small"
    assert asked["SubnetId"] == world.network.subnets[1]  # the zone with fewest of ours
    assert len(asked["ClientToken"]) <= 64


def test_the_new_instance_carries_our_tags(below_minimum):
    world = below_minimum
    world.bootstrap().invoke(events.scheduled())
    (call,) = world.moto.calls("RunInstances")
    newest = max(world.instances(), key=lambda one: one["LaunchTime"])
    tags = {tag["Key"]: tag["Value"] for tag in newest["Tags"]}
    assert tags["ManagedBy"] == "autoscaler"
    assert tags["nodenap:cluster"] == world.cluster
    assert tags["nodenap:pool"] == "workers"
    assert tags["nodenap:epoch"] == "1"
    assert tags["nodenap:intent"] == call["parameters"]["ClientToken"]


def test_the_lease_is_free_afterwards_and_the_epoch_grew(below_minimum):
    world = below_minimum
    function = world.bootstrap()
    function.invoke(events.scheduled())
    item = world.state_item()
    assert item["epoch"]["N"] == "1"
    assert not item.get("scaling_in_progress", {}).get("BOOL")
    assert "lease_owner" not in item
    assert item["last_pass_at"]["N"] == item["last_action_at"]["N"]
    function.invoke(events.scheduled())
    assert int(world.state_item()["epoch"]["N"]) == 2


def test_the_journal_says_what_was_done_and_why(below_minimum):
    world = below_minimum
    world.bootstrap().invoke(events.scheduled())
    (record,) = world.nodenap_json("history", "--since", "1h")["records"]
    assert record["reasons"][0]["code"] == "below_minimum"
    assert record["done"][0]["kind"] == "launch"
    assert record["trigger"] == "scheduled"
    (item,) = world.journal()
    assert item["record"]["S"].startswith("journal#")
    assert int(item["expires_at"]["N"]) > 0


def test_a_second_event_launches_nothing_more(below_minimum):
    world = below_minimum
    function = world.bootstrap()
    function.invoke(events.scheduled())
    second = Pass(function.invoke(events.scheduled()).json())
    assert second.decision == "hold"
    assert len(world.moto.calls("RunInstances")) == 1


def test_an_idle_pass_asks_little(world):
    """AWS calls: two DynamoDB writes, one DescribeInstances, and nothing else."""
    world.show(world.launch_workers(2))
    function = world.bootstrap(world.state_on_moto())
    function.invoke(events.scheduled())
    function.invoke(events.scheduled())
    world.moto.forget_calls()
    record = Pass(function.invoke(events.scheduled()).json())
    assert record.decision == "hold"
    asked = sorted(call["action"] for call in world.moto.calls())
    assert asked == ["DescribeInstances", "UpdateItem", "UpdateItem"]


def test_status_by_event_and_by_command_say_the_same(below_minimum):
    world = below_minimum
    function = world.bootstrap()
    function.invoke(events.scheduled())
    by_event = function.invoke(events.action("status")).json()
    by_command = world.nodenap_json("status")
    by_event.pop("now")
    by_command.pop("now")
    assert by_event == by_command
    assert by_event["cluster"] == world.cluster
    assert by_event["lease"] == {"held": False, "owner": None, "until": None, "epoch": 1}
    assert by_event["last_decision"]["decision"] == "scale_up"


def test_plan_says_the_same_and_changes_nothing(below_minimum):
    world = below_minimum
    plan = world.nodenap_json("plan")
    assert plan["decision"] == "scale_up"
    assert plan["launch"][0]["instance_type"] == "t2.small"
    for key in ("placed", "remove", "unplaceable", "kept", "totals", "signals"):
        assert key in plan
    assert len(world.instances()) == 1
    assert world.state_item() is None


def test_fifty_pods_get_all_their_nodes_in_one_pass(world):
    workers = world.launch_workers(2)
    pods = [{"name": "nginx", "count": 50, "cpu": 0.1, "memory_bytes": 100 << 20}]
    world.show(workers, [*pods, *full(workers)])
    world.configure(limits={"max_nodes": 20}, pool={"max_nodes": 20})
    record = Pass(world.bootstrap().invoke(events.scheduled()).json())
    assert record.codes[0] == "pending_pods"
    # t2.small: 900 millicores and 1748 MiB for pods, so nine pods a node.
    assert len(record.done("launch")) == 6
    assert len(world.instances()) == 8


def test_high_cpu_adds_what_is_missing(world):
    workers = world.launch_workers(2)
    world.show(workers, cpu=0.9)
    record = Pass(world.bootstrap().invoke(events.scheduled()).json())
    assert record.codes == ["high_cpu"]
    # 4 cores, 3.6 busy: 3.6 / 0.7 = 5.14, so two more of one core each.
    assert len(record.done("launch")) == 2


def test_an_idle_node_goes_and_the_master_never(world):
    workers = world.launch_workers(3)
    world.show(workers, cpu=0.05)
    record = Pass(world.bootstrap().invoke(events.scheduled()).json())
    assert (record.decision, record.codes) == ("scale_down", ["underused"])
    (gone,) = record.done("terminate")
    assert gone["id"] in workers
    assert set(world.instance_ids()) == set(workers) - {gone["id"]}


def test_signed_requests_pass_with_the_rights_of_the_function(below_minimum, signed_moto):
    """moto checks the signatures; the policy has exactly the function's permissions."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "ec2:DescribeInstances",
                    "ec2:RunInstances",
                    "ec2:CreateTags",
                    "ec2:TerminateInstances",
                ],
                "Resource": "*",
            }
        ],
    }
    keys = signed_moto(json.dumps(policy))
    function = below_minimum.bootstrap(
        {
            "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        }
    )
    record = Pass(function.invoke(events.scheduled()).json())
    assert len(record.done("launch")) == 1, record.record


def test_the_whole_thread_over_tls(below_minimum):
    world = below_minimum
    world.through = "tls"
    world.configure()
    answer = world.bootstrap().invoke(events.scheduled())
    assert len(Pass(answer.json()).done("launch")) == 1, answer.body
