"""`nodenap doctor` with real servers: a good stand is green, and each fault is reported."""

import json

import pytest

from stand import aws
from stand.places import REGION

TOKEN = "/k3s/prod/agent-token"
SECRET = "K10canary::server:not-to-be-seen"


class Answer:
    def __init__(self, ended) -> None:
        self.exit_code, self.text = ended.returncode, ended.stdout + ended.stderr
        assert ended.stdout.startswith("{"), self.text
        answer = json.loads(ended.stdout)
        assert answer["version"] == 1
        self.checks = {one["check"]: one for one in answer["checks"]}

    def results(self, *wanted: str) -> dict[str, str]:
        """The details of each check with one of these results."""
        return {n: one["seen"] for n, one in self.checks.items() if one["result"] in wanted}

    def seen(self, check: str) -> tuple[str, str]:
        return self.checks[check]["result"], self.checks[check]["seen"]


def doctor(world, *arguments: str, variables: dict | None = None) -> Answer:
    ended = world.nodenap(
        *("doctor", "--config", str(world.config), "--output", "json"),
        *("--token-parameter", TOKEN, *arguments),
        variables=variables,
    )
    return Answer(ended)


@pytest.fixture
def healthy(world):
    """A cluster of two workers with a recent pass."""
    ssm = aws.client("ssm", world.stand.url("moto"))
    ssm.put_parameter(Name=TOKEN, Value=SECRET, Type="SecureString")
    world.show(world.launch_workers(2), off=[])  # every target answers
    assert world.tick().decision == "hold"
    world.moto.forget_calls()
    return world


def is_failed(answer: Answer, check: str, *words: str) -> None:
    """Reported with advice and by the exit code."""
    result, seen = answer.seen(check)
    assert result == "failed", answer.text
    assert all(word in seen for word in words), seen
    assert answer.checks[check]["advice"]
    assert answer.exit_code == 1


def test_a_good_stand_is_green_and_nothing_is_changed(healthy):
    item = healthy.state_item()
    answer = doctor(healthy)
    assert answer.results("failed", "warning") == {}
    # According to EC2 a new instance need not have its node yet.
    assert set(answer.results("not checked")) <= {"Prometheus: cluster"}, answer.text
    assert answer.exit_code == 0
    assert healthy.state_item() == item
    assert len(healthy.instances()) == 2
    for action in ("RunInstances", "TerminateInstances"):
        calls = healthy.moto.calls(action)
        assert calls and all(one["parameters"]["DryRun"] == "true" for one in calls)
        assert {one["status"] for one in calls} == {412}


def test_no_secret_is_read_or_shown(healthy):
    answer = doctor(healthy)
    assert answer.seen("workers' token")[1] == f"{TOKEN} was written 0 days ago"
    assert SECRET not in answer.text and "testtest" not in answer.text
    asked = {one["action"] for one in healthy.moto.calls()}
    assert "DescribeParameters" in asked and not asked & {"GetParameter", "GetParameters"}


def test_the_table_for_people_ends_with_a_sum(healthy):
    healthy.configure(pool={"launch_template_version": "9"})
    ended = healthy.nodenap("doctor", "--config", str(healthy.config))
    assert ended.returncode == 1
    assert "What to do" in ended.stdout and "2 failed" in ended.stdout.splitlines()[-1]
    assert "\x1b" not in ended.stdout


def test_no_table(healthy):
    healthy.configure(state={"dynamodb_table": "nowhere"})
    answer = doctor(healthy)
    is_failed(answer, "state: read", "ResourceNotFoundException", "does not exist")
    is_failed(answer, "state: write", "ResourceNotFoundException")
    assert answer.seen("schedule")[0] == "not checked"
    assert answer.seen("pool workers: launch")[0] == "ok"
    assert answer.seen("signal: CPU")[0] == "ok"


def test_a_template_version_that_is_not_there(healthy):
    healthy.configure(pool={"launch_template_version": "9"})
    answer = doctor(healthy)
    is_failed(answer, "pool workers: launch template", "version 9")
    is_failed(answer, "pool workers: launch", "InvalidLaunchTemplateId.VersionNotFound")
    assert answer.seen("termination")[0] == "ok"


def test_zones_in_the_wrong_order(healthy):
    first, second = healthy.network.subnets
    zones = list(reversed(healthy.network.zones))
    healthy.configure(pool={"zones": zones})
    answer = doctor(healthy)
    is_failed(answer, f"pool workers: subnet {first}", "us-east-1a", "us-east-1b")
    is_failed(answer, f"pool workers: subnet {second}", "us-east-1a", "us-east-1b")


def test_a_subnet_of_nowhere(healthy):
    healthy.configure(pool={"subnets": [healthy.network.subnets[0], "subnet-0123456789abcdef0"]})
    answer = doctor(healthy)
    is_failed(answer, "pool workers: subnet subnet-0123456789abcdef0", "EC2 has no subnet")
    assert answer.seen(f"pool workers: subnet {healthy.network.subnets[0]}")[0] == "ok"


def test_prometheus_is_away(healthy):
    healthy.configure(metrics={"url": "http://127.0.0.1:1", "timeout": "2s"})
    answer = doctor(healthy)
    is_failed(answer, "Prometheus", "http://127.0.0.1:1")
    assert "depends on Prometheus" in answer.seen("signal: CPU")[1]
    assert answer.seen("state: write")[0] == "ok"


def test_a_schedule_that_has_stopped(healthy):
    """Ten minutes ago according to the state item."""
    item = healthy.state_item()
    ago = int(item["last_pass_at"]["N"]) - 600_000
    healthy.dynamodb.update_item(
        TableName=healthy.table,
        Key={"cluster_id": {"S": healthy.cluster}, "record": {"S": "state"}},
        UpdateExpression="SET last_pass_at = :ago",
        ExpressionAttributeValues={":ago": {"N": str(ago)}},
    )
    is_failed(doctor(healthy), "schedule", "10m", "every 2m")
    assert doctor(healthy, "--every", "10m").seen("schedule")[0] == "ok"


def test_before_the_first_pass_nothing_is_wrong(world):
    """`--help` names doctor as the second step, before any pass."""
    ssm = aws.client("ssm", world.stand.url("moto"))
    ssm.put_parameter(Name=TOKEN, Value=SECRET, Type="SecureString", Overwrite=True)
    world.show(world.launch_workers(1), off=[])
    world.configure(cluster={"mode": "observe"})
    answer = doctor(world)
    assert answer.seen("schedule") == ("not yet", "no pass recorded yet")
    assert answer.results("failed", "warning") == {}
    assert answer.exit_code == 0


def test_spot_without_its_role(healthy):
    healthy.configure(pool={"capacity": "spot-then-on-demand"})
    result, seen = doctor(healthy).seen("pool workers: spot role")
    assert result == "warning" and "AWSServiceRoleForEC2Spot" in seen
    healthy.configure(pool={"capacity": "spot"})
    is_failed(doctor(healthy), "pool workers: spot role", "AWSServiceRoleForEC2Spot")


def test_workers_newer_than_the_server(world):
    world.show(world.launch_workers(1), worker={"version": "v1.31.0+k3s1"})
    is_failed(doctor(world), "K3s versions", "v1.31.0+k3s1", "the server has v1.30.2+k3s1")


def test_workers_two_minor_versions_older(world):
    world.show(world.launch_workers(1), worker={"version": "v1.28.9+k3s1"})
    assert doctor(world).seen("K3s versions")[0] == "warning"


@pytest.mark.parametrize("seconds", ["60", "-60"])
def test_a_clock_that_is_off(healthy, seconds):
    answer = doctor(healthy, variables={"NODENAP_TEST_CLOCK_OFF_S": seconds})
    is_failed(answer, "clock", "AWS")
    is_failed(answer, "Prometheus", "Prometheus's")


def test_rights_that_are_missing_are_named(healthy):
    """A failure for calls of a pass; only `not checked` for doctor's own calls."""
    denied = (
        *("RunInstances", "TerminateInstances", "DescribeSubnets", "DescribeParameters"),
        "DescribeInstanceTypeOfferings",
    )
    codes = {"DescribeParameters": "AccessDeniedException"}
    healthy.moto.faults(
        *(
            {"action": one, "code": codes.get(one, "UnauthorizedOperation"), "count": -1}
            for one in denied
        )
    )
    answer = doctor(healthy)
    is_failed(answer, "pool workers: launch", "UnauthorizedOperation")
    is_failed(answer, "termination", "UnauthorizedOperation")
    for check, right in (
        (f"pool workers: subnet {healthy.network.subnets[0]}", "needs ec2:DescribeSubnets"),
        ("workers' token", "needs ssm:DescribeParameters"),
        ("pool workers: instance types", "needs ec2:DescribeInstanceTypeOfferings"),
    ):
        result, seen = answer.seen(check)
        assert result == "not checked" and right in seen
    assert answer.seen("pool workers: launch template")[0] == "ok"


def test_a_quota_that_cannot_be_asked_is_not_checked(healthy):
    answer = doctor(healthy, variables={"AWS_ENDPOINT_URL_SERVICE_QUOTAS": "http://127.0.0.1:1"})
    assert answer.seen("quota: vCPUs on-demand")[0] == "not checked"
    assert answer.exit_code == 0


def test_no_credentials(healthy):
    answer = doctor(
        healthy,
        variables={
            "AWS_ACCESS_KEY_ID": "",
            "AWS_SECRET_ACCESS_KEY": "",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )
    is_failed(answer, "credentials", "no AWS credentials")
    for check in ("instances", "pool workers: launch", "state: write", "workers' token"):
        assert answer.seen(check) == ("not checked", "depends on the credentials")
    assert answer.seen("signal: CPU")[0] == "ok"


def test_wrong_usage_and_a_wrong_file(world):
    assert world.nodenap("doctor", "--every", "soon").returncode == 2
    world.configure(pool={"zones": [f"{REGION}a"]})
    assert world.nodenap("doctor", "--config", str(world.config)).returncode == 2
