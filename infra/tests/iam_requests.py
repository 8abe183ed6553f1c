"""The requests to AWS in the tables of cases, and the resources they name."""

from dataclasses import dataclass, field

import policies

SCOPE = policies.example(spot=True, kubernetes=True)
ACCOUNT, REGION = SCOPE.account, SCOPE.region
TEMPLATE = SCOPE.template_arns[0]
OTHER_TEMPLATE = SCOPE.ec2("launch-template/lt-0ccccccccccccccccc")
INSTANCE = SCOPE.ec2("instance/i-0aaaaaaaaaaaaaaaa")
WORKER_ROLE = SCOPE.role(SCOPE.worker_role)

OUR_TAGS = {
    "ManagedBy": "autoscaler",
    "Name": "prod-workers",
    "nodenap:cluster": "prod",
    "nodenap:epoch": "7",
    "nodenap:intent": "a1b2",
    "nodenap:pool": "workers",
}


@dataclass(frozen=True)
class Request:
    action: str
    resource: str
    context: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """`role` as in iam.role_policies, or "doctor", a person; allowed only if all requests are."""

    name: str
    role: str
    requests: tuple[Request, ...]
    allowed: bool


def one(name: str, role: str, request: Request, allowed: bool) -> Case:
    return Case(name, role, (request,), allowed)
