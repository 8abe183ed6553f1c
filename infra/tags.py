"""The tags of all that Pulumi makes."""

from config import Settings

# Never the function's own word: what bears that one it may terminate.
MANAGED_BY = "pulumi"


def tags(settings: Settings, name: str) -> dict[str, str]:
    """Tags for the resource that is called `name` within this stack, such as "server"."""
    return {
        "ManagedBy": MANAGED_BY,
        "Name": f"{settings.prefix}-{name}",
        "nodenap:cluster": settings.cluster,
    }
