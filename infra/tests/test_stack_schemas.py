"""Every input of every resource, checked with AWS's schemas and the rules of its documentation."""

import copy
import functools
import json
import pathlib

import aws_rules
import cfnlint
import cfnlint.rules
import pytest
import regions
import stack
import stack_schemas
from cfnlint.api import lint
from cfnlint.core import get_rules
from stack import LEAST, Recorded

ROOT = pathlib.Path(__file__).resolve().parents[2]
TYPES = pathlib.Path(cfnlint.__file__).parent.joinpath(
    "data/schemas/extensions/aws_ec2_instance/instancetype_enum.json"
)
CATALOGUE = json.loads((ROOT / "data/ec2-instance-types.json").read_text())["instance_types"]
PEOPLE = {
    "nodenap:access": json.dumps({"api_cidrs": ["198.51.100.7"], "ssh_cidrs": ["2001:db8::/32"]})
}


def types_of(region: str) -> set[str]:
    """The instance types that AWS's schema of AWS::EC2::Instance lists for a region."""
    return set(json.loads(TYPES.read_text())[region]["enum"])


@functools.cache
def rules() -> cfnlint.rules.RulesCollection:
    return get_rules([], [], [])


def by_schemas(recorded: Recorded, region: str) -> list[str]:
    """Errors only: cfn-lint's warnings are about the style of a template."""
    text = json.dumps(stack_schemas.template_of(recorded))
    found = lint(text, rules=rules(), regions=[region])
    found = [one for one in found if one.rule.id.startswith("E")]
    return [f"{one.rule.id} {'/'.join(map(str, one.path))}: {one.message}" for one in found]


def by_types(recorded: Recorded, region: str) -> list[str]:
    """The schema's list of types is used for launch templates too, whose schema has none."""
    made = [one for one in recorded.resources if "instanceType" in one.inputs]
    used = {one.name: one.inputs["instanceType"] for one in made}
    return [
        f"{name}: {one} in {region}" for name, one in used.items() if one not in types_of(region)
    ]


def faults(recorded: Recorded, region: str = stack.REGION) -> list[str]:
    return [
        *by_schemas(recorded, region),
        *by_types(recorded, region),
        *aws_rules.faults(recorded.resources),
    ]


@pytest.fixture(scope="session")
def north(tmp_path_factory) -> Recorded:
    """A region without the usual default type, and with address ranges for users."""
    return stack.run(
        LEAST | PEOPLE | {"aws:region": "eu-north-1"}, tmp_path_factory.mktemp("north")
    )


def test_each_input_is_as_aws_wants_it(full, least, north):
    assert faults(full) == []
    assert faults(least) == []
    assert faults(north, "eu-north-1") == []


def test_each_kind_is_judged(full):
    assert {one.kind for one in full.resources} == set(stack_schemas.KINDS) | stack_schemas.WITHOUT


def changed(recorded: Recorded, kind: str, **inputs) -> Recorded:
    """The first resource of a kind with changed inputs; None removes one, "__" accesses nested
    keys."""
    first = next(one for one in recorded.resources if one.kind.endswith(f":{kind}"))
    first = copy.deepcopy(first)
    for path, value in inputs.items():
        *before, last = path.split("__")
        place = first.inputs
        for key in before:
            place = place[int(key) if key.isdigit() else key]
        place[last] = value
    return Recorded([first])


# Errors that would stop `pulumi up` half way, or the first launch, must be found. The kind, its
# inputs, and part of the error.
FOUND_BY_SCHEMAS = [
    ("SecurityGroup", {"description": "the pods' group"}, "GroupDescription"),
    ("SecurityGroupIngressRule", {"ipProtocol": None}, "'IpProtocol' is a required property"),
    ("SecurityGroupIngressRule", {"cidrIpv4": "198.51.100.7/33"}, "CidrIp"),
    ("LaunchTemplate", {"metadataOptions__httpTokens": "never"}, "HttpTokens"),
    ("LaunchTemplate", {"imageId": "ubuntu"}, "ImageId"),
    ("LaunchTemplate", {"blockDeviceMappings__0__ebs__volumeSise": 3}, "VolumeSise"),
    ("LogGroup", {"retentionInDays": 8}, "RetentionInDays"),
    ("Queue", {"messageRetentionSeconds": 30}, "MessageRetentionPeriod"),
    ("Schedule", {"flexibleTimeWindow": {"mode": "SOMETIMES"}}, "FlexibleTimeWindow"),
    ("Role", {"name": "r" * 65}, "RoleName"),
    ("MetricAlarm", {"treatMissingData": "panic"}, "TreatMissingData"),
    ("Instance", {"instanceType": "t9.huge"}, "InstanceType"),
]


@pytest.mark.parametrize(("kind", "inputs", "words"), FOUND_BY_SCHEMAS, ids=str)
def test_aws_s_schemas_find_it(full, kind, inputs, words):
    found = by_schemas(changed(full, kind, **inputs), stack.REGION)
    assert any(words in one for one in found), found


FOUND_BY_PAGES = [
    ("SecurityGroupIngressRule", {"description": "pods' network"}, "IpRange: Description"),
    ("SecurityGroupIngressRule", {"cidrIpv4": "198.51.100.7"}, "in CIDR notation"),
    ("SecurityGroup", {"name": "sg-mine"}, "GroupName"),
    (
        "LaunchTemplate",
        {"instanceType": "t3.small", "creditSpecification": None},
        "launch as unlimited",
    ),
    ("LaunchTemplate", {"instanceType": "m5.large"}, "CreditSpecification.NotSupported"),
    ("Instance", {"creditSpecification": None}, "launch as unlimited"),
    ("LaunchTemplate", {"blockDeviceMappings__0__ebs__kmsKeyId": None}, "default key"),
    ("Instance", {"rootBlockDevice__kmsKeyId": None}, "default key"),
    ("LaunchTemplate", {"userData": "A" * 24000}, "user data has 16 KB"),
    ("RolePolicy", {"policy": "a" * 10241}, "10,240 characters"),
    ("Schedule", {"scheduleExpression": "rate(1 minutes)"}, "Schedule types"),
    ("Vpc", {"tags__aws:own": "x"}, "Tag naming"),
]


@pytest.mark.parametrize(("kind", "inputs", "page"), FOUND_BY_PAGES, ids=str)
def test_aws_s_pages_find_it(full, kind, inputs, page):
    (found,) = aws_rules.faults(changed(full, kind, **inputs).resources)
    assert page in found


def test_a_type_that_a_region_does_not_sell_is_found(full):
    assert by_types(changed(full, "LaunchTemplate", instanceType="t2.small"), "eu-north-1")


# --- The regions' own table -----------------------------------------------------------------------


@pytest.mark.parametrize("region", regions.DUAL_STACK)
def test_the_table_of_families_is_aws_s(region):
    sold = types_of(region)
    for one in CATALOGUE:
        assert regions.sells(region, one["name"]) == (one["name"] in sold), one["name"]
    assert regions.default_type(region) in sold


def test_the_table_of_families_names_no_other_region():
    assert set(regions.families()["families_not_sold"]) <= set(regions.DUAL_STACK)


def test_burstable_types_are_those_of_the_catalogue():
    import pools

    for one in CATALOGUE:
        family = pools.family_of(one["name"])
        assert (family in pools.BURSTABLE) == one["burstable"], one["name"]
        assert family not in pools.UNLIMITED_BY_DEFAULT or one["burstable"]
    assert set(aws_rules.BURSTABLE) == set(pools.BURSTABLE)
