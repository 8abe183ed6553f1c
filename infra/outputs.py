"""The outputs of `pulumi up`: commands to copy, and addresses."""

import pulumi
import pulumi_aws as aws

from config import Settings
from nodenap_toml import API_PORT

KUBECONFIG = "/etc/rancher/k3s/k3s.yaml"


def session(region: str, instance: str) -> str:
    return f"aws ssm start-session --region {region} --target {instance}"


def tunnel(region: str, instance: str, port: int) -> str:
    """Forwards one port of the server to the same local port."""
    return (
        f"{session(region, instance)} --document-name AWS-StartPortForwardingSession"
        f" --parameters portNumber={port},localPortNumber={port}"
    )


def kubeconfig(region: str, instance: str) -> str:
    """Prints the cluster's kubeconfig, which uses the local tunnel."""
    return (
        f"{session(region, instance)} --document-name AWS-StartInteractiveCommand"
        f" --parameters 'command=[\"sudo cat {KUBECONFIG}\"]'"
    )


def dashboard(region: str, name: str) -> str:
    host = f"https://{region}.console.aws.amazon.com"
    return f"{host}/cloudwatch/home?region={region}#dashboards/dashboard/{name}"


def doctor(settings: Settings) -> str:
    """Prometheus needs the tunnel of the guide's "Watch"; the rest works from anywhere."""
    return (
        "pulumi stack output nodenap_toml > nodenap.toml && nodenap doctor --config nodenap.toml"
        f" --every {settings.function.every_minutes}m"
        f" --token-parameter {settings.parameter('agent-token')}"
    )


def export(
    settings: Settings,
    server: aws.ec2.Instance,
    board: aws.cloudwatch.Dashboard | None,
    toml: pulumi.Output[str],
) -> None:
    region = settings.region
    pulumi.export("server", server.id)
    pulumi.export("shell", server.id.apply(lambda one: session(region, one)))
    pulumi.export("api_tunnel", server.id.apply(lambda one: tunnel(region, one, API_PORT)))
    pulumi.export("kubeconfig", server.id.apply(lambda one: kubeconfig(region, one)))
    if board:
        pulumi.export("dashboard", board.dashboard_name.apply(lambda name: dashboard(region, name)))
    pulumi.export("log", f"aws logs tail --region {region} --follow /aws/lambda/{settings.prefix}")
    pulumi.export("nodenap_toml", toml)
    pulumi.export(
        "status",
        "pulumi stack output nodenap_toml > nodenap.toml && nodenap status --config nodenap.toml",
    )
    pulumi.export("doctor", doctor(settings))
