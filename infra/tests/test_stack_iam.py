"""Permissions, checked by an independent evaluator, and compared with the calls of the code."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import iam_cases
import pytest
from iam_cases import CASES, SCOPE

import iam
import policies

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("NODENAP_CACHE", pathlib.Path.home() / ".cache/nodenap"))
PATH = f"{os.environ['PATH']}:{CACHE / 'venv-tools/bin'}"

# A user's permissions are not a role's, but are checked too.
DOCUMENTS = {**iam.role_policies(SCOPE), "doctor": iam.doctor_policy(SCOPE)}

# Actions without resource-level permissions, each with the reason why this is acceptable.
WIDE = {
    "ListInstances": "EC2's lists know no resources; one region only",
    "LambdaNetwork": "Lambda asks for it when the function is made; denied to our code",
    "LambdaItselfOnly": "a denial",
    "OtherTemplates": "a denial",
    "SessionChannels": "Session Manager's channels know no resources",
    "ReadWhatTheFileNames": "EC2's lists know no resources; one region only",
    "ReadTheAgeOfTokens": "a list of names and dates, without values; one region only",
    "ReadTheQuota": "a number; one region only",
}


def evaluated(questions: list[dict]) -> list[dict]:
    """The evaluator's results, in the same order."""
    node = shutil.which("node", path=PATH)
    assert node, "node is missing: infra/install.sh and lab/quick/install.sh bring the evaluator"
    ran = subprocess.run(
        [node, str(HERE / "evaluate.mjs"), str(CACHE / "node")],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def judged(documents: dict[str, dict], cases: list) -> list[tuple]:
    """Each request of each case with the evaluator's result: (case, request, result)."""
    asked = [(case, request) for case in cases for request in case.requests]
    questions = [
        {
            "policy": documents[case.role],
            "principal": f"arn:aws:sts::{SCOPE.account}:assumed-role/nodenap-prod-{case.role}/one",
            "account": SCOPE.account,
            "action": request.action,
            "resource": request.resource,
            "context": request.context,
        }
        for case, request in asked
    ]
    answers = evaluated(questions)
    return [(case, request, answer) for (case, request), answer in zip(asked, answers, strict=True)]


@pytest.fixture(scope="session")
def answers() -> dict[str, list[tuple]]:
    """By the case's name: its requests with their results."""
    found: dict[str, list[tuple]] = {case.name: [] for case in CASES}
    for case, request, answer in judged(DOCUMENTS, CASES):
        found[case.name].append((request, answer))
    return found


def test_the_table_is_long_and_names_no_case_twice():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert len(CASES) >= 60
    assert sum(case.allowed for case in CASES) >= 20
    assert sum(not case.allowed for case in CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_the_evaluator_answers_as_the_table_says(case, answers):
    errors = [
        (request.action, request.resource, answer["detail"])
        for request, answer in answers[case.name]
        if answer["result"] == "Error"
    ]
    assert not errors
    refused = [
        (request.action, request.resource)
        for request, answer in answers[case.name]
        if answer["result"] != "Allowed"
    ]
    assert (not refused) == case.allowed, refused


def test_our_code_is_refused_expressly_where_lambda_is_not(answers):
    for case in iam_cases.LAMBDA:
        (_, answer), wanted = answers[case.name][0], "Allowed"
        if not case.allowed:
            wanted = "ExplicitlyDenied"
        assert answer["result"] == wanted, case.name


# AWS Lambda developer guide, "Using source function ARN to control function access behavior": calls
# that Lambda makes outside of the function that have the key nevertheless.
BEAR_THE_KEY_TOO = {
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "elasticfilesystem:ClientMount",
}


def test_a_launch_from_another_template_is_refused_expressly(answers):
    """By each resource with the template as context, so that no other statement can allow it."""
    found = answers["launch from another template"]
    parts = [answer["result"] for asked, answer in found if "ec2:LaunchTemplate" in asked.context]
    assert len(parts) == 7 and set(parts) == {"ExplicitlyDenied"}


def test_each_template_is_named_once():
    """The size of a role's policies is limited (names.py)."""
    text = json.dumps(DOCUMENTS["function"])
    assert [text.count(one) for one in SCOPE.templates] == [1] * len(SCOPE.templates)


def test_no_deny_of_our_code_meets_lambda_itself():
    denied = [one for one in DOCUMENTS["function"]["Statement"] if one["Effect"] == "Deny"]
    assert [one["Sid"] for one in denied] == ["OtherTemplates", "LambdaItselfOnly"]
    for statement in denied:
        assert not BEAR_THE_KEY_TOO & set(statement["Action"])


# --- The table and the sources --------------------------------------------------------------------


def calls_of_the_code() -> set[str]:
    """Every AWS call of a pass in src/adapters, as IAM names it: ec2:RunInstances."""
    found = set()
    for path in sorted((ROOT / "src/adapters").rglob("*.cpp")):
        text = path.read_text()
        services = re.findall(r'(?:AwsRequest made\{|return \{|AwsRequest\{)"([a-z0-9]+)",', text)
        operations = re.findall(r'request\(\s*"([A-Z][A-Za-z]+)"', text)
        operations += re.findall(r'Form form\("([A-Z][A-Za-z]+)"\)', text)
        if operations and not services:
            services = ["ec2"] if path.name.startswith("ec2_") else []
        assert not operations or len(set(services)) == 1, f"{path.name}: {services} {operations}"
        found |= {f"{services[0]}:{one}" for one in operations}
    return found


def calls_of_doctor() -> set[str]:
    """Additional calls of `nodenap doctor`, except for a pass's list and store calls."""
    text = (ROOT / "src/doctor/requests.cpp").read_text()
    found = re.findall(r'request\(\s*"([a-z0-9]+)",\s*"([A-Z]\w+)"', text)
    return {f"{service}:{operation}" for service, operation in found}


def test_each_call_of_the_code_is_found():
    """So that a rewritten adapter does not make the next tests say nothing."""
    assert calls_of_the_code() >= {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "ec2:DescribeInstances",
        "ec2:RunInstances",
        "ec2:TerminateInstances",
    }


def test_each_call_of_the_code_is_in_the_table_allowed_and_refused():
    for allowed in (True, False):
        asked = {
            request.action
            for case in CASES
            if case.role == "function" and case.allowed == allowed
            for request in case.requests
        }
        assert calls_of_the_code() <= asked


def test_each_call_of_doctor_is_in_the_table_allowed_and_refused():
    calls = calls_of_doctor()
    assert calls >= {"ec2:RunInstances", "ec2:TerminateInstances", "ssm:DescribeParameters"}
    store = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"}
    by_launch = {"ec2:CreateTags", "iam:PassRole"}
    made = calls | store | {"ec2:DescribeInstances"}
    for allowed in (True, False):
        asked = {
            request.action
            for case in iam_cases.DOCTOR
            if case.allowed == allowed
            for request in case.requests
        }
        assert made <= asked
    assert granted(iam.doctor_policy(SCOPE)) == made | by_launch


def test_what_only_doctor_asks_is_no_right_of_the_function():
    """They are granted to the user; no role needs them."""
    reads = {action for one in iam.doctor_statements(SCOPE) for action in one["Action"]}
    assert reads <= calls_of_doctor()
    own = granted(iam.function_policy(SCOPE)) - set(iam.LAMBDA_NETWORK)
    assert not reads & own


def test_the_documents_show_the_rights_of_doctor():
    text = (ROOT / "docs/security.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", text, re.S)
    assert json.loads(shown) == iam.document(*iam.doctor_statements(policies.example()))


def granted(document: dict) -> set[str]:
    return {
        action
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }


def test_the_function_has_no_right_that_nobody_uses():
    lambdas = {*iam.LAMBDA_NETWORK, *iam.LAMBDA_LOGS, *iam.LAMBDA_LETTERS}
    # EC2 requires these two for a launch.
    by_launch = {"ec2:CreateTags", "iam:PassRole"}
    without = granted(iam.function_policy(policies.example()))
    assert without == calls_of_the_code() - {"ssm:GetParameter"} | lambdas | by_launch
    with_kubernetes = granted(iam.function_policy(policies.example(kubernetes=True)))
    assert with_kubernetes - without == {"ssm:GetParameter"}


def test_the_instances_have_the_rights_that_their_scripts_use():
    text = (ROOT / "infra/scripts/ssm.py").read_text()
    calls = {f"ssm:{one}" for one in re.findall(r'"((?:Get|Put)Parameter\w*)"', text)}
    assert calls == {"ssm:GetParameter", "ssm:PutParameter"}
    session = {*iam.SESSION_CHANNELS, "ssm:UpdateInstanceInformation"}
    assert granted(iam.worker_policy(SCOPE)) == {"ssm:GetParameter"} | session
    assert granted(iam.server_policy(SCOPE)) == {"ssm:PutParameter", "sns:Publish"} | session


def test_each_granted_action_is_in_the_table():
    for role, document in DOCUMENTS.items():
        asked = {
            request.action
            for case in CASES
            if case.role == role and case.allowed
            for request in case.requests
        }
        assert granted(document) == asked, role


def test_tags_are_those_that_the_program_writes():
    text = (ROOT / "src/adapters/aws/ec2_requests.cpp").read_text()
    header = "".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.hpp")))
    constants = dict(re.findall(r'(tag_\w+|managed_by_us) ?= ?"([^"]+)"', header))
    used = {constants[one] for one in re.findall(r"\{(tag_\w+),", text)} | {"Name"}
    assert used == set(iam.TAG_KEYS)
    assert constants["managed_by_us"] == iam.OURS
    kinds = set(re.findall(r'"(instance|volume|network-interface|spot-instances-request)"', text))
    assert kinds == set(SCOPE.created_kinds)


# --- The documents themselves ---------------------------------------------------------------------


def test_no_action_is_wild_and_wide_resources_are_known():
    for role, document in DOCUMENTS.items():
        for statement in document["Statement"]:
            assert not any("*" in action for action in statement["Action"]), (role, statement)
            if "*" in statement["Resource"]:
                assert statement["Sid"] in WIDE, (role, statement)


def test_a_star_within_a_resource_stands_for_new_things_or_names_a_condition():
    # A launch from another template is denied by its created resources: OtherTemplates.
    allowed = {"WriteParameters", "LambdaLogs", "SayThatItIsThere", "LaunchFromTemplate"}
    for document in iam.role_policies(SCOPE).values():
        for statement in document["Statement"]:
            starred = [one for one in statement["Resource"] if "*" in one]
            guarded = "Condition" in statement or statement["Sid"] in allowed | set(WIDE)
            assert not starred or guarded, statement


@pytest.mark.parametrize("spot", [True, False])
def test_spot_requests_are_allowed_only_where_a_pool_uses_spot(spot):
    text = json.dumps(iam.function_policy(policies.example(spot=spot)))
    assert ("spot-instances-request" in text) == spot


def test_an_inline_policy_fits_with_many_pools():
    many = policies.example(spot=True, kubernetes=True)
    wide = {
        "templates": tuple(f"lt-{at:017x}" for at in range(10)),
        "instance_types": tuple(f"m{at}.xlarge" for at in range(30)),
    }
    document = iam.function_policy(iam.Footprint(**{**vars(many), **wide}))
    # IAM counts a role's inline policies without white space.
    assert len(json.dumps(document, separators=(",", ":"))) < 10240


def test_the_roles_trust_one_service_each():
    clock = iam.scheduler_trust(SCOPE)["Statement"][0]
    assert clock["Condition"]["StringEquals"] == {"aws:SourceAccount": SCOPE.account}
    for service in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
        (statement,) = iam.trust(service)["Statement"]
        assert statement["Principal"] == {"Service": service}


def test_policies_are_printed_without_pulumi():
    program = f"""
import sys
sys.modules["pulumi"] = sys.modules["pulumi_aws"] = None
sys.argv = ["policies.py"]
sys.path.insert(0, {str(HERE.parent)!r})
import policies
policies.main()
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    assert set(printed) == {"iam", "rbac"}
    assert printed["iam"] == json.loads(json.dumps(iam.role_policies(policies.example())))
    assert "ClusterRole" in {one["kind"] for one in printed["rbac"]}
