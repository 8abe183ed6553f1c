"""The shipped zip, run by ministack as a provided.al2023 function, invoked by its Scheduler."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from stand import aws
from stand.lambda_runtime import events
from stand.waiting import wait_until
from stand.world import REPOSITORY, Pass

ROLE = "arn:aws:iam::123456789012:role/nodenap"


def shipped_zip(world) -> bytes:
    """The zip of dist/ with the configuration, as infra/ packs it."""
    place = os.environ.get("NODENAP_ZIP") or REPOSITORY / "dist" / "nodenap-lambda-x86_64.zip"
    packed = io.BytesIO(Path(place).read_bytes())
    with zipfile.ZipFile(packed, "a") as archive:
        assert [one.filename for one in archive.infolist()] == ["bootstrap"]
        archive.write(world.config, "nodenap.toml")
    return packed.getvalue()


@pytest.fixture
def function(world, ministack):
    """The name of the function, and a client that invokes it."""
    world.show(world.launch_workers(1))
    variables = world.variables()
    del variables["NODENAP_CONFIG"]  # found next to the bootstrap
    client = aws.client("lambda", ministack)
    client.create_function(
        FunctionName=world.cluster,
        Runtime="provided.al2023",
        Handler="bootstrap",
        Role=ROLE,
        Timeout=100,
        MemorySize=128,
        Code={"ZipFile": shipped_zip(world)},
        Environment={"Variables": variables},
    )
    yield client
    client.delete_function(FunctionName=world.cluster)


def test_invoked_it_launches_what_is_missing(world, function):
    answer = function.invoke(
        FunctionName=world.cluster, Payload=json.dumps(events.action("tick")).encode()
    )
    body = answer["Payload"].read()
    assert "FunctionError" not in answer, body
    record = Pass(json.loads(body))
    assert record.codes == ["below_minimum"] and len(record.done("launch")) == 1
    assert len(world.instances()) == 2


def test_the_scheduler_wakes_it(world, function, ministack):
    """rate(1 minute): the missing instance exists once the schedule has fired."""
    scheduler = aws.client("scheduler", ministack)
    arn = function.get_function(FunctionName=world.cluster)["Configuration"]["FunctionArn"]
    scheduler.create_schedule(
        Name=world.cluster,
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": arn,
            "RoleArn": ROLE,
            "Input": json.dumps(events.scheduled()),
            "RetryPolicy": {"MaximumRetryAttempts": 0},
        },
    )
    wait_until(lambda: len(world.instances()) >= 2, "the schedule has not fired", 240)
    scheduler.delete_schedule(Name=world.cluster)
    wait_until(lambda: "lease_owner" not in world.state_item(), "the lease stayed")
    (record,) = world.nodenap_json("history", "--since", "1h")["records"]
    assert record["trigger"] == "scheduled"
