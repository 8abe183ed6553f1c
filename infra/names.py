"""The stack's names, known before creation, and whether its permissions fit into a role."""

import json
from typing import TYPE_CHECKING

import iam

if TYPE_CHECKING:
    from config import Settings

EC2_EVENTS = {
    "spot-warning": {"detail-type": ["EC2 Spot Instance Interruption Warning"]},
    "rebalance": {"detail-type": ["EC2 Instance Rebalance Recommendation"]},
    # EventBridge cannot filter by tag; an event of a foreign instance costs one read of the table.
    "state-change": {
        "detail-type": ["EC2 Instance State-change Notification"],
        "detail": {"state": ["shutting-down", "stopped", "terminated"]},
    },
}

# IAM and STS quotas, "Role inline policies": characters, without white space, of all of a role's.
MOST_CHARACTERS = 10240


def rule_name(settings: "Settings", event: str) -> str:
    return f"{settings.prefix}-{event}"


def names_of(settings: "Settings") -> dict:
    """The names that are known before creation."""
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


def characters_of_rights(settings: "Settings") -> int:
    """The size of the function's policy, which names each template, image and instance type.
    All ids have the same length."""
    scope = iam.Footprint(
        account="0" * 12,
        templates=("lt-" + "0" * 17,) * len(settings.pools),
        subnets=("subnet-" + "0" * 17,) * len(settings.zones),
        worker_group="sg-" + "0" * 17,
        **names_of(settings),
    )
    return len("".join(json.dumps(iam.function_policy(scope)).split()))
