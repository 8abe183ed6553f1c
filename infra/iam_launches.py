"""What the function may launch: each resource that RunInstances checks, and each override with a
condition key."""

from iam_statements import Footprint, allow

# The tags of launched instances, as the program writes them; a test compares them with its source.
OURS = "autoscaler"
TAG_KEYS = (
    "ManagedBy",
    "Name",
    "nodenap:cluster",
    "nodenap:epoch",
    "nodenap:intent",
    "nodenap:pool",
)


def request_tags(scope: Footprint) -> dict[str, str]:
    return {"aws:RequestTag/ManagedBy": OURS, "aws:RequestTag/nodenap:cluster": scope.cluster}


def from_a_template(scope: Footprint) -> dict[str, str]:
    """`other_templates` restricts which one: the size of a role's policies is limited, so the
    templates are named only once."""
    return {"ec2:LaunchTemplate": scope.ec2("launch-template/*")}


def other_templates(scope: Footprint) -> dict:
    """No part of a launch may come from a template that is not a pool's. The check of a spot
    request has no template, so the condition is on the resources that have one."""
    condition = {
        "Null": {"ec2:LaunchTemplate": "false"},
        "ArnNotEquals": {"ec2:LaunchTemplate": scope.template_arns},
    }
    return allow("OtherTemplates", ["ec2:RunInstances"], ["*"], condition) | {"Effect": "Deny"}


def spot_statements(scope: Footprint) -> list[dict]:
    """The check of a spot request has its tags, but not its template."""
    if not scope.spot:
        return []
    resources = [scope.ec2("spot-instances-request/*")]
    condition = {"StringEquals": request_tags(scope)}
    return [allow("LaunchTaggedSpotRequests", ["ec2:RunInstances"], resources, condition)]


def instance_condition(scope: Footprint) -> dict[str, dict]:
    """Keys that AWS's own example policies require are required here too. The others are
    conditions with "IfExists" or "Not", which apply only if EC2 sends the key, as it does for
    an override: a launch must not be refused because of a key that EC2 may leave out."""
    exactly = {
        "ec2:InstanceType": list(scope.instance_types),
        "ec2:MetadataHttpTokens": "required",
    }
    return {
        "StringEquals": request_tags(scope) | exactly,
        "ArnEquals": {"ec2:InstanceProfile": scope.profile},
        "ArnLike": from_a_template(scope),
        "NumericLessThanEqualsIfExists": {"ec2:MetadataHttpPutResponseHopLimit": "1"},
        "StringEqualsIfExists": {
            "ec2:MetadataHttpEndpoint": "enabled",
            "ec2:Tenancy": "default",
            "ec2:InstanceMarketType": ["on-demand", "spot"] if scope.spot else ["on-demand"],
        },
        "StringNotEquals": {
            "ec2:CpuOptionsAmdSevSnp": "enabled",
            "ec2:InstanceMetadataTags": "enabled",
        },
    }


def volume_condition(scope: Footprint) -> dict[str, dict]:
    """As in the templates, and not faster than gp3's free performance."""
    return {
        "StringEquals": request_tags(scope) | {"ec2:VolumeType": "gp3"},
        "ArnLike": from_a_template(scope),
        "Bool": {"ec2:Encrypted": "true"},
        "NumericLessThanEquals": {"ec2:VolumeSize": str(scope.largest_disk_gib)},
        "NumericLessThanEqualsIfExists": {
            "ec2:VolumeIops": "3000",
            "ec2:VolumeThroughput": "125",
            "ec2:VolumeInitializationRate": "0",
        },
    }


def created_statements(scope: Footprint) -> list[dict]:
    """The resources that a launch creates have the cluster's tags, come from a pool's template,
    and differ from it only in harmless values."""
    interfaces = {"StringEquals": request_tags(scope), "ArnLike": from_a_template(scope)}
    conditions = {
        "instance": instance_condition(scope),
        "network-interface": interfaces,
        "volume": volume_condition(scope),
    }
    run = ["ec2:RunInstances"]
    return [
        *(
            allow(f"LaunchTagged{sid_of(kind)}", run, [scope.ec2(f"{kind}/*")], condition)
            for kind, condition in conditions.items()
        ),
        *spot_statements(scope),
    ]


def sid_of(kind: str) -> str:
    """"NetworkInterfaces" of "network-interface"."""
    return kind.title().replace("-", "") + "s"


def named_statements(scope: Footprint) -> list[dict]:
    """The resources that a launch uses: the template's image and group, and one of the stack's
    subnets."""
    from_one = {"ArnLike": from_a_template(scope)}
    by_template = from_one | {"Bool": {"ec2:IsLaunchTemplateResource": "true"}}
    images = [f"arn:aws:ec2:{scope.region}::image/{one}" for one in scope.images]
    group = scope.ec2(f"security-group/{scope.worker_group}")
    subnets = [scope.ec2(f"subnet/{one}") for one in scope.subnets]
    run = ["ec2:RunInstances"]
    return [
        allow("LaunchFromTemplate", run, [scope.ec2("launch-template/*")]),
        allow("LaunchWithWhatTheTemplateNames", run, [*images, group], by_template),
        allow("LaunchIntoSubnets", run, subnets, from_one),
        other_templates(scope),
    ]


def launch_statements(scope: Footprint) -> list[dict]:
    """RunInstances checks each resource of a launch separately."""
    tagging = {
        "StringEquals": request_tags(scope) | {"ec2:CreateAction": "RunInstances"},
        "ForAllValues:StringEquals": {"aws:TagKeys": list(TAG_KEYS)},
    }
    created = [scope.ec2(f"{kind}/*") for kind in scope.created_kinds]
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    worker = [scope.role(scope.worker_role)]
    return [
        *named_statements(scope),
        *created_statements(scope),
        allow("TagAtLaunch", ["ec2:CreateTags"], created, tagging),
        allow("GiveWorkersTheirRole", ["iam:PassRole"], worker, to_ec2),
    ]
