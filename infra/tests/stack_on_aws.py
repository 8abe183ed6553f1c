"""Creates recorded resources through the AWS API, as the Pulumi provider would.

boto3 checks each parameter against Amazon's service models, and moto checks that referenced
resources exist. A property that this file does not know is an error, never ignored.
"""

import re
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from stack import REGION, Recorded, Resource

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "testtest"}


class World:
    """moto, and the recorder's ids with the ids they became there.

    `makers`: for each kind of resource the function that creates one, and returns its id if moto
    assigns one.
    """

    def __init__(self, url: str, makers: dict[str, "Maker"]):
        self.url, self.makers = url, makers
        self.ids: dict[str, str] = {}
        self.clients: dict[str, Any] = {}

    def client(self, service: str):
        if service not in self.clients:
            config = Config(retries={"total_max_attempts": 1}, proxies={})
            self.clients[service] = boto3.client(
                service, endpoint_url=self.url, region_name=REGION, config=config, **KEYS
            )
        return self.clients[service]

    def known(self, value: Any) -> Any:
        """A value with moto's ids instead of the recorder's; integers as such."""
        if isinstance(value, dict):
            return {key: self.known(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.known(one) for one in value]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, str) and self.ids:
            pattern = "|".join(map(re.escape, sorted(self.ids, key=len, reverse=True)))
            return re.sub(pattern, lambda found: self.ids[found.group(0)], value)
        return value

    def make(self, recorded: Recorded) -> None:
        for one in recorded.resources:
            maker = self.makers.get(one.kind)
            assert maker, f"{one.kind} is not known here"
            made = maker(self, Properties(one, self.known(one.inputs)))
            # A name is unchanged; an id of the recorder becomes moto's.
            if made and re.search(r"-[0-9a-f]{17}$", one.id):
                self.ids[one.id] = made


class Properties:
    """A resource's inputs; each must be used."""

    def __init__(self, resource: Resource, values: dict):
        self.resource, self.values = resource, dict(values)

    def take(self, key: str, default: Any = None) -> Any:
        return self.values.pop(key, default)

    def rest(self, **renamed: str) -> dict:
        """All others in AWS's spelling: cidrBlock is CidrBlock, unless renamed."""
        made = {
            renamed.get(key, key[0].upper() + key[1:]): pascal(value)
            for key, value in self.values.items()
        }
        self.values = {}
        return made

    def done(self) -> None:
        assert not self.values, f"{self.resource.kind}: unknown {sorted(self.values)}"


def pascal(value: Any) -> Any:
    """Nested keys in AWS's spelling."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: pascal(one) for key, one in value.items()}
    if isinstance(value, list):
        return [pascal(one) for one in value]
    return value


def as_list(tags: dict) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_list(given: Properties) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in given.take("tags", {}).items()]


def specification(kind: str, given: Properties) -> list[dict]:
    return [{"ResourceType": kind, "Tags": tag_list(given)}]


Maker = Callable[[World, Properties], str | None]
