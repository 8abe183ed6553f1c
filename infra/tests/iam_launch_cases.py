"""The launches that the function may and may not request: one value is changed at a time.

Each is one call that IAM checks as many requests. The values that a launch may override, and the
key by which IAM checks each, are compared with AWS's own list of keys (test_stack_iam_keys.py).
"""

from dataclasses import dataclass, field, replace

from iam_requests import ACCOUNT, OTHER_TEMPLATE, OUR_TAGS, REGION, SCOPE, TEMPLATE, WORKER_ROLE
from iam_requests import Case, Request

# EC2's request context of a launch from a pool's template, by created resource.
BY_TEMPLATE = {
    "instance": {
        "ec2:Tenancy": "default",
        "ec2:InstanceMarketType": "on-demand",
        "ec2:MetadataHttpTokens": "required",
        "ec2:MetadataHttpEndpoint": "enabled",
        "ec2:MetadataHttpPutResponseHopLimit": "1",
    },
    "volume": {
        "ec2:VolumeType": "gp3",
        "ec2:VolumeSize": "10",
        "ec2:VolumeIops": "3000",
        "ec2:VolumeThroughput": "125",
        "ec2:Encrypted": "true",
    },
}
KEYS_OF = {
    "instance": (
        *BY_TEMPLATE["instance"],
        "ec2:CpuOptionsAmdSevSnp",
        "ec2:InstanceMetadataTags",
    ),
    "volume": (*BY_TEMPLATE["volume"], "ec2:VolumeInitializationRate"),
}
# Keys that EC2 may leave out if a launch does not set the value.
UNSAID = (
    *("ec2:Tenancy", "ec2:InstanceMarketType", "ec2:VolumeIops", "ec2:VolumeThroughput"),
    *("ec2:MetadataHttpEndpoint", "ec2:MetadataHttpPutResponseHopLimit"),
)


@dataclass(frozen=True)
class Launch:
    """A RunInstances call as the function sends it; the table changes one value at a time."""

    tags: dict = field(default_factory=lambda: dict(OUR_TAGS))
    template: str | None = TEMPLATE
    instance_type: str = "t2.small"
    subnet: str = SCOPE.subnets[0]
    image: str = SCOPE.images[0]
    group: str = SCOPE.worker_group
    profile: str = SCOPE.profile
    role: str = WORKER_ROLE
    image_of_template: bool = True
    group_of_template: bool = True
    kinds: tuple[str, ...] = ("instance", "network-interface", "volume")
    overrides: dict = field(default_factory=dict)  # keys in addition to the template's
    beside: tuple[str, ...] = ()  # resources that Nodenap's launches never name

    def requests(self) -> tuple[Request, ...]:
        return (
            *self._named(),
            *(self._run(one, False) for one in self.beside),
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
        context |= BY_TEMPLATE.get(kind, {})
        context |= {key: v for key, v in self.overrides.items() if key in KEYS_OF.get(kind, ())}
        context = {key: value for key, value in context.items() if value is not None}
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

# --- What a launch may override: allowed as in the template, or within its limits -----------------


def override(name: str, key: str, value: str | None, allowed: bool = False, **more):
    return name, replace(LAUNCH, overrides={f"ec2:{key}": value}, **more), allowed


OVERRIDES = [
    ("launch of which EC2 says no more", replace(LAUNCH, overrides=dict.fromkeys(UNSAID)), True),
    override("launch with a disk of 16 TiB", "VolumeSize", "16384"),
    override("launch with a disk of a GiB more", "VolumeSize", "11"),
    override("launch with a smaller disk", "VolumeSize", "8", True),
    override("launch with an io2 disk", "VolumeType", "io2"),
    override("launch with a gp2 disk", "VolumeType", "gp2"),
    override("launch with 16000 IOPS", "VolumeIops", "16000"),
    override("launch with 1000 MiB a second", "VolumeThroughput", "1000"),
    override("launch with a rate of initialization", "VolumeInitializationRate", "300"),
    override("launch with an unencrypted disk", "Encrypted", "false"),
    override("launch with dedicated tenancy", "Tenancy", "dedicated"),
    override("launch onto a dedicated host", "Tenancy", "host"),
    override("launch from a capacity block", "InstanceMarketType", "capacity-block"),
    override("launch on spot by its market", "InstanceMarketType", "spot", True, kinds=SPOT_KINDS),
    override("launch with IMDSv1", "MetadataHttpTokens", "optional"),
    override("launch with a hop limit of 2", "MetadataHttpPutResponseHopLimit", "2"),
    override("launch without a metadata service", "MetadataHttpEndpoint", "disabled"),
    override("launch with tags in its metadata", "InstanceMetadataTags", "enabled"),
    override("launch with AMD SEV-SNP", "CpuOptionsAmdSevSnp", "enabled"),
]

# Resources that a launch may name and no statement covers: each is refused.
BESIDE = {
    "capacity-reservation": SCOPE.ec2("capacity-reservation/cr-0aaaaaaaaaaaaaaaa"),
    "elastic-gpu": SCOPE.ec2("elastic-gpu/egpu-0aaaaaaaaaaaaaaaa"),
    "key-pair": SCOPE.ec2("key-pair/admin"),
    "placement-group": SCOPE.ec2("placement-group/hpc"),
    "snapshot": f"arn:aws:ec2:{REGION}::snapshot/snap-0aaaaaaaaaaaaaaaa",
}
NAMED = [
    (f"launch with a {kind.replace('-', ' ')}", replace(LAUNCH, beside=(resource,)), False)
    for kind, resource in BESIDE.items()
]

LAUNCH_CASES = [
    Case(name, "function", launch.requests(), allowed)
    for name, launch, allowed in [*LAUNCHES, *OVERRIDES, *NAMED]
]
