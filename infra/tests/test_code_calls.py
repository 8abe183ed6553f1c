"""The program's AWS calls, checked with botocore's models: operations, fields, fixed values."""

import pathlib
import re

import botocore.session
import pytest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "src"
SESSION = botocore.session.get_session()
FORMS = ("adapters/aws/ec2_requests.cpp", "doctor/requests.cpp")


def source(name: str) -> str:
    return (SOURCES / name).read_text()


def input_of(service: str, operation: str):
    return SESSION.get_service_model(service).operation_model(operation).input_shape


# --- EC2's forms ----------------------------------------------------------------------------------


def wire_name(member_name: str, member) -> str:
    """A field's name in EC2's forms."""
    found = member.serialization
    name = found.get("queryName") or found.get("name", member_name)
    return name[0].upper() + name[1:]


def field(shape, path: str):
    """The shape of a form's field such as "TagSpecification.1.Tag.2.Key"; None if the model has
    none."""
    for part in path.split("."):
        if part.isdigit() and shape.type_name == "list":
            shape = shape.member
            continue
        members = getattr(shape, "members", {})
        by_name = {wire_name(name, member): member for name, member in members.items()}
        if part not in by_name:
            return None
        shape = by_name[part]
    return shape


def functions(text: str) -> dict[str, str]:
    """Function bodies by the operation whose form they build."""
    parts = re.split(r'Ec2Form form\("(\w+)"\);', text)
    return {parts[at]: parts[at + 1].split("\n}\n")[0] for at in range(1, len(parts), 2)}


def fields(body: str) -> list[tuple[str, str]]:
    """(field, its fixed value or "") of a form, with 1 for numbers."""
    plain = re.findall(r'form\.add\("([\w.]+)"(?:, "([^"]+)")?', body)
    numbered = re.findall(r'form\.add\(numbered\("([\w.]+)"', body)
    return plain + [(f"{name}.1", "") for name in numbered]


TAGS = (".ResourceType", ".Tag.1.Key", ".Tag.1.Value")


def forms() -> list[tuple[str, str, str]]:
    found = []
    for name in FORMS:
        for operation, body in functions(source(name)).items():
            found += [(operation, path, value) for path, value in fields(body)]
    kinds = re.search(r"kinds = \{([^}]*)\}", source("adapters/aws/ec2_requests.cpp")).group(1)
    kinds = re.findall(r'"([a-z-]+)"', kinds) + ["spot-instances-request"]
    found += [("RunInstances", f"TagSpecification.1{one}", "") for one in TAGS]
    found += [("RunInstances", "TagSpecification.1.ResourceType", kind) for kind in kinds]
    filters = ("DescribeInstances", "DescribeSubnets")
    found += [(one, f"Filter.1.{what}", "") for one in filters for what in ("Name", "Value.1")]
    return found + [(one, "DryRun", "true") for one in ("RunInstances", "TerminateInstances")]


def is_taken(shape, value: str) -> bool:
    allowed = getattr(shape, "enum", None)
    if allowed:
        return value in allowed
    limits = shape.metadata
    if shape.type_name == "integer" and value.isdigit():
        return limits.get("min", 0) <= int(value) <= limits.get("max", 1 << 31)
    return True


def test_the_forms_are_found():
    """So that the next tests do not pass without checking anything if an adapter is rewritten."""
    found = {(operation, path) for operation, path, _ in forms()}
    assert found >= {
        ("RunInstances", "ClientToken"),
        ("RunInstances", "InstanceMarketOptions.SpotOptions.SpotInstanceType"),
        ("RunInstances", "LaunchTemplate.Version"),
        ("TerminateInstances", "InstanceId.1"),
        ("DescribeInstances", "MaxResults"),
        ("DescribeLaunchTemplateVersions", "LaunchTemplateVersion.1"),
    }


@pytest.mark.parametrize(("operation", "path", "value"), forms())
def test_ec2_knows_each_field_and_takes_its_value(operation, path, value):
    shape = field(input_of("ec2", operation), path)
    assert shape is not None, f"{operation} has no {path}"
    assert not value or is_taken(shape, value), f"{operation} {path} does not take {value}"


WRONG = [
    ("RunInstances", "LaunchTemplate.TemplateId", ""),
    ("RunInstances", "TagSpecifications.1.ResourceType", ""),
    ("RunInstances", "InstanceMarketOptions.MarketType", "cheap"),
    ("DescribeInstances", "MaxResults.1", ""),
]


@pytest.mark.parametrize(("operation", "path", "value"), WRONG)
def test_a_wrong_field_or_value_is_noticed(operation, path, value):
    shape = field(input_of("ec2", operation), path)
    assert shape is None or (value and not is_taken(shape, value))


def test_a_launch_has_all_that_ec2_requires():
    names = {path.split(".")[0] for operation, path, _ in forms() if operation == "RunInstances"}
    shape = input_of("ec2", "RunInstances")
    assert {wire_name(one, shape.members[one]) for one in shape.required_members} <= names


# --- JSON -----------------------------------------------------------------------------------------

JSON_CALLS = {
    "adapters/store/dynamodb_requests.cpp": ("dynamodb", ("UpdateItem", "GetItem", "Query")),
    "doctor/requests.cpp": (None, ("ssm:DescribeParameters", "service-quotas:GetServiceQuota")),
}


def member_names(shape, depth: int = 4) -> set[str]:
    """Of a shape and its members, with limited depth: DynamoDB's values are recursive."""
    if depth == 0:
        return set()
    inner = [*getattr(shape, "members", {}).values()]
    inner += [shape.member] if shape.type_name == "list" else []
    names = set(getattr(shape, "members", {}))
    return names.union(*(member_names(one, depth - 1) for one in inner))


@pytest.mark.parametrize("name", JSON_CALLS)
def test_each_json_key_is_known_to_one_of_its_calls(name):
    service, operations = JSON_CALLS[name]
    asked = [one.split(":") if ":" in one else (service, one) for one in operations]
    known = set().union(*(member_names(input_of(*one)) for one in asked))
    text = source(name)
    keys = set(re.findall(r'\{"([A-Z]\w+)", ', text)) | set(re.findall(r'body\["(\w+)"\]', text))
    assert len(keys) >= 4
    assert keys <= known, keys - known


FIXED = [
    ("dynamodb", "UpdateItem", "ReturnValues", "ALL_NEW"),
    ("dynamodb", "UpdateItem", "ReturnValuesOnConditionCheckFailure", "ALL_OLD"),
]


@pytest.mark.parametrize(("service", "operation", "key", "value"), FIXED)
def test_a_fixed_value_is_one_of_aws_s(service, operation, key, value):
    assert f'body["{key}"] = "{value}"' in source("adapters/store/dynamodb_requests.cpp")
    assert value in input_of(service, operation).members[key].enum
