"""The K3s server, with Prometheus, kube-state-metrics and Alertmanager on it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

import user_data
from config import Server, Settings, architecture_of
from pools import BURSTABLE, family_of
from tags import tags


@dataclass(frozen=True)
class Place:
    """The server's network and role."""

    subnet: aws.ec2.Subnet
    group: aws.ec2.SecurityGroup
    profile: aws.iam.InstanceProfile
    disk_key: pulumi.Input[str]  # the ARN of the key that encrypts its disk


@dataclass(frozen=True)
class Topics:
    """Alertmanager's topics: one that invokes the function, and one for people."""

    alerts: aws.sns.Topic
    alarms: aws.sns.Topic


def credits(server: Server) -> aws.ec2.InstanceCreditSpecificationArgs | None:
    """EC2 accepts the option for burstable types only."""
    if family_of(server.instance_type) not in BURSTABLE:
        return None
    return aws.ec2.InstanceCreditSpecificationArgs(cpu_credits=server.cpu_credits)


def make_server(
    settings: Settings, place: Place, topics: Topics, first: list[pulumi.Resource]
) -> aws.ec2.Instance:
    """`first`: permissions and routes that it needs while it boots."""
    return aws.ec2.Instance(
        "server",
        ami=settings.images[architecture_of(settings.server.instance_type)],
        instance_type=settings.server.instance_type,
        subnet_id=place.subnet.id,
        private_ip=settings.server.private_ip,
        vpc_security_group_ids=[place.group.id],
        iam_instance_profile=place.profile.name,
        user_data_base64=pulumi.Output.all(topics.alerts.arn, topics.alarms.arn).apply(
            lambda arns: user_data.server_user_data(settings, *arns)
        ),
        credit_specification=credits(settings.server),
        metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
            volume_type="gp3",
            volume_size=settings.server.volume_gib,
            encrypted=True,
            kms_key_id=place.disk_key,
            tags=tags(settings, "server"),
        ),
        disable_api_termination=settings.server.deletion_protection,
        tags=tags(settings, "server"),
        # The cluster's state is on its disk, so a new image, boot script or key must not replace
        # it; see docs/guide.md for upgrades. Changes that would still replace it, such as another
        # first zone, are refused before anything is changed.
        opts=pulumi.ResourceOptions(
            depends_on=first,
            ignore_changes=["ami", "userDataBase64", "userData", "rootBlockDevice.kmsKeyId"],
            protect=settings.server.deletion_protection,
        ),
    )
