"""The function's nodenap.toml, written from the stack's values."""

from dataclasses import dataclass

import scaling
from config import Pool, Settings

PROMETHEUS_PORT = 30090
API_PORT = 6443


@dataclass(frozen=True)
class Made:
    """Values that are known once the resources exist.

    `templates`: for each pool's name its launch template's id and the version to pin, as a
    string of digits; `subnets`: the public subnets' ids, in the order of the settings' zones.
    """

    table: str
    templates: dict[str, tuple[str, str]]
    subnets: tuple[str, ...]


def pool_table(pool: Pool, settings: Settings, made: Made) -> dict:
    template, version = made.templates[pool.name]
    return {
        "name": pool.name,
        "launch_template": template,
        "launch_template_version": version,
        "subnets": made.subnets,
        "zones": settings.zones,
        "instance_types": pool.instance_types,
        "capacity": pool.capacity,
        "min_nodes": pool.min_nodes,
        "max_nodes": pool.max_nodes,
        "max_pods": pool.max_pods,
        "labels": pool.labels,
        "taints": pool.taints,
    }


def kubernetes_table(settings: Settings) -> dict:
    if not settings.kubernetes:
        return {}
    return {
        "url": f"https://{settings.server.private_ip}:{API_PORT}",
        "ca_parameter": settings.parameter("ca"),
        "token_parameter": settings.parameter("nodenap-token"),
    }


def render(settings: Settings, made: Made) -> str:
    """The whole file as text; keys that the stack does not set keep Nodenap's own defaults."""
    own = settings.scaling
    url = f"http://{settings.server.private_ip}:{PROMETHEUS_PORT}"
    tables = {
        "cluster": {"id": settings.cluster, "mode": scaling.MODES[0], **own.get("cluster", {})},
        "aws": {"region": settings.region},
        "limits": own.get("limits", {}),
        "scale_up": own.get("scale_up", {}),
        "scale_down": own.get("scale_down", {}),
        "metrics": {"url": url, **own.get("metrics", {})},
        "kubernetes": kubernetes_table(settings),
        "state": {"dynamodb_table": made.table},
        "relook": own.get("relook", {}),
        "reserve": own.get("reserve", {}),
    }
    parts = [scaling.toml_table(f"[{name}]", values) for name, values in tables.items()]
    parts += [
        scaling.toml_table("[[pool]]", pool_table(pool, settings, made)) for pool in settings.pools
    ]
    parts += [scaling.toml_table("[[instance_type]]", one) for one in settings.instance_types]
    return "# Written by the Pulumi program; change the stack's values instead.\n\n" + "\n".join(
        part for part in parts if part
    )
