"""The table of requests that AWS would ask the policies about, and what it must answer.

A launch is one call and many questions, one for each thing it touches; it succeeds only if all
are allowed. `context` is what AWS knows of a request, in IAM's own words. docs/security.md shows
the table (docs_tables.py).
"""

from dataclasses import dataclass, field, replace

import policies

SCOPE = policies.example(spot=True, kubernetes=True)
ACCOUNT, REGION = SCOPE.account, SCOPE.region
TEMPLATE = SCOPE.template_arns[0]
OTHER_TEMPLATE = SCOPE.ec2("launch-template/lt-0ccccccccccccccccc")
INSTANCE = SCOPE.ec2("instance/i-0aaaaaaaaaaaaaaaa")
WORKER_ROLE = SCOPE.role(SCOPE.worker_role)
PROFILE = f"arn:aws:iam::{ACCOUNT}:instance-profile/{SCOPE.worker_profile}"
TABLE = SCOPE.arn("dynamodb", f"table/{SCOPE.table}")
FUNCTION = SCOPE.arn("lambda", f"function:{SCOPE.function}")
LETTERS = SCOPE.arn("sqs", SCOPE.dead_letters)
LOG = SCOPE.arn("logs", f"log-group:{SCOPE.log_group}:log-stream:2026/11/24/1")
OUR_CODE = {"lambda:SourceFunctionArn": FUNCTION}

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


# --- Launches -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Launch:
    """A RunInstances call as the function sends it; the table changes a thing at a time."""

    tags: dict = field(default_factory=lambda: dict(OUR_TAGS))
    template: str | None = TEMPLATE
    instance_type: str = "t2.small"
    subnet: str = SCOPE.subnets[0]
    image: str = SCOPE.images[0]
    group: str = SCOPE.worker_group
    profile: str = PROFILE
    role: str = WORKER_ROLE
    image_of_template: bool = True
    group_of_template: bool = True
    kinds: tuple[str, ...] = ("instance", "network-interface", "volume")

    def requests(self) -> tuple[Request, ...]:
        return (
            *self._named(),
            *(self._created(kind) for kind in self.kinds),
            *(self._tagged(kind) for kind in self.kinds if self.tags),
            pass_role(self.role),
        )

    def _template(self) -> dict:
        return {"ec2:LaunchTemplate": self.template} if self.template else {}

    def _run(self, resource: str, of_template: bool) -> Request:
        flag = {"ec2:IsLaunchTemplateResource": "true" if of_template else "false"}
        return Request("ec2:RunInstances", resource, self._template() | flag)

    def _named(self) -> list[Request]:
        asked = [
            self._run(f"arn:aws:ec2:{REGION}::image/{self.image}", self.image_of_template),
            self._run(SCOPE.ec2(f"security-group/{self.group}"), self.group_of_template),
            self._run(SCOPE.ec2(f"subnet/{self.subnet}"), False),
        ]
        return [*asked, self._run(self.template, False)] if self.template else asked

    def _request_tags(self) -> dict:
        named = {f"aws:RequestTag/{key}": value for key, value in self.tags.items()}
        return named | ({"aws:TagKeys": list(self.tags)} if self.tags else {})

    def _created(self, kind: str) -> Request:
        context = self._request_tags()
        if kind != "spot-instances-request":
            context |= self._template()
        if kind == "instance":
            context |= {"ec2:InstanceType": self.instance_type, "ec2:InstanceProfile": self.profile}
        return Request("ec2:RunInstances", SCOPE.ec2(f"{kind}/*"), context)

    def _tagged(self, kind: str) -> Request:
        context = self._request_tags() | {"ec2:CreateAction": "RunInstances"}
        return Request("ec2:CreateTags", SCOPE.ec2(f"{kind}/*"), context)


def pass_role(role: str, service: str = "ec2.amazonaws.com") -> Request:
    return Request("iam:PassRole", role, {"iam:PassedToService": service})


LAUNCH = Launch()
SPOT_KINDS = (*LAUNCH.kinds, "spot-instances-request")
WITHOUT = {key: {k: v for k, v in OUR_TAGS.items() if k != key} for key in OUR_TAGS}

LAUNCHES = [
    ("launch as the program does", LAUNCH, True),
    ("launch in the other zone", replace(LAUNCH, subnet=SCOPE.subnets[1]), True),
    ("launch of the pool's second type", replace(LAUNCH, instance_type="t3.small"), True),
    ("launch on spot", replace(LAUNCH, kinds=SPOT_KINDS), True),
    ("launch without tags", replace(LAUNCH, tags={}), False),
    ("launch without ManagedBy", replace(LAUNCH, tags=WITHOUT["ManagedBy"]), False),
    ("launch without the cluster", replace(LAUNCH, tags=WITHOUT["nodenap:cluster"]), False),
    ("launch for another", replace(LAUNCH, tags=OUR_TAGS | {"nodenap:cluster": "x"}), False),
    ("launch as if a person did", replace(LAUNCH, tags=OUR_TAGS | {"ManagedBy": "me"}), False),
    ("launch with a tag of another's", replace(LAUNCH, tags=OUR_TAGS | {"owner": "x"}), False),
    ("launch from another template", replace(LAUNCH, template=OTHER_TEMPLATE), False),
    ("launch without a template", replace(LAUNCH, template=None), False),
    ("launch of a large type", replace(LAUNCH, instance_type="p5.48xlarge"), False),
    ("launch into a foreign subnet", replace(LAUNCH, subnet="subnet-0ccccccccccccccccc"), False),
    ("launch of a foreign image", replace(LAUNCH, image="ami-0cccccccccccccccc"), False),
    ("launch with an image of its own", replace(LAUNCH, image_of_template=False), False),
    ("launch in a foreign group", replace(LAUNCH, group="sg-0cccccccccccccccc"), False),
    ("launch with a group of its own", replace(LAUNCH, group_of_template=False), False),
    ("launch as the server", replace(LAUNCH, role=SCOPE.role(SCOPE.server_role)), False),
    (
        "launch with another profile",
        replace(LAUNCH, profile=f"arn:aws:iam::{ACCOUNT}:instance-profile/admin"),
        False,
    ),
]

# --- What is there already ------------------------------------------------------------------------


def tagged(**tags: str) -> dict:
    return {f"aws:ResourceTag/{key.replace('__', ':')}": value for key, value in tags.items()}


OURS = tagged(ManagedBy="autoscaler", nodenap__cluster="prod")


def terminate(context: dict) -> Request:
    return Request("ec2:TerminateInstances", INSTANCE, context)


TERMINATIONS = [
    ("terminate our own", OURS, True),
    ("terminate another cluster's", OURS | tagged(nodenap__cluster="dev"), False),
    ("terminate the server", tagged(ManagedBy="pulumi", nodenap__cluster="prod"), False),
    ("terminate what has no tags", {}, False),
    ("terminate what only says autoscaler", tagged(ManagedBy="autoscaler"), False),
    ("terminate what only names the cluster", tagged(nodenap__cluster="prod"), False),
    ("terminate a person's", tagged(ManagedBy="me", nodenap__cluster="prod"), False),
]


def retag(action: str, context: dict) -> Request:
    return Request(action, INSTANCE, context | OURS)


RETAG = {"aws:RequestTag/ManagedBy": "autoscaler", "aws:RequestTag/nodenap:cluster": "prod"}

INSTANCES = [
    ("retag what runs", retag("ec2:CreateTags", RETAG | {"aws:TagKeys": ["ManagedBy"]}), False),
    (
        "take a foreign instance over by tags",
        Request("ec2:CreateTags", INSTANCE, RETAG | tagged(ManagedBy="me")),
        False,
    ),
    (
        "tag at another creation",
        retag("ec2:CreateTags", RETAG | {"ec2:CreateAction": "CreateSnapshot"}),
        False,
    ),
    ("take tags away", retag("ec2:DeleteTags", {"aws:TagKeys": ["ManagedBy"]}), False),
    ("stop our own", Request("ec2:StopInstances", INSTANCE, OURS), False),
    ("reboot our own", Request("ec2:RebootInstances", INSTANCE, OURS), False),
    ("change our own", Request("ec2:ModifyInstanceAttribute", INSTANCE, OURS), False),
    ("read an instance's user data", Request("ec2:DescribeInstanceAttribute", INSTANCE), False),
    (
        "list instances",
        Request("ec2:DescribeInstances", "*", {"aws:RequestedRegion": REGION}),
        True,
    ),
    (
        "list another region's instances",
        Request("ec2:DescribeInstances", "*", {"aws:RequestedRegion": "eu-west-1"}),
        False,
    ),
    ("list images", Request("ec2:DescribeImages", "*", {"aws:RequestedRegion": REGION}), False),
    ("write a new template version", Request("ec2:CreateLaunchTemplateVersion", TEMPLATE), False),
    ("change the template's default", Request("ec2:ModifyLaunchTemplate", TEMPLATE), False),
    (
        "open a security group",
        Request(
            "ec2:AuthorizeSecurityGroupIngress", SCOPE.ec2(f"security-group/{SCOPE.worker_group}")
        ),
        False,
    ),
    ("pass the workers' role to EC2", pass_role(WORKER_ROLE), True),
    ("pass the workers' role to Lambda", pass_role(WORKER_ROLE, "lambda.amazonaws.com"), False),
    ("pass the server's role", pass_role(SCOPE.role(SCOPE.server_role)), False),
    ("pass an administrator's role", pass_role(SCOPE.role("admin")), False),
    ("give itself rights", Request("iam:PutRolePolicy", WORKER_ROLE), False),
    ("take on another role", Request("sts:AssumeRole", SCOPE.role("admin")), False),
]

# --- What is remembered and read ------------------------------------------------------------------


def item(action: str, table: str = TABLE, cluster: str = "prod") -> Request:
    return Request(f"dynamodb:{action}", table, {"dynamodb:LeadingKeys": [cluster]})


def parameter(name: str, action: str = "ssm:GetParameter") -> Request:
    return Request(action, SCOPE.parameter(name))


OTHER_TABLE = SCOPE.arn("dynamodb", "table/orders")
OTHER_LOG = SCOPE.arn("logs", "log-group:/aws/lambda/orders:log-stream:1")
NEIGHBOUR = "/k3s/dev/nodenap-token"

MEMORY = [
    ("write the state", item("UpdateItem"), True),
    ("read the state", item("GetItem"), True),
    ("read the journal", item("Query"), True),
    ("write another cluster's state", item("UpdateItem", cluster="dev"), False),
    ("read another cluster's state", item("GetItem", cluster="dev"), False),
    ("write another table", item("UpdateItem", OTHER_TABLE), False),
    ("read another table", item("GetItem", OTHER_TABLE), False),
    ("query another table", item("Query", OTHER_TABLE), False),
    ("replace the state", item("PutItem"), False),
    ("delete the state", item("DeleteItem"), False),
    ("read the whole table", Request("dynamodb:Scan", TABLE), False),
    ("delete the table", Request("dynamodb:DeleteTable", TABLE), False),
    ("change the table's expiry", Request("dynamodb:UpdateTimeToLive", TABLE), False),
    ("read its own token", parameter(SCOPE.function_token), True),
    ("read the cluster's certificate", parameter(SCOPE.certificate), True),
    ("read the workers' token", parameter(SCOPE.agent_token), False),
    ("read another cluster's token", parameter(NEIGHBOUR), False),
    ("read a foreign parameter", parameter("/app/database-password"), False),
    ("write its own token", parameter(SCOPE.function_token, "ssm:PutParameter"), False),
    ("read parameters by path", parameter("/k3s/prod", "ssm:GetParametersByPath"), False),
    ("run a command on instances", Request("ssm:SendCommand", INSTANCE), False),
    ("write another log", Request("logs:PutLogEvents", OTHER_LOG, OUR_CODE), False),
]

# --- Lambda's own needs: allowed to the service, denied to the code but for the logs --------------


def network(action: str, context: dict) -> Request:
    kinds = {"Describe": "*", "Create": "network-interface/*"}
    resource = next((kind for word, kind in kinds.items() if action.startswith(word)), None)
    whole = resource or "network-interface/eni-0aaaaaaaaaaaaaaaa"
    return Request(f"ec2:{action}", whole if whole == "*" else SCOPE.ec2(whole), context)


NETWORK = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)


def service_and_code(what: str, request: Request) -> list[Case]:
    by_code = replace(request, context=request.context | OUR_CODE)
    return [
        one(f"Lambda: {what}", "function", request, True),
        one(f"our code: {what}", "function", by_code, False),
    ]


LAMBDA = [
    *(case for action in NETWORK for case in service_and_code(action, network(action, {}))),
    # Lambda's own calls for the log bear the key too: a Deny by it would lose every line.
    one("Lambda: write the log", "function", Request("logs:PutLogEvents", LOG, OUR_CODE), True),
    one("Lambda: begin a log", "function", Request("logs:CreateLogStream", LOG, OUR_CODE), True),
    *service_and_code("keep a letter", Request("sqs:SendMessage", LETTERS)),
]

# --- The other roles ------------------------------------------------------------------------------

TOPIC = SCOPE.arn("sns", SCOPE.alert_topic)
PEOPLE = SCOPE.arn("sns", SCOPE.alarm_topic)
OTHER_TOPIC = SCOPE.arn("sns", "billing")
CHANNELS = ("ControlChannel", "DataChannel")

SESSIONS = [
    one(
        f"{role}: Session Manager, {verb} {channel}",
        role,
        Request(f"ssmmessages:{verb}{channel}", "*"),
        True,
    )
    for role in ("worker", "server")
    for channel in CHANNELS
    for verb in ("Create", "Open")
]

OTHERS = [
    ("worker", "read the agent token", parameter(SCOPE.agent_token), True),
    ("worker", "read the function's token", parameter(SCOPE.function_token), False),
    ("worker", "read the certificate", parameter(SCOPE.certificate), False),
    ("worker", "read another cluster's agent token", parameter("/k3s/dev/agent-token"), False),
    ("worker", "write the agent token", parameter(SCOPE.agent_token, "ssm:PutParameter"), False),
    ("worker", "say that it is there", Request("ssm:UpdateInstanceInformation", INSTANCE), True),
    ("worker", "terminate", terminate(OURS), False),
    ("worker", "list instances", Request("ec2:DescribeInstances", "*"), False),
    ("worker", "write the state", item("UpdateItem"), False),
    ("worker", "wake the function", Request("lambda:InvokeFunction", FUNCTION), False),
    ("worker", "alert", Request("sns:Publish", TOPIC), False),
    ("server", "write the agent token", parameter(SCOPE.agent_token, "ssm:PutParameter"), True),
    ("server", "write the function's", parameter(SCOPE.function_token, "ssm:PutParameter"), True),
    ("server", "write the certificate", parameter(SCOPE.certificate, "ssm:PutParameter"), True),
    ("server", "write another cluster's", parameter(NEIGHBOUR, "ssm:PutParameter"), False),
    ("server", "read a foreign parameter", parameter("/app/database-password"), False),
    ("server", "say that it is there", Request("ssm:UpdateInstanceInformation", INSTANCE), True),
    ("server", "alert", Request("sns:Publish", TOPIC), True),
    ("server", "tell people", Request("sns:Publish", PEOPLE), True),
    ("server", "publish to another topic", Request("sns:Publish", OTHER_TOPIC), False),
    ("server", "terminate", terminate(OURS), False),
    ("server", "write the state", item("UpdateItem"), False),
    ("scheduler", "wake the function", Request("lambda:InvokeFunction", FUNCTION), True),
    ("scheduler", "wake another", Request("lambda:InvokeFunction", f"{FUNCTION}-other"), False),
    ("scheduler", "keep a letter", Request("sqs:SendMessage", LETTERS), True),
    ("scheduler", "write to another queue", Request("sqs:SendMessage", f"{LETTERS}-x"), False),
    ("scheduler", "read letters", Request("sqs:ReceiveMessage", LETTERS), False),
    ("scheduler", "terminate", terminate(OURS), False),
]

# --- A person with `nodenap doctor` ---------------------------------------------------------------


def here(action: str, region: str = REGION) -> Request:
    return Request(action, "*", {"aws:RequestedRegion": region})


DOCTOR_READS = (
    *(f"ec2:Describe{what}" for what in ("Instances", "LaunchTemplateVersions", "Subnets")),
    "ec2:DescribeInstanceTypeOfferings",
    *("servicequotas:GetServiceQuota", "ssm:DescribeParameters"),
)
SPOT_ROLE = SCOPE.role("aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot")
DOCTOR_ITEM = ("GetItem", "Query", "UpdateItem")
DOCTOR_ASKS = [
    *((f"ask {action}", here(action), True) for action in DOCTOR_READS),
    *((f"ask {action} elsewhere", here(action, "eu-west-1"), False) for action in DOCTOR_READS),
    ("see whether spot has its role", Request("iam:GetRole", SPOT_ROLE, {}), True),
    ("see another role", Request("iam:GetRole", SCOPE.role(SCOPE.function_role), {}), False),
    ("rehearse ending our own", terminate(OURS), True),
    ("rehearse ending a foreign one", terminate({}), False),
    *((f"{what} our item", item(what), True) for what in DOCTOR_ITEM),
    *((f"{what} another's", item(what, cluster="dev"), False) for what in DOCTOR_ITEM),
    ("read the workers' token", parameter(SCOPE.agent_token), False),
    ("ask for a quota", here("servicequotas:RequestServiceQuotaIncrease"), False),
]
DOCTOR = [
    Case("doctor: rehearse a launch", "doctor", LAUNCH.requests(), True),
    Case("doctor: rehearse one without tags", "doctor", replace(LAUNCH, tags={}).requests(), False),
    *(one(f"doctor: {name}", "doctor", asked, allowed) for name, asked, allowed in DOCTOR_ASKS),
]

CASES = [
    *(Case(name, "function", launch.requests(), allowed) for name, launch, allowed in LAUNCHES),
    *(one(name, "function", terminate(tags), allowed) for name, tags, allowed in TERMINATIONS),
    *(one(name, "function", request, allowed) for name, request, allowed in INSTANCES),
    *(one(name, "function", request, allowed) for name, request, allowed in MEMORY),
    *LAMBDA,
    *SESSIONS,
    *(one(f"{role}: {name}", role, asked, allowed) for role, name, asked, allowed in OTHERS),
    *DOCTOR,
]
