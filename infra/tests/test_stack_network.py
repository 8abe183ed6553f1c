"""The network of the program, and changed zones for an existing stack."""

import ipaddress

import pytest
import stack
from stack import Recorded
from test_stack_resources import with_values

import vpc


def test_the_network_has_two_public_and_two_private_subnets(full):
    made = full.one("ec2/vpc:Vpc", "vpc").inputs
    assert made["cidrBlock"] == "10.0.0.0/16" and made["assignGeneratedIpv6CidrBlock"]
    subnets = {one.name: one.inputs for one in full.of("ec2/subnet:Subnet")}
    assert set(subnets) == {"public-a", "public-b", "function-a", "function-b"}
    for letter in "ab":
        assert subnets[f"public-{letter}"]["mapPublicIpOnLaunch"]
        assert subnets[f"function-{letter}"]["assignIpv6AddressOnCreation"]
        assert not subnets[f"function-{letter}"].get("mapPublicIpOnLaunch")
        for kind in ("public", "function"):
            assert subnets[f"{kind}-{letter}"]["availabilityZone"] == f"us-east-1{letter}"
    blocks = [ipaddress.ip_network(one["cidrBlock"]) for one in subnets.values()]
    assert not any(a.overlaps(b) for a in blocks for b in blocks if a is not b)


def test_the_functions_subnets_have_their_own_part_of_the_ipv6_block(full):
    whole = ipaddress.ip_network(stack.IPV6_BLOCK)
    parts = [
        ipaddress.ip_network(one.inputs["ipv6CidrBlock"])
        for one in full.of("ec2/subnet:Subnet")
        if "ipv6CidrBlock" in one.inputs
    ]
    assert len(set(parts)) == 2
    assert all(one.prefixlen == 64 and one.subnet_of(whole) for one in parts)


# Pulumi creates new resources before it deletes old ones, so a range must be free by then. Each
# case starts from the default zones; with whether the server is kept.
OTHER_ZONES = [("ac", True), ("ad", True), ("ba", False), ("bc", False), ("cd", False)]


@pytest.mark.parametrize(("letters", "server_stays"), OTHER_ZONES)
def test_zones_can_be_exchanged(tmp_path, least, letters, server_stays):
    zones = [f"us-east-1{letter}" for letter in letters]
    after = with_values(tmp_path, zones=zones)

    def subnets(of: Recorded) -> dict:
        return {one.name: one.inputs for one in of.of("ec2/subnet:Subnet")}

    old, new = subnets(least), subnets(after)
    for name in old.keys() & new.keys():
        assert old[name] == new[name], "a subnet that stays is not touched"
    for key in ("cidrBlock", "ipv6CidrBlock"):
        taken = {one[key] for one in old.values() if key in one}
        made = [new[name].get(key) for name in new.keys() - old.keys()]
        assert not taken & set(made)
    before, server = (one.one("ec2/instance:Instance", "server").inputs for one in (least, after))
    assert (before["privateIp"] == server["privateIp"]) == server_stays


def test_what_would_replace_the_server_is_refused_first(monkeypatch, tmp_path):
    """Pulumi refuses to replace a protected resource before it changes anything."""
    import master

    kept = []
    made = master.aws.ec2.Instance

    def keep(*words, **inputs):
        kept.append(inputs["opts"])
        return made(*words, **inputs)

    monkeypatch.setattr(master.aws.ec2, "Instance", keep)
    for given in ({}, {"deletion_protection": False}):
        server = with_values(tmp_path, server=given).one("ec2/instance:Instance", "server").inputs
        assert server["disableApiTermination"] == kept[-1].protect == (not given)
    assert "rootBlockDevice.kmsKeyId" in kept[-1].ignore_changes


@pytest.mark.parametrize(("number", "wanted"), [(0, "00"), (1, "01"), (255, "ff")])
def test_an_ipv6_subnet_is_the_nth(number, wanted):
    block = "2600:1f18:1234:5600::/56"
    assert vpc.ipv6_subnet(block, number) == f"2600:1f18:1234:56{wanted}::/64"


def test_the_functions_subnets_lead_out_over_ipv6_and_to_dynamodb_only(full):
    table = full.one("ec2/routeTable:RouteTable", "function").id
    routes = [one.inputs for one in full.of("ec2/route:Route")]
    (outward,) = [one for one in routes if one["routeTableId"] == table]
    assert outward["destinationIpv6CidrBlock"] == "::/0"
    assert outward["egressOnlyGatewayId"] and "destinationCidrBlock" not in outward
    endpoint = full.one("ec2/vpcEndpoint:VpcEndpoint", "dynamodb").inputs
    assert endpoint["routeTableIds"] == [table]
    assert endpoint["vpcEndpointType"] == "Gateway"
    assert endpoint["serviceName"] == "com.amazonaws.us-east-1.dynamodb"
    attached = {
        one.name: one.inputs["routeTableId"]
        for one in full.of("ec2/routeTableAssociation:RouteTableAssociation")
    }
    assert attached["function-a"] == attached["function-b"] == table
    assert attached["public-a"] == attached["public-b"] != table


def test_nothing_that_costs_by_the_hour_is_in_the_network(full):
    kinds = {one.kind for one in full.resources}
    assert not {"ec2/natGateway:NatGateway", "ec2/eip:Eip"} & kinds
    assert {one.inputs["vpcEndpointType"] for one in full.of("ec2/vpcEndpoint:VpcEndpoint")} == {
        "Gateway"
    }
