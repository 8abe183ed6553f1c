"""The table of requests to AWS and whether the policies must allow them.

`context` is AWS's request context, with IAM's keys. docs/security.md shows the table
(docs_tables.py). Launches have a table of their own (iam_launch_cases.py).
"""

from dataclasses import replace

from iam_launch_cases import LAUNCH, LAUNCH_CASES, pass_role
from iam_requests import REGION, SCOPE, TEMPLATE, WORKER_ROLE, Case, Request, one

INSTANCE = SCOPE.ec2("instance/i-0aaaaaaaaaaaaaaaa")
TABLE = SCOPE.arn("dynamodb", f"table/{SCOPE.table}")
FUNCTION = SCOPE.arn("lambda", f"function:{SCOPE.function}")
LETTERS = SCOPE.arn("sqs", SCOPE.dead_letters)
LOG = SCOPE.arn("logs", f"log-group:{SCOPE.log_group}:log-stream:2026/11/24/1")
OUR_CODE = {"lambda:SourceFunctionArn": FUNCTION}

# --- Existing resources ---------------------------------------------------------------------------


def tagged(**tags: str) -> dict:
    return {f"aws:ResourceTag/{key.replace('__', ':')}": value for key, value in tags.items()}


LAUNCHED = {
    "aws:ResourceTag/aws:ec2launchtemplate:id": "lt-0aaaaaaaaaaaaaaaa",
    "ec2:InstanceProfile": SCOPE.profile,
}
OURS = LAUNCHED | tagged(ManagedBy="autoscaler", nodenap__cluster="prod")
REPLACED = {"aws:ResourceTag/aws:ec2launchtemplate:id": "lt-0ddddddddddddddddd"}
BY_HAND = {key: value for key, value in OURS.items() if key not in REPLACED}
OF_ANOTHER = {"ec2:InstanceProfile": f"arn:aws:iam::{SCOPE.account}:instance-profile/web"}


def terminate(context: dict) -> Request:
    return Request("ec2:TerminateInstances", INSTANCE, context)


TERMINATIONS = [
    ("terminate a worker", OURS, True),
    ("terminate another cluster's worker", OURS | tagged(nodenap__cluster="dev"), False),
    ("terminate a worker of a replaced template", OURS | REPLACED, True),
    ("terminate one that was tagged by hand", BY_HAND, False),
    ("terminate one of another profile", OURS | OF_ANOTHER, False),
    ("terminate the server", OURS | tagged(ManagedBy="pulumi"), False),
    ("terminate one without tags", LAUNCHED, False),
    ("terminate one with ManagedBy only", LAUNCHED | tagged(ManagedBy="autoscaler"), False),
    ("terminate one with the cluster only", LAUNCHED | tagged(nodenap__cluster="prod"), False),
    ("terminate a person's instance", OURS | tagged(ManagedBy="me"), False),
]


TAGGED = tagged(ManagedBy="autoscaler", nodenap__cluster="prod")


def retag(action: str, context: dict) -> Request:
    return Request(action, INSTANCE, context | TAGGED)


RETAG = {"aws:RequestTag/ManagedBy": "autoscaler", "aws:RequestTag/nodenap:cluster": "prod"}

INSTANCES = [
    (
        "tag a running instance",
        retag("ec2:CreateTags", RETAG | {"aws:TagKeys": ["ManagedBy"]}),
        False,
    ),
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
    ("delete tags", retag("ec2:DeleteTags", {"aws:TagKeys": ["ManagedBy"]}), False),
    ("stop a worker", Request("ec2:StopInstances", INSTANCE, OURS), False),
    ("reboot a worker", Request("ec2:RebootInstances", INSTANCE, OURS), False),
    ("change a worker", Request("ec2:ModifyInstanceAttribute", INSTANCE, OURS), False),
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
    ("assume another role", Request("sts:AssumeRole", SCOPE.role("admin")), False),
]

# --- State and parameters -------------------------------------------------------------------------


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
    ("read the history", item("Query"), True),
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
    # Lambda's own calls for the log have the key too: a Deny by it would drop every line.
    one("Lambda: write the log", "function", Request("logs:PutLogEvents", LOG, OUR_CODE), True),
    one("Lambda: begin a stream", "function", Request("logs:CreateLogStream", LOG, OUR_CODE), True),
    *service_and_code("send to the dead-letter queue", Request("sqs:SendMessage", LETTERS)),
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
    ("worker", "report its status", Request("ssm:UpdateInstanceInformation", INSTANCE), True),
    ("worker", "terminate", terminate(OURS), False),
    ("worker", "list instances", Request("ec2:DescribeInstances", "*"), False),
    ("worker", "write the state", item("UpdateItem"), False),
    ("worker", "invoke the function", Request("lambda:InvokeFunction", FUNCTION), False),
    ("worker", "publish to the alert topic", Request("sns:Publish", TOPIC), False),
    ("server", "write the agent token", parameter(SCOPE.agent_token, "ssm:PutParameter"), True),
    ("server", "write the function's", parameter(SCOPE.function_token, "ssm:PutParameter"), True),
    ("server", "write the certificate", parameter(SCOPE.certificate, "ssm:PutParameter"), True),
    ("server", "write another cluster's", parameter(NEIGHBOUR, "ssm:PutParameter"), False),
    ("server", "read a foreign parameter", parameter("/app/database-password"), False),
    ("server", "report its status", Request("ssm:UpdateInstanceInformation", INSTANCE), True),
    ("server", "publish to the alert topic", Request("sns:Publish", TOPIC), True),
    ("server", "publish to the alarm topic", Request("sns:Publish", PEOPLE), True),
    ("server", "publish to another topic", Request("sns:Publish", OTHER_TOPIC), False),
    ("server", "terminate", terminate(OURS), False),
    ("server", "write the state", item("UpdateItem"), False),
    ("scheduler", "invoke the function", Request("lambda:InvokeFunction", FUNCTION), True),
    ("scheduler", "invoke another", Request("lambda:InvokeFunction", f"{FUNCTION}-other"), False),
    ("scheduler", "send to the dead-letter queue", Request("sqs:SendMessage", LETTERS), True),
    ("scheduler", "write to another queue", Request("sqs:SendMessage", f"{LETTERS}-x"), False),
    ("scheduler", "read the dead-letter queue", Request("sqs:ReceiveMessage", LETTERS), False),
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
    ("read the spot role", Request("iam:GetRole", SPOT_ROLE, {}), True),
    ("read another role", Request("iam:GetRole", SCOPE.role(SCOPE.function_role), {}), False),
    ("dry-run the termination of a worker", terminate(OURS), True),
    ("dry-run the termination of a foreign instance", terminate({}), False),
    *((f"{what} its own item", item(what), True) for what in DOCTOR_ITEM),
    *((f"{what} another's", item(what, cluster="dev"), False) for what in DOCTOR_ITEM),
    ("read the workers' token", parameter(SCOPE.agent_token), False),
    ("ask for a quota", here("servicequotas:RequestServiceQuotaIncrease"), False),
]
DOCTOR = [
    Case("doctor: dry-run a launch", "doctor", LAUNCH.requests(), True),
    Case("doctor: dry-run one without tags", "doctor", replace(LAUNCH, tags={}).requests(), False),
    *(one(f"doctor: {name}", "doctor", asked, allowed) for name, asked, allowed in DOCTOR_ASKS),
]

CASES = [
    *LAUNCH_CASES,
    *(one(name, "function", terminate(tags), allowed) for name, tags, allowed in TERMINATIONS),
    *(one(name, "function", request, allowed) for name, request, allowed in INSTANCES),
    *(one(name, "function", request, allowed) for name, request, allowed in MEMORY),
    *LAMBDA,
    *SESSIONS,
    *(one(f"{role}: {name}", role, asked, allowed) for role, name, asked, allowed in OTHERS),
    *DOCTOR,
]
