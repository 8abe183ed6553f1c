"""The K3s server, with Prometheus, kube-state-metrics and Alertmanager on it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

import user_data
from config import Settings, architecture_of
from tags import tags


@dataclass(frozen=True)
class Place:
    """Where the server stands, and as whom."""

    subnet: aws.ec2.Subnet
    group: aws.ec2.SecurityGroup
    profile: aws.iam.InstanceProfile


def make_server(
    settings: Settings, place: Place, alert_topic: aws.sns.Topic, first: list[pulumi.Resource]
) -> aws.ec2.Instance:
    """`first`: rights and ways out that it needs while it boots."""
    return aws.ec2.Instance(
        "server",
        ami=settings.images[architecture_of(settings.server.instance_type)],
        instance_type=settings.server.instance_type,
        subnet_id=place.subnet.id,
        private_ip=settings.server.private_ip,
        vpc_security_group_ids=[place.group.id],
        iam_instance_profile=place.profile.name,
        user_data_base64=alert_topic.arn.apply(
            lambda arn: user_data.server_user_data(settings, arn)
        ),
        metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
            volume_type="gp3",
            volume_size=settings.server.volume_gib,
            encrypted=True,
            tags=tags(settings, "server"),
        ),
        disable_api_termination=True,
        tags=tags(settings, "server"),
        # The cluster's state is on its disk: a new image or boot script must not replace it.
        # docs/guide.md has the way to upgrade.
        opts=pulumi.ResourceOptions(
            depends_on=first, ignore_changes=["ami", "userDataBase64", "userData"]
        ),
    )
