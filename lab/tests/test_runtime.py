"""The bootstrap in Lambda: frozen, timed out, killed, measured, and never leaking secrets."""

import json
import time

import pytest

from stand.lambda_runtime import events
from stand.waiting import wait_until
from stand.world import Pass

CANARY = "canary-7d1c4e-must-never-be-seen"
WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details.\n"
    "The Canonical String for this request should have been 'POST\n/\n\n"
    f"host:ec2.us-east-1.amazonaws.com\nx-amz-security-token:{CANARY}-token\n'"
)


@pytest.fixture
def idle(world):
    """Two workers, busy enough, nothing to do."""
    world.show(world.launch_workers(2))
    return world


def test_frozen_between_invocations_it_goes_on(idle):
    function = idle.bootstrap(freeze=True)
    passes = [Pass(function.invoke(events.scheduled()).json()) for _ in range(5)]
    assert {one.decision for one in passes} == {"hold"}
    assert [one.record["epoch"] for one in passes] == [1, 2, 3, 4, 5]
    assert len({result.pid for result in function.results}) == 1


def test_kept_connections_that_died_in_the_freeze_are_no_failure(idle):
    """While it is frozen, the network forgets every connection."""
    idle.through = "toxi"
    idle.configure()
    function = idle.bootstrap(freeze=True)
    function.invoke(events.scheduled())
    for peer in ("moto", "dynalite", "prometheus"):
        idle.toxiproxy.switch(peer, False)
        idle.toxiproxy.switch(peer, True)
    second = Pass(function.invoke(events.scheduled()).json())
    assert second.decision == "hold" and second.unknown == {}, second.record
    assert second.record["epoch"] == 2


def test_prometheus_hangs_and_the_lease_is_let_go_in_time(idle):
    """The longest timeout, and a function that runs slightly longer."""
    idle.through = "toxi"
    idle.configure(metrics={"timeout": "15s"})
    idle.toxiproxy.hang("prometheus")
    function = idle.bootstrap(timeout_s=24)
    answer = function.invoke(events.scheduled())
    assert answer.outcome == "response", answer.body
    assert Pass(answer.json()).codes == ["metrics_unknown"]
    assert "lease_owner" not in idle.state_item()


def test_it_looks_again_only_while_its_deadline_is_far(world):
    """A node boots for longer than the function runs, and would be watched for 90 seconds."""
    world.configure(relook={"every": "1s", "for": "90s"})
    world.moto.settings(pending_s=600)
    world.show(world.launch_workers(1))
    function = world.bootstrap(timeout_s=29)
    answer = function.invoke(events.scheduled())
    assert answer.outcome == "response", answer.body
    assert len(Pass(answer.json()).done("launch")) == 1
    assert int(world.state_item()["epoch"]["N"]) >= 2, "it looked again"
    assert "lease_owner" not in world.state_item()


def test_with_too_little_time_nothing_is_begun(world):
    """A launch is due, but there is no time for a single call: no effect, no stuck lease."""
    world.show(world.launch_workers(1))
    world.moto.forget_calls()
    function = world.bootstrap(timeout_s=3)
    function.invoke(events.scheduled())
    assert world.moto.calls("RunInstances") == []
    later = world.bootstrap()
    if "lease_owner" in (world.state_item() or {}):
        world.end_lease()
    assert len(Pass(later.invoke(events.scheduled()).json()).done("launch")) == 1


def test_above_its_concurrency_it_is_throttled_and_nothing_breaks(idle):
    """The first one's observation takes a second; five more come meanwhile."""
    idle.through = "toxi"
    idle.configure(metrics={"timeout": "10s"})
    idle.toxiproxy.latency("prometheus", 1000)
    function = idle.bootstrap(concurrency=1)
    first = function.invoke_later(events.scheduled())
    wait_until(lambda: "lease_owner" in (idle.state_item() or {}), "no pass began")
    assert {function.invoke(events.scheduled()).status for _ in range(5)} == {429}
    first.join()
    assert Pass(function.results[0].json()).decision == "hold"
    assert Pass(function.invoke(events.scheduled()).json()).decision == "hold"


def test_killed_in_an_invocation_the_next_one_starts_anew(idle):
    function = idle.bootstrap({"NODENAP_TEST_KILL_AT": "1:after"})
    answer = function.invoke(events.scheduled())
    assert answer.json()["errorType"] == "Runtime.ExitError"
    idle.end_lease()
    function.variables.pop("NODENAP_TEST_KILL_AT")
    second = function.invoke(events.scheduled())
    assert second.cold and Pass(second.json()).decision == "hold"


def test_an_asynchronous_event_is_worked_on(idle):
    function = idle.bootstrap()
    function.invoke_later(events.scheduled()).join()
    assert Pass(function.results[0].json()).decision == "hold"


def test_memory_stays_below_its_promise(idle):
    function = idle.bootstrap()
    for _ in range(20):
        function.invoke(events.scheduled())
    peak_mb = max(result.peak_memory_kb for result in function.results) / 1024
    assert peak_mb < 16
    assert function.results[-1].peak_memory_kb - function.results[2].peak_memory_kb < 1024


def test_while_a_node_boots_it_looks_again_without_holding_the_lease(world):
    world.configure(relook={"every": "1s", "for": "6s"})
    world.moto.settings(pending_s=600)
    world.show(world.launch_workers(1))
    function = world.bootstrap()
    running = function.invoke_later(events.scheduled())
    seen_free = False
    while running.is_alive():
        item = world.state_item() or {}
        seen_free = seen_free or ("epoch" in item and "lease_owner" not in item)
        time.sleep(0.02)
    record = Pass(function.results[0].json())
    assert len(record.done("launch")) == 1
    assert int(world.state_item()["epoch"]["N"]) >= 2
    assert seen_free
    assert len(world.instances()) == 2


def test_no_secret_is_ever_said(world):
    """A conspicuous key appears in no response, log line or record, whatever fails; not even if AWS
    repeats the token, as it does for an invalid signature."""
    keys = {"AWS_SECRET_ACCESS_KEY": CANARY, "AWS_SESSION_TOKEN": CANARY + "-token"}
    world.show(world.launch_workers(1))
    world.moto.faults(
        {"action": "RunInstances", "code": "SignatureDoesNotMatch", "message": WRONG_SIGNATURE}
    )
    function = world.bootstrap(keys)
    said = [function.invoke(event) for event in (events.scheduled(), events.action("status"), {})]
    world.toxiproxy.switch("dynalite", False)
    world.through = "toxi"
    world.configure()
    away = world.bootstrap({**keys, "AWS_ENDPOINT_URL_DYNAMODB": world.url("dynalite")})
    said.append(away.invoke(events.scheduled()))
    command = world.nodenap("tick", "--config", str(world.config), "--events", variables=keys)
    everything = [result.body.decode() for result in said]
    everything += [function.output(), away.output(), command.stdout, command.stderr]
    everything += [json.dumps(item) for item in world.journal()]
    everything.append(json.dumps(world.state_item()))
    assert len(everything) >= 8
    for text in everything:
        assert CANARY not in text


def test_the_event_log_is_json_line_by_line(idle):
    function = idle.bootstrap()
    function.invoke(events.scheduled())
    lines = [line for line in function.output().splitlines() if line]
    logged = [json.loads(line) for line in lines]
    assert {"started", "pass"} <= {one["event"] for one in logged}
    (ended,) = [one for one in logged if one["event"] == "pass"]
    assert ended["PassSucceeded"] == 1
    assert ended["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Nodenap"
