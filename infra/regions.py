"""The regions Nodenap can run in: those with EC2 and Systems Manager endpoints over IPv6.

The function has no IPv4 egress (that would need a NAT gateway), so it uses
`ec2.<region>.api.aws`, and `ssm.<region>.api.aws` for the cluster's token. Of the table's sources
the first is Amazon's EC2 developer guide, "Service endpoints by Region", as botocore's
endpoints.json has it; the second is the General Reference's page on Systems Manager.

The instance families of each region are in data/ec2-regions.json.
"""

import functools
import json
import pathlib

FAMILIES = pathlib.Path(__file__).resolve().parents[1] / "data/ec2-regions.json"
DEFAULT_TYPES = ("t2.small", "t3.small")  # the first that is available in the region

TABLE_DATE = "2026-11-24"

# Both services have endpoints at api.aws.
DUAL_STACK = (
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)

# Only Systems Manager has one, EC2 not yet; with the nearest supported regions.
WITHOUT_EC2 = {
    "ap-east-2": ("ap-east-1", "ap-northeast-1"),
    "ap-northeast-3": ("ap-northeast-1", "ap-northeast-2"),
    "ap-south-2": ("ap-south-1",),
    "ap-southeast-3": ("ap-southeast-1",),
    "ap-southeast-4": ("ap-southeast-2",),
    "ap-southeast-5": ("ap-southeast-1",),
    "ap-southeast-6": ("ap-southeast-2",),
    "ap-southeast-7": ("ap-southeast-1",),
    "ca-west-1": ("ca-central-1", "us-west-2"),
    "eu-central-2": ("eu-central-1", "eu-south-1"),
    "eu-south-2": ("eu-west-3", "eu-west-1"),
    "il-central-1": ("eu-south-1", "eu-central-1"),
    "me-central-1": ("me-south-1",),
    "mx-central-1": ("us-east-1", "us-west-2"),
}

# Regions whose zones "a" and "b" are not both available to every account.
OTHER_ZONES = {"ap-northeast-1": ("a", "c"), "us-west-1": ("a", "c")}


def fault_of(region: str) -> str | None:
    """Why Nodenap cannot run in `region`, with the alternatives; None where it can."""
    if region in DUAL_STACK:
        return None
    if region in WITHOUT_EC2:
        names = " or ".join(WITHOUT_EC2[region])
        return (
            f"{region} has no IPv6 endpoint of EC2 (as of {TABLE_DATE}), without which "
            f"the function would need a NAT gateway; nearest supported regions: {names}"
        )
    return f"{region!r} is not a supported region; supported are {', '.join(DUAL_STACK)}"


def default_zones(region: str) -> tuple[str, str]:
    """Two zones of the region, by name, such as ("us-east-1a", "us-east-1b")."""
    first, second = OTHER_ZONES.get(region, ("a", "b"))
    return f"{region}{first}", f"{region}{second}"


@functools.cache
def families() -> dict:
    return json.loads(FAMILIES.read_text())


def families_date() -> str:
    return families()["families_of"]


def sells(region: str, instance_type: str) -> bool:
    """Whether the region offers the type; types that are not in the catalogue count as offered."""
    family = instance_type.split(".")[0]
    return family not in families()["families_not_sold"].get(region, ())


def default_type(region: str) -> str:
    """The default instance type of workers."""
    return next(one for one in DEFAULT_TYPES if sells(region, one))
