"""The program's resources: properties of each part, and rules for all."""

import base64
import gzip
import json
import pathlib
import re
import zipfile

import pytest
import stack
from stack import LEAST, Recorded

import boot
import dynamodb
import package
import user_data

ROOT = pathlib.Path(__file__).resolve().parents[2]


def with_values(tmp_path, **changed) -> Recorded:
    more = {f"nodenap:{key}": json.dumps(value) for key, value in changed.items()}
    return stack.run(LEAST | more, tmp_path)


def unpacked(text: str) -> str:
    return gzip.decompress(base64.b64decode(text)).decode()


# --- Network access -------------------------------------------------------------------------------


def rules(recorded: Recorded, direction: str) -> set[tuple]:
    """(group, protocol, port, peer) of each rule, groups by their names."""
    kind = f"vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule"
    names = {one.id: one.name for one in recorded.of("ec2/securityGroup:SecurityGroup")}
    found = set()
    for one in recorded.of(kind):
        rule = one.inputs
        keys = ("referencedSecurityGroupId", "cidrIpv4", "cidrIpv6", "prefixListId")
        (peer,) = [rule[key] for key in keys if key in rule]
        port = rule.get("fromPort")
        assert port == rule.get("toPort")
        group = names[rule["securityGroupId"]]
        found.add((group, rule["ipProtocol"], port, names.get(peer, peer)))
    return found


def test_ingress_is_by_group_and_complete(full):
    assert rules(full, "Ingress") == {
        ("server", "tcp", 6443, "workers"),
        ("server", "tcp", 6443, "function"),
        ("server", "tcp", 30090, "function"),
        ("server", "udp", 8472, "workers"),
        ("server", "tcp", 10250, "workers"),
        ("workers", "udp", 8472, "server"),
        ("workers", "udp", 8472, "workers"),
        ("workers", "tcp", 10250, "server"),
        ("workers", "tcp", 10250, "workers"),
    }


def test_egress_of_the_function_is_narrow(full):
    found = {rule for rule in rules(full, "Egress") if rule[0] == "function"}
    assert found == {
        ("function", "tcp", 443, "::/0"),
        ("function", "tcp", 443, "pl-02cd2c6b"),
        ("function", "tcp", 6443, "server"),
        ("function", "tcp", 30090, "server"),
    }


def test_a_range_that_is_named_may_come_in(tmp_path):
    access = {"api_cidrs": ["198.51.100.0/24", "2001:DB8::/32"], "ssh_cidrs": ["203.0.113.9"]}
    found = rules(with_values(tmp_path, access=access), "Ingress")
    assert {one for one in found if "/" in one[3]} == {
        ("server", "tcp", 6443, "198.51.100.0/24"),
        ("server", "tcp", 6443, "2001:db8::/32"),
        ("server", "tcp", 22, "203.0.113.9/32"),
    }


def test_the_default_group_is_emptied(full):
    (default,) = full.of("ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert "ingress" not in default.inputs and "egress" not in default.inputs


# --- Server and workers ---------------------------------------------------------------------------


def test_the_server_is_as_the_article_has_it_and_closed(full):
    server = full.one("ec2/instance:Instance", "server").inputs
    assert server["instanceType"] == "t3.medium" and server["privateIp"] == "10.0.1.10"
    assert server["metadataOptions"]["httpTokens"] == "required"
    assert server["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert server["rootBlockDevice"]["encrypted"] and server["disableApiTermination"]
    assert server["rootBlockDevice"]["kmsKeyId"] == stack.DISK_KEY
    assert server["creditSpecification"] == {"cpuCredits": "unlimited"}
    assert "keyName" not in server
    script = unpacked(server["userDataBase64"])
    assert script.startswith("#!") and "v1.34.4+k3s1" in script
    assert "arn:aws:sns:us-east-1:123456789012:nodenap-prod-alerts" in script


def test_a_pool_is_a_launch_template_without_interface_and_tags(full):
    batch = full.one("ec2/launchTemplate:LaunchTemplate", "pool-batch").inputs
    assert batch["imageId"] == "ami-0aaaaaaaaaaaaaaa2" and batch["instanceType"] == "t4g.medium"
    assert batch["instanceInitiatedShutdownBehavior"] == "terminate"
    assert batch["metadataOptions"]["httpTokens"] == "required"
    assert batch["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert batch["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    assert batch["blockDeviceMappings"][0]["ebs"]["kmsKeyId"] == stack.DISK_KEY
    assert batch["creditSpecification"] == {"cpuCredits": "unlimited"}
    assert not {"networkInterfaces", "tagSpecifications", "keyName"} & set(batch)
    group = full.one("ec2/securityGroup:SecurityGroup", "workers").id
    assert batch["vpcSecurityGroupIds"] == [group]
    assert batch["iamInstanceProfile"]["arn"].endswith("instance-profile/nodenap-prod-worker")
    script = unpacked(batch["userData"])
    assert "https://10.0.1.10:6443" in script and "dedicated=batch:NoSchedule" in script
    workers = full.one("ec2/launchTemplate:LaunchTemplate", "pool-workers").inputs
    assert workers["instanceType"] == "t2.small"
    assert workers["creditSpecification"] == {"cpuCredits": "standard"}
    large = full.one("ec2/launchTemplate:LaunchTemplate", "pool-large").inputs
    assert "creditSpecification" not in large, "EC2 refuses it for types without credits"


def test_user_data_is_what_the_boot_scripts_give(full):
    made = boot.WorkerBoot(
        cluster="prod",
        region="us-east-1",
        k3s_version="v1.34.4+k3s1",
        k3s_sha256={"x86_64": "a" * 64, "arm64": "b" * 64},
        agent_token_parameter="/k3s/prod/agent-token",
        server_address="https://10.0.1.10:6443",
        pool="workers",
    )
    workers = full.one("ec2/launchTemplate:LaunchTemplate", "pool-workers").inputs
    assert unpacked(workers["userData"]) == boot.worker_user_data(made)
    assert user_data.packed("x") == user_data.packed("x")


def test_user_data_fits_or_is_refused(full):
    server = full.one("ec2/instance:Instance", "server").inputs
    assert len(base64.b64decode(server["userDataBase64"])) <= user_data.MOST_BYTES
    noise = "".join(chr(33 + (at * at * 7919) % 89 + at % 5) for at in range(60_000))
    with pytest.raises(user_data.TooLarge, match="EC2 accepts 16384"):
        user_data.packed(noise + str(list(map(hash, range(100_000)))))


# --- Table, function and triggers -----------------------------------------------------------------


def test_the_table_has_the_shape_that_the_code_writes(full, least):
    table = full.one("dynamodb/table:Table", "table").inputs
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert table["deletionProtectionEnabled"] is True
    assert table["pointInTimeRecovery"] == {"enabled": False}
    assert table["ttl"] == {"attributeName": "expires_at", "enabled": True}
    requests = (ROOT / "src/adapters/store/dynamodb_requests.cpp").read_text()
    for key in (dynamodb.PARTITION_KEY, dynamodb.SORT_KEY):
        assert f'"{key}"' in requests
    writers = [path.read_text() for path in (ROOT / "src/controller").glob("*.cpp")]
    assert any(f'"{dynamodb.EXPIRY}"' in text for text in writers)


def test_the_table_s_choices_are_taken(tmp_path):
    chosen = {"point_in_time_recovery": True, "deletion_protection": False}
    table = with_values(tmp_path, table=chosen).one("dynamodb/table:Table", "table").inputs
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["deletionProtectionEnabled"] is False


def test_the_function_is_small_and_dual_stack(full):
    function = full.one("lambda/function:Function", "function").inputs
    assert function["runtime"] == "provided.al2023" and function["architectures"] == ["arm64"]
    assert function["memorySize"] == 128 and function["timeout"] == 100
    assert function["vpcConfig"]["ipv6AllowedForDualStack"] is True
    private = {s.id for s in full.of("ec2/subnet:Subnet") if s.name.startswith("function")}
    assert set(function["vpcConfig"]["subnetIds"]) == private
    assert "environment" not in function
    assert function["loggingConfig"] == {
        "logFormat": "JSON",
        "applicationLogLevel": "INFO",  # of Nodenap's lines, which have no level
        "systemLogLevel": "WARN",  # else START, END and REPORT cost more than is counted
        "logGroup": "/aws/lambda/nodenap-prod",
    }
    log = full.one("cloudwatch/logGroup:LogGroup", "log").inputs
    assert log["name"] == "/aws/lambda/nodenap-prod" and log["retentionInDays"] == 14


def test_no_line_of_ours_is_below_the_level_that_is_sent():
    """Lambda treats a line without a level as INFO."""
    sources = [path.read_text() for path in sorted((ROOT / "src").rglob("*.cpp"))]
    assert not [text for text in sources if '"level"' in text]


def test_the_functions_time_is_that_of_its_lease():
    text = (ROOT / "src/controller/settings.hpp").read_text()
    (limit,) = re.findall(r"longest_invocation = (?:std::chrono::seconds\()?(\d+)", text)
    import lambda_autoscaler

    assert int(limit) == lambda_autoscaler.TIMEOUT_S


def test_the_zip_holds_an_executable_and_its_configuration(full):
    archive = full.one("lambda/function:Function", "function").inputs["code"]
    with zipfile.ZipFile(archive.path) as made:
        modes = {one.filename: one.external_attr >> 16 & 0o777 for one in made.infolist()}
        assert modes == {"bootstrap": 0o755, "nodenap.toml": 0o644}
        assert made.read("nodenap.toml").decode() == full.outputs["nodenap_toml"]
        assert made.read("bootstrap").startswith(b"\x7fELF")


def test_the_same_content_makes_the_same_zip(tmp_path):
    built = stack.make_built_zip(tmp_path)
    first = pathlib.Path(package.make_zip(built, "a = 1", "nodenap-prod"))
    assert first.parent == tmp_path
    before = first.read_bytes()
    assert pathlib.Path(package.make_zip(built, "a = 1", "nodenap-prod")).read_bytes() == before
    assert package.make_zip(built, "a = 2", "nodenap-prod") != str(first)


def test_of_one_stack_only_the_last_zip_stays(tmp_path):
    """Without deleting the built zip, another stack's, or one of a stack whose name starts like
    this one's."""
    built = stack.make_built_zip(tmp_path)
    others = [package.make_zip(built, "a = 1", name) for name in ("nodenap-lambda", "nodenap-pro")]
    package.make_zip(built, "a = 1", "nodenap-prod")
    last = package.make_zip(built, "a = 2", "nodenap-prod")
    wanted = {built, *others, last}
    assert {str(path) for path in tmp_path.iterdir()} == wanted
    package.make_zip(built, "a = 1", "nodenap-lambda")
    assert pathlib.Path(built).exists()


def test_a_missing_program_says_how_to_build_it(tmp_path):
    with pytest.raises(package.NoProgram, match="./dev lambda"):
        package.make_zip(str(tmp_path / "none.zip"), "", "nodenap-prod")


def test_no_wake_up_is_repeated_and_none_is_lost(full):
    queue = "arn:aws:sqs:us-east-1:123456789012:nodenap-prod-dead-letters"
    clock = full.one("scheduler/schedule:Schedule", "clock").inputs
    assert clock["scheduleExpression"] == "rate(2 minutes)"
    assert clock["flexibleTimeWindow"] == {"mode": "OFF"}
    assert clock["target"]["retryPolicy"]["maximumRetryAttempts"] == 0
    assert clock["target"]["deadLetterConfig"]["arn"] == queue
    once = full.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "once").inputs
    assert once["maximumRetryAttempts"] == 0 and once["maximumEventAgeInSeconds"] == 60
    assert once["destinationConfig"]["onFailure"]["destination"] == queue
    for target in full.of("cloudwatch/eventTarget:EventTarget"):
        assert target.inputs["deadLetterConfig"]["arn"] == queue
    subscription = full.one("sns/topicSubscription:TopicSubscription", "alerts").inputs
    assert json.loads(subscription["redrivePolicy"])["deadLetterTargetArn"] == queue


def test_the_topic_that_wakes_takes_the_servers_word_only(full):
    policy = json.loads(full.one("sns/topic:Topic", "alerts").inputs["policy"])
    [statement] = policy["Statement"]
    assert statement["Effect"] == "Deny" and statement["Action"] == ["sns:Publish"]
    server = full.one("iam/role:Role", "server").inputs["name"]
    role = statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert role == f"arn:aws:iam::123456789012:role/{server}"


def test_concurrency_is_reserved_only_where_the_stack_says_so(full, least):
    """An account with a quota of 10 cannot reserve any."""
    function = ("lambda/function:Function", "function")
    assert least.one(*function).inputs.get("reservedConcurrentExecutions") is None
    assert full.one(*function).inputs["reservedConcurrentExecutions"] == 5


def test_the_clock_sends_what_the_code_takes_for_the_clock(full):
    sent = json.loads(full.one("scheduler/schedule:Schedule", "clock").inputs["target"]["input"])
    sample = json.loads((ROOT / "tests/fixtures/lambda/scheduled_scheduler.json").read_text())
    for key in ("source", "detail-type", "version"):
        assert sent[key] == sample[key]


@pytest.mark.parametrize(("minutes", "wanted"), [(1, "rate(1 minute)"), (5, "rate(5 minutes)")])
def test_the_clock_s_rate_is_a_choice(tmp_path, minutes, wanted):
    made = with_values(tmp_path, function={"every_minutes": minutes})
    assert made.one("scheduler/schedule:Schedule", "clock").inputs["scheduleExpression"] == wanted
    alarm = made.one("cloudwatch/metricAlarm:MetricAlarm", "no-successful-pass").inputs
    assert alarm["period"] == 60 * minutes


@pytest.mark.parametrize("event", ["spot_warning", "rebalance", "state_change"])
def test_a_rule_takes_amazons_sample_event(full, event):
    sample = json.loads((ROOT / f"tests/fixtures/lambda/{event}.json").read_text())
    rule = full.one("cloudwatch/eventRule:EventRule", event.replace("_", "-")).inputs
    pattern = json.loads(rule["eventPattern"])
    assert sample["source"] in pattern["source"]
    assert sample["detail-type"] in pattern["detail-type"]


def test_only_an_end_wakes_and_not_a_beginning(full):
    rule = full.one("cloudwatch/eventRule:EventRule", "state-change").inputs
    states = json.loads(rule["eventPattern"])["detail"]["state"]
    assert states == ["shutting-down", "stopped", "terminated"]


def test_only_our_things_may_wake_the_function(full):
    allowed = {
        one.inputs["sourceArn"].split(":", 2)[2]: one.inputs["principal"]
        for one in full.of("lambda/permission:Permission")
    }
    assert allowed == {
        "sns:us-east-1:123456789012:nodenap-prod-alerts": "sns.amazonaws.com",
        **{
            f"events:us-east-1:123456789012:rule/nodenap-prod-{event}": "events.amazonaws.com"
            for event in ("spot-warning", "rebalance", "state-change")
        },
    }


# --- Alarms ---------------------------------------------------------------------------------------


def test_one_alarm_by_default_and_it_fires_when_nothing_is_heard(least):
    (alarm,) = least.of("cloudwatch/metricAlarm:MetricAlarm")
    assert not least.of("cloudwatch/logMetricFilter:LogMetricFilter")
    rule = alarm.inputs
    log = (ROOT / "src/adapters/log/event_log.cpp").read_text()
    assert f'"{rule["metricName"]}"' in log and f'"{rule["namespace"]}"' in log
    assert rule["dimensions"] == {"Cluster": "prod"} and '"Cluster"' in log
    assert rule["treatMissingData"] == "breaching"
    assert (rule["period"], rule["evaluationPeriods"], rule["datapointsToAlarm"]) == (120, 3, 3)
    assert (rule["comparisonOperator"], rule["threshold"]) == ("LessThanThreshold", 1)


def test_the_others_are_a_choice(full):
    names = {one.name for one in full.of("cloudwatch/metricAlarm:MetricAlarm")}
    assert names == {
        "no-successful-pass",
        "function-errors",
        "dead-letters",
        "at-maximum",
        "launches-failing",
    }
    topic = "arn:aws:sns:us-east-1:123456789012:nodenap-prod-alarms"
    for one in full.of("cloudwatch/metricAlarm:MetricAlarm"):
        assert one.inputs["alarmActions"] == [topic]
        # CloudWatch accepts no alarm with more than a day of data.
        assert one.inputs["period"] * one.inputs["evaluationPeriods"] <= 24 * 3600
    mail = full.one("sns/topicSubscription:TopicSubscription", "alarms").inputs
    assert (mail["protocol"], mail["endpoint"]) == ("email", "ops@example.com")


def test_what_the_log_is_searched_for_is_what_the_code_writes(full):
    kind = "cloudwatch/logMetricFilter:LogMetricFilter"
    filters = {one.name: one.inputs for one in full.of(kind)}
    sources = "".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.cpp")))
    for made in filters.values():
        for word in re.findall(r'= "([a-z_]+)"', made["pattern"]):
            assert f'"{word}"' in sources, word
        alarmed = [
            one.inputs
            for one in full.of("cloudwatch/metricAlarm:MetricAlarm")
            if one.inputs["metricName"] == made["metricTransformation"]["name"]
        ]
        assert len(alarmed) == 1


def test_the_dashboard_is_about_this_cluster(full):
    (board,) = full.of("cloudwatch/dashboard:Dashboard")
    body = json.loads(board.inputs["dashboardBody"])
    places = [(w["x"], w["y"]) for w in body["widgets"]]
    assert len(set(places)) == len(places)
    assert "/aws/lambda/nodenap-prod" in board.inputs["dashboardBody"]
