"""Duplicate, concurrent, delayed and invalid invocations; and invalid configurations."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from stand.lambda_runtime import events
from stand.waiting import wait_until
from stand.world import Pass, full


@pytest.fixture
def short_of_nodes(world):
    """The workers are full, and 24 pending pods need six more nodes with four pods each."""
    workers = world.launch_workers(2)
    world.configure(limits={"max_nodes": 20}, pool={"max_nodes": 20})
    waiting = {"name": "nginx", "count": 24, "cpu": 0.2, "memory_bytes": 64 << 20}
    world.show(workers, [waiting, *full(workers)])
    return world


def invoke_all(functions_and_events) -> list[Pass]:
    with ThreadPoolExecutor(len(functions_and_events)) as pool:
        results = pool.map(lambda pair: pair[0].invoke(pair[1]), functions_and_events)
        return [Pass(result.json()) for result in results]


def test_the_same_event_twice_launches_once(short_of_nodes):
    world = short_of_nodes
    function = world.bootstrap()
    event = events.scheduled()
    function.invoke(event)
    function.invoke(event)
    assert len(world.instances()) == 8


def test_five_wake_ups_at_once_launch_once(short_of_nodes):
    world = short_of_nodes
    function = world.bootstrap()
    passes = invoke_all([(function, events.scheduled())] * 5)
    assert len(world.instances()) == 8
    assert any(one.done("launch") for one in passes)
    assert world.nodenap_json("status")["lease"]["held"] is False


def test_two_at_once_one_of_them_slow(short_of_nodes):
    """The slow one has a delayed Prometheus; it acts on what it observes then, or not at all."""
    world = short_of_nodes
    quick = world.bootstrap()
    world.through = "toxi"
    world.config = world.folder / "slow.toml"
    world.configure(limits={"max_nodes": 20}, pool={"max_nodes": 20}, metrics={"timeout": "9s"})
    world.toxiproxy.latency("prometheus", 900)
    slow = world.bootstrap()
    for _ in range(3):
        invoke_all([(slow, events.scheduled()), (quick, events.scheduled())])
    assert len(world.instances()) == 8


def test_a_scheduled_wake_up_that_finds_the_lease_held_exits_at_once(short_of_nodes):
    world = short_of_nodes
    hold_lease(world)
    answer = world.bootstrap().invoke(events.scheduled())
    assert answer.function_error is None
    assert Pass(answer.json()).codes == ["lease_held"]
    assert len(world.instances()) == 2


def test_an_alert_waits_for_the_lease(short_of_nodes):
    world = short_of_nodes
    hold_lease(world)
    function = world.bootstrap()
    waiting = function.invoke_later(events.alert())
    world.end_lease()
    waiting.join()
    (result,) = function.results
    assert Pass(result.json()).codes == ["pending_pods"]
    assert len(world.instances()) == 8


def test_a_pass_whose_lease_was_taken_over_launches_nothing_twice(
    short_of_nodes,
):
    """A pass is suspended while it observes; its lease expires, another pass acts; the first one
    resumes: its operations can no longer be written, so it has no effect."""
    world = short_of_nodes
    world.through = "toxi"
    world.config = world.folder / "old.toml"
    world.configure(limits={"max_nodes": 20}, pool={"max_nodes": 20}, metrics={"timeout": "14s"})
    world.toxiproxy.latency("prometheus", 4000)
    old = world.bootstrap()
    paused = old.invoke_later(events.scheduled())
    wait_until(lambda: "lease_owner" in (world.state_item() or {}), "no pass began")
    world.end_lease()
    world.through = "direct"
    world.config = world.folder / "new.toml"
    world.configure(limits={"max_nodes": 20}, pool={"max_nodes": 20})
    new = world.tick()
    assert len(new.done("launch")) == 6
    paused.join()
    assert len(world.instances()) == 8
    assert int(world.state_item()["epoch"]["N"]) >= 2
    assert Pass(old.results[0].json()).done("launch") == []


# --- events ---------------------------------------------------------------------------------------

NONSENSE = {
    "an empty object": b"{}",
    "a number": b"42",
    "null": b"null",
    "an empty text": b"",
    "no JSON": b"<html>",
    "half of JSON": b'{"source": "aws.ec2", "detail-ty',
    "another service": json.dumps({"source": "aws.s3", "detail-type": "Object Created"}).encode(),
    "an unknown action": b'{"action": "destroy"}',
    "an action that is no text": b'{"action": {"status": 1}}',
    "records that are no list": b'{"Records": 7}',
    "an EC2 event without an instance": json.dumps(
        {"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning", "detail": 3}
    ).encode(),
    "very deep": b"[" * 5000 + b"]" * 5000,
    "not UTF-8": b'{"action": "\xff\xfe"}',
}


def test_nonsense_is_refused_with_a_clear_answer_and_the_function_lives(world):
    world.show(world.launch_workers(2))
    function = world.bootstrap()
    for name, event in NONSENSE.items():
        answer = function.invoke(event)
        assert answer.function_error is None, f"{name}: {answer.body}"
        error = answer.json()["error"]
        assert error["code"] == "unknown_event" and error["text"], name
    assert Pass(function.invoke(events.scheduled()).json()).decision == "hold"
    assert len({result.pid for result in function.results}) == 1


def test_an_event_about_a_foreign_instance_is_answered_without_the_lease(world):
    world.show(world.launch_workers(2))
    answer = world.bootstrap().invoke(events.state_change("i-00000000000000000", "terminated"))
    assert Pass(answer.json()).codes == ["not_ours"]
    assert world.state_item() is None


def test_an_alert_of_alertmanager_wakes_it(short_of_nodes):
    answer = short_of_nodes.bootstrap().invoke(events.alert("PodsUnschedulable"))
    assert Pass(answer.json()).codes == ["pending_pods"]


def test_a_spot_warning_replaces_the_instance_before_it_goes(world):
    workers = world.launch_workers(2, InstanceMarketOptions={"MarketType": "spot"})
    world.show(workers)
    function = world.bootstrap()
    function.invoke(events.scheduled())  # the pass knows them now
    record = Pass(function.invoke(events.spot_warning(workers[0])).json())
    assert record.codes == ["below_minimum"], record.record
    assert len(world.instances()) == 3
    world.moto.reclaim(workers[0])
    Pass(function.invoke(events.state_change(workers[0], "terminated")).json())
    assert len(world.instances()) == 2
    assert not world.state_item().get("notices", {}).get("M")


def test_a_rebalance_recommendation_is_taken(world):
    workers = world.launch_workers(2, InstanceMarketOptions={"MarketType": "spot"})
    world.show(workers)
    function = world.bootstrap()
    function.invoke(events.scheduled())
    answer = function.invoke(events.rebalance(workers[0]))
    assert answer.function_error is None
    assert Pass(answer.json()).decision == "hold"


# --- configuration --------------------------------------------------------------------------------


def test_every_fault_of_a_configuration_is_named_with_its_line(world):
    world.config.write_text(
        '[cluster]\nid = "x"\nmode = "sleep"\n[aws]\nregion = "us-east-1"\n'
        '[limits]\nmin_nodes = 5\nmax_nodes = 2\ncolour = "red"\n'
        '[scale_up]\ncpu_window = "soon"\n'
    )
    ended = world.nodenap("config", "check", "--config", str(world.config))
    said = ended.stdout + ended.stderr
    assert ended.returncode == 2
    for line, word in ((3, "mode"), (9, "colour"), (11, "cpu_window")):
        assert f"nodenap.toml:{line}" in said and word in said, said


def test_a_right_configuration_is_right(world):
    ended = world.nodenap("config", "check", "--config", str(world.config))
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("verb", ["tick", "plan", "status"])
def test_a_wrong_configuration_stops_every_verb_before_it_does_anything(world, verb):
    world.config.write_text("[cluster\n")
    world.moto.forget_calls()
    ended = world.nodenap(verb, "--config", str(world.config))
    assert ended.returncode == 2 and "nodenap.toml:1" in ended.stderr
    assert world.moto.calls() == []


def test_the_function_reports_a_wrong_configuration_at_its_start(world):
    world.config.write_text("[cluster]\nid = 7\n")
    answer = world.bootstrap().invoke(events.scheduled())
    assert answer.function_error == "Unhandled"
    assert "cluster" in answer.body.decode()


def hold_lease(world) -> None:
    """Like another pass, long enough for this test."""
    world.dynamodb.put_item(
        TableName=world.table,
        Item={
            "cluster_id": {"S": world.cluster},
            "record": {"S": "state"},
            "scaling_in_progress": {"BOOL": True},
            "lease_owner": {"S": "another"},
            "lease_until": {"N": "99999999999999"},
            "epoch": {"N": "1"},
            "generation": {"S": "0123456789abcdef0123456789abcdef"},
            "open_intents": {"M": {}},
            "notices": {"M": {}},
            "format": {"N": "1"},
        },
    )
