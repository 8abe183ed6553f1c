#!/usr/bin/env python3
"""The reference of the benchmark: the same idle pass as a Python function with boto3.

Lock by a conditional write, instances by tag, CPU, cores and pending pods from Prometheus, release;
as a Lambda custom runtime, so that both are measured by the same stand.
"""

import json
import os
import time
import urllib.parse
import urllib.request

import boto3

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"
QUERIES = (
    'sum(rate(container_cpu_usage_seconds_total{id="/"}[2m]))',
    "sum(machine_cpu_cores)",
    "sum(kube_pod_status_unschedulable)",
    'count(kube_node_status_condition{condition="Ready",status="true"} == 1)',
)


class Handler:
    def __init__(self) -> None:
        session = boto3.session.Session(region_name=os.environ["AWS_REGION"])
        self._ec2 = session.client("ec2")
        self._table = session.resource("dynamodb").Table(os.environ["BENCH_TABLE"])
        self._key = {"cluster_id": os.environ["BENCH_CLUSTER"], "record": "python"}

    def handle(self, _event: dict) -> dict:
        now = int(time.time())
        self._table.update_item(
            Key=self._key,
            UpdateExpression="SET scaling_in_progress = :t, lease_until = :u",
            ConditionExpression="attribute_not_exists(lease_until) OR lease_until < :now",
            ExpressionAttributeValues={":t": True, ":u": now + 115, ":now": now},
        )
        filters = [{"Name": "tag:ManagedBy", "Values": ["autoscaler"]}]
        reservations = self._ec2.describe_instances(Filters=filters)["Reservations"]
        signals = [self._query(query) for query in QUERIES]
        self._table.update_item(
            Key=self._key,
            UpdateExpression="SET scaling_in_progress = :f REMOVE lease_until",
            ExpressionAttributeValues={":f": False},
        )
        return {"instances": len(reservations), "signals": signals}

    def _query(self, query: str) -> float:
        asked = urllib.parse.urlencode({"query": query})
        address = f"{os.environ['BENCH_PROMETHEUS']}/api/v1/query?{asked}"
        with urllib.request.urlopen(address, timeout=5) as answer:
            result = json.load(answer)["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0


def main() -> None:
    handler = Handler()
    while True:
        with urllib.request.urlopen(f"{RUNTIME}/invocation/next") as event:
            request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
            answer = json.dumps(handler.handle(json.load(event))).encode()
        place = f"{RUNTIME}/invocation/{request_id}/response"
        urllib.request.urlopen(urllib.request.Request(place, answer, method="POST")).read()


if __name__ == "__main__":
    main()
