"""The security groups. Every rule refers to a group of the stack; none is open to the world.

The function connects to the server's ports 6443 and 30090. Nodes connect to each other on 10250
and 8472/udp; workers also connect to the server's port 6443.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from config import Settings
from nodenap_toml import API_PORT, PROMETHEUS_PORT
from tags import tags

KUBELET_PORT = 10250
VXLAN_PORT = 8472
SSH_PORT = 22
HTTPS_PORT = 443


@dataclass(frozen=True)
class Groups:
    server: aws.ec2.SecurityGroup
    workers: aws.ec2.SecurityGroup
    function: aws.ec2.SecurityGroup


@dataclass(frozen=True)
class Port:
    """One port of one protocol, and what it is for."""

    number: int
    use: str
    protocol: str = "tcp"


API = Port(API_PORT, "Kubernetes API")
PROMETHEUS = Port(PROMETHEUS_PORT, "Prometheus")
KUBELET = Port(KUBELET_PORT, "kubelet")
VXLAN = Port(VXLAN_PORT, "pod network", "udp")
SSH = Port(SSH_PORT, "SSH")
HTTPS = Port(HTTPS_PORT, "AWS")


class Rules:
    """Creates rules with names that describe them, such as "server-6443-from-workers"."""

    def __init__(self, settings: Settings, groups: dict[str, aws.ec2.SecurityGroup]):
        self.settings, self.groups = settings, groups

    def let_in(self, into: str, port: Port, source: str) -> None:
        """From one group of the stack to another."""
        self._ingress(into, port, source, referenced_security_group_id=self.groups[source].id)

    def let_people_in(self, into: str, port: Port, block: str) -> None:
        """From an address range that the configuration names."""
        key = "cidr_ipv6" if ":" in block else "cidr_ipv4"
        self._ingress(into, port, block, **{key: block})

    def let_out(self, of: str, port: Port, target: str, **peer: pulumi.Input[str]) -> None:
        name = f"{of}-{port.number}-to-{target}"
        aws.vpc.SecurityGroupEgressRule(
            name, **self._common(of, port, name), from_port=port.number, to_port=port.number, **peer
        )

    def let_all_out(self, of: str) -> aws.vpc.SecurityGroupEgressRule:
        """Nodes fetch images from anywhere."""
        name = f"{of}-out"
        return aws.vpc.SecurityGroupEgressRule(
            name,
            security_group_id=self.groups[of].id,
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            description="images, packages, AWS",
            tags=tags(self.settings, name),
        )

    def _ingress(self, into: str, port: Port, source: str, **peer: pulumi.Input[str]) -> None:
        name = f"{into}-{port.number}-from-{source}"
        aws.vpc.SecurityGroupIngressRule(
            name,
            **self._common(into, port, name),
            from_port=port.number,
            to_port=port.number,
            **peer,
        )

    def _common(self, group: str, port: Port, name: str) -> dict:
        return {
            "security_group_id": self.groups[group].id,
            "ip_protocol": port.protocol,
            "description": port.use,
            "tags": tags(self.settings, name),
        }


def make_group(name: str, use: str, vpc: aws.ec2.Vpc, settings: Settings) -> aws.ec2.SecurityGroup:
    return aws.ec2.SecurityGroup(
        name,
        name=f"{settings.prefix}-{name}",
        description=use,
        vpc_id=vpc.id,
        tags=tags(settings, name),
    )


def cluster_rules(rules: Rules) -> None:
    rules.let_in("server", API, "workers")
    for into, source in (("server", "workers"), ("workers", "server"), ("workers", "workers")):
        rules.let_in(into, VXLAN, source)
        # Prometheus and the API server run on the server; metrics-server may run anywhere.
        rules.let_in(into, KUBELET, source)
    rules.let_all_out("workers")


def function_rules(rules: Rules, groups: Groups) -> None:
    for port in (API, PROMETHEUS):
        rules.let_in("server", port, "function")
        rules.let_out("function", port, "server", referenced_security_group_id=groups.server.id)
    rules.let_out("function", HTTPS, "aws", cidr_ipv6="::/0")


def people_rules(rules: Rules, settings: Settings) -> None:
    for block in settings.access.api_cidrs:
        rules.let_people_in("server", API, block)
    for block in settings.access.ssh_cidrs:
        rules.let_people_in("server", SSH, block)


def make_groups(
    vpc: aws.ec2.Vpc, settings: Settings
) -> tuple[Groups, aws.vpc.SecurityGroupEgressRule]:
    """The groups, and the egress rule that the server needs when it boots."""
    groups = Groups(
        make_group("server", "K3s server", vpc, settings),
        make_group("workers", "K3s workers", vpc, settings),
        make_group("function", "the autoscaler", vpc, settings),
    )
    rules = Rules(settings, vars(groups))
    cluster_rules(rules)
    function_rules(rules, groups)
    people_rules(rules, settings)
    return groups, rules.let_all_out("server")


def allow_dynamodb(groups: Groups, endpoint: aws.ec2.VpcEndpoint, settings: Settings) -> None:
    """DynamoDB's addresses are a prefix list of AWS, IPv4 only."""
    rules = Rules(settings, vars(groups))
    rules.let_out("function", HTTPS, "dynamodb", prefix_list_id=endpoint.prefix_list_id)
