"""EC2 faults: one instance per operation, and nothing is removed wrongly."""

import pytest

from stand import aws


@pytest.fixture
def below_minimum(world):
    """One worker is missing: the next pass launches it."""
    world.workers = world.launch_workers(1)
    world.show(world.workers)
    world.moto.forget_calls()
    return world


def tokens_asked(world) -> set[str]:
    return {call["parameters"]["ClientToken"] for call in world.moto.calls("RunInstances")}


def must_be_settled(world, alive: int = 2) -> None:
    """Every token has at most one instance; once EC2 lists it, no operation is in flight."""
    assert len(world.instances()) == alive
    world.tick()  # an operation is closed by the pass that finds its instance listed
    assert len(world.instances()) == alive
    assert all(len(ids) == 1 for ids in world.moto.tokens().values())
    status = world.nodenap_json("status")
    assert status["open_intents"] == []
    assert status["lease"]["held"] is False


# --- throttled ------------------------------------------------------------------------------------


def test_throttled_a_few_times_is_tried_again(below_minimum):
    world = below_minimum
    world.moto.faults(
        {"action": "DescribeInstances", "count": 2, "code": "RequestLimitExceeded"},
        {"action": "RunInstances", "count": 2, "code": "RequestLimitExceeded"},
    )
    ticked = world.tick()
    assert len(ticked.done("launch")) == 1, ticked.events
    assert len(tokens_asked(world)) == 1
    must_be_settled(world)


def test_throttled_for_ever_is_left_to_a_later_pass(below_minimum):
    world = below_minimum
    world.moto.faults({"action": "RunInstances", "count": -1, "code": "RequestLimitExceeded"})
    ticked = world.tick()
    assert ticked.exit_code == 1 and len(world.instances()) == 1
    world.moto.faults()
    world.tick()
    assert len(tokens_asked(world)) == 1  # the same request again, byte for byte
    must_be_settled(world)


def test_an_unseen_fleet_holds_everything(below_minimum):
    world = below_minimum
    world.moto.faults({"action": "DescribeInstances", "count": -1, "code": "RequestLimitExceeded"})
    ticked = world.tick()
    assert (ticked.codes, ticked.exit_code) == (["fleet_unknown"], 1)
    assert world.moto.calls("RunInstances") == []
    world.moto.faults()
    world.tick()
    must_be_settled(world)


# --- no capacity ----------------------------------------------------------------------------------


def test_no_capacity_in_one_zone_tries_the_other(below_minimum):
    world = below_minimum
    world.moto.capacity({"zone": "us-east-1b", "left": 0})
    ticked = world.tick()
    assert [one["result"] for one in ticked.done("launch")] == ["refused", "launched"]
    assert world.instances()[-1]["Placement"]["AvailabilityZone"] == "us-east-1a"
    assert len(tokens_asked(world)) == 2  # a new operation for another offering
    must_be_settled(world)
    (resting,) = world.nodenap_json("status")["resting_offers"]
    assert (resting["instance_type"], resting["zone"]) == ("t2.small", "us-east-1b")
    assert resting["cause"] == "InsufficientInstanceCapacity"


def test_no_capacity_anywhere_for_one_type_tries_the_next_type(below_minimum):
    world = below_minimum
    world.configure(pool={"instance_types": ["t2.small", "t3.small"]})
    world.moto.capacity({"instance_type": "t2.small", "left": 0})
    world.tick()
    assert sorted(one["InstanceType"] for one in world.instances()) == ["t2.small", "t3.small"]
    must_be_settled(world)


def test_no_capacity_at_all_is_said_and_rests(below_minimum):
    world = below_minimum
    world.moto.capacity({"left": 0})
    world.tick()
    assert len(world.instances()) == 1
    world.moto.forget_calls()
    ticked = world.tick()
    assert world.moto.calls("RunInstances") == []  # both offerings are in backoff
    assert "no_capacity" in ticked.codes, ticked.record
    assert len(world.nodenap_json("status")["resting_offers"]) == 2


def test_spot_without_capacity_becomes_on_demand_where_allowed(below_minimum):
    world = below_minimum
    world.configure(pool={"capacity": "spot-then-on-demand"})
    world.moto.capacity({"market": "spot", "left": 0})
    world.tick()
    must_be_settled(world)
    assert all("InstanceLifecycle" not in one for one in world.instances())


def test_spot_is_asked_for_where_the_pool_says_so(below_minimum):
    world = below_minimum
    world.configure(pool={"capacity": "spot"})
    world.tick()
    assert [one.get("InstanceLifecycle") for one in world.instances()].count("spot") == 1


def test_a_type_not_sold_here_rests_for_a_day(below_minimum):
    world = below_minimum
    world.moto.faults(
        {
            "action": "RunInstances",
            "match": {"SubnetId": world.network.subnets[1]},
            "code": "Unsupported",
        }
    )
    world.tick()
    must_be_settled(world)
    (resting,) = world.nodenap_json("status")["resting_offers"]
    assert resting["cause"] == "Unsupported"


def test_accepted_and_then_dead_is_replaced(below_minimum):
    world = below_minimum
    world.moto.faults(
        {"action": "RunInstances", "do": "die", "code": "Server.InsufficientInstanceCapacity"}
    )
    world.tick()
    assert len(world.instances()) == 1
    world.tick()
    must_be_settled(world)


# --- late -----------------------------------------------------------------------------------------


def test_an_instance_that_is_not_visible_yet_is_not_launched_again(below_minimum):
    world = below_minimum
    world.moto.settings(invisible_s=600)
    for _ in range(3):
        world.tick()
    assert len(world.moto.instances(world.cluster)) == 2
    world.moto.settings(invisible_s=0)


def test_a_pending_instance_counts(below_minimum):
    world = below_minimum
    world.moto.settings(pending_s=600)
    world.tick()
    ticked = world.tick()
    assert ticked.decision == "hold"
    assert ticked.record["signals"]["nodes_booting"] == 1
    assert len(world.instances()) == 2


def test_a_late_answer_is_waited_for(below_minimum):
    world = below_minimum
    world.moto.faults({"action": "RunInstances", "do": "delay", "delay_ms": 3000})
    ticked = world.tick()
    assert len(ticked.done("launch")) == 1
    must_be_settled(world)


# --- lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["lost_reply", "partial", "html"])
def test_a_launch_whose_answer_is_lost_is_one_instance(below_minimum, act):
    world = below_minimum
    world.moto.faults({"action": "RunInstances", "do": act})
    world.tick()
    world.tick()
    assert len(tokens_asked(world)) == 1
    must_be_settled(world)


def test_a_launch_that_never_gets_an_answer_in_its_pass_is_settled_by_the_next(below_minimum):
    world = below_minimum
    world.moto.faults({"action": "RunInstances", "do": "lost_reply", "count": -1})
    ticked = world.tick()
    assert ticked.exit_code == 1
    assert len(world.instances()) == 2  # EC2 has launched it
    world.moto.faults()
    world.tick()
    assert len(tokens_asked(world)) == 1
    must_be_settled(world)


def test_a_dropped_launch_is_sent_again(below_minimum):
    world = below_minimum
    world.moto.faults({"action": "RunInstances", "do": "drop", "count": -1})
    world.tick()
    assert len(world.instances()) == 1
    world.moto.faults()
    world.tick()
    assert len(tokens_asked(world)) == 1
    must_be_settled(world)


@pytest.mark.parametrize("act", ["lost_reply", "partial", "html", "drop"])
def test_a_list_that_does_not_come_whole_is_no_list(below_minimum, act):
    world = below_minimum
    world.moto.faults({"action": "DescribeInstances", "do": act, "count": -1})
    ticked = world.tick()
    assert ticked.codes == ["fleet_unknown"]
    assert world.moto.calls("RunInstances") == []


def test_a_removal_whose_answer_is_lost_is_not_undone(world):
    workers = world.launch_workers(3)
    world.show(workers, cpu=0.05)
    world.moto.faults({"action": "TerminateInstances", "do": "lost_reply", "count": -1})
    world.tick()
    world.moto.faults()
    world.tick()
    must_be_settled(world)


# --- pages, permissions and refusals --------------------------------------------------------------


def test_every_page_is_read(world):
    world.configure(limits={"min_nodes": 12, "max_nodes": 20}, pool={"max_nodes": 20})
    world.show(world.launch_workers(12))
    world.moto.settings(page_size=5)
    assert world.tick().decision == "hold"
    world.moto.settings(page_size=5, empty_first_page=True)
    assert world.tick().decision == "hold"
    assert len(world.moto.instances(world.cluster)) == 12


def test_a_missing_right_is_said_and_not_asked_for_in_a_loop(below_minimum):
    world = below_minimum
    world.moto.faults({"action": "RunInstances", "code": "UnauthorizedOperation", "count": -1})
    ticked = world.tick()
    assert ticked.exit_code == 1
    assert "UnauthorizedOperation" in str(ticked.record["done"])
    asked = len(world.moto.calls("RunInstances"))
    for _ in range(3):
        world.tick()
    assert len(world.moto.calls("RunInstances")) <= asked + 1


def test_a_protected_instance_does_not_stop_the_pass(world):
    workers = world.launch_workers(3)
    world.show(workers, cpu=0.05)
    world.moto.faults(
        {"action": "TerminateInstances", "code": "OperationNotPermitted", "count": -1}
    )
    ticked = world.tick()
    assert ticked.exit_code == 1 and ticked.done("terminate")[0]["result"] == "failed"
    assert len(world.instances()) == 3
    assert "lease_owner" not in world.state_item()


def test_foreign_instances_are_never_touched(world):
    """The same VPC has foreign instances, and some of another Nodenap cluster."""
    tags = [{"Key": "ManagedBy", "Value": "autoscaler"}]
    foreign = world.ec2.run_instances(
        MinCount=1,
        MaxCount=1,
        ImageId="ami-0a1b2c3d4e5f60001",
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )["Instances"][0]["InstanceId"]
    of_another = aws.launch_worker(world.ec2, world.network, "another-cluster")
    workers = world.launch_workers(3)
    world.show([*workers, foreign, of_another], cpu=0.05)
    world.tick()
    world.tick()
    for reservation in world.ec2.describe_instances(InstanceIds=[foreign, of_another])[
        "Reservations"
    ]:
        assert reservation["Instances"][0]["State"]["Name"] == "running"
    assert len(world.instances()) == 2


def test_an_instance_that_was_tagged_by_hand_is_named_and_never_touched(world):
    """Someone who may tag gives a foreign instance all of the cluster's tags."""
    workers = world.launch_workers(3)
    tagged = world.ec2.run_instances(MinCount=1, MaxCount=1, ImageId="ami-0a1b2c3d4e5f60001")
    tagged = tagged["Instances"][0]["InstanceId"]
    tags = {"ManagedBy": "autoscaler", "nodenap:cluster": world.cluster, "nodenap:pool": "workers"}
    world.ec2.create_tags(
        Resources=[tagged], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    world.show(workers, cpu=0.05)
    ticked = world.tick()
    assert len(ticked.done("terminate")) == 1
    assert tagged in [kept["node"] for kept in ticked.record["kept"]]
    assert "foreign_instance" in ticked.events
    world.tick()
    assert tagged in [one["InstanceId"] for one in world.instances()]
