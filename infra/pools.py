"""Pools of workers: their configuration, and checks of what EC2 would refuse."""

import functools
import json
import pathlib
import re
from dataclasses import dataclass

import boot
import regions
from config_reader import Reader

CATALOGUE = pathlib.Path(__file__).resolve().parents[1] / "data/ec2-instance-types.json"
CAPACITIES = ("on-demand", "spot", "spot-then-on-demand")
CPU_CREDITS = ("standard", "unlimited")
# EC2 refuses a credit option for types of other families.
BURSTABLE = ("t2", "t3", "t3a", "t4g")
# By default these launch as unlimited, and then may cost more than their price.
UNLIMITED_BY_DEFAULT = ("t3", "t3a", "t4g")

INSTANCE_TYPE = r"[a-z][a-z0-9-]*\.[a-z0-9-]+"
LABEL_VALUE = r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?"
TAINT = r"[A-Za-z0-9][A-Za-z0-9._/-]*=[A-Za-z0-9._-]*:(NoSchedule|PreferNoSchedule|NoExecute)"


@dataclass(frozen=True)
class Pool:
    """Workers of one launch template; the same keys as in nodenap.toml's [[pool]]."""

    name: str
    instance_types: tuple[str, ...]
    capacity: str
    cpu_credits: str  # of burstable types
    min_nodes: int
    max_nodes: int
    max_pods: int
    volume_gib: int
    labels: dict[str, str]
    taints: tuple[str, ...]

    @property
    def architecture(self) -> str:
        return architecture_of(self.instance_types[0])

    @property
    def uses_spot(self) -> bool:
        return self.capacity != "on-demand"

    @property
    def burstable(self) -> bool:
        """Whether the launch template may name a credit option: all types must have credits."""
        return all(family_of(one) in BURSTABLE for one in self.instance_types)


def family_of(instance_type: str) -> str:
    return instance_type.split(".")[0]


def architecture_of(instance_type: str) -> str:
    """ "arm64" for Graviton's families (a1, t4g, m7gd, im4gn …), else "x86_64"."""
    family = family_of(instance_type)
    return "arm64" if family == "a1" or re.match(r"[a-z]+\d+g", family) else "x86_64"


@functools.cache
def catalogue() -> dict[str, dict]:
    """Nodenap's built-in instance types, by name."""
    return {one["name"]: one for one in json.loads(CATALOGUE.read_text())["instance_types"]}


def read_pools(reader: Reader, region: str, most: int) -> tuple[Pool, ...]:
    """`most`: the cluster's max_nodes, the default of each pool."""
    tables = reader.tables("pools", [{"name": "workers"}])
    pools = tuple(read_pool(table, region, most) for table in tables)
    if not pools:
        reader.fault("pools", "must have at least one pool")
    names = [pool.name for pool in pools]
    for name in sorted({name for name in names if names.count(name) > 1}):
        reader.fault("pools", f"has the name {name!r} more than once")
    return pools


def read_pool(reader: Reader, region: str, most: int) -> Pool:
    before = len(reader.faults)
    name = reader.text("name", None, r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?", "a short name in a-z0-9-")
    types = reader.texts("instance_types", INSTANCE_TYPE, "an instance type")
    pool = Pool(
        name,
        types or (regions.default_type(region),),
        reader.choice("capacity", "on-demand", CAPACITIES),
        reader.choice("cpu_credits", CPU_CREDITS[0], CPU_CREDITS),
        reader.whole("min_nodes", 0, (0, 1000)),
        reader.whole("max_nodes", most, (0, 1000)),
        reader.whole("max_pods", 110, (1, 1000)),
        reader.whole("volume_gib", 10, (8, 16384)),
        reader.map_of_texts("labels", LABEL_VALUE, "a label value"),
        reader.texts("taints", TAINT, "such as dedicated=web:NoSchedule"),
    )
    reader.finish()
    if len(reader.faults) == before:
        check_pool(pool, region, reader)
    return pool


def check_pool(pool: Pool, region: str, reader: Reader) -> None:
    """Errors in combinations of values that are valid by themselves."""
    check_labels(pool, reader)
    check_taints(pool, reader)
    if pool.min_nodes > pool.max_nodes:
        reader.fault("min_nodes", f"is above max_nodes ({pool.max_nodes})")
    if len({architecture_of(one) for one in pool.instance_types}) > 1:
        reader.fault("instance_types", "mixes architectures; use one pool for each")
    for at, instance_type in enumerate(pool.instance_types):
        check_sold(instance_type, region, (reader, f"instance_types[{at}]"))
    check_credits(pool, reader)


def check_sold(instance_type: str, region: str, key: tuple[Reader, str]) -> None:
    """A launch template accepts types that the region does not offer, but launches fail."""
    if not regions.sells(region, instance_type):
        reader, name = key
        reader.fault(
            name,
            f"{instance_type} is not available in {region} (table of {regions.families_date()}); "
            f"{regions.default_type(region)} is",
        )


def check_credits(pool: Pool, reader: Reader) -> None:
    """One template serves all types of a pool, and EC2 accepts a credit option for burstable types
    only. A mixed pool has none, so it must not have types that are unlimited by default."""
    if pool.burstable:
        return
    if pool.cpu_credits != CPU_CREDITS[0]:
        reader.fault("cpu_credits", "is only for pools with t2, t3, t3a or t4g types alone")
    elif any(family_of(one) in UNLIMITED_BY_DEFAULT for one in pool.instance_types):
        words = "t3, t3a or t4g types with others, and would launch them with unlimited credits"
        reader.fault("instance_types", f"mixes {words}; use one pool for each")


def check_labels(pool: Pool, reader: Reader) -> None:
    """A kubelet may not set every label on itself; boot.py knows which."""
    for key, value in pool.labels.items():
        try:
            boot.check_label(key, value)
        except boot.BadValue as error:
            reader.fault(f"labels.{key}", str(error))


def check_taints(pool: Pool, reader: Reader) -> None:
    for at, taint in enumerate(pool.taints):
        try:
            boot.check_taint(taint)
        except boot.BadValue as error:
            reader.fault(f"taints[{at}]", str(error))
