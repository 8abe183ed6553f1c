"""The layer over moto behaves as AWS documents; tested with boto3."""

import json

import pytest
from botocore.exceptions import ClientError

from stand import aws
from stand.waiting import wait_until


def code_of(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def launch(world, **more) -> str:
    return aws.launch_worker(world.ec2, world.network, world.cluster, **more)


def states(world, *ids: str) -> list[str]:
    answer = world.ec2.describe_instances(InstanceIds=list(ids))
    return [one["State"]["Name"] for part in answer["Reservations"] for one in part["Instances"]]


def wait_for_state(world, instance: str, wanted: str) -> None:
    wait_until(lambda: states(world, instance) == [wanted], f"{instance} is not {wanted}")


# --- client tokens --------------------------------------------------------------------------------


def test_a_repeated_token_answers_with_the_same_instance(world):
    assert launch(world, ClientToken="t") == launch(world, ClientToken="t")
    assert len(world.instances()) == 1


def test_two_tokens_are_two_instances(world):
    assert launch(world, ClientToken="a") != launch(world, ClientToken="b")


def test_a_token_with_other_parameters_is_refused(world):
    launch(world, ClientToken="t")
    code = code_of(lambda **more: launch(world, **more), ClientToken="t", InstanceType="t3.small")
    assert code == "IdempotentParameterMismatch"


def test_a_token_whose_instance_is_terminated_is_refused(world):
    instance = launch(world, ClientToken="t")
    world.ec2.terminate_instances(InstanceIds=[instance])
    code = code_of(lambda **more: launch(world, **more), ClientToken="t")
    assert code == "IdempotentInstanceTerminated"


def test_a_lost_reply_and_its_repetition_are_one_instance(world):
    world.moto.faults({"action": "RunInstances", "do": "lost_reply"})
    with pytest.raises(Exception, match="Connection"):
        launch(world, ClientToken="t")
    assert launch(world, ClientToken="t") in world.instance_ids()
    assert len(world.instances()) == 1
    assert world.moto.tokens() == {"t": world.instance_ids()}


def test_instances_are_found_by_their_client_token(world):
    wanted = launch(world, ClientToken="mine")
    launch(world, ClientToken="other")
    answer = world.ec2.describe_instances(
        Filters=[{"Name": "client-token", "Values": ["mine"]}]
    )
    found = [one for part in answer["Reservations"] for one in part["Instances"]]
    assert [one["InstanceId"] for one in found] == [wanted]
    assert found[0]["ClientToken"] == "mine"


# --- dry runs -------------------------------------------------------------------------------------


def status_of_dry_run(call, **arguments) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(DryRun=True, **arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_dry_run_says_that_it_would_have_worked_and_does_nothing(world):
    world.moto.capacity({"left": 0})
    asked = status_of_dry_run(lambda **more: launch(world, **more), ClientToken="t")
    assert asked == ("DryRunOperation", 412)
    assert world.instances() == [] and world.moto.tokens() == {}
    world.moto.capacity()
    instance = launch(world, ClientToken="t")
    ended = status_of_dry_run(world.ec2.terminate_instances, InstanceIds=[instance])
    assert ended == ("DryRunOperation", 412)
    assert states(world, instance) == ["running"]


def test_a_dry_run_names_what_is_not_there(world):
    world.network.launch_template_version = "9"
    code, _ = status_of_dry_run(lambda **more: launch(world, **more))
    assert code == "InvalidLaunchTemplateId.VersionNotFound"
    code, _ = status_of_dry_run(
        world.ec2.terminate_instances, InstanceIds=["i-0123456789abcdef0"]
    )
    assert code == "InvalidInstanceID.NotFound"


def test_the_quota_of_vcpus_is_known(world):
    quotas = aws.client("service-quotas", world.stand.url("moto"))
    answer = quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")
    assert answer["Quota"]["Value"] == 32.0


# --- launching ------------------------------------------------------------------------------------


def test_the_pinned_version_of_the_template_counts(world):
    launch(world)
    assert world.instances()[0]["InstanceType"] == "t2.small"  # version 1 has t2.nano


def test_tags_subnet_and_zone_are_as_asked(world):
    launch(world, zone=1)
    instance = world.instances()[0]
    assert instance["SubnetId"] == world.network.subnets[1]
    assert instance["Placement"]["AvailabilityZone"] == world.network.zones[1]
    assert {"Key": "ManagedBy", "Value": "autoscaler"} in instance["Tags"]


def test_spot_instances_say_so(world):
    launch(world, InstanceMarketOptions={"MarketType": "spot"})
    assert world.instances()[0]["InstanceLifecycle"] == "spot"


def test_min_count_above_max_count_is_refused(world):
    code = code_of(world.ec2.run_instances, MinCount=2, MaxCount=1, ImageId=aws.IMAGE)
    assert code == "InvalidParameterCombination"


def test_as_many_as_max_count_are_launched(world):
    answer = world.ec2.run_instances(MinCount=1, MaxCount=3, ImageId=aws.IMAGE)
    assert len(answer["Instances"]) == 3


@pytest.mark.parametrize("told", [{"zone": "us-east-1a"}, {"instance_type": "t2.small"}, {}])
def test_no_capacity_is_a_server_error(world, told):
    world.moto.capacity({**told, "left": 0})
    with pytest.raises(ClientError) as caught:
        launch(world)
    assert caught.value.response["Error"]["Code"] == "InsufficientInstanceCapacity"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert world.instances() == []


def test_capacity_elsewhere_is_there(world):
    world.moto.capacity({"zone": "us-east-1a", "left": 0}, {"market": "spot", "left": 0})
    launch(world, zone=1)
    launch(world, zone=1)
    assert len(world.instances()) == 2


def test_capacity_runs_out(world):
    world.moto.capacity({"instance_type": "t2.small", "left": 2})
    launch(world)
    launch(world)
    assert code_of(lambda: launch(world)) == "InsufficientInstanceCapacity"


def test_capacity_below_max_count_gives_what_there_is(world):
    world.moto.capacity({"left": 2})
    answer = world.ec2.run_instances(MinCount=1, MaxCount=5, ImageId=aws.IMAGE)
    assert len(answer["Instances"]) == 2


# --- states ---------------------------------------------------------------------------------------


def test_an_instance_is_pending_before_it_runs(world):
    world.moto.settings(pending_s=0.5)
    instance = launch(world)
    assert states(world, instance) == ["pending"]
    wait_for_state(world, instance, "running")


def test_an_instance_is_shutting_down_before_it_is_terminated(world):
    world.moto.settings(shutting_down_s=0.5)
    instance = launch(world)
    world.ec2.terminate_instances(InstanceIds=[instance])
    assert states(world, instance) == ["shutting-down"]
    wait_for_state(world, instance, "terminated")


def test_terminating_a_terminated_instance_says_terminated(world):
    instance = launch(world)
    world.ec2.terminate_instances(InstanceIds=[instance])
    again = world.ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"][0]
    assert again["CurrentState"]["Name"] == "terminated"


def test_one_unknown_id_terminates_nothing(world):
    instance = launch(world)
    wanted = [instance, "i-00000000000000000"]
    code = code_of(world.ec2.terminate_instances, InstanceIds=wanted)
    assert code == "InvalidInstanceID.NotFound"
    assert states(world, instance) == ["running"]


def test_a_young_instance_is_not_seen_yet(world):
    world.moto.settings(invisible_s=600)
    instance = launch(world)
    assert world.instances() == []
    assert code_of(world.ec2.describe_instances, InstanceIds=[instance]) == (
        "InvalidInstanceID.NotFound"
    )
    assert code_of(world.ec2.terminate_instances, InstanceIds=[instance]) == (
        "InvalidInstanceID.NotFound"
    )


def test_an_accepted_instance_may_die(world):
    world.moto.faults(
        {"action": "RunInstances", "do": "die", "code": "Server.InsufficientInstanceCapacity"}
    )
    instance = launch(world)
    wait_for_state(world, instance, "terminated")
    answer = world.ec2.describe_instances(InstanceIds=[instance])
    reason = answer["Reservations"][0]["Instances"][0]["StateReason"]
    assert reason["Code"] == "Server.InsufficientInstanceCapacity"


def test_a_reclaimed_spot_instance_says_why(world):
    instance = launch(world, InstanceMarketOptions={"MarketType": "spot"})
    assert world.moto.reclaim(instance) == [instance]
    answer = world.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert answer["State"]["Name"] == "terminated"
    assert answer["StateReason"]["Code"] == "Server.SpotInstanceTermination"


# --- filters and pages ----------------------------------------------------------------------------


def test_an_unknown_filter_is_refused(world):
    filters = [{"Name": "colour", "Values": ["red"]}]
    assert code_of(world.ec2.describe_instances, Filters=filters) == "InvalidParameterValue"


def test_pages_hold_every_instance_once(world):
    launched = {launch(world) for _ in range(12)}
    seen, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        page = world.ec2.describe_instances(MaxResults=5, **more)
        seen += [one["InstanceId"] for part in page["Reservations"] for one in part["Instances"]]
        token = page.get("NextToken")
        if not token:
            break
    assert sorted(seen) == sorted(launched)


def test_a_page_may_be_empty_and_not_the_last(world):
    instance = launch(world)
    world.moto.settings(empty_first_page=True)
    page = world.ec2.describe_instances()
    assert page["Reservations"] == [] and page["NextToken"]
    rest = world.ec2.describe_instances(NextToken=page["NextToken"])
    assert rest["Reservations"][0]["Instances"][0]["InstanceId"] == instance


@pytest.mark.parametrize("asked", [4, 1001])
def test_max_results_has_bounds(world, asked):
    assert code_of(world.ec2.describe_instances, MaxResults=asked) == "InvalidParameterValue"


def test_max_results_and_ids_exclude_each_other(world):
    instance = launch(world)
    code = code_of(world.ec2.describe_instances, MaxResults=5, InstanceIds=[instance])
    assert code == "InvalidParameterCombination"


def test_a_made_up_next_token_is_refused(world):
    assert code_of(world.ec2.describe_instances, NextToken="what") == "InvalidNextToken"


# --- faults and the log ---------------------------------------------------------------------------


def test_a_throttled_call_gets_503_then_goes_through(world):
    world.moto.faults({"action": "DescribeInstances", "code": "RequestLimitExceeded", "count": 1})
    with pytest.raises(ClientError) as caught:
        world.ec2.describe_instances()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    world.ec2.describe_instances()


def test_a_fault_meets_the_wanted_parameters_only(world):
    fault = {"action": "RunInstances", "match": {"SubnetId": world.network.subnets[0]}}
    world.moto.faults({**fault, "code": "Unsupported", "count": -1})
    assert code_of(lambda: launch(world, zone=0)) == "Unsupported"
    launch(world, zone=1)


def test_a_fault_can_wait_for_the_second_call(world):
    world.moto.faults({"action": "RunInstances", "after": 1, "code": "Unsupported"})
    launch(world)
    assert code_of(lambda: launch(world)) == "Unsupported"
    launch(world)


@pytest.mark.parametrize("act", ["drop", "partial", "html"])
def test_broken_answers_are_no_answers(world, act):
    world.moto.faults({"action": "DescribeInstances", "do": act})
    with pytest.raises(Exception):  # noqa: B017  (each call fails in its own way)
        world.ec2.describe_instances()
    world.ec2.describe_instances()


def test_a_dropped_call_did_nothing(world):
    world.moto.faults({"action": "RunInstances", "do": "drop"})
    with pytest.raises(Exception, match="Connection"):
        launch(world)
    assert world.instances() == []


def test_the_log_has_every_call_with_its_parameters(world):
    world.moto.forget_calls()
    launch(world, ClientToken="t")
    (call,) = world.moto.calls("RunInstances")
    assert call["parameters"]["ClientToken"] == "t"
    assert call["parameters"]["LaunchTemplate.Version"] == "2"
    assert (call["service"], call["status"], call["fault"]) == ("ec2", 200, None)


def test_conditional_writes_have_one_winner(world):
    """The lock is tested on dynalite; moto must not let two through either."""
    from concurrent.futures import ThreadPoolExecutor

    dynamodb = aws.client("dynamodb", world.stand.url("moto"))
    aws.make_table(world.stand.url("moto"), "race")
    key = {"cluster_id": {"S": "c"}, "record": {"S": "state"}}

    def take(number: int) -> bool:
        try:
            dynamodb.update_item(
                TableName="race",
                Key=key,
                UpdateExpression="SET lease_owner = :o",
                ConditionExpression="attribute_not_exists(lease_owner)",
                ExpressionAttributeValues={":o": {"S": str(number)}},
            )
        except ClientError:
            return False
        return True

    for _ in range(20):
        dynamodb.delete_item(TableName="race", Key=key)
        with ThreadPoolExecutor(24) as pool:
            assert sum(pool.map(take, range(24))) == 1


# --- signatures -----------------------------------------------------------------------------------

ALLOW_DESCRIBE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}],
    }
)


def test_signatures_and_rights_are_judged(world, signed_moto):
    url = world.stand.url("moto")
    keys = signed_moto(ALLOW_DESCRIBE)
    aws.client("ec2", url, **keys).describe_instances()
    wrong = aws.client("ec2", url, **{**keys, "aws_secret_access_key": "no"})
    assert code_of(wrong.describe_instances) == "AuthFailure"
    assert code_of(aws.client("ec2", url, **keys).describe_vpcs) == "UnauthorizedOperation"


def test_our_additions_pass_under_a_signature(world, signed_moto):
    launch(world, ClientToken="t")
    ec2 = aws.client("ec2", world.stand.url("moto"), **signed_moto(ALLOW_DESCRIBE))
    found = ec2.describe_instances(
        MaxResults=5, Filters=[{"Name": "client-token", "Values": ["t"]}]
    )
    assert len(found["Reservations"]) == 1
