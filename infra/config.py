"""The configuration of a stack: typed and validated as a whole; every error names its key.

A Pulumi.<stack>.yaml with all required and some optional keys:

    config:
      aws:region: us-east-1
      nodenap:cluster: prod
      nodenap:images: { x86_64: ami-0123456789abcdef0 }
      nodenap:k3s: { version: v1.34.4+k3s1, sha256: { x86_64: 64 hexadecimal digits } }
      nodenap:pools:
        - { name: workers, instance_types: [t2.small], max_nodes: 10 }
        - { name: batch, instance_types: [t3.large], capacity: spot, labels: { tier: batch } }
      nodenap:scaling: { cluster: { mode: observe }, limits: { min_nodes: 2 } }
      nodenap:watch: { email: ops@example.com, alarms: [dead_letters] }
      nodenap:access: { api_cidrs: [198.51.100.7/32] }
"""

import ipaddress
import json
from dataclasses import dataclass
from typing import Any

import boot
import names
import regions
import scaling
import scaling_rules
from config_reader import ConfigFaults, Reader
from pools import CPU_CREDITS, INSTANCE_TYPE, Pool, architecture_of, check_sold, read_pools

NETWORK = "10.0.0.0/16"
ZONES = 2  # enough for Lambda, and for launches without capacity in one zone

ARCHITECTURES = ("x86_64", "arm64")
EXTRA_ALARMS = ("function_errors", "dead_letters", "at_maximum", "launches_failing")
# The retentions that CloudWatch Logs accepts, in days, up to a year.
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365)


@dataclass(frozen=True)
class K3s:
    """A K3s release: its version, such as v1.34.4+k3s1, and the SHA-256 by architecture."""

    version: str
    sha256: dict[str, str]


@dataclass(frozen=True)
class Server:
    instance_type: str
    volume_gib: int
    private_ip: str  # fixed, so that function and workers find a replaced server
    cpu_credits: str
    deletion_protection: bool  # whether Pulumi and EC2 refuse to delete it


@dataclass(frozen=True)
class Function:
    zip_path: str
    architecture: str  # "arm64" or "x86_64", as Lambda has it
    memory_mib: int
    every_minutes: int
    log_retention_days: int


@dataclass(frozen=True)
class Table:
    point_in_time_recovery: bool
    deletion_protection: bool


@dataclass(frozen=True)
class Access:
    """Address ranges of users; none by default, since Session Manager gives access."""

    api_cidrs: tuple[str, ...]
    ssh_cidrs: tuple[str, ...]


@dataclass(frozen=True)
class Watch:
    alarms: tuple[str, ...]  # in addition to the default one
    email: str  # empty: no mail notifications
    dashboard: bool


@dataclass(frozen=True)
class Settings:
    cluster: str
    region: str
    zones: tuple[str, ...]
    images: dict[str, str]  # an AMI for each architecture in use
    root_device: str  # of the images: Debian's and Amazon's /dev/xvda, Ubuntu's /dev/sda1
    k3s: K3s
    server: Server
    pools: tuple[Pool, ...]
    function: Function
    table: Table
    access: Access
    watch: Watch
    reserved_concurrency: bool  # whether the function has reserved concurrency
    kubernetes: bool  # whether the function may read the cluster's API token; not supported yet
    scaling: dict[str, dict[str, Any]]  # nodenap.toml's own tables
    instance_types: tuple[dict[str, Any], ...]  # its [[instance_type]]

    @property
    def prefix(self) -> str:
        """The prefix of the names of this stack's resources."""
        return f"nodenap-{self.cluster}"

    def parameter(self, name: str) -> str:
        """The name in Parameter Store of "agent-token", "nodenap-token" or "ca"."""
        return f"/k3s/{self.cluster}/{name}"


def zone_number(zone: str) -> int:
    """1 for a region's zone "a", 2 for "b"."""
    return ord(zone[-1]) - ord("a") + 1


def public_block(zone: str) -> str:
    """Each zone has fixed ranges, so that changing the zones never needs a range that an
    existing subnet still uses."""
    return f"10.0.{zone_number(zone)}.0/24"


def function_block(zone: str) -> str:
    return f"10.0.{100 + zone_number(zone)}.0/24"


def read_zones(reader: Reader, region: str) -> tuple[str, ...]:
    before = len(reader.faults)
    zones = reader.texts("zones", r"[a-z]{2}(-[a-z]+)+-\d[a-h]", "a zone such as us-east-1a")
    if not zones or len(reader.faults) > before:
        return regions.default_zones(region)
    if len(zones) != ZONES or len(set(zones)) != len(zones):
        reader.fault("zones", "must name two different zones")
    for at, zone in enumerate(zones):
        if zone[:-1] != region:
            reader.fault(f"zones[{at}]", f"{zone} is not an availability zone of {region}")
    return zones


def read_k3s(reader: Reader) -> K3s:
    version = reader.text("version", None, r"v1\.\d+\.\d+\+k3s\d+", "such as v1.34.4+k3s1")
    sums = reader.map_of_texts("sha256", r"[0-9a-f]{64}", "64 hexadecimal digits")
    for name in sums:
        if name not in ARCHITECTURES:
            reader.fault(f"sha256.{name}", "is neither x86_64 nor arm64")
    if version and not boot.is_new_enough(version):
        reader.fault("version", f"must be v1.{boot.OLDEST_MINOR} or later, not {version}")
    reader.finish()
    return K3s(version, sums)


def read_server(reader: Reader, zones: tuple[str, ...], region: str) -> Server:
    """The server is in the first zone."""
    subnet = ipaddress.ip_network(public_block(zones[0]))
    server = Server(
        reader.text("instance_type", "t3.medium", INSTANCE_TYPE, "an instance type"),
        reader.whole("volume_gib", 20, (8, 16384)),
        reader.text("private_ip", str(subnet[10]), r"[0-9.]+", "an IPv4 address"),
        reader.choice("cpu_credits", CPU_CREDITS[1], CPU_CREDITS),
        reader.flag("deletion_protection", True),
    )
    reader.finish()
    check_sold(server.instance_type, region, (reader, "instance_type"))
    try:
        # AWS keeps the first four addresses of a subnet and the last one.
        if ipaddress.ip_address(server.private_ip) not in list(subnet)[4:-1]:
            reader.fault("private_ip", f"must be a free address of {subnet}")
    except ValueError as error:
        reader.fault("private_ip", str(error))
    return server


def read_function(reader: Reader) -> Function:
    architecture = reader.choice("architecture", "arm64", ("arm64", "x86_64"))
    function = Function(
        reader.text("zip", f"../dist/nodenap-lambda-{architecture}.zip", r".+\.zip", "a zip"),
        architecture,
        reader.whole("memory_mib", 128, (128, 10240)),
        reader.whole("every_minutes", 2, (1, 60)),
        reader.whole("log_retention_days", 14, (RETENTIONS[0], RETENTIONS[-1])),
    )
    if function.log_retention_days not in RETENTIONS:
        words = ", ".join(map(str, RETENTIONS))
        reader.fault("log_retention_days", f"must be one of {words}")
    reader.finish()
    return function


def read_table(reader: Reader) -> Table:
    table = Table(
        reader.flag("point_in_time_recovery", False), reader.flag("deletion_protection", True)
    )
    reader.finish()
    return table


def read_access(reader: Reader) -> Access:
    access = Access(reader.ranges("api_cidrs"), reader.ranges("ssh_cidrs"))
    reader.finish()
    return access


def read_watch(reader: Reader) -> Watch:
    alarms = reader.texts("alarms", r".*", "the name of an alarm")
    reader.one_of("alarms", alarms, EXTRA_ALARMS)
    email = reader.text("email", "", r"[^@\s]+@[^@\s]+", "an address")
    dashboard = reader.flag("dashboard", False)
    reader.finish()
    return Watch(alarms, email, dashboard)


def read_kubernetes(reader: Reader) -> bool:
    """Permissions, manifests and the table in nodenap.toml exist; the client does not yet."""
    wanted = reader.flag("kubernetes", False)
    if wanted:
        reader.fault(
            "kubernetes",
            "is not supported yet: this version has no client for the Kubernetes API and refuses "
            "the table; leave it out, and Nodenap uses Prometheus only",
        )
    return wanted


def read_images(reader: Reader) -> dict[str, str]:
    images = reader.map_of_texts("images", r"ami-([0-9a-f]{8}|[0-9a-f]{17})", "an AMI's id")
    for name in images:
        if name not in ARCHITECTURES:
            reader.fault(f"images.{name}", "is neither x86_64 nor arm64")
    return images


def check_architectures(settings: Settings, reader: Reader) -> None:
    """Each architecture in use needs an image and the checksum of K3s."""
    in_use = {architecture_of(settings.server.instance_type)}
    in_use |= {pool.architecture for pool in settings.pools if pool.instance_types}
    for architecture in sorted(in_use):
        if architecture not in settings.images:
            reader.fault(f"images.{architecture}", "is missing; set the id of an AMI")
        if architecture not in settings.k3s.sha256:
            reader.fault(f"k3s.sha256.{architecture}", "is missing; it verifies the download")


def check_rights(settings: Settings, reader: Reader) -> None:
    """Checked first, because IAM would refuse the policies after most of the stack was created."""
    size = names.characters_of_rights(settings)
    if size > names.MOST_CHARACTERS:
        types = len({one for pool in settings.pools for one in pool.instance_types})
        reader.fault(
            "pools",
            f"has {len(settings.pools)} pools with {types} instance types: the function's policy "
            f"names each and would have {size} characters; IAM allows {names.MOST_CHARACTERS}",
        )


def parse(values: dict[str, Any], region: str) -> Settings:
    """Settings from the stack's values by key; raises ConfigFaults with all errors at once."""
    faults: list[str] = []
    reader = Reader(values, "", faults)
    unfit = regions.fault_of(region)
    if unfit:
        faults.append(f"aws:region: {unfit}")
    words = "at most 32 of a-z, 0-9 and '-', a letter first"
    zones = read_zones(reader, region)
    own = scaling.read(reader.table("scaling"))
    settings = Settings(
        cluster=reader.text("cluster", None, r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?", words),
        region=region,
        zones=zones,
        images=read_images(reader),
        root_device=reader.text("root_device", "/dev/xvda", r"/dev/[a-z0-9]+", "a device"),
        k3s=read_k3s(reader.table("k3s")),
        server=read_server(reader.table("server"), zones, region),
        pools=read_pools(reader, region, own["limits"].get("max_nodes", scaling.MOST_NODES)),
        function=read_function(reader.table("function")),
        table=read_table(reader.table("table")),
        access=read_access(reader.table("access")),
        watch=read_watch(reader.table("watch")),
        reserved_concurrency=reader.flag("reserved_concurrency", False),
        kubernetes=read_kubernetes(reader),
        scaling=own,
        instance_types=scaling.read_types(reader),
    )
    check_architectures(settings, reader)
    reader.finish()
    if not faults:
        scaling_rules.check_together(own, settings.pools, settings.instance_types, reader)
        check_rights(settings, reader)
    if faults:
        raise ConfigFaults(faults)
    return settings


def load() -> Settings:
    """The settings of the stack that Pulumi runs."""
    import pulumi  # imported only here: policies.py uses this module without Pulumi

    prefix = "nodenap:"
    region = pulumi.Config("aws").get("region") or ""
    # All of them, so that mistyped keys are reported; Pulumi's Config only reads keys by name.
    flat = {**pulumi.runtime.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
    values = {
        key.removeprefix(prefix): plain(value)
        for key, value in flat.items()
        if key.startswith(prefix)
    }
    return parse(values, region)


def plain(text: str) -> Any:
    """Pulumi passes numbers, lists and tables as JSON, and strings unchanged."""
    try:
        return json.loads(text)
    except ValueError:
        return text
