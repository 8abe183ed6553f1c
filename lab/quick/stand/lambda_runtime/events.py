"""Events as AWS sends them to the function, after AWS's documented samples."""

import json
import time
import uuid

from stand.places import ACCOUNT, REGION


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _event(source: str, detail_type: str, detail: dict, resources: list[str]) -> dict:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": _now(),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    }


def scheduled(name: str = "nodenap-tick") -> dict:
    resource = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"
    return _event("aws.scheduler", "Scheduled Event", {}, [resource])


def spot_warning(instance: str) -> dict:
    detail = {"instance-id": instance, "instance-action": "terminate"}
    return _event("aws.ec2", "EC2 Spot Instance Interruption Warning", detail, [_arn(instance)])


def rebalance(instance: str) -> dict:
    return _event(
        "aws.ec2",
        "EC2 Instance Rebalance Recommendation",
        {"instance-id": instance},
        [_arn(instance)],
    )


def state_change(instance: str, state: str) -> dict:
    return _event(
        "aws.ec2",
        "EC2 Instance State-change Notification",
        {"instance-id": instance, "state": state},
        [_arn(instance)],
    )


def action(name: str) -> dict:
    return {"action": name}


def from_sns(notification: dict) -> dict:
    """The Lambda event for a message that SNS would post to an HTTP subscriber."""
    fields = ("Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp")
    sns = {name: notification.get(name) for name in fields}
    own = {"SignatureVersion": "1", "Signature": "", "SigningCertUrl": "", "UnsubscribeUrl": ""}
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{notification.get('TopicArn')}:lab",
        "Sns": {**own, **sns, "MessageAttributes": {}},
    }
    return {"Records": [record]}


def alert(name: str = "PodsUnschedulable", status: str = "firing") -> dict:
    one = {"status": status, "labels": {"alertname": name}, "startsAt": _now()}
    message = {"version": "4", "status": status, "groupKey": name, "alerts": [one]}
    return from_sns(
        {
            "Type": "Notification",
            "MessageId": str(uuid.uuid4()),
            "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:nodenap-alerts",
            "Subject": f"Nodenap alert {name}",
            "Message": json.dumps(message),
            "Timestamp": _now(),
        }
    )


def _arn(instance: str) -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}"
