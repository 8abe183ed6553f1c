"""Resource policies: the endpoint of the table, the topic that invokes the function, the queue."""

import iam_cases
import pytest
from iam_requests import SCOPE
from test_stack_iam import evaluated

import iam

NOTHING = {"Version": "2012-10-17", "Statement": []}
ANYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def session_of(role: str) -> dict:
    arn = SCOPE.role(f"nodenap-prod-{role}")
    principal = f"arn:aws:sts::{SCOPE.account}:assumed-role/nodenap-prod-{role}/one"
    return {"principal": principal, "context": {"aws:PrincipalArn": arn}}


ENDPOINT = [
    ("function", "UpdateItem", iam_cases.TABLE, "Allowed"),
    ("function", "UpdateItem", iam_cases.OTHER_TABLE, "ImplicitlyDenied"),
    ("function", "DeleteItem", iam_cases.TABLE, "ImplicitlyDenied"),
    ("worker", "UpdateItem", iam_cases.TABLE, "ImplicitlyDenied"),
]


@pytest.mark.parametrize(("role", "action", "table", "wanted"), ENDPOINT)
def test_only_the_function_passes_the_way_to_dynamodb(role, action, table, wanted):
    """Whatever permissions the caller's role has."""
    question = session_of(role) | {
        "policy": ANYTHING,
        "endpointPolicy": iam.dynamodb_endpoint_policy(SCOPE),
        "account": SCOPE.account,
        "action": f"dynamodb:{action}",
        "resource": table,
    }
    (answer,) = evaluated([question])
    assert answer["result"] == wanted, answer


PUBLISHERS = [
    (session_of("server"), "Allowed"),
    (session_of("worker"), "ExplicitlyDenied"),
    (session_of("function"), "ExplicitlyDenied"),
    (session_of("admin"), "ExplicitlyDenied"),
    ({"principal": "events.amazonaws.com", "context": {}}, "ExplicitlyDenied"),
]


@pytest.mark.parametrize(("caller", "wanted"), PUBLISHERS, ids=lambda one: str(one)[-40:])
def test_only_the_server_may_publish_to_the_topic_that_wakes(caller, wanted):
    """Whatever permissions the caller's role has."""
    question = caller | {
        "policy": ANYTHING,
        "resourcePolicy": iam.alert_topic_policy(SCOPE),
        "account": SCOPE.account,
        "action": "sns:Publish",
        "resource": iam_cases.TOPIC,
    }
    (answer,) = evaluated([question])
    assert answer["result"] == wanted, answer


RULE = SCOPE.arn("events", f"rule/{SCOPE.event_rules[0]}")
OTHER_RULE = SCOPE.arn("events", "rule/of-another")
SERVICES = [
    ("events", RULE, "Allowed"),
    ("events", OTHER_RULE, "ImplicitlyDenied"),
    ("sns", iam_cases.TOPIC, "Allowed"),
    ("sns", iam_cases.OTHER_TOPIC, "ImplicitlyDenied"),
    ("s3", RULE, "ImplicitlyDenied"),
]


@pytest.mark.parametrize(("service", "source", "wanted"), SERVICES)
def test_only_our_rules_and_topic_leave_letters(service, source, wanted):
    question = {
        "policy": NOTHING,
        "resourcePolicy": iam.dead_letter_policy(SCOPE),
        "principal": f"{service}.amazonaws.com",
        "account": SCOPE.account,
        "action": "sqs:SendMessage",
        "resource": iam_cases.LETTERS,
        "context": {"aws:SourceArn": source},
    }
    (answer,) = evaluated([question])
    assert answer["result"] == wanted, answer
