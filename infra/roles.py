"""IAM roles with one inline policy each, from the documents of iam.py."""

import json

import pulumi
import pulumi_aws as aws

from config import Settings
from tags import tags


def make_role(name: str, trust: pulumi.Input[dict], settings: Settings) -> aws.iam.Role:
    """A role without permissions yet; `trust` is its trust policy."""
    return aws.iam.Role(
        name,
        name=f"{settings.prefix}-{name}",
        assume_role_policy=pulumi.Output.from_input(trust).apply(json.dumps),
        tags=tags(settings, name),
    )


def give_rights(name: str, role: aws.iam.Role, document: pulumi.Input[dict]) -> aws.iam.RolePolicy:
    return aws.iam.RolePolicy(
        name, role=role.name, policy=pulumi.Output.from_input(document).apply(json.dumps)
    )


def make_profile(name: str, role: aws.iam.Role, settings: Settings) -> aws.iam.InstanceProfile:
    """The instance profile of a role."""
    return aws.iam.InstanceProfile(
        name, name=f"{settings.prefix}-{name}", role=role.name, tags=tags(settings, name)
    )
