"""One request to the server, in a form that tests can use."""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass
class Call:
    service: str
    action: str
    parameters: dict = field(default_factory=dict)  # flat for EC2's forms, nested for JSON
    is_json: bool = False

    def matches(self, action: str, wanted: dict) -> bool:
        if action not in (self.action, "*"):
            return False
        return all(_value(self.parameters, name) == value for name, value in wanted.items())

    def log_entry(self) -> dict:
        return {"service": self.service, "action": self.action, "parameters": self.parameters}


def read_call(environ: dict, body: bytes) -> Call:
    service = _service(environ.get("HTTP_AUTHORIZATION", ""))
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return Call(service, target.rsplit(".", 1)[-1], _json(body), is_json=True)
    if b"Action=" in body:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return Call(service, form.get("Action", ""), form)
    return Call(service, f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")


def _service(authorization: str) -> str:
    found = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", authorization)
    return found[1] if found else "-"


def _json(body: bytes) -> dict:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _value(parameters: dict, name: str):
    """The value of a flat parameter, or of a dotted path into nested ones."""
    if name in parameters:
        return parameters[name]
    value = parameters
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
