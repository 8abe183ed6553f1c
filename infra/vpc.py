"""The network: two public subnets for the nodes, two without ingress for the function.

The function's subnets cost nothing: over IPv6 they reach EC2 and Systems Manager through an
egress-only gateway, over IPv4 DynamoDB through its gateway endpoint, and the cluster directly.
There is no NAT gateway and no interface endpoint, which would cost more than everything else.

A subnet's name and ranges depend on its zone, so that Pulumi, which creates new resources before it
deletes old ones, can replace a zone.
"""

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from config import NETWORK, Settings, function_block, public_block, zone_number
from tags import tags


@dataclass(frozen=True)
class Network:
    vpc: aws.ec2.Vpc
    public_subnets: list[aws.ec2.Subnet]  # in the order of the settings' zones
    function_subnets: list[aws.ec2.Subnet]
    function_routes: aws.ec2.RouteTable
    way_out: list[pulumi.Resource]  # needed by nodes for any egress


def ipv6_subnet(block: str, number: int) -> str:
    """The `number`th /64, from 0, of an IPv6 block."""
    network = ipaddress.IPv6Network(block)
    step = 1 << (128 - 64)
    return str(ipaddress.IPv6Network((int(network.network_address) + number * step, 64)))


def make_public_routes(
    vpc: aws.ec2.Vpc, settings: Settings
) -> tuple[aws.ec2.RouteTable, aws.ec2.Route]:
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id, tags=tags(settings, "gateway"))
    routes = aws.ec2.RouteTable("public", vpc_id=vpc.id, tags=tags(settings, "public"))
    outward = aws.ec2.Route(
        "public-out",
        route_table_id=routes.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.id,
    )
    return routes, outward


def make_public_subnets(
    vpc: aws.ec2.Vpc, routes: aws.ec2.RouteTable, settings: Settings
) -> tuple[list[aws.ec2.Subnet], list[pulumi.Resource]]:
    """Nodes get a public address to download images; no rule allows ingress."""
    subnets, attached = [], []
    for zone in settings.zones:
        name = f"public-{zone[-1]}"
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=public_block(zone),
            map_public_ip_on_launch=True,
            tags=tags(settings, name),
        )
        attached.append(attach(name, subnet, routes))
        subnets.append(subnet)
    return subnets, attached


def make_function_subnets(
    vpc: aws.ec2.Vpc, routes: aws.ec2.RouteTable, settings: Settings
) -> list[aws.ec2.Subnet]:
    subnets = []
    for zone in settings.zones:
        name = f"function-{zone[-1]}"
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=function_block(zone),
            ipv6_cidr_block=ipv6_block(vpc, zone_number(zone) - 1),
            assign_ipv6_address_on_creation=True,
            tags=tags(settings, name),
        )
        attach(name, subnet, routes)
        subnets.append(subnet)
    return subnets


def ipv6_block(vpc: aws.ec2.Vpc, number: int) -> pulumi.Output[str]:
    return vpc.ipv6_cidr_block.apply(lambda whole: ipv6_subnet(whole, number))


def attach(
    name: str, subnet: aws.ec2.Subnet, routes: aws.ec2.RouteTable
) -> aws.ec2.RouteTableAssociation:
    return aws.ec2.RouteTableAssociation(name, subnet_id=subnet.id, route_table_id=routes.id)


def make_function_routes(vpc: aws.ec2.Vpc, settings: Settings) -> aws.ec2.RouteTable:
    """Egress over IPv6 only, no ingress."""
    outward = aws.ec2.EgressOnlyInternetGateway(
        "outward", vpc_id=vpc.id, tags=tags(settings, "outward")
    )
    routes = aws.ec2.RouteTable("function", vpc_id=vpc.id, tags=tags(settings, "function"))
    aws.ec2.Route(
        "function-out",
        route_table_id=routes.id,
        destination_ipv6_cidr_block="::/0",
        egress_only_gateway_id=outward.id,
    )
    return routes


def make_network(settings: Settings) -> Network:
    vpc = aws.ec2.Vpc(
        "vpc",
        cidr_block=NETWORK,
        assign_generated_ipv6_cidr_block=True,
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=tags(settings, "vpc"),
    )
    # AWS's default group allows traffic among its members: remove its rules.
    aws.ec2.DefaultSecurityGroup("unused", vpc_id=vpc.id, tags=tags(settings, "unused"))
    public_routes, outward = make_public_routes(vpc, settings)
    public_subnets, attached = make_public_subnets(vpc, public_routes, settings)
    function_routes = make_function_routes(vpc, settings)
    return Network(
        vpc,
        public_subnets,
        make_function_subnets(vpc, function_routes, settings),
        function_routes,
        [outward, *attached],
    )


def make_dynamodb_endpoint(
    network: Network, settings: Settings, policy: pulumi.Input[str]
) -> aws.ec2.VpcEndpoint:
    """The free gateway endpoint of DynamoDB, in the function's subnets only; `policy` as JSON."""
    return aws.ec2.VpcEndpoint(
        "dynamodb",
        vpc_id=network.vpc.id,
        service_name=f"com.amazonaws.{settings.region}.dynamodb",
        vpc_endpoint_type="Gateway",
        route_table_ids=[network.function_routes.id],
        policy=policy,
        tags=tags(settings, "dynamodb"),
    )
