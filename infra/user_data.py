"""User data for EC2: compressed, because manifests need more than its 16 KiB."""

import base64
import gzip

import boot
from config import Pool, Settings
from nodenap_toml import API_PORT

MOST_BYTES = 16 << 10  # EC2's limit, before base64


class TooLarge(Exception):
    """User data that EC2 would refuse."""


def packed(text: str) -> str:
    """gzip and base64; cloud-init unpacks it. The same text gives the same bytes."""
    small = gzip.compress(text.encode(), 9, mtime=0)
    if len(small) > MOST_BYTES:
        raise TooLarge(f"user data has {len(small)} bytes compressed; EC2 accepts {MOST_BYTES}")
    return base64.b64encode(small).decode()


def common(settings: Settings) -> dict:
    return {
        "cluster": settings.cluster,
        "region": settings.region,
        "k3s_version": settings.k3s.version,
        "k3s_sha256": settings.k3s.sha256,
        "agent_token_parameter": settings.parameter("agent-token"),
    }


def server_user_data(settings: Settings, alert_topic_arn: str, alarm_topic_arn: str) -> str:
    made = boot.ServerBoot(
        **common(settings),
        api_token_parameter=settings.parameter("nodenap-token"),
        api_ca_parameter=settings.parameter("ca"),
        alert_topic_arn=alert_topic_arn,
        alarm_topic_arn=alarm_topic_arn,
    )
    return packed(boot.server_user_data(made))


def worker_user_data(settings: Settings, pool: Pool) -> str:
    made = boot.WorkerBoot(
        **common(settings),
        server_address=f"https://{settings.server.private_ip}:{API_PORT}",
        pool=pool.name,
        labels=pool.labels,
        taints=list(pool.taints),
    )
    return packed(boot.worker_user_data(made))
