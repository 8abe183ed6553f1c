"""Rules for every resource: tags, encryption, no ingress, no secrets, no dangling references."""

import base64
import gzip
import json
import re

import pytest
from stack import EVERYTHING, REGION, Recorded, Resource
from test_stack_iam import WIDE

import config
import names
import tags


def unpacked(text: str) -> str:
    return gzip.decompress(base64.b64decode(text)).decode()


# Resources that cannot have tags, or only associate two others.
WITHOUT_TAGS = {
    "cloudwatch/dashboard:Dashboard",
    "cloudwatch/eventTarget:EventTarget",
    "cloudwatch/logMetricFilter:LogMetricFilter",
    "ec2/route:Route",
    "ec2/routeTableAssociation:RouteTableAssociation",
    "iam/rolePolicy:RolePolicy",
    "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "lambda/permission:Permission",
    "scheduler/schedule:Schedule",
    "sns/topicSubscription:TopicSubscription",
    "sqs/queuePolicy:QueuePolicy",
}


def test_everything_is_tagged_and_nothing_as_the_functions_own(full):
    for one in full.resources:
        if one.kind in WITHOUT_TAGS:
            assert "tags" not in one.inputs
            continue
        assert one.inputs["tags"]["ManagedBy"] == tags.MANAGED_BY != "autoscaler", one.name
        assert one.inputs["tags"]["nodenap:cluster"] == "prod"
        assert one.inputs["tags"]["Name"].startswith("nodenap-prod-")


def test_the_world_may_not_come_in(full):
    world = {"0.0.0.0/0", "::/0"}
    for one in full.resources:
        if "Ingress" in one.kind:
            assert not world & set(map(str, one.inputs.values())), one.name
        assert "ingress" not in one.inputs, one.name
    ports = {one.inputs["fromPort"] for one in full.resources if "Ingress" in one.kind}
    assert 22 not in ports


ENCRYPTED = {
    "ec2/instance:Instance": lambda made: made["rootBlockDevice"]["encrypted"] is True,
    "ec2/launchTemplate:LaunchTemplate": lambda made: all(
        one["ebs"]["encrypted"] == "true" for one in made["blockDeviceMappings"]
    ),
    "sqs/queue:Queue": lambda made: made["sqsManagedSseEnabled"] is True,
    # CloudWatch cannot publish with SNS's default key; alarms have no secrets.
    "sns/topic:Topic": lambda made: "kmsMasterKeyId" in made or made["name"].endswith("-alarms"),
    # DynamoDB encrypts with AWS's own key by default, free of charge.
    "dynamodb/table:Table": lambda made: "serverSideEncryption" not in made,
}


@pytest.mark.parametrize("kind", ENCRYPTED)
def test_what_rests_is_encrypted(full, kind):
    assert full.of(kind)
    for one in full.of(kind):
        assert ENCRYPTED[kind](one.inputs), one.name


def documents(recorded: Recorded) -> list[tuple[Resource, str, dict]]:
    keys = ("policy", "assumeRolePolicy")
    return [
        (one, key, json.loads(one.inputs[key]))
        for one in recorded.resources
        for key in keys
        if key in one.inputs
    ]


def test_every_principal_is_a_service_or_is_bound(full):
    for one, _, document in documents(full):
        for statement in document["Statement"]:
            if statement.get("Principal") == "*" and statement["Effect"] == "Allow":
                assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"], one.name
            elif "Principal" in statement and statement["Effect"] == "Allow":
                assert set(statement["Principal"]) == {"Service"}


def test_no_document_of_the_stack_is_wild(full):
    """Policies of roles, and of resources: the endpoint, the queue, the topics."""
    found = documents(full)
    assert {one.kind for one, _, _ in found} >= {
        "ec2/vpcEndpoint:VpcEndpoint",
        "iam/role:Role",
        "iam/rolePolicy:RolePolicy",
        "sns/topic:Topic",
        "sqs/queuePolicy:QueuePolicy",
    }
    for one, _, document in found:
        for statement in document["Statement"]:
            assert "*" not in json.dumps(statement["Action"]), (one.name, statement)
            if "*" in statement.get("Resource", []):
                assert statement["Sid"] in WIDE, (one.name, statement)


def test_the_policies_of_the_stack_speak_of_the_stacks_own_things(full):
    policy = json.loads(full.one("iam/rolePolicy:RolePolicy", "function").inputs["policy"])
    by_sid = {one["Sid"]: one for one in policy["Statement"]}
    templates = [one.id for one in full.of("ec2/launchTemplate:LaunchTemplate")]
    others = by_sid["OtherTemplates"]["Condition"]["ArnNotEquals"]["ec2:LaunchTemplate"]
    launched = {one.split("/")[1] for one in others}
    assert launched == set(templates)  # the mocks create resources in any order
    subnets = [one.id for one in full.of("ec2/subnet:Subnet") if one.name.startswith("public")]
    assert {one.split("/")[1] for one in by_sid["LaunchIntoSubnets"]["Resource"]} == set(subnets)
    group = full.one("ec2/securityGroup:SecurityGroup", "workers").id
    named = by_sid["LaunchWithWhatTheTemplateNames"]["Resource"]
    assert named[-1].endswith(f"security-group/{group}")
    assert {one.split("/")[1] for one in named[:-1]} == {
        "ami-0aaaaaaaaaaaaaaa1",
        "ami-0aaaaaaaaaaaaaaa2",
    }
    names = {one.inputs["name"] for one in full.of("iam/role:Role")}
    assert by_sid["GiveWorkersTheirRole"]["Resource"][0].split("/")[1] in names


def test_the_size_of_the_functions_rights_is_known_before_they_are_made(full):
    """config.py refuses what IAM would, and counts with ids that AWS has not assigned yet."""
    flat = {key.removeprefix("nodenap:"): config.plain(one) for key, one in EVERYTHING.items()}
    settings = config.parse({k: v for k, v in flat.items() if not k.startswith("aws:")}, REGION)
    policy = full.one("iam/rolePolicy:RolePolicy", "function").inputs["policy"]
    assert names.characters_of_rights(settings) == len("".join(policy.split()))


def test_no_managed_policy_is_attached(full):
    for one in full.of("iam/role:Role"):
        assert "managedPolicyArns" not in one.inputs
    assert not [one for one in full.resources if "Attachment" in one.kind]


SECRETS = [
    r"(?<![A-Za-z0-9])K10[0-9a-f]{10,}",  # a token of K3s
    r"AKIA[0-9A-Z]{16}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY",
    r"eyJ[A-Za-z0-9_-]{20,}\.",  # a service account's token
    r"(?i)(password|secret|token)\s*[:=]\s*['\"]?[A-Za-z0-9+/]{24,}",
]


def test_no_secret_is_in_outputs_or_user_data(full):
    server = full.one("ec2/instance:Instance", "server").inputs
    templates = full.of("ec2/launchTemplate:LaunchTemplate")
    texts = [unpacked(server["userDataBase64"])]
    texts += [unpacked(one.inputs["userData"]) for one in templates]
    texts += list(map(str, full.outputs.values()))
    for text in texts:
        for pattern in SECRETS:
            assert not re.search(pattern, text), pattern
    assert not full.of("ssm/parameter:Parameter")


def test_outputs_are_commands_that_a_person_can_copy(full):
    server = full.one("ec2/instance:Instance", "server").id
    assert full.outputs["server"] == server
    for name in ("shell", "api_tunnel", "kubeconfig"):
        assert f"--target {server}" in full.outputs[name]
    assert "portNumber=6443" in full.outputs["api_tunnel"]
    assert "nodenap status --config" in full.outputs["status"]
    assert "nodenap doctor --config nodenap.toml" in full.outputs["doctor"]
    assert full.outputs["doctor"].endswith("m --token-parameter /k3s/prod/agent-token")
    assert full.outputs["dashboard"].endswith("/nodenap-prod")


def test_each_reference_leads_to_something_that_is_made(full):
    """Each recorder id in an input must be that of a resource."""
    ids = {one.id for one in full.resources}
    pattern = r"\b(?:vpc|subnet|sg|lt|i)-0[0-9a-f]{16}\b"
    for one in full.resources:
        for used in re.findall(pattern, json.dumps(one.inputs, default=str)):
            assert used in ids, (one.name, used)
