"""Recorded resources in CloudFormation's format, so that AWS's schemas can check each input.

Pulumi's names become CloudFormation's by their spelling (cidrBlock is CidrBlock) or by the tables
below. An input that no schema knows is an error, never ignored.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stack import Recorded, Resource
from stack_on_aws import as_list, pascal

Values = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """`names`: inputs whose names differ; `texts`: those that are JSON texts here and objects
    there; `beside`: those that CloudFormation has in a resource of their own, with its type and
    how it is made; `none`: those that it does not have at all, with the reason; `shape`: what else
    differs."""

    type: str
    names: dict[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    beside: dict[str, tuple[str, Callable[[Values], Values]]] = field(default_factory=dict)
    none: dict[str, str] = field(default_factory=dict)
    shape: Callable[[Values], Values] = dict


def whole(value: Any) -> Any:
    """Pulumi passes numbers as floats."""
    if isinstance(value, dict):
        return {key: whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def switches(values: Values) -> Values:
    """A launch template's "true" and "false" are strings only in Pulumi."""
    words = {"true": True, "false": False}
    return {
        key: words.get(value, value) if isinstance(value, str) else value
        for key, value in values.items()
    }


# --- Shapes ---------------------------------------------------------------------------------------


def template(made: Values) -> Values:
    tags = [{"ResourceType": "launch-template", "Tags": made.pop("Tags")}]
    name = made.pop("LaunchTemplateName")
    disks = [one | {"Ebs": switches(one["Ebs"])} for one in made.pop("BlockDeviceMappings")]
    data = made | {"BlockDeviceMappings": disks}
    return {"LaunchTemplateName": name, "LaunchTemplateData": data, "TagSpecifications": tags}


def instance(made: Values) -> Values:
    disk = made.pop("RootBlockDevice")
    del disk["Tags"]  # checked like every tag
    if "CreditSpecification" in made:
        made["CreditSpecification"] = {"CPUCredits": made["CreditSpecification"]["CpuCredits"]}
    return made | {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": disk}]}


def table(made: Values) -> Values:
    keys = {made.pop("HashKey"): "HASH", made.pop("RangeKey"): "RANGE"}
    columns = made.pop("Attributes")
    recovery = made.pop("PointInTimeRecovery")["Enabled"]
    return made | {
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        "AttributeDefinitions": [
            {"AttributeName": one["Name"], "AttributeType": one["Type"]} for one in columns
        ],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": recovery},
    }


def function(made: Values) -> Values:
    """The zip is a local file; CloudFormation uses one in a bucket."""
    return made | {"Code": {"S3Bucket": "bucket", "S3Key": "function.zip"}}


def event_target(made: Values) -> Values:
    """In CloudFormation, targets are part of their rule."""
    rule = {"Name": made.pop("Rule"), "ScheduleExpression": "rate(1 minute)"}
    return rule | {"Targets": [made | {"Id": "target"}]}


def metric_filter(made: Values) -> Values:
    change = made.pop("MetricTransformation")
    return made | {"MetricTransformations": [{f"Metric{key}": v for key, v in change.items()}]}


def alarm(made: Values) -> Values:
    named = made.pop("Dimensions", {})
    return made | {"Dimensions": [{"Name": key, "Value": v} for key, v in named.items()]}


# --- The table ------------------------------------------------------------------------------------

RULE_TAGS = {"tags": "CloudFormation gives a rule no tags; EC2 does"}
GROUP_RULE = {"securityGroupId": "GroupId", "cidrIpv4": "CidrIp"}
KINDS = {
    "cloudwatch/dashboard:Dashboard": Kind("AWS::CloudWatch::Dashboard"),
    "cloudwatch/eventRule:EventRule": Kind("AWS::Events::Rule", texts=("eventPattern",)),
    "cloudwatch/eventTarget:EventTarget": Kind("AWS::Events::Rule", shape=event_target),
    "cloudwatch/logGroup:LogGroup": Kind("AWS::Logs::LogGroup", {"name": "LogGroupName"}),
    "cloudwatch/logMetricFilter:LogMetricFilter": Kind(
        "AWS::Logs::MetricFilter",
        {"name": "FilterName", "pattern": "FilterPattern"},
        shape=metric_filter,
    ),
    "cloudwatch/metricAlarm:MetricAlarm": Kind(
        "AWS::CloudWatch::Alarm", {"name": "AlarmName", "okActions": "OKActions"}, shape=alarm
    ),
    "dynamodb/table:Table": Kind(
        "AWS::DynamoDB::Table",
        {"name": "TableName", "ttl": "TimeToLiveSpecification"},
        shape=table,
    ),
    "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": Kind(
        "AWS::EC2::EgressOnlyInternetGateway"
    ),
    "ec2/instance:Instance": Kind(
        "AWS::EC2::Instance",
        {
            "ami": "ImageId",
            "privateIp": "PrivateIpAddress",
            "vpcSecurityGroupIds": "SecurityGroupIds",
            "userDataBase64": "UserData",
        },
        shape=instance,
    ),
    "ec2/internetGateway:InternetGateway": Kind(
        "AWS::EC2::InternetGateway",
        beside={
            "vpcId": (
                "AWS::EC2::VPCGatewayAttachment",
                lambda made: {"VpcId": made["vpcId"], "InternetGatewayId": "igw-0123456789abcdef0"},
            )
        },
    ),
    "ec2/launchTemplate:LaunchTemplate": Kind(
        "AWS::EC2::LaunchTemplate",
        {"name": "LaunchTemplateName", "vpcSecurityGroupIds": "SecurityGroupIds"},
        none={"updateDefaultVersion": "the provider's own"},
        shape=template,
    ),
    "ec2/route:Route": Kind(
        "AWS::EC2::Route", {"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"}
    ),
    "ec2/routeTable:RouteTable": Kind("AWS::EC2::RouteTable"),
    "ec2/routeTableAssociation:RouteTableAssociation": Kind(
        "AWS::EC2::SubnetRouteTableAssociation"
    ),
    "ec2/securityGroup:SecurityGroup": Kind(
        "AWS::EC2::SecurityGroup", {"name": "GroupName", "description": "GroupDescription"}
    ),
    "ec2/subnet:Subnet": Kind("AWS::EC2::Subnet"),
    "ec2/vpc:Vpc": Kind(
        "AWS::EC2::VPC",
        beside={
            "assignGeneratedIpv6CidrBlock": (
                "AWS::EC2::VPCCidrBlock",
                lambda made: {
                    "VpcId": "vpc-0123456789abcdef0",
                    "AmazonProvidedIpv6CidrBlock": made["assignGeneratedIpv6CidrBlock"],
                },
            )
        },
    ),
    "ec2/vpcEndpoint:VpcEndpoint": Kind(
        "AWS::EC2::VPCEndpoint", {"policy": "PolicyDocument"}, texts=("policy",)
    ),
    "iam/instanceProfile:InstanceProfile": Kind(
        "AWS::IAM::InstanceProfile",
        {"name": "InstanceProfileName"},
        none={"tags": "CloudFormation gives a profile no tags; IAM does"},
        shape=lambda made: made | {"Roles": [made.pop("Role")]},
    ),
    "iam/role:Role": Kind(
        "AWS::IAM::Role",
        {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        texts=("assumeRolePolicy",),
    ),
    "iam/rolePolicy:RolePolicy": Kind(
        "AWS::IAM::RolePolicy",
        {"role": "RoleName", "policy": "PolicyDocument"},
        texts=("policy",),
        shape=lambda made: made | {"PolicyName": "policy"},
    ),
    "lambda/function:Function": Kind(
        "AWS::Lambda::Function", {"name": "FunctionName"}, shape=function
    ),
    "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Kind(
        "AWS::Lambda::EventInvokeConfig", shape=lambda made: made | {"Qualifier": "$LATEST"}
    ),
    "lambda/permission:Permission": Kind("AWS::Lambda::Permission", {"function": "FunctionName"}),
    "scheduler/schedule:Schedule": Kind("AWS::Scheduler::Schedule"),
    "scheduler/scheduleGroup:ScheduleGroup": Kind("AWS::Scheduler::ScheduleGroup"),
    "sns/topic:Topic": Kind(
        "AWS::SNS::Topic",
        {"name": "TopicName"},
        beside={
            "policy": (
                "AWS::SNS::TopicPolicy",
                lambda made: {
                    "Topics": [f"arn:aws:sns:us-east-1:123456789012:{made['name']}"],
                    "PolicyDocument": json.loads(made["policy"]),
                },
            )
        },
    ),
    "sns/topicSubscription:TopicSubscription": Kind(
        "AWS::SNS::Subscription", {"topic": "TopicArn"}, texts=("redrivePolicy",)
    ),
    "sqs/queue:Queue": Kind(
        "AWS::SQS::Queue",
        {"name": "QueueName", "messageRetentionSeconds": "MessageRetentionPeriod"},
    ),
    "sqs/queuePolicy:QueuePolicy": Kind(
        "AWS::SQS::QueuePolicy",
        {"policy": "PolicyDocument"},
        texts=("policy",),
        shape=lambda made: made | {"Queues": [made.pop("QueueUrl")]},
    ),
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": Kind(
        "AWS::EC2::SecurityGroupEgress",
        GROUP_RULE
        | {
            "referencedSecurityGroupId": "DestinationSecurityGroupId",
            "prefixListId": "DestinationPrefixListId",
        },
        none=RULE_TAGS,
    ),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": Kind(
        "AWS::EC2::SecurityGroupIngress",
        GROUP_RULE
        | {
            "referencedSecurityGroupId": "SourceSecurityGroupId",
            "prefixListId": "SourcePrefixListId",
        },
        none=RULE_TAGS,
    ),
}
# The provider finds the VPC's default group and removes its rules: nothing is created.
WITHOUT = {"ec2/defaultSecurityGroup:DefaultSecurityGroup"}


def properties(kind: Kind, inputs: Values) -> Values:
    made = {}
    for key, value in inputs.items():
        if key in kind.none or key in kind.beside:
            continue
        name = kind.names.get(key, key[0].upper() + key[1:])
        if key == "tags":
            made[name] = as_list(value)
        else:
            made[name] = json.loads(value) if key in kind.texts else pascal(value)
    return whole(kind.shape(made))


def resources(one: Resource, number: int) -> dict[str, Values]:
    """One recorded resource as CloudFormation's, by a name of letters and digits."""
    kind = KINDS[one.kind]
    given = {key: value for key, value in one.inputs.items() if value is not None}
    made = {f"R{number}": {"Type": kind.type, "Properties": properties(kind, given)}}
    for key, (resource_type, make) in kind.beside.items():
        if key in given:
            made[f"R{number}{key}"] = {"Type": resource_type, "Properties": make(given)}
    return made


def template_of(recorded: Recorded) -> dict:
    made = {}
    for number, one in enumerate(recorded.resources):
        if one.kind not in WITHOUT:
            made |= resources(one, number)
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": made}
