"""The AWS resources of a cluster before its first pass, created on moto and dynalite.

boto3 always uses the stand here, never a real account: endpoint and keys are set.
"""

import base64
from dataclasses import asdict, dataclass

import boto3
from botocore.config import Config

from stand.places import REGION

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "testtest"}
IMAGE = "ami-0a1b2c3d4e5f60001"  # templates/amis.json
ZONES = (f"{REGION}a", f"{REGION}b")
USER_DATA = "#!/bin/sh\n# the lab's instances do not boot; the exporter creates their Nodes\n"


def client(service: str, url: str, **keys: str):
    """A boto3 client without retries, so that tests observe each failure."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        config=Config(retries={"total_max_attempts": 1}, proxies={}, parameter_validation=False),
        **(keys or KEYS),
    )


@dataclass
class Network:
    vpc: str
    subnets: list[str]
    zones: list[str]
    security_group: str
    launch_template: str
    launch_template_version: str

    def as_dict(self) -> dict:
        return asdict(self)


def make_network(moto_url: str, name: str = "nodenap", instance_type: str = "t2.small") -> Network:
    """A VPC, two public subnets in two zones, the workers' group, and their launch template."""
    ec2 = client("ec2", moto_url)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate(ZONES, start=1)
    ]
    group = ec2.create_security_group(
        GroupName=f"{name}-workers", Description="workers", VpcId=vpc
    )["GroupId"]
    template, version = make_launch_template(ec2, name, group, instance_type)
    return Network(vpc, subnets, list(ZONES), group, template, version)


def make_launch_template(ec2, name: str, group: str, instance_type: str) -> tuple[str, str]:
    """The template's id and the version to pin: the second one, so that using the default fails."""
    data = {
        "ImageId": IMAGE,
        "InstanceType": instance_type,
        "SecurityGroupIds": [group],
        "UserData": base64.b64encode(USER_DATA.encode()).decode(),
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
    }
    made = ec2.create_launch_template(
        LaunchTemplateName=f"{name}-workers",
        LaunchTemplateData={**data, "InstanceType": "t2.nano"},
    )["LaunchTemplate"]
    version = ec2.create_launch_template_version(
        LaunchTemplateId=made["LaunchTemplateId"], LaunchTemplateData=data
    )["LaunchTemplateVersion"]["VersionNumber"]
    return made["LaunchTemplateId"], str(version)


def make_table(dynamodb_url: str, name: str) -> None:
    """The state table as infra/ creates it."""
    dynamodb = client("dynamodb", dynamodb_url)
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "cluster_id", "AttributeType": "S"},
            {"AttributeName": "record", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "cluster_id", "KeyType": "HASH"},
            {"AttributeName": "record", "KeyType": "RANGE"},
        ],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def make_alert_topic(moto_url: str, name: str = "nodenap-alerts") -> str:
    return client("sns", moto_url).create_topic(Name=name)["TopicArn"]


def launch_worker(ec2, network: Network, cluster: str, *, zone: int = 0, **more) -> str:
    """An instance with the cluster's tags, as if launched by an earlier pass; returns its id."""
    tags = {
        "ManagedBy": "autoscaler",
        "nodenap:cluster": cluster,
        "nodenap:pool": "workers",
        "nodenap:intent": "earlier",
        "nodenap:epoch": "0",
    }
    tag_list = [{"Key": key, "Value": value} for key, value in tags.items()]
    answer = ec2.run_instances(
        MinCount=1,
        MaxCount=1,
        SubnetId=network.subnets[zone],
        LaunchTemplate={
            "LaunchTemplateId": network.launch_template,
            "Version": network.launch_template_version,
        },
        TagSpecifications=[{"ResourceType": "instance", "Tags": tag_list}],
        **more,
    )
    return answer["Instances"][0]["InstanceId"]


def instances_of(ec2, cluster: str, *states: str) -> list[dict]:
    """The cluster's instances in these states (default: pending and running), by launch time."""
    filters = [
        {"Name": "tag:nodenap:cluster", "Values": [cluster]},
        {"Name": "instance-state-name", "Values": list(states or ("pending", "running"))},
    ]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=filters)
    found = [
        instance
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]
    return sorted(found, key=lambda one: (one["LaunchTime"], one["InstanceId"]))
