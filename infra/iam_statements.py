"""Building blocks of policy documents, and the resources they refer to."""

from dataclasses import dataclass
from typing import Any

VERSION = "2012-10-17"


@dataclass(frozen=True)
class Footprint:
    """The resources of the documents: ids as AWS assigns them, names without ARN."""

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
    largest_disk_gib: int
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

    @property
    def profile(self) -> str:
        """The workers' instance profile."""
        return f"arn:aws:iam::{self.account}:instance-profile/{self.worker_profile}"

    def parameter(self, name: str) -> str:
        return self.arn("ssm", f"parameter{name}")

    @property
    def template_arns(self) -> list[str]:
        return [self.ec2(f"launch-template/{one}") for one in self.templates]

    @property
    def created_kinds(self) -> list[str]:
        """The resources that a launch creates and tags."""
        kinds = ["instance", "network-interface", "volume"]
        return [*kinds, "spot-instances-request"] if self.spot else kinds


def document(*statements: dict | None) -> dict:
    return {"Version": VERSION, "Statement": [one for one in statements if one]}


def allow(sid: str, actions: list[str], resources: list[str], condition: dict | None = None):
    """One statement. `condition` as in IAM: operator → key → value or values."""
    made: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return made | {"Condition": condition} if condition else made


def trust(service: str, condition: dict | None = None) -> dict:
    """The trust policy: one AWS service may assume the role, optionally under a condition."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return document(statement | {"Condition": condition} if condition else statement)
