"""One launch template per pool, used only by Nodenap."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

import user_data
from config import Pool, Settings
from tags import tags


@dataclass(frozen=True)
class Common:
    """Settings of all workers."""

    group: aws.ec2.SecurityGroup
    profile: aws.iam.InstanceProfile
    disk_key: pulumi.Input[str]  # the ARN of the key that encrypts their disks


def disk(
    settings: Settings, pool: Pool, key: pulumi.Input[str]
) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name=settings.root_device,
        ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=pool.volume_gib,
            encrypted="true",
            kms_key_id=key,
            delete_on_termination="true",
        ),
    )


def credits(pool: Pool) -> aws.ec2.LaunchTemplateCreditSpecificationArgs | None:
    """T3, T3a and T4g are unlimited by default: their surplus credits cost more than the price
    that Nodenap assumes."""
    if not pool.burstable:
        return None
    return aws.ec2.LaunchTemplateCreditSpecificationArgs(cpu_credits=pool.cpu_credits)


def make_template(pool: Pool, settings: Settings, common: Common) -> aws.ec2.LaunchTemplate:
    """A change creates a new version; the function's configuration pins the version to use.

    It has no network interface and no tags: a launch sets its own subnet and tags, and EC2
    refuses a subnet in addition to a template's interface.
    """
    name = f"pool-{pool.name}"
    return aws.ec2.LaunchTemplate(
        name,
        name=f"{settings.prefix}-{name}",
        image_id=settings.images[pool.architecture],
        instance_type=pool.instance_types[0],
        vpc_security_group_ids=[common.group.id],
        iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=common.profile.arn),
        user_data=user_data.worker_user_data(settings, pool),
        block_device_mappings=[disk(settings, pool, common.disk_key)],
        credit_specification=credits(pool),
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        # A worker that shuts itself down is terminated and costs nothing any more.
        instance_initiated_shutdown_behavior="terminate",
        update_default_version=True,
        tags=tags(settings, name),
    )


def make_templates(settings: Settings, common: Common) -> dict[str, aws.ec2.LaunchTemplate]:
    """By the pool's name, in the order of the settings."""
    return {pool.name: make_template(pool, settings, common) for pool in settings.pools}
