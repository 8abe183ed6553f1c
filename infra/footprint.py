"""The stack's names and ids as one value, for the policies of iam.py."""

import json
from collections.abc import Callable

import pulumi
import pulumi_aws as aws

import iam
from config import Settings
from lambda_autoscaler import EC2_EVENTS, rule_name
from security_groups import Groups


def names_of(settings: Settings) -> dict:
    """What is known before anything is made."""
    prefix = settings.prefix
    types = {one for pool in settings.pools for one in pool.instance_types}
    return {
        "region": settings.region,
        "cluster": settings.cluster,
        "table": prefix,
        "function": prefix,
        "log_group": f"/aws/lambda/{prefix}",
        "dead_letters": f"{prefix}-dead-letters",
        "alert_topic": f"{prefix}-alerts",
        "alarm_topic": f"{prefix}-alarms",
        "event_rules": tuple(rule_name(settings, event) for event in EC2_EVENTS),
        "schedule_group": prefix,
        "function_role": f"{prefix}-function",
        "worker_role": f"{prefix}-worker",
        "worker_profile": f"{prefix}-worker",
        "server_role": f"{prefix}-server",
        "images": tuple(sorted({settings.images[pool.architecture] for pool in settings.pools})),
        "instance_types": tuple(sorted(types)),
        "largest_disk_gib": max(pool.volume_gib for pool in settings.pools),
        "spot": any(pool.uses_spot for pool in settings.pools),
        "kubernetes": settings.kubernetes,
        "agent_token": settings.parameter("agent-token"),
        "function_token": settings.parameter("nodenap-token"),
        "certificate": settings.parameter("ca"),
    }


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
