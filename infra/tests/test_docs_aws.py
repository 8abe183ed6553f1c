"""The documents' AWS CLI commands, checked with AWS's models: services, calls, parameters."""

import functools
import json
import re
import subprocess

import botocore.session
import pytest
import stack
from botocore import xform_name
from stack import EVERYTHING
from test_docs_shell import commands, flags_of, unknown
from test_stack_config import rendered, template_of

# The AWS CLI's own commands that are no AWS call, and flags of every command.
OWN = {
    "logs tail": {"--since", "--follow", "--format"},
    "configure export-credentials": {"--format"},
    "sso login": set(),
    "login": set(),
}
# CLI flags whose names differ from the API: (service, call) → the API's flag and the CLI's.
RENAMED = {
    ("lambda", "create-function"): ("--code", "--zip-file"),
    ("sns", "subscribe"): ("--endpoint", "--notification-endpoint"),
}
GLOBAL = {"--region", "--query", "--output", "--profile", "--cli-binary-format"}

SESSION = botocore.session.get_session()


@functools.cache
def operations(service: str) -> dict:
    """A service's operations by the AWS CLI's names."""
    model = SESSION.get_service_model(service)
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


def check_wait(service: str, words: list[str]) -> list[str]:
    waiters = SESSION.get_waiter_model(service)
    names = {xform_name(name, "-"): name for name in waiters.waiter_names}
    if words[0] not in names:
        return [f"aws {service} wait has no {words[0]}"]
    called = waiters.get_waiter(names[words[0]]).operation
    return check_call(service, [xform_name(called, "-"), *words[1:]])


def parameters_of(operation) -> tuple[set[str], set[str]]:
    """All flags of a call, and the required ones."""
    shape = operation.input_shape
    if not shape:
        return set(), set()
    flags = {name: f"--{xform_name(name, '-')}" for name in shape.members}
    # The CLI also has switches with --no-, also for those that EC2 wraps into a structure.
    switches = {
        f"--no-{flags[name][2:]}"
        for name, member in shape.members.items()
        if member.type_name == "boolean" or set(getattr(member, "members", {})) == {"Value"}
    }
    return set(flags.values()) | switches, {flags[name] for name in shape.required_members}


def check_call(service: str, words: list[str]) -> list[str]:
    if words[0] not in operations(service):
        return [f"aws {service} has no {words[0]}"]
    known, needed = parameters_of(operations(service)[words[0]])
    if (service, words[0]) in RENAMED:
        old, new = RENAMED[service, words[0]]
        known, needed = ({new if one == old else one for one in some} for some in (known, needed))
    given = flags_of(words[1:])
    faults = unknown(f"aws {service} {words[0]}:", given, known | GLOBAL)
    return faults + [f"aws {service} {words[0]} needs {one}" for one in needed - set(given)]


def check_aws(words: list[str]) -> list[str]:
    name = " ".join(words[:2])
    if name in OWN:
        return unknown(f"aws {name}:", flags_of(words[2:]), OWN[name] | GLOBAL)
    if words[0] not in SESSION.get_available_services():
        return [f"aws has no service {words[0]}"]
    if words[1] == "wait":
        return check_wait(words[0], words[2:])
    return check_call(words[0], words[1:])


LINES = [
    ("aws ec2 describe-instances --filters a --region b", True),
    ("aws ec2 modify-instance-attribute --instance-id i --no-disable-api-termination", True),
    ("aws ec2 wait instance-terminated --instance-ids i", True),
    ("aws logs tail group --follow", True),
    ("aws sns subscribe --topic-arn a --protocol lambda --notification-endpoint b", True),
    ("aws sns subscribe --topic-arn a --protocol lambda --endpoint b", False),
    ("aws ec3 describe-instances", False),
    ("aws ec2 describe-everything", False),
    ("aws ec2 describe-instances --filter x", False),
    ("aws ec2 terminate-instances", False),
    ("aws ec2 terminate-instances --instance-ids i --no-instance-ids", False),
    ("aws ec2 wait instance-happy", False),
    ("aws logs tail group --forever", False),
]


@pytest.mark.parametrize(("line", "right"), LINES)
def test_a_line_is_judged(line, right):
    assert (check_aws(commands(line)[0][1:]) == []) is right


def test_a_list_that_is_terminated_has_the_stacks_templates():
    """Tags can be set on any instance (docs/security.md), so the user's command must not trust
    them either."""
    text = (stack.INFRA.parent / "docs/guide.md").read_text()
    lists = re.findall(r"--instance-ids \$(\w+)", text)
    assert lists
    for name in set(lists):
        made = re.search(rf"^{name}=\$\((.*?)^aws", text, re.M | re.S).group(1)
        assert "tag:aws:ec2launchtemplate:id" in made, name


def test_the_stacks_templates_are_found_in_its_output():
    """With the guide's command, from the file that the stack writes."""
    text = (stack.INFRA.parent / "docs/guide.md").read_text()
    [pipe] = re.findall(r"^templates=\$\(pulumi stack output nodenap_toml \|\n(.*?)\)$", text, re.M)
    ran = subprocess.run(
        ["sh", "-c", pipe], input=rendered(EVERYTHING), capture_output=True, text=True, check=True
    )
    names = json.loads(EVERYTHING["nodenap:pools"])
    assert ran.stdout.strip().split(",") == [template_of(one["name"]) for one in names]
