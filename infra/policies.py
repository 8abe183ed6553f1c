"""Prints all permissions as JSON, without Pulumi and AWS: {"iam": {role: document}, "rbac": [...]}.

    python infra/policies.py            an example cluster's, with made-up ids
    python infra/policies.py --spot --kubernetes

`rbac` has the Kubernetes RBAC objects, as the server applies them.
"""

import argparse
import json
import sys

import yaml

import boot
import iam


def example(spot: bool = False, kubernetes: bool = False) -> iam.Footprint:
    """An example cluster "prod" with one pool in us-east-1."""
    return iam.Footprint(
        account="123456789012",
        region="us-east-1",
        cluster="prod",
        table="nodenap-prod",
        function="nodenap-prod",
        log_group="/aws/lambda/nodenap-prod",
        dead_letters="nodenap-prod-dead-letters",
        alert_topic="nodenap-prod-alerts",
        alarm_topic="nodenap-prod-alarms",
        event_rules=("nodenap-prod-spot-warning", "nodenap-prod-state-change"),
        schedule_group="nodenap-prod",
        function_role="nodenap-prod-function",
        worker_role="nodenap-prod-worker",
        worker_profile="nodenap-prod-worker",
        server_role="nodenap-prod-server",
        templates=("lt-0aaaaaaaaaaaaaaaa",),
        images=("ami-0aaaaaaaaaaaaaaaa",),
        subnets=("subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"),
        worker_group="sg-0aaaaaaaaaaaaaaaa",
        instance_types=("t2.small", "t3.small"),
        largest_disk_gib=10,
        spot=spot,
        kubernetes=kubernetes,
        agent_token="/k3s/prod/agent-token",
        function_token="/k3s/prod/nodenap-token",
        certificate="/k3s/prod/ca",
    )


def manifests(scope: iam.Footprint) -> dict[str, str]:
    """The manifests of such a cluster's server, by file name."""
    made = boot.ServerBoot(
        cluster=scope.cluster,
        region=scope.region,
        k3s_version="v1.34.4+k3s1",
        k3s_sha256={"x86_64": "0" * 64},
        agent_token_parameter=scope.agent_token,
        api_token_parameter=scope.function_token,
        api_ca_parameter=scope.certificate,
        alert_topic_arn=scope.arn("sns", scope.alert_topic),
        alarm_topic_arn=scope.arn("sns", scope.alarm_topic),
    )
    return boot.manifests(made, "i-0aaaaaaaaaaaaaaaa")


def rbac(scope: iam.Footprint) -> list[dict]:
    """Roles, bindings and service accounts of the manifests, and their admission policies."""
    found = []
    for text in manifests(scope).values():
        for one in yaml.safe_load_all(text):
            group = (one or {}).get("apiVersion", "").split("/")[0]
            guards = group in ("rbac.authorization.k8s.io", "admissionregistration.k8s.io")
            if guards or (one or {}).get("kind") == "ServiceAccount":
                found.append(one)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="prints all permissions of a cluster as JSON")
    parser.add_argument("--spot", action="store_true", help="with a spot pool")
    parser.add_argument("--kubernetes", action="store_true", help="with the Kubernetes API enabled")
    chosen = parser.parse_args()
    scope = example(chosen.spot, chosen.kubernetes)
    print(json.dumps({"iam": iam.role_policies(scope), "rbac": rbac(scope)}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
