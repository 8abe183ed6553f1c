"""Makes recorded resources through AWS's own API, as the Pulumi provider would.

boto3 checks each parameter against Amazon's service models, and the peer (moto) checks that what
is referred to exists. A property that this file does not know is an error, never left out.
"""

import json
import pathlib
import re
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from stack import ACCOUNT, REGION, Recorded, Resource

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "testtest"}


class World:
    """The peer, and which of the recorder's ids became which of its own."""

    def __init__(self, url: str):
        self.url = url
        self.ids: dict[str, str] = {}
        self.clients: dict[str, Any] = {}

    def client(self, service: str):
        if service not in self.clients:
            config = Config(retries={"total_max_attempts": 1}, proxies={})
            self.clients[service] = boto3.client(
                service, endpoint_url=self.url, region_name=REGION, config=config, **KEYS
            )
        return self.clients[service]

    def known(self, value: Any) -> Any:
        """A value with the peer's ids in place of the recorder's; whole numbers as such."""
        if isinstance(value, dict):
            return {key: self.known(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.known(one) for one in value]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, str) and self.ids:
            pattern = "|".join(map(re.escape, sorted(self.ids, key=len, reverse=True)))
            return re.sub(pattern, lambda found: self.ids[found.group(0)], value)
        return value

    def make(self, recorded: Recorded) -> None:
        for one in recorded.resources:
            maker = MAKERS.get(one.kind)
            assert maker, f"{one.kind} is not known here"
            made = maker(self, Properties(one, self.known(one.inputs)))
            # A name stays what it is; an id of the recorder's becomes the peer's.
            if made and re.search(r"-[0-9a-f]{17}$", one.id):
                self.ids[one.id] = made


class Properties:
    """A resource's inputs; each must be taken."""

    def __init__(self, resource: Resource, values: dict):
        self.resource, self.values = resource, dict(values)

    def take(self, key: str, default: Any = None) -> Any:
        return self.values.pop(key, default)

    def rest(self, **renamed: str) -> dict:
        """All others in AWS's spelling: cidrBlock is CidrBlock, unless it is named otherwise."""
        made = {
            renamed.get(key, key[0].upper() + key[1:]): pascal(value)
            for key, value in self.values.items()
        }
        self.values = {}
        return made

    def done(self) -> None:
        assert not self.values, f"{self.resource.kind}: unknown {sorted(self.values)}"


def pascal(value: Any) -> Any:
    """Nested keys in AWS's spelling."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: pascal(one) for key, one in value.items()}
    if isinstance(value, list):
        return [pascal(one) for one in value]
    return value


def tag_list(given: Properties) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in given.take("tags", {}).items()]


def specification(kind: str, given: Properties) -> list[dict]:
    return [{"ResourceType": kind, "Tags": tag_list(given)}]


# --- Network --------------------------------------------------------------------------------------


def vpc(world: World, given: Properties) -> str:
    ec2 = world.client("ec2")
    names = {"enableDnsHostnames": "EnableDnsHostnames", "enableDnsSupport": "EnableDnsSupport"}
    later = {name: given.take(key) for key, name in names.items()}
    tags = specification("vpc", given)
    ipv6 = given.take("assignGeneratedIpv6CidrBlock")
    made = ec2.create_vpc(TagSpecifications=tags, AmazonProvidedIpv6CidrBlock=ipv6, **given.rest())
    vpc_id = made["Vpc"]["VpcId"]
    for name, value in later.items():
        ec2.modify_vpc_attribute(VpcId=vpc_id, **{name: {"Value": value}})
    (block,) = made["Vpc"]["Ipv6CidrBlockAssociationSet"]
    world.ids["2600:1f18:1234:56"] = block["Ipv6CidrBlock"].split("00::")[0]
    return vpc_id


def subnet(world: World, given: Properties) -> str:
    ec2 = world.client("ec2")
    names = {
        "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
        "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
    }
    later = {name: given.take(key) for key, name in names.items()}
    made = ec2.create_subnet(TagSpecifications=specification("subnet", given), **given.rest())
    subnet_id = made["Subnet"]["SubnetId"]
    for name, value in later.items():
        if value is not None:
            ec2.modify_subnet_attribute(SubnetId=subnet_id, **{name: {"Value": value}})
    return subnet_id


def internet_gateway(world: World, given: Properties) -> str:
    ec2 = world.client("ec2")
    tags = specification("internet-gateway", given)
    made = ec2.create_internet_gateway(TagSpecifications=tags)["InternetGateway"]
    ec2.attach_internet_gateway(InternetGatewayId=made["InternetGatewayId"], **given.rest())
    return made["InternetGatewayId"]


def egress_only_gateway(world: World, given: Properties) -> str:
    tags = specification("egress-only-internet-gateway", given)
    made = world.client("ec2").create_egress_only_internet_gateway(
        TagSpecifications=tags, **given.rest()
    )
    return made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]


def route_table(world: World, given: Properties) -> str:
    tags = specification("route-table", given)
    made = world.client("ec2").create_route_table(TagSpecifications=tags, **given.rest())
    return made["RouteTable"]["RouteTableId"]


def route(world: World, given: Properties) -> None:
    names = {"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"}
    world.client("ec2").create_route(**given.rest(**names))


def association(world: World, given: Properties) -> None:
    world.client("ec2").associate_route_table(**given.rest())


def endpoint(world: World, given: Properties) -> None:
    tags = specification("vpc-endpoint", given)
    names = {"policy": "PolicyDocument"}
    world.client("ec2").create_vpc_endpoint(TagSpecifications=tags, **given.rest(**names))
    lists = world.client("ec2").describe_prefix_lists()["PrefixLists"]
    (found,) = [one for one in lists if one["PrefixListName"].endswith(".dynamodb")]
    world.ids["pl-02cd2c6b"] = found["PrefixListId"]


def default_group(world: World, given: Properties) -> None:
    """The provider finds the group and takes all its rules away."""
    ec2 = world.client("ec2")
    filters = [
        {"Name": "vpc-id", "Values": [given.take("vpcId")]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    (found,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    ec2.create_tags(Resources=[found["GroupId"]], Tags=tag_list(given))
    ec2.revoke_security_group_egress(
        GroupId=found["GroupId"], IpPermissions=found["IpPermissionsEgress"]
    )
    given.done()


def group(world: World, given: Properties) -> str:
    """The provider takes away the rule by which AWS lets a new group out to everywhere."""
    ec2 = world.client("ec2")
    tags = specification("security-group", given)
    made = ec2.create_security_group(TagSpecifications=tags, **given.rest(name="GroupName"))
    ec2.revoke_security_group_egress(
        GroupId=made["GroupId"],
        IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    return made["GroupId"]


PEERS = {
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
}


def rule(direction: str) -> Callable[[World, Properties], None]:
    def make(world: World, given: Properties) -> None:
        peers = {}
        words = given.take("description")
        for key, (name, inner) in PEERS.items():
            value = given.take(key)
            if value is not None:
                peers[name] = [{inner: value, "Description": words}]
        tags = specification("security-group-rule", given)
        group_id = given.take("securityGroupId")
        call = getattr(world.client("ec2"), f"authorize_security_group_{direction}")
        permissions = [given.rest() | peers]
        call(GroupId=group_id, IpPermissions=permissions, TagSpecifications=tags)

    return make


# --- Instances and roles --------------------------------------------------------------------------


def flags(values: dict) -> dict:
    """A launch template's "true" and "false" are strings to Pulumi only."""
    words = {"true": True, "false": False}
    return {key: words.get(value, value) for key, value in values.items()}


def template(world: World, given: Properties) -> str:
    assert given.take("updateDefaultVersion") is True
    tags = specification("launch-template", given)
    name = given.take("name")
    data = given.rest(vpcSecurityGroupIds="SecurityGroupIds")
    for one in data["BlockDeviceMappings"]:
        one["Ebs"] = flags(one["Ebs"])
    made = world.client("ec2").create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData=data, TagSpecifications=tags
    )
    return made["LaunchTemplate"]["LaunchTemplateId"]


def instance(world: World, given: Properties) -> str:
    tags = specification("instance", given)
    disk = pascal(given.take("rootBlockDevice"))
    tags.append({"ResourceType": "volume", "Tags": as_list(disk.pop("Tags"))})
    profile = {"Name": given.take("iamInstanceProfile")}
    script = given.take("userDataBase64")
    names = {"ami": "ImageId", "vpcSecurityGroupIds": "SecurityGroupIds"}
    made = world.client("ec2").run_instances(
        MinCount=1,
        MaxCount=1,
        TagSpecifications=tags,
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": disk}],
        IamInstanceProfile=profile,
        UserData=script,
        **given.rest(**names),
    )
    return made["Instances"][0]["InstanceId"]


def as_list(tags: dict) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


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


# --- State, function, wake-ups --------------------------------------------------------------------


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
    names = {"sqsManagedSseEnabled": "SqsManagedSseEnabled"}
    attributes = given.rest(messageRetentionSeconds="MessageRetentionPeriod", **names)
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
    attributes = given.rest(kmsMasterKeyId="KmsMasterKeyId")
    world.client("sns").create_topic(Name=name, Attributes=attributes, Tags=tags)


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
    network["Ipv6AllowedForDualStack"] = network.pop("Ipv6AllowedForDualStack")
    world.client("lambda").create_function(
        Code={"ZipFile": pathlib.Path(archive.path).read_bytes()},
        VpcConfig=network,
        Tags=tags,
        **given.rest(**names),
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
    world.client("cloudwatch").put_metric_alarm(
        Tags=tags, Dimensions=named, **given.rest(**names)
    )


def dashboard(world: World, given: Properties) -> None:
    assert json.loads(given.values["dashboardBody"])["widgets"]
    world.client("cloudwatch").put_dashboard(**given.rest())


MAKERS: dict[str, Callable[[World, Properties], str | None]] = {
    "cloudwatch/dashboard:Dashboard": dashboard,
    "cloudwatch/eventRule:EventRule": event_rule,
    "cloudwatch/eventTarget:EventTarget": event_target,
    "cloudwatch/logGroup:LogGroup": log_group,
    "cloudwatch/logMetricFilter:LogMetricFilter": metric_filter,
    "cloudwatch/metricAlarm:MetricAlarm": alarm,
    "dynamodb/table:Table": table,
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": default_group,
    "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": egress_only_gateway,
    "ec2/instance:Instance": instance,
    "ec2/internetGateway:InternetGateway": internet_gateway,
    "ec2/launchTemplate:LaunchTemplate": template,
    "ec2/route:Route": route,
    "ec2/routeTable:RouteTable": route_table,
    "ec2/routeTableAssociation:RouteTableAssociation": association,
    "ec2/securityGroup:SecurityGroup": group,
    "ec2/subnet:Subnet": subnet,
    "ec2/vpc:Vpc": vpc,
    "ec2/vpcEndpoint:VpcEndpoint": endpoint,
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
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("egress"),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("ingress"),
}
