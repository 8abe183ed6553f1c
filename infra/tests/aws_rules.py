"""Rules for inputs from AWS's documentation that neither CloudFormation schemas nor botocore have.

Each rule names its page, checks one recorded resource, and returns the error it finds.
"""

import base64
import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stack import Resource

BURSTABLE = ("t2", "t3", "t3a", "t4g")
UNLIMITED_BY_DEFAULT = ("t3", "t3a", "t4g")
TEXT_OF_A_RULE = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}"
SCHEDULE = r"rate\((1 (minute|hour|day)|([2-9]|\d{2,}) (minutes|hours|days))\)|(cron|at)\(.+\)"
TAG_TEXT = r"[\w\s.:/=+\-@]*"


@dataclass(frozen=True)
class Rule:
    page: str
    finds: Callable[[Resource], str | None]


def ends_with(one: Resource, *words: str) -> bool:
    return one.kind.endswith(words)


def text_of_a_rule(one: Resource) -> str | None:
    text = one.inputs.get("description", "")
    right = not ends_with(one, "gressRule") or re.fullmatch(TEXT_OF_A_RULE, text)
    return None if right else f"description {text!r}"


def range_of_a_rule(one: Resource) -> str | None:
    for key in ("cidrIpv4", "cidrIpv6", "cidrBlock", "destinationCidrBlock", "ipv6CidrBlock"):
        value = one.inputs.get(key)
        if value is not None and ("/" not in value or not is_network(value)):
            return f"{key} {value!r}"
    return None


def is_network(value: str) -> bool:
    try:
        return bool(ipaddress.ip_network(value))
    except ValueError:
        return False


def name_of_a_group(one: Resource) -> str | None:
    name = one.inputs.get("name", "")
    right = not ends_with(one, ":SecurityGroup") or (
        re.fullmatch(TEXT_OF_A_RULE, name) and not name.startswith("sg-")
    )
    return None if right else f"name {name!r}"


def launched(one: Resource) -> tuple[str, str] | None:
    """Family and credit option of an instance or launch template."""
    if not ends_with(one, ":Instance", ":LaunchTemplate"):
        return None
    option = (one.inputs.get("creditSpecification") or {}).get("cpuCredits", "")
    return one.inputs["instanceType"].split(".")[0], option


def credits_are_chosen(one: Resource) -> str | None:
    family, option = launched(one) or ("", "")
    missing = family in UNLIMITED_BY_DEFAULT and option not in ("standard", "unlimited")
    return f"{family} with credits {option!r}" if missing else None


def credits_are_taken(one: Resource) -> str | None:
    family, option = launched(one) or ("", "")
    return f"{family} with credits" if option and family not in BURSTABLE else None


def disks(one: Resource) -> Iterator[dict]:
    if one.inputs.get("rootBlockDevice"):
        yield one.inputs["rootBlockDevice"]
    for mapping in one.inputs.get("blockDeviceMappings") or []:
        yield mapping["ebs"]


def key_is_named(one: Resource) -> str | None:
    encrypted = [disk for disk in disks(one) if str(disk.get("encrypted")).lower() == "true"]
    return None if all(disk.get("kmsKeyId") for disk in encrypted) else "no key is named"


def user_data_fits(one: Resource) -> str | None:
    text = one.inputs.get("userData") or one.inputs.get("userDataBase64") or ""
    size = len(base64.b64decode(text))
    return f"{size} bytes of user data" if size > 16384 else None


def schedule_is_one(one: Resource) -> str | None:
    text = one.inputs.get("scheduleExpression", "")
    right = not text or re.fullmatch(SCHEDULE, text)
    return None if right else f"scheduleExpression {text!r}"


def tags_are_taken(one: Resource) -> str | None:
    tags = one.inputs.get("tags") or {}
    for key, value in tags.items():
        lengths = 1 <= len(key) <= 128 and len(value) <= 256
        spelled = re.fullmatch(TAG_TEXT, key) and re.fullmatch(TAG_TEXT, value)
        if not (lengths and spelled) or key.startswith("aws:"):
            return f"tag {key!r}: {value!r}"
    return f"{len(tags)} tags" if len(tags) > 50 else None


def rights_fit(one: Resource) -> str | None:
    """The stack gives each role one inline policy, so its size is the total."""
    if not ends_with(one, ":RolePolicy"):
        return None
    size = len("".join(one.inputs["policy"].split()))
    return f"{size} characters" if size > 10240 else None


RULES = (
    Rule("EC2 API Reference, IpRange: Description", text_of_a_rule),
    Rule("EC2 API Reference, IpRange: CidrIp, in CIDR notation", range_of_a_rule),
    Rule("EC2 API Reference, CreateSecurityGroup: GroupName", name_of_a_group),
    Rule("EC2 User Guide, Unlimited mode: T3, T3a and T4g launch as unlimited", credits_are_chosen),
    Rule("EC2 API error codes: InstanceCreditSpecification.NotSupported", credits_are_taken),
    Rule("EBS User Guide, Enable encryption by default: the account's default key", key_is_named),
    Rule("EC2 User Guide, Run commands at launch: user data has 16 KB", user_data_fits),
    Rule("IAM quotas, Role inline policies: 10,240 characters, without white space", rights_fit),
    Rule("EventBridge Scheduler User Guide, Schedule types: rate(value unit)", schedule_is_one),
    Rule("Tagging AWS Resources, Tag naming limits and requirements", tags_are_taken),
)


def faults(resources: list[Resource]) -> list[str]:
    """Each as "page: resource: error"."""
    return [
        f"{rule.page}: {one.kind} {one.name}: {found}"
        for one in resources
        for rule in RULES
        if (found := rule.finds(one))
    ]
