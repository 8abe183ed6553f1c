"""The table with the lease, the state and the history."""

import pulumi_aws as aws

from config import Settings
from tags import tags

# As written by the program; a test compares them with its source.
PARTITION_KEY = "cluster_id"
SORT_KEY = "record"
EXPIRY = "expires_at"  # in seconds since 1970


def make_table(settings: Settings) -> aws.dynamodb.Table:
    return aws.dynamodb.Table(
        "table",
        name=settings.prefix,
        billing_mode="PAY_PER_REQUEST",
        hash_key=PARTITION_KEY,
        range_key=SORT_KEY,
        attributes=[
            aws.dynamodb.TableAttributeArgs(name=PARTITION_KEY, type="S"),
            aws.dynamodb.TableAttributeArgs(name=SORT_KEY, type="S"),
        ],
        ttl=aws.dynamodb.TableTtlArgs(attribute_name=EXPIRY, enabled=True),
        # Off by default: lost state is rebuilt from EC2, and backups cost more than the table.
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
            enabled=settings.table.point_in_time_recovery
        ),
        deletion_protection_enabled=settings.table.deletion_protection,
        tags=tags(settings, "table"),
    )
