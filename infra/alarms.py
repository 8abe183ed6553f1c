"""Alarms for people. By default there is one: no pass has succeeded.

An alarm costs $0.10 a month and a metric $0.30, so all others are optional.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from config import Settings
from tags import tags

NAMESPACE = "Nodenap"  # of the function's own metric, with the dimension Cluster
TICKS = 3  # missed invocations until the alarm
LONG_MINUTES = 30  # time at the maximum until the alarm
LAUNCHES_IN_FLIGHT = 5


@dataclass(frozen=True)
class Watched:
    function: aws.lambda_.Function
    log: aws.cloudwatch.LogGroup
    dead_letters: aws.sqs.Queue
    topic: aws.sns.Topic


def make_topic(settings: Settings, policy: pulumi.Output[str]) -> aws.sns.Topic:
    """The topic for people, used by CloudWatch alarms and Alertmanager. Not encrypted with
    SNS's default key, which CloudWatch alarms cannot use."""
    topic = aws.sns.Topic(
        "alarms", name=f"{settings.prefix}-alarms", policy=policy, tags=tags(settings, "alarms")
    )
    if settings.watch.email:
        aws.sns.TopicSubscription(
            "alarms", topic=topic.arn, protocol="email", endpoint=settings.watch.email
        )
    return topic


class Alarms:
    """Creates a stack's alarms, which send mail when they start and end."""

    def __init__(self, settings: Settings, watched: Watched):
        self.settings, self.watched = settings, watched
        self.tick_s = 60 * settings.function.every_minutes

    def make(self, name: str, why: str, **rule) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            name,
            name=f"{self.settings.prefix}-{name}",
            alarm_description=why,
            alarm_actions=[self.watched.topic.arn],
            ok_actions=[self.watched.topic.arn],
            tags=tags(self.settings, name),
            **rule,
        )

    def no_success(self) -> None:
        self.make(
            "no-successful-pass",
            f"No pass has succeeded in {TICKS} invocations. See `nodenap status` and the log.",
            namespace=NAMESPACE,
            metric_name="PassSucceeded",
            dimensions={"Cluster": self.settings.cluster},
            statistic="Maximum",
            comparison_operator="LessThanThreshold",
            threshold=1,
            period=self.tick_s,
            evaluation_periods=TICKS,
            datapoints_to_alarm=TICKS,
            treat_missing_data="breaching",  # a loop that stopped sends no data at all
        )

    def function_errors(self) -> None:
        self._any(
            "function-errors",
            "The function crashed or timed out. See its log.",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": self.watched.function.name},
            statistic="Sum",
        )

    def dead_letters(self) -> None:
        self._any(
            "dead-letters",
            "An event could not be delivered to the function. It is kept in the queue.",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": self.watched.dead_letters.name},
            statistic="Maximum",
        )

    def at_maximum(self) -> None:
        pattern = '{ $.event = "pass" && $.reason = "at_maximum" }'
        self._count("at-maximum", "AtMaximum", pattern)
        ticks = max(1, LONG_MINUTES * 60 // self.tick_s)
        self._any(
            "at-maximum",
            f"For {LONG_MINUTES} minutes more nodes were needed than the limits allow.",
            namespace=NAMESPACE,
            metric_name=self._metric("AtMaximum"),
            statistic="Sum",
            periods=ticks,
        )

    def launches_failing(self) -> None:
        one = '($.done[{0}].kind = "launch" && $.done[{0}].result = "refused")'
        refused = " || ".join(one.format(at) for at in range(LAUNCHES_IN_FLIGHT))
        self._count("launches-failing", "LaunchesRefused", "{ " + refused + " }")
        self._any(
            "launches-failing",
            "EC2 refused launches in three invocations in a row. See `nodenap history`.",
            namespace=NAMESPACE,
            metric_name=self._metric("LaunchesRefused"),
            statistic="Sum",
            periods=TICKS,
        )

    def _metric(self, name: str) -> str:
        """A metric filter of the log has no dimensions, so its name contains the cluster."""
        return f"{name}-{self.settings.cluster}"

    def _count(self, name: str, metric: str, pattern: str) -> None:
        aws.cloudwatch.LogMetricFilter(
            name,
            name=f"{self.settings.prefix}-{name}",
            log_group_name=self.watched.log.name,
            pattern=pattern,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                name=self._metric(metric), namespace=NAMESPACE, value="1"
            ),
        )

    def _any(self, name: str, why: str, periods: int = 1, **rule) -> None:
        """Alarms when each of `periods` intervals has at least one; missing data is fine."""
        self.make(
            name,
            why,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=1,
            period=self.tick_s,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            treat_missing_data="notBreaching",
            **rule,
        )


def make_alarms(settings: Settings, watched: Watched) -> None:
    alarms = Alarms(settings, watched)
    alarms.no_success()
    chosen = {
        "function_errors": alarms.function_errors,
        "dead_letters": alarms.dead_letters,
        "at_maximum": alarms.at_maximum,
        "launches_failing": alarms.launches_failing,
    }
    for name in settings.watch.alarms:
        chosen[name]()
