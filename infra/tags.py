"""The tags of all resources that Pulumi creates."""

from config import Settings

# Never the function's own tag value: it may terminate instances with that one.
MANAGED_BY = "pulumi"


def tags(settings: Settings, name: str) -> dict[str, str]:
    """Tags for the resource that is called `name` within this stack, such as "server"."""
    return {
        "ManagedBy": MANAGED_BY,
        "Name": f"{settings.prefix}-{name}",
        "nodenap:cluster": settings.cluster,
    }
