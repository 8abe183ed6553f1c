"""Runs the Pulumi program without its engine and records the resources it creates."""

import json
import pathlib
import runpy
import zipfile
from dataclasses import dataclass, field

import pulumi
import pulumi.runtime

INFRA = pathlib.Path(__file__).resolve().parents[1]
ACCOUNT = "123456789012"
REGION = "us-east-1"
DISK_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0aaaaaaa-0aaa-0aaa-0aaa-0aaaaaaaaaaa"
IPV6_BLOCK = "2600:1f18:1234:5600::/56"

# A stack that uses all options: two pools, spot, both architectures, all alarms.
EVERYTHING = {
    "aws:region": REGION,
    "nodenap:cluster": "prod",
    "nodenap:images": json.dumps(
        {"x86_64": "ami-0aaaaaaaaaaaaaaa1", "arm64": "ami-0aaaaaaaaaaaaaaa2"}
    ),
    "nodenap:k3s": json.dumps(
        {"version": "v1.34.4+k3s1", "sha256": {"x86_64": "a" * 64, "arm64": "b" * 64}}
    ),
    "nodenap:pools": json.dumps(
        [
            {"name": "workers", "instance_types": ["t2.small", "t3.small"]},
            {
                "name": "batch",
                "instance_types": ["t4g.medium"],
                "capacity": "spot-then-on-demand",
                "labels": {"tier": "batch"},
                "taints": ["dedicated=batch:NoSchedule"],
                "cpu_credits": "unlimited",
            },
            {"name": "large", "instance_types": ["m5.large", "c5.large"], "max_nodes": 2},
        ]
    ),
    "nodenap:watch": json.dumps(
        {
            "alarms": ["function_errors", "dead_letters", "at_maximum", "launches_failing"],
            "email": "ops@example.com",
            "dashboard": True,
        }
    ),
    "nodenap:reserved_concurrency": "true",
    "nodenap:scaling": json.dumps({"cluster": {"mode": "observe"}, "limits": {"max_nodes": 12}}),
}

# The required values only.
LEAST = {
    key: EVERYTHING[key]
    for key in ("aws:region", "nodenap:cluster", "nodenap:images", "nodenap:k3s")
}


@dataclass
class Resource:
    """One resource as created by the program; `inputs` with Pulumi's names."""

    kind: str  # such as "ec2/vpc:Vpc"
    name: str
    inputs: dict
    id: str = ""


@dataclass
class Recorded:
    resources: list[Resource] = field(default_factory=list)
    outputs: dict = field(default_factory=dict)

    def of(self, kind: str) -> list[Resource]:
        return [one for one in self.resources if one.kind == kind]

    def one(self, kind: str, name: str) -> Resource:
        found = [one for one in self.of(kind) if one.name == name]
        assert len(found) == 1, f"{kind} {name}: {len(found)} of {[o.name for o in self.of(kind)]}"
        return found[0]


# The prefixes of ids, as AWS assigns them.
PREFIXES = {
    "ec2/vpc:Vpc": "vpc",
    "ec2/subnet:Subnet": "subnet",
    "ec2/securityGroup:SecurityGroup": "sg",
    "ec2/launchTemplate:LaunchTemplate": "lt",
    "ec2/instance:Instance": "i",
}


class Recorder(pulumi.runtime.Mocks):
    """Responds like AWS, with made-up ids that are the same in each run."""

    def __init__(self, recorded: Recorded):
        self.recorded = recorded

    def new_resource(self, args):
        kind = args.typ.removeprefix("aws:")
        prefix = PREFIXES.get(kind, kind.split(":")[1].lower())
        number = len(self.recorded.of(kind)) + 1
        made = Resource(kind, args.name, args.inputs, f"{prefix}-{number:017x}")
        if "name" in args.inputs and kind not in PREFIXES:
            made.id = args.inputs["name"]
        self.recorded.resources.append(made)
        return made.id, {**args.inputs, **computed(made)}

    def call(self, args):
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":
            return {"accountId": ACCOUNT}
        if args.token == "aws:kms/getKey:getKey":
            assert args.args == {"keyId": "alias/aws/ebs"}
            return {"arn": DISK_KEY}
        raise AssertionError(f"the program asks AWS for {args.token}")


def computed(made: Resource) -> dict:
    """The values that AWS would add to the inputs."""
    more = {"arn": arn_of(made)}
    if made.kind == "ec2/vpc:Vpc":
        more["ipv6CidrBlock"] = IPV6_BLOCK
    if made.kind == "ec2/launchTemplate:LaunchTemplate":
        more["latestVersion"] = 3
    if made.kind == "ec2/vpcEndpoint:VpcEndpoint":
        more["prefixListId"] = "pl-02cd2c6b"
    if made.kind == "sqs/queue:Queue":
        more["url"] = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{made.inputs['name']}"
    return more


ARN_FORMS = {
    "iam/role:Role": "arn:aws:iam::{account}:role/{name}",
    "iam/instanceProfile:InstanceProfile": "arn:aws:iam::{account}:instance-profile/{name}",
    "sns/topic:Topic": "arn:aws:sns:{region}:{account}:{name}",
    "sqs/queue:Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "lambda/function:Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "cloudwatch/eventRule:EventRule": "arn:aws:events:{region}:{account}:rule/{name}",
    "dynamodb/table:Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
}


def arn_of(made: Resource) -> str:
    form = ARN_FORMS.get(made.kind, "arn:aws:other:{region}:{account}:{name}")
    return form.format(account=ACCOUNT, region=REGION, name=made.inputs.get("name", made.id))


def make_built_zip(folder: pathlib.Path) -> str:
    """A zip like the one of `./dev lambda`, with a placeholder as program."""
    path = folder / "nodenap-lambda-arm64.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("bootstrap", b"\x7fELF stand-in")
    return str(path)


def run(values: dict[str, str], folder: pathlib.Path) -> Recorded:
    """Runs the whole program with these configuration values; returns its resources and outputs."""
    function = json.loads(values.get("nodenap:function", "{}"))
    function.setdefault("zip", make_built_zip(folder))
    recorded = Recorded()
    pulumi.runtime.set_mocks(Recorder(recorded), project="nodenap", stack="test")
    pulumi.runtime.set_all_config({**values, "nodenap:function": json.dumps(function)})
    export = pulumi.export
    kept: dict[str, pulumi.Output] = {}
    pulumi.export = lambda name, value: kept.__setitem__(name, value)
    try:
        run_program(recorded, kept)
    finally:
        pulumi.export = export
    return recorded


def run_program(recorded: Recorded, kept: dict[str, pulumi.Output]) -> None:
    @pulumi.runtime.test
    def program():
        runpy.run_path(str(INFRA / "__main__.py"), run_name="__main__")

        def keep(outputs: dict) -> None:
            recorded.outputs.update(outputs)

        return pulumi.Output.all(**kept).apply(keep)

    program()
