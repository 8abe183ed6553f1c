"""The function for arm64, as it ships, run by qemu: a whole pass over TLS, as on x86_64."""

import pytest

from stand.lambda_runtime import Function, events
from stand.world import REPOSITORY

EMULATOR = "/usr/bin/qemu-aarch64-static"
BINARY = REPOSITORY / "build" / "lambda-arm64" / "bootstrap"


@pytest.fixture
def on_arm64(world, tmp_path):
    world.show([])
    world.through = "tls"
    world.configure()
    function = Function([EMULATOR, str(BINARY)], world.variables(), tmp_path / "lambda.log")
    yield function
    function.stop()


def test_a_pass_on_arm64_launches_the_minimum(world, on_arm64):
    result = on_arm64.invoke(events.scheduled())
    assert result.outcome == "response", on_arm64.output()
    answer = result.json()
    assert answer["decision"] == "scale_up", answer
    assert answer["reasons"][0]["code"] == "below_minimum"
    assert len(world.instances()) == 2


def test_a_broken_event_on_arm64_is_refused_and_the_next_one_served(world, on_arm64):
    assert on_arm64.invoke(b"{").json()["error"]["code"] == "unknown_event"
    status = on_arm64.invoke(events.action("status"))
    assert status.json()["cluster"] == world.cluster
    assert status.cold is False
