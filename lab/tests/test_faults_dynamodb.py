"""DynamoDB faults: without the state nothing is done, and nothing is lost."""

import pytest

from stand.lambda_runtime import events
from stand.world import Pass


@pytest.fixture
def below_minimum(world):
    """A pass that could act would launch one worker."""
    world.show(world.launch_workers(1))
    world.moto.forget_calls()
    world.through = "toxi"
    world.configure()
    return world


def test_dynamodb_away_for_an_hour(below_minimum):
    """Thirty invocations, two minutes apart: none acts, none crashes, and then all is as before."""
    world = below_minimum
    function = world.bootstrap()
    world.toxiproxy.switch("dynalite", False)
    for _ in range(30):
        answer = function.invoke(events.scheduled())
        assert answer.function_error is None, answer.body
        assert Pass(answer.json()).codes == ["state_unavailable"]
    assert world.moto.calls("RunInstances") == []
    assert len({result.pid for result in function.results}) == 1
    world.toxiproxy.switch("dynalite", True)
    back = Pass(function.invoke(events.scheduled()).json())
    assert back.codes == ["below_minimum"] and len(back.done("launch")) == 1
    assert int(world.state_item()["epoch"]["N"]) == 1


def test_the_command_line_says_it_and_exits_with_one(below_minimum):
    below_minimum.toxiproxy.switch("dynalite", False)
    ended = below_minimum.nodenap("tick", "--config", str(below_minimum.config))
    assert ended.returncode == 1
    assert "127.0.0.1" in ended.stderr and "Traceback" not in ended.stderr


def test_an_acquire_whose_answer_is_lost_is_ours(world):
    """The write succeeded but its response was lost: the retry is refused with its own name."""
    to_moto = world.state_on_moto()
    world.show(world.launch_workers(1))
    world.moto.faults({"action": "UpdateItem", "do": "lost_reply"})
    ticked = world.tick(variables=to_moto)
    assert ticked.codes == ["below_minimum"], ticked.events
    assert len(world.instances()) == 2
    assert world.state_item()["epoch"]["N"] == "1"
    assert "lease_owner" not in world.state_item()


def test_a_slow_dynamodb_is_waited_for(below_minimum):
    below_minimum.toxiproxy.latency("dynalite", 700)
    ticked = below_minimum.tick()
    assert ticked.codes == ["below_minimum"] and ticked.exit_code == 0
    assert len(below_minimum.instances()) == 2


def test_dynamodb_lost_after_the_acquire_leaves_a_lease_that_ends(world):
    """Every write after the first fails, including the release."""
    to_moto = world.state_on_moto()
    world.show(world.launch_workers(1))
    world.moto.faults(
        {"action": "UpdateItem", "after": 1, "count": -1, "code": "InternalServerError"}
    )
    assert world.tick(variables=to_moto).exit_code == 1
    assert len(world.instances()) == 1  # no effect without its record
    world.moto.faults()
    held = Pass(world.nodenap_json("tick", variables=to_moto))
    assert held.codes == ["lease_held"]
    world.end_lease()
    assert world.tick(variables=to_moto).codes == ["below_minimum"]


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError"]
)
def test_a_passing_refusal_is_tried_again(world, code):
    to_moto = world.state_on_moto()
    world.show(world.launch_workers(1))
    world.moto.faults({"action": "UpdateItem", "count": 1, "code": code})
    ticked = world.tick(variables=to_moto)
    assert len(ticked.done("launch")) == 1, ticked.events


def test_a_missing_table_is_said(world):
    world.show(world.launch_workers(1))
    world.configure(state={"dynamodb_table": "no-such-table"})
    ended = world.nodenap("tick", "--config", str(world.config))
    assert ended.returncode == 1
    assert "no-such-table" in ended.stderr or "ResourceNotFound" in ended.stderr
    assert len(world.instances()) == 1


def test_a_newer_state_is_not_touched(world):
    world.show(world.launch_workers(1))
    key = {"cluster_id": {"S": world.cluster}, "record": {"S": "state"}}
    world.dynamodb.put_item(TableName=world.table, Item={**key, "format": {"N": "999"}})
    ticked = world.tick()
    assert ticked.codes == ["state_newer"]
    assert len(world.instances()) == 1
    assert world.state_item()["format"]["N"] == "999"
