"""The CloudWatch dashboard: did passes succeed, what did they decide, what did the function use.

Off by default: it costs $3 a month after an account's first three. Its data comes from AWS's
metrics and from the log, which only costs when the dashboard is opened.
"""

import json

import pulumi_aws as aws

from alarms import NAMESPACE
from config import Settings

HALF = 12  # a row is 24 units wide
ROW = 6


def graph(title: str, region: str, metrics: list[list], statistic: str) -> dict:
    properties = {
        "title": title,
        "region": region,
        "metrics": metrics,
        "stat": statistic,
        "period": 300,
        "view": "timeSeries",
    }
    return {"type": "metric", "properties": properties}


def log_table(title: str, settings: Settings, query: str) -> dict:
    source = f"SOURCE '/aws/lambda/{settings.prefix}' | {query}"
    properties = {"title": title, "region": settings.region, "query": source, "view": "table"}
    return {"type": "log", "properties": properties}


def widgets(settings: Settings) -> list[dict]:
    region, name = settings.region, settings.prefix
    errors = [["AWS/Lambda", one, "FunctionName", name] for one in ("Errors", "Throttles")]
    queue = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", f"{name}-dead-letters"]
    fields = "fields @timestamp, decision, reason, text, trigger"
    nodes = "fields @timestamp, nodes_ready, nodes_booting, pending_pods, cpu_percent"
    passed = [[NAMESPACE, "PassSucceeded", "Cluster", settings.cluster]]
    took = [["AWS/Lambda", "Duration", "FunctionName", name]]
    return [
        graph("Passes that succeeded", region, passed, "Sum"),
        graph("Errors and undelivered events", region, [*errors, queue], "Sum"),
        log_table("Decisions", settings, f"{fields} | filter event = 'pass' | limit 50"),
        log_table("Observations", settings, f"{nodes} | filter event = 'pass' | limit 50"),
        graph("Duration of an invocation, ms", region, took, "Maximum"),
    ]


def placed(found: list[dict]) -> list[dict]:
    """Arranges the widgets two per row."""
    size = {"width": HALF, "height": ROW}
    return [
        one | size | {"x": HALF * (at % 2), "y": ROW * (at // 2)} for at, one in enumerate(found)
    ]


def make_dashboard(settings: Settings) -> aws.cloudwatch.Dashboard | None:
    if not settings.watch.dashboard:
        return None
    body = json.dumps({"widgets": placed(widgets(settings))})
    return aws.cloudwatch.Dashboard(
        "dashboard", dashboard_name=settings.prefix, dashboard_body=body
    )
