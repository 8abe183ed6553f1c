"""The Lambda function and its triggers: schedule, alerts and EC2 events.

Invocations are not retried: the next one comes in two minutes, and a retry would only wait for the
lease. Undelivered events are kept in a queue.
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

import nodenap_toml
import package
from config import Settings
from names import EC2_EVENTS, rule_name
from tags import tags

TIMEOUT_S = 100  # the lease's duration minus its margin
RESERVED = 5  # a pass, its scheduled invocation, and alerts and events that wait for the lease
OLDEST_WAKEUP_S = 60  # the next scheduled pass sees everything that an older one reports

# EventBridge Scheduler replaces <aws.…> when it sends.
WAKE_UP = {
    "version": "0",
    "id": "<aws.scheduler.execution-id>",
    "detail-type": "Scheduled Event",
    "source": "aws.scheduler",
    "time": "<aws.scheduler.scheduled-time>",
    "resources": ["<aws.scheduler.schedule-arn>"],
    "detail": {},
}


@dataclass(frozen=True)
class Setting:
    """The function's network and role."""

    subnets: list[aws.ec2.Subnet]
    group: aws.ec2.SecurityGroup
    role: aws.iam.Role
    rights: list[pulumi.Resource]  # Lambda needs them when the function is created


@dataclass(frozen=True)
class Wake:
    """What a trigger needs: the function, and the queue for failures."""

    function: aws.lambda_.Function
    dead_letters: aws.sqs.Queue
    settings: Settings


def make_dead_letters(settings: Settings, policy: pulumi.Output[str]) -> aws.sqs.Queue:
    """Undelivered events, kept for 14 days; `policy` allows services to send them."""
    queue = aws.sqs.Queue(
        "dead-letters",
        name=f"{settings.prefix}-dead-letters",
        message_retention_seconds=14 * 24 * 3600,
        sqs_managed_sse_enabled=True,
        tags=tags(settings, "dead-letters"),
    )
    aws.sqs.QueuePolicy("dead-letters", queue_url=queue.url, policy=policy)
    return queue


def make_alert_topic(settings: Settings, policy: pulumi.Output[str]) -> aws.sns.Topic:
    """For alerts of Alertmanager, which only invoke the function and are no input of decisions."""
    return aws.sns.Topic(
        "alerts",
        name=f"{settings.prefix}-alerts",
        policy=policy,
        kms_master_key_id="alias/aws/sns",
        tags=tags(settings, "alerts"),
    )


def make_log_group(settings: Settings) -> aws.cloudwatch.LogGroup:
    return aws.cloudwatch.LogGroup(
        "log",
        name=f"/aws/lambda/{settings.prefix}",
        retention_in_days=settings.function.log_retention_days,
        tags=tags(settings, "log"),
    )


def code(settings: Settings, toml: pulumi.Output[str]) -> pulumi.Output[pulumi.Archive]:
    built, name = settings.function.zip_path, settings.prefix
    return toml.apply(lambda text: pulumi.FileArchive(package.make_zip(built, text, name)))


def logging(log: aws.cloudwatch.LogGroup) -> aws.lambda_.FunctionLoggingConfigArgs:
    """Logs only warnings and errors of Lambda itself: START, END and REPORT of each invocation
    would be a third of the log's cost. Only the JSON format has levels; Nodenap's lines are JSON
    without a level, so they count as INFO.
    """
    return aws.lambda_.FunctionLoggingConfigArgs(
        log_format="JSON",
        application_log_level="INFO",
        system_log_level="WARN",
        log_group=log.name,
    )


def make_function(
    settings: Settings,
    setting: Setting,
    log: aws.cloudwatch.LogGroup,
    toml: pulumi.Output[str],
) -> aws.lambda_.Function:
    """By default no concurrency is reserved: the lease is the lock, and reserved concurrency is
    taken from the account's other functions."""
    return aws.lambda_.Function(
        "function",
        name=settings.prefix,
        description=f"Adds and removes the workers of {settings.cluster}",
        role=setting.role.arn,
        runtime="provided.al2023",
        handler="bootstrap",
        architectures=[settings.function.architecture],
        memory_size=settings.function.memory_mib,
        timeout=TIMEOUT_S,
        reserved_concurrent_executions=RESERVED if settings.reserved_concurrency else None,
        code=code(settings, toml),
        vpc_config=aws.lambda_.FunctionVpcConfigArgs(
            subnet_ids=[subnet.id for subnet in setting.subnets],
            security_group_ids=[setting.group.id],
            ipv6_allowed_for_dual_stack=True,
        ),
        logging_config=logging(log),
        tags=tags(settings, "function"),
        opts=pulumi.ResourceOptions(depends_on=setting.rights),
    )


def do_not_repeat(wake: Wake) -> aws.lambda_.FunctionEventInvokeConfig:
    """By default Lambda would retry twice, for hours."""
    return aws.lambda_.FunctionEventInvokeConfig(
        "once",
        function_name=wake.function.name,
        maximum_retry_attempts=0,
        maximum_event_age_in_seconds=OLDEST_WAKEUP_S,
        destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
            on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                destination=wake.dead_letters.arn
            )
        ),
    )


def rate(minutes: int) -> str:
    return "rate(1 minute)" if minutes == 1 else f"rate({minutes} minutes)"


def make_schedule_group(settings: Settings) -> aws.scheduler.ScheduleGroup:
    """A separate group, so that only this schedule can use the scheduler's role."""
    return aws.scheduler.ScheduleGroup("clock", name=settings.prefix, tags=tags(settings, "clock"))


def wake_by_clock(
    wake: Wake,
    group: aws.scheduler.ScheduleGroup,
    role: aws.iam.Role,
    rights: list[pulumi.Resource],
) -> aws.scheduler.Schedule:
    """`rights`: the policies that `role` must have before the first invocation."""
    target = aws.scheduler.ScheduleTargetArgs(
        arn=wake.function.arn,
        role_arn=role.arn,
        input=json.dumps(WAKE_UP),
        retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
            maximum_retry_attempts=0, maximum_event_age_in_seconds=OLDEST_WAKEUP_S
        ),
        dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(
            arn=wake.dead_letters.arn
        ),
    )
    return aws.scheduler.Schedule(
        "clock",
        name=wake.settings.prefix,
        group_name=group.name,
        description="Invokes Nodenap",
        schedule_expression=rate(wake.settings.function.every_minutes),
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=target,
        opts=pulumi.ResourceOptions(depends_on=rights),
    )


def wake_by_alerts(wake: Wake, topic: aws.sns.Topic) -> None:
    allowed = permit("alerts", wake, "sns.amazonaws.com", topic.arn)
    aws.sns.TopicSubscription(
        "alerts",
        topic=topic.arn,
        protocol="lambda",
        endpoint=wake.function.arn,
        redrive_policy=wake.dead_letters.arn.apply(
            lambda arn: json.dumps({"deadLetterTargetArn": arn})
        ),
        opts=pulumi.ResourceOptions(depends_on=[allowed]),
    )


def wake_by_ec2(wake: Wake) -> None:
    for event, pattern in EC2_EVENTS.items():
        rule = aws.cloudwatch.EventRule(
            event,
            name=rule_name(wake.settings, event),
            description=f"Invokes Nodenap: {pattern['detail-type'][0]}",
            event_pattern=json.dumps({"source": ["aws.ec2"], **pattern}),
            tags=tags(wake.settings, event),
        )
        allowed = permit(event, wake, "events.amazonaws.com", rule.arn)
        aws.cloudwatch.EventTarget(
            event,
            rule=rule.name,
            arn=wake.function.arn,
            # A spot interruption notice is useless after two minutes.
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=OLDEST_WAKEUP_S, maximum_retry_attempts=3
            ),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(
                arn=wake.dead_letters.arn
            ),
            opts=pulumi.ResourceOptions(depends_on=[allowed]),
        )


def permit(
    name: str, wake: Wake, service: str, source: pulumi.Input[str]
) -> aws.lambda_.Permission:
    """Lets one service invoke the function for one resource: `source` is its ARN.

    Without a source account: the ARN contains it, and not every service sends it.
    """
    return aws.lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=wake.function.name,
        principal=service,
        source_arn=source,
    )


def render_toml(
    settings: Settings,
    table: aws.dynamodb.Table,
    templates: dict[str, aws.ec2.LaunchTemplate],
    subnets: list[aws.ec2.Subnet],
) -> pulumi.Output[str]:
    """nodenap.toml, once the ids are known."""
    ids = pulumi.Output.all(
        table=table.name,
        templates={
            name: pulumi.Output.all(one.id, one.latest_version) for name, one in templates.items()
        },
        subnets=[subnet.id for subnet in subnets],
    )
    return ids.apply(lambda known: nodenap_toml.render(settings, made_from(known)))


def made_from(known: dict) -> nodenap_toml.Made:
    """The outputs' plain values; a version is a whole number that may come as a float."""
    return nodenap_toml.Made(
        table=known["table"],
        templates={
            name: (template, str(int(version)))
            for name, (template, version) in known["templates"].items()
        },
        subnets=tuple(known["subnets"]),
    )
