"""Who may do what: policy documents as plain dictionaries, made from names and nothing else.

Each statement allows calls that our programs make (a test compares them with the sources), on the
things of this one cluster. Nothing here asks Pulumi or AWS.
"""

from dataclasses import dataclass
from typing import Any

VERSION = "2012-10-17"

# EC2 tags of what Nodenap launches, as it writes them; a test compares them with the source.
OURS = "autoscaler"
TAG_KEYS = (
    "ManagedBy",
    "Name",
    "nodenap:cluster",
    "nodenap:epoch",
    "nodenap:intent",
    "nodenap:pool",
)

# What Lambda itself does with the function's role: its network interfaces, its logs, the letters
# that it could not deliver. Our code has no need of any of it. It is denied all but the logs: their
# calls bear lambda:SourceFunctionArn also where Lambda makes them (AWS Lambda developer guide,
# "Using source function ARN to control function access behavior"), so a Deny by that key would
# silence the function.
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


@dataclass(frozen=True)
class Footprint:
    """What the documents speak of: ids as AWS gives them, names without their ARN."""

    account: str
    region: str
    cluster: str
    table: str
    function: str
    log_group: str
    dead_letters: str
    alert_topic: str
    alarm_topic: str
    event_rules: tuple[str, ...]
    schedule_group: str
    function_role: str
    worker_role: str
    worker_profile: str
    server_role: str
    templates: tuple[str, ...]
    images: tuple[str, ...]
    subnets: tuple[str, ...]
    worker_group: str
    instance_types: tuple[str, ...]
    spot: bool
    kubernetes: bool
    agent_token: str
    function_token: str
    certificate: str

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def ec2(self, rest: str) -> str:
        return self.arn("ec2", rest)

    def role(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{name}"

    def parameter(self, name: str) -> str:
        return self.arn("ssm", f"parameter{name}")

    @property
    def template_arns(self) -> list[str]:
        return [self.ec2(f"launch-template/{one}") for one in self.templates]

    @property
    def created_kinds(self) -> list[str]:
        """What a launch creates, and tags."""
        kinds = ["instance", "network-interface", "volume"]
        return [*kinds, "spot-instances-request"] if self.spot else kinds


def document(*statements: dict | None) -> dict:
    return {"Version": VERSION, "Statement": [one for one in statements if one]}


def allow(sid: str, actions: list[str], resources: list[str], condition: dict | None = None):
    """One statement. `condition` as IAM has it: operator → key → value or values."""
    made: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return made | {"Condition": condition} if condition else made


def trust(service: str, condition: dict | None = None) -> dict:
    """Who may take the role on: one AWS service, where a condition is given only under it."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return document(statement | {"Condition": condition} if condition else statement)


# --- The function ---------------------------------------------------------------------------------


def request_tags(scope: Footprint) -> dict[str, str]:
    return {"aws:RequestTag/ManagedBy": OURS, "aws:RequestTag/nodenap:cluster": scope.cluster}


def from_our_template(scope: Footprint) -> dict[str, list[str]]:
    return {"ec2:LaunchTemplate": scope.template_arns}


def spot_statements(scope: Footprint) -> list[dict]:
    """A spot request knows tags, but not the template that it is made from."""
    if not scope.spot:
        return []
    resources = [scope.ec2("spot-instances-request/*")]
    condition = {"StringEquals": request_tags(scope)}
    return [allow("LaunchTaggedSpotRequests", ["ec2:RunInstances"], resources, condition)]


def created_statements(scope: Footprint) -> list[dict]:
    """What a launch creates bears our tags and comes from our template."""
    profile = f"arn:aws:iam::{scope.account}:instance-profile/{scope.worker_profile}"
    types = {"ec2:InstanceType": list(scope.instance_types)}
    instances = {
        "StringEquals": request_tags(scope) | types,
        "ArnEquals": from_our_template(scope) | {"ec2:InstanceProfile": profile},
    }
    parts = {"StringEquals": request_tags(scope), "ArnEquals": from_our_template(scope)}
    kinds = [scope.ec2(f"{kind}/*") for kind in ("network-interface", "volume")]
    run = ["ec2:RunInstances"]
    return [
        allow("LaunchTaggedInstances", run, [scope.ec2("instance/*")], instances),
        allow("LaunchTaggedParts", run, kinds, parts),
        *spot_statements(scope),
    ]


def named_statements(scope: Footprint) -> list[dict]:
    """What a launch uses: image and group as the template has them, a subnet of our choice."""
    ours = {"ArnEquals": from_our_template(scope)}
    by_template = ours | {"Bool": {"ec2:IsLaunchTemplateResource": "true"}}
    images = [f"arn:aws:ec2:{scope.region}::image/{one}" for one in scope.images]
    group = scope.ec2(f"security-group/{scope.worker_group}")
    subnets = [scope.ec2(f"subnet/{one}") for one in scope.subnets]
    run = ["ec2:RunInstances"]
    return [
        allow("LaunchFromTemplate", run, scope.template_arns),
        allow("LaunchWithWhatTheTemplateNames", run, [*images, group], by_template),
        allow("LaunchIntoSubnets", run, subnets, ours),
    ]


def launch_statements(scope: Footprint) -> list[dict]:
    """RunInstances asks about each thing that a launch touches, one by one."""
    tagging = {
        "StringEquals": request_tags(scope) | {"ec2:CreateAction": "RunInstances"},
        "ForAllValues:StringEquals": {"aws:TagKeys": list(TAG_KEYS)},
    }
    created = [scope.ec2(f"{kind}/*") for kind in scope.created_kinds]
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    worker = [scope.role(scope.worker_role)]
    return [
        *named_statements(scope),
        *created_statements(scope),
        allow("TagAtLaunch", ["ec2:CreateTags"], created, tagging),
        allow("GiveWorkersTheirRole", ["iam:PassRole"], worker, to_ec2),
    ]


def terminate_statement(scope: Footprint) -> dict:
    tags = {"aws:ResourceTag/ManagedBy": OURS, "aws:ResourceTag/nodenap:cluster": scope.cluster}
    return allow(
        "TerminateOurs",
        ["ec2:TerminateInstances"],
        [scope.ec2("instance/*")],
        {"StringEquals": tags},
    )


def describe_statement(scope: Footprint) -> dict:
    """DescribeInstances knows no resources: it shows all of a region or nothing."""
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
    """Parameter Store's own key lets everyone decrypt who may read the parameter."""
    return allow("ReadParameters", ["ssm:GetParameter"], [scope.parameter(one) for one in names])


def lambda_statements(scope: Footprint) -> list[dict]:
    """Lambda's own needs of the role, then those denied to the code that its calls do not share
    a key with."""
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
    """The function's role: what src/adapters calls, and what Lambda does on its behalf."""
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
    """What `nodenap doctor` reads beside what a pass does: a person's rights, of no role of ours.

    None of it shows a secret: DescribeParameters has names and dates, no values. EC2's version of
    a template does hold the user data, in which there is none.
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
    """For a person's whole `nodenap doctor`: a dry run asks for the right to the real call."""
    return document(
        describe_statement(scope),
        *launch_statements(scope),
        terminate_statement(scope),
        remember_statement(scope),
        *doctor_statements(scope),
    )


def dynamodb_endpoint_policy(scope: Footprint) -> dict:
    """What passes the VPC's way to DynamoDB: the function, to the one table."""
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
    """Session Manager, and no more of Systems Manager than it needs."""
    return [
        allow("SessionChannels", list(SESSION_CHANNELS), ["*"]),
        allow("SayThatItIsThere", ["ssm:UpdateInstanceInformation"], [scope.ec2("instance/*")]),
    ]


def worker_policy(scope: Footprint) -> dict:
    """A worker joins with the agent token; no other parameter is for it."""
    return document(read_parameters(scope, [scope.agent_token]), *session_statements(scope))


def server_policy(scope: Footprint) -> dict:
    """The server hands out the tokens that it makes; Alertmanager on it wakes the function and
    tells people."""
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
    """EventBridge's rules and the alert topic write their letters as services."""

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


def alarm_topic_policy(scope: Footprint) -> dict:
    """CloudWatch's alarms of this account may speak to the people's topic."""
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
    """Every role's document, by the role's short name."""
    return {
        "function": function_policy(scope),
        "worker": worker_policy(scope),
        "server": server_policy(scope),
        "scheduler": scheduler_policy(scope),
    }
