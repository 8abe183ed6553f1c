"""The stack's names and ids as one value, for the policies of iam.py."""

import json
from collections.abc import Callable

import pulumi
import pulumi_aws as aws

import iam
from config import Settings
from names import names_of
from security_groups import Groups


def before_launches(settings: Settings, account: pulumi.Input[str]) -> pulumi.Output[iam.Footprint]:
    """Without templates, subnets and the workers' group: for roles that do not launch."""
    names = names_of(settings) | {"templates": (), "subnets": (), "worker_group": ""}
    return pulumi.Output.from_input(account).apply(
        lambda known: iam.Footprint(account=known, **names)
    )


def complete(
    scope: pulumi.Output[iam.Footprint],
    templates: dict[str, aws.ec2.LaunchTemplate],
    subnets: list[aws.ec2.Subnet],
    groups: Groups,
) -> pulumi.Output[iam.Footprint]:
    """With all ids, for the role that launches."""
    ids = pulumi.Output.all(
        scope=scope,
        templates=[one.id for one in templates.values()],
        subnets=[one.id for one in subnets],
        worker_group=groups.workers.id,
    )
    return ids.apply(filled)


def filled(known: dict) -> iam.Footprint:
    ids = {
        "templates": tuple(known["templates"]),
        "subnets": tuple(known["subnets"]),
        "worker_group": known["worker_group"],
    }
    return iam.Footprint(**{**vars(known["scope"]), **ids})


def text(
    scope: pulumi.Output[iam.Footprint], document: Callable[[iam.Footprint], dict]
) -> pulumi.Output[str]:
    """One of iam.py's documents as JSON."""
    return scope.apply(lambda known: json.dumps(document(known)))
