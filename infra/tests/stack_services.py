"""Creates resources of other services: roles, state, the function and its triggers."""

import json
import pathlib

from stack import ACCOUNT, REGION
from stack_on_aws import Maker, Properties, World, pascal, tag_list

# --- Roles ----------------------------------------------------------------------------------------


def role(world: World, given: Properties) -> None:
    tags = tag_list(given)
    names = {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
    world.client("iam").create_role(Tags=tags, **given.rest(**names))


def role_policy(world: World, given: Properties) -> None:
    names = {"role": "RoleName", "policy": "PolicyDocument"}
    made = given.rest(**names)
    world.client("iam").put_role_policy(PolicyName=given.resource.name, **made)


def profile(world: World, given: Properties) -> None:
    name, of = given.take("name"), given.take("role")
    iam = world.client("iam")
    iam.create_instance_profile(InstanceProfileName=name, Tags=tag_list(given))
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=of)
    given.done()


# --- State, function, triggers --------------------------------------------------------------------


def table(world: World, given: Properties) -> None:
    dynamodb = world.client("dynamodb")
    name, expiry = given.take("name"), pascal(given.take("ttl"))
    recovery = given.take("pointInTimeRecovery")["enabled"]
    keys = {given.take("hashKey"): "HASH", given.take("rangeKey"): "RANGE"}
    columns = given.take("attributes")
    tags = tag_list(given)
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[
            {"AttributeName": one["name"], "AttributeType": one["type"]} for one in columns
        ],
        Tags=tags,
        **given.rest(),
    )
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
    dynamodb.update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery},
    )


def queue(world: World, given: Properties) -> None:
    tags, name = given.take("tags"), given.take("name")
    attributes = given.rest(messageRetentionSeconds="MessageRetentionPeriod")
    texts = {key: str(value).lower() for key, value in attributes.items()}
    made = world.client("sqs").create_queue(QueueName=name, Attributes=texts, tags=tags)
    world.ids[f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"] = made["QueueUrl"]


def queue_policy(world: World, given: Properties) -> None:
    world.client("sqs").set_queue_attributes(
        QueueUrl=given.take("queueUrl"), Attributes={"Policy": given.take("policy")}
    )
    given.done()


def topic(world: World, given: Properties) -> None:
    tags, name = tag_list(given), given.take("name")
    world.client("sns").create_topic(Name=name, Attributes=given.rest(), Tags=tags)


def subscription(world: World, given: Properties) -> None:
    redrive = given.take("redrivePolicy")
    attributes = {"RedrivePolicy": redrive} if redrive else {}
    world.client("sns").subscribe(Attributes=attributes, **given.rest(topic="TopicArn"))


def log_group(world: World, given: Properties) -> None:
    logs, name = world.client("logs"), given.take("name")
    logs.create_log_group(logGroupName=name, tags=given.take("tags"))
    logs.put_retention_policy(logGroupName=name, retentionInDays=given.take("retentionInDays"))
    given.done()


def function(world: World, given: Properties) -> None:
    archive = given.take("code")
    names = {"name": "FunctionName"}
    tags, network = given.take("tags"), pascal(given.take("vpcConfig"))
    reserved, made = given.take("reservedConcurrentExecutions"), world.client("lambda")
    made.create_function(
        Code={"ZipFile": pathlib.Path(archive.path).read_bytes()},
        VpcConfig=network,
        Tags=tags,
        **given.rest(**names),
    )
    if reserved:
        made.put_function_concurrency(
            FunctionName=given.resource.inputs["name"], ReservedConcurrentExecutions=reserved
        )


def once(world: World, given: Properties) -> None:
    world.client("lambda").put_function_event_invoke_config(**given.rest())


def permission(world: World, given: Properties) -> None:
    world.client("lambda").add_permission(
        StatementId=given.resource.name, **given.rest(function="FunctionName")
    )


def schedule_group(world: World, given: Properties) -> None:
    tags = tag_list(given)
    world.client("scheduler").create_schedule_group(Tags=tags, **given.rest())


def schedule(world: World, given: Properties) -> None:
    world.client("scheduler").create_schedule(**given.rest())


def event_rule(world: World, given: Properties) -> None:
    tags = tag_list(given)
    world.client("events").put_rule(Tags=tags, **given.rest())


def event_target(world: World, given: Properties) -> None:
    of = given.take("rule")
    target = given.rest() | {"Id": given.resource.name}
    failed = world.client("events").put_targets(Rule=of, Targets=[target])
    assert failed["FailedEntryCount"] == 0, failed


# --- Alarms ---------------------------------------------------------------------------------------


def metric_filter(world: World, given: Properties) -> None:
    change = given.take("metricTransformation")
    world.client("logs").put_metric_filter(
        logGroupName=given.take("logGroupName"),
        filterName=given.take("name"),
        filterPattern=given.take("pattern"),
        metricTransformations=[
            {
                "metricName": change.pop("name"),
                "metricNamespace": change.pop("namespace"),
                "metricValue": change.pop("value"),
                **change,
            }
        ],
    )
    given.done()


def alarm(world: World, given: Properties) -> None:
    tags, dimensions = tag_list(given), given.take("dimensions", {})
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    names = {"okActions": "OKActions", "name": "AlarmName"}
    world.client("cloudwatch").put_metric_alarm(Tags=tags, Dimensions=named, **given.rest(**names))


def dashboard(world: World, given: Properties) -> None:
    assert json.loads(given.values["dashboardBody"])["widgets"]
    world.client("cloudwatch").put_dashboard(**given.rest())


MAKERS: dict[str, Maker] = {
    "cloudwatch/dashboard:Dashboard": dashboard,
    "cloudwatch/eventRule:EventRule": event_rule,
    "cloudwatch/eventTarget:EventTarget": event_target,
    "cloudwatch/logGroup:LogGroup": log_group,
    "cloudwatch/logMetricFilter:LogMetricFilter": metric_filter,
    "cloudwatch/metricAlarm:MetricAlarm": alarm,
    "dynamodb/table:Table": table,
    "iam/instanceProfile:InstanceProfile": profile,
    "iam/role:Role": role,
    "iam/rolePolicy:RolePolicy": role_policy,
    "lambda/function:Function": function,
    "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": once,
    "lambda/permission:Permission": permission,
    "scheduler/schedule:Schedule": schedule,
    "scheduler/scheduleGroup:ScheduleGroup": schedule_group,
    "sns/topic:Topic": topic,
    "sns/topicSubscription:TopicSubscription": subscription,
    "sqs/queue:Queue": queue,
    "sqs/queuePolicy:QueuePolicy": queue_policy,
}
