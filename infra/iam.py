"""The IAM policy documents as plain dictionaries, built from names only.

Each statement allows calls that the programs make (a test compares them with the sources), on the
resources of this cluster only. This module uses neither Pulumi nor AWS.
"""

from iam_launches import OURS, TAG_KEYS, launch_statements
from iam_statements import Footprint, allow, document, trust

__all__ = ["OURS", "TAG_KEYS", "Footprint", "document", "trust"]

# Permissions that Lambda itself needs from the function's role: network interfaces, logs, dead
# letters. The code needs none of them and is denied all but the logs: calls for logs have
# lambda:SourceFunctionArn even when Lambda makes them (AWS Lambda developer guide, "Using source
# function ARN to control function access behavior"), so a Deny by that key would stop the
# function's logs.
LAMBDA_NETWORK = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
LAMBDA_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
LAMBDA_LETTERS = ("sqs:SendMessage",)

# Session Manager's agent. AmazonSSMManagedInstanceCore would also let it read every parameter.
SESSION_CHANNELS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


# --- The function ---------------------------------------------------------------------------------


def terminate_statement(scope: Footprint) -> dict:
    """Tags alone prove nothing, since others may be able to tag any instance. So the instance must
    also have a launch template and the workers' profile. The program itself checks which template,
    since workers of replaced templates may still run."""
    tags = {"aws:ResourceTag/ManagedBy": OURS, "aws:ResourceTag/nodenap:cluster": scope.cluster}
    return allow(
        "TerminateOurs",
        ["ec2:TerminateInstances"],
        [scope.ec2("instance/*")],
        {
            "StringEquals": tags,
            "StringLike": {"aws:ResourceTag/aws:ec2launchtemplate:id": "lt-*"},
            "ArnEquals": {"ec2:InstanceProfile": scope.profile},
        },
    )


def describe_statement(scope: Footprint) -> dict:
    """DescribeInstances has no resource-level permissions: it covers a whole region."""
    return allow(
        "ListInstances",
        ["ec2:DescribeInstances"],
        ["*"],
        {"StringEquals": {"aws:RequestedRegion": scope.region}},
    )


def remember_statement(scope: Footprint) -> dict:
    return allow(
        "Remember",
        ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
        [scope.arn("dynamodb", f"table/{scope.table}")],
        {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [scope.cluster]}},
    )


def read_parameters(scope: Footprint, names: list[str]) -> dict:
    """With Parameter Store's default key, everyone who may read a parameter may decrypt it."""
    return allow("ReadParameters", ["ssm:GetParameter"], [scope.parameter(one) for one in names])


def lambda_statements(scope: Footprint) -> list[dict]:
    """Lambda's own permissions, then a Deny for the code of those that can be told apart by a
    condition key."""
    logs = scope.arn("logs", f"log-group:{scope.log_group}:*")
    letters = scope.arn("sqs", scope.dead_letters)
    code = {"ArnEquals": {"lambda:SourceFunctionArn": scope.arn("lambda", function_of(scope))}}
    denied = allow("LambdaItselfOnly", [*LAMBDA_NETWORK, *LAMBDA_LETTERS], ["*"], code)
    return [
        allow("LambdaNetwork", list(LAMBDA_NETWORK), ["*"]),
        allow("LambdaLogs", list(LAMBDA_LOGS), [logs]),
        allow("LambdaLetters", list(LAMBDA_LETTERS), [letters]),
        denied | {"Effect": "Deny"},
    ]


def function_of(scope: Footprint) -> str:
    return f"function:{scope.function}"


def function_policy(scope: Footprint) -> dict:
    """The function's role: the calls of src/adapters, and Lambda's calls on its behalf."""
    secrets = [scope.function_token, scope.certificate]
    return document(
        describe_statement(scope),
        *launch_statements(scope),
        terminate_statement(scope),
        remember_statement(scope),
        read_parameters(scope, secrets) if scope.kubernetes else None,
        *lambda_statements(scope),
    )


def doctor_statements(scope: Footprint) -> list[dict]:
    """The additional permissions of `nodenap doctor`, for a user; no role of the stack has them.

    None of them reveals a secret: DescribeParameters returns names and dates, no values. A launch
    template version contains the user data, which has no secrets.
    """
    here = {"StringEquals": {"aws:RequestedRegion": scope.region}}
    kinds = ("InstanceTypeOfferings", "LaunchTemplateVersions", "Subnets")
    named = [f"ec2:Describe{kind}" for kind in kinds]
    spot_role = scope.role("aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot")
    return [
        allow("ReadWhatTheFileNames", named, ["*"], here),
        allow("SeeWhetherSpotHasItsRole", ["iam:GetRole"], [spot_role]),
        allow("ReadTheAgeOfTokens", ["ssm:DescribeParameters"], ["*"], here),
        allow("ReadTheQuota", ["servicequotas:GetServiceQuota"], ["*"], here),
    ]


def doctor_policy(scope: Footprint) -> dict:
    """For a complete `nodenap doctor` of a user: a dry run needs permission for the real call."""
    return document(
        describe_statement(scope),
        *launch_statements(scope),
        terminate_statement(scope),
        remember_statement(scope),
        *doctor_statements(scope),
    )


def dynamodb_endpoint_policy(scope: Footprint) -> dict:
    """The policy of the VPC endpoint of DynamoDB: only the function, only this table."""
    passing = {
        "Sid": "TheFunctionToItsTable",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
        "Resource": [scope.arn("dynamodb", f"table/{scope.table}")],
        "Condition": {"ArnEquals": {"aws:PrincipalArn": scope.role(scope.function_role)}},
    }
    return document(passing)


# --- The instances --------------------------------------------------------------------------------


def session_statements(scope: Footprint) -> list[dict]:
    """Session Manager, without further permissions of Systems Manager."""
    return [
        allow("SessionChannels", list(SESSION_CHANNELS), ["*"]),
        allow("SayThatItIsThere", ["ssm:UpdateInstanceInformation"], [scope.ec2("instance/*")]),
    ]


def worker_policy(scope: Footprint) -> dict:
    """A worker registers with the agent token; it may read no other parameter."""
    return document(read_parameters(scope, [scope.agent_token]), *session_statements(scope))


def server_policy(scope: Footprint) -> dict:
    """The server publishes the tokens it creates; Alertmanager on it invokes the function and
    notifies people."""
    names = [scope.agent_token, scope.function_token, scope.certificate]
    topics = (scope.alert_topic, scope.alarm_topic)
    return document(
        allow("WriteParameters", ["ssm:PutParameter"], [scope.parameter(one) for one in names]),
        allow("Alert", ["sns:Publish"], [scope.arn("sns", one) for one in topics]),
        *session_statements(scope),
    )


# --- The scheduler, the topic and the queue -------------------------------------------------------


def scheduler_policy(scope: Footprint) -> dict:
    return document(
        allow("Wake", ["lambda:InvokeFunction"], [scope.arn("lambda", function_of(scope))]),
        allow("KeepLetters", ["sqs:SendMessage"], [scope.arn("sqs", scope.dead_letters)]),
    )


def scheduler_trust(scope: Footprint) -> dict:
    group = scope.arn("scheduler", f"schedule-group/{scope.schedule_group}")
    condition = {
        "StringEquals": {"aws:SourceAccount": scope.account},
        "ArnEquals": {"aws:SourceArn": group},
    }
    return trust("scheduler.amazonaws.com", condition)


def dead_letter_policy(scope: Footprint) -> dict:
    """EventBridge rules and the alert topic write their dead letters as services."""

    def letters_of(service: str, sources: list[str]) -> dict:
        return {
            "Sid": f"LettersOf{service.title()}",
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": ["sqs:SendMessage"],
            "Resource": [scope.arn("sqs", scope.dead_letters)],
            "Condition": {"ArnEquals": {"aws:SourceArn": sources}},
        }

    rules = [scope.arn("events", f"rule/{one}") for one in scope.event_rules]
    return document(
        letters_of("events", rules),
        letters_of("sns", [scope.arn("sns", scope.alert_topic)]),
    )


def alert_topic_policy(scope: Footprint) -> dict:
    """Only the server's role (Alertmanager) may publish, which invokes the function, whatever
    permissions others have in the account. The role's own policy allows it."""
    others = {
        "Sid": "TheServerOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["sns:Publish"],
        "Resource": [scope.arn("sns", scope.alert_topic)],
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": scope.role(scope.server_role)}},
    }
    return document(others)


def alarm_topic_policy(scope: Footprint) -> dict:
    """CloudWatch alarms of this account may publish to the topic for people."""
    alarms = {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["sns:Publish"],
        "Resource": [scope.arn("sns", scope.alarm_topic)],
        "Condition": {"StringEquals": {"aws:SourceAccount": scope.account}},
    }
    return document(alarms)


def role_policies(scope: Footprint) -> dict[str, dict]:
    """The policy documents of all roles, by the role's short name."""
    return {
        "function": function_policy(scope),
        "worker": worker_policy(scope),
        "server": server_policy(scope),
        "scheduler": scheduler_policy(scope),
    }
