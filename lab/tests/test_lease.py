"""The lease with many processes on dynalite, and the baseline's boolean lock, which must fail."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from stand import aws
from stand.lambda_runtime import events
from stand.places import clean_environment
from stand.world import REPOSITORY, Pass, full


# Fifty processes use one server in turn, for as long as the machine takes.
LIMIT_S = 1200


def adapters_tests() -> str:
    """The unit tests' program, whose store contract runs with any given DynamoDB."""
    name = "nodenap_adapters_tests"
    places = [REPOSITORY / "build" / preset / name for preset in ("asan", "dev")]
    given = os.environ.get("NODENAP_ADAPTERS_TESTS")
    return given or str(next((place for place in places if place.exists()), places[0]))


def judge_store(url: str, cases: str) -> None:
    aws.make_table(url, "nodenap")
    ended = subprocess.run(
        [adapters_tests(), f"--gtest_filter=DynamoDb/DynamoDbContract.{cases}"],
        env=clean_environment(NODENAP_TEST_DYNAMODB_URL=url),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    aws.client("dynamodb", url).delete_table(TableName="nodenap")
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    assert "[  PASSED  ] 0 tests" not in ended.stdout


@pytest.mark.timeout(LIMIT_S + 60)
def test_fifty_processes_count_to_five_hundred_on_dynalite(stand):
    judge_store(stand.url("dynalite"), "*FiftyProcesses*")


def test_the_rest_of_the_store_contract_holds_on_dynalite(stand):
    """Except for maps in conditions, which dynalite never finds equal; they are tested on
    ministack."""
    judge_store(stand.url("dynalite"), "*-*FiftyProcesses*:*ConditionsHoldOrNot")


def test_conditions_hold_on_ministack(ministack):
    judge_store(ministack, "*ConditionsHoldOrNot")


def test_the_articles_boolean_lock_stays_for_ever_after_a_crash(world):
    """Must fail: the baseline's lock, taken by a process that then crashed."""
    key = {"cluster_id": {"S": "article"}, "record": {"S": "state"}}

    def take() -> bool:
        try:
            world.dynamodb.update_item(
                TableName=world.table,
                Key=key,
                UpdateExpression="SET scaling_in_progress = :t",
                ConditionExpression="attribute_not_exists(scaling_in_progress)"
                " OR scaling_in_progress = :f",
                ExpressionAttributeValues={":t": {"BOOL": True}, ":f": {"BOOL": False}},
            )
        except world.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    assert take()
    # Its owner is killed here. The item has neither the lock's expiry nor its owner.
    item = world.dynamodb.get_item(TableName=world.table, Key=key)["Item"]
    assert set(item) == {"cluster_id", "record", "scaling_in_progress"}
    assert not any(take() for _ in range(3))


def test_a_lease_whose_time_is_over_is_taken(world):
    """The same crash with Nodenap's lease: the item has its expiry, after which it is free."""
    world.show(world.launch_workers(2))
    world.tick_once({"NODENAP_TEST_KILL_AT": "1:after"})  # crashes once it has the lease
    item = world.state_item()
    assert item["scaling_in_progress"]["BOOL"] and item["lease_owner"]["S"]
    left_s = int(item["lease_until"]["N"]) / 1000 - time.time()
    assert left_s <= 120
    assert Pass(world.nodenap_json("tick")).codes == ["lease_held"]
    world.end_lease()
    assert world.tick().decision == "hold"
    assert int(world.state_item()["epoch"]["N"]) >= 2


def test_unlock_frees_the_lease_and_ends_the_old_epoch(world):
    world.show(world.launch_workers(2))
    world.tick_once({"NODENAP_TEST_KILL_AT": "1:after"})
    assert world.nodenap("unlock", "--yes", "--config", str(world.config)).returncode == 0
    assert "lease_owner" not in world.state_item()
    assert int(world.state_item()["epoch"]["N"]) >= 2


def test_a_crowd_of_programs_makes_each_launch_once(world):
    """Ten command lines and ten functions at once, while three nodes are missing."""
    workers = world.launch_workers(2)
    world.show(workers, [{"name": "web", "count": 3, "cpu": 0.8}, *full(workers)])
    function = world.bootstrap(concurrency=10)

    def wake(number: int) -> None:
        if number % 2:
            function.invoke(events.scheduled())
        else:
            world.nodenap("tick", "--config", str(world.config))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(wake, range(20)))
    world.tick()
    assert len(world.instances()) == 5
    status = world.nodenap_json("status")
    assert status["lease"]["held"] is False and status["open_intents"] == []
