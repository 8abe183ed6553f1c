"""Creates EC2 resources: the network, its groups, templates and instances."""

from collections.abc import Callable

from stack_on_aws import Maker, Properties, World, as_list, pascal, specification, tag_list

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
    """The provider finds the group and removes all its rules."""
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
    """The provider removes the rule by which AWS allows all egress of a new group."""
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


# --- Instances ------------------------------------------------------------------------------------


def flags(values: dict) -> dict:
    """A launch template's "true" and "false" are strings only in Pulumi."""
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
    names = {
        "ami": "ImageId",
        "privateIp": "PrivateIpAddress",
        "vpcSecurityGroupIds": "SecurityGroupIds",
    }
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


MAKERS: dict[str, Maker] = {
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
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("egress"),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("ingress"),
}
