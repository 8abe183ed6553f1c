"""The stack's configuration: all errors at once, each with its key."""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import tomllib

import pytest
import stack
from stack import EVERYTHING, LEAST

import config
import nodenap_toml
import pools
import regions
import scaling
import scaling_rules
from config_reader import ConfigFaults

ROOT = pathlib.Path(__file__).resolve().parents[2]


def values(flat: dict[str, str], **changed) -> dict:
    """A stack's values as the program reads them, with some of them changed."""
    found = {
        key.removeprefix("nodenap:"): config.plain(value)
        for key, value in flat.items()
        if key.startswith("nodenap:")
    }
    return found | changed


def faults(region: str = "us-east-1", **changed) -> list[str]:
    try:
        config.parse(values(LEAST, **changed), region)
    except ConfigFaults as error:
        return error.faults
    return []


def pool(**changed) -> list[dict]:
    return [{"name": "workers", **changed}]


X86_IMAGE = {"x86_64": "ami-0aaaaaaaaaaaaaaa1"}

HUGE = {"name": "custom.huge", "vcpu": 64, "memory_mib": 1 << 19, "price_per_hour_usd": 3}

# The values, the key of the error, and part of its text.
FAULTS = [
    ({"cluster": "Prod"}, "cluster", "a-z, 0-9"),
    ({"cluster": "p" * 33}, "cluster", "at most 32"),
    ({"cluster": 7}, "cluster", "must be a string"),
    ({"images": {}}, "images.x86_64", "is missing"),
    ({"images": {"x86_64": "ubuntu"}}, "images.x86_64", "an AMI's id"),
    ({"images": X86_IMAGE | {"mips": "ami-00000000"}}, "images.mips", "neither"),
    ({"k3s": {"version": "latest", "sha256": {"x86_64": "a" * 64}}}, "k3s.version", "v1.34.4+k3s1"),
    ({"k3s": {"version": "v1.34.4+k3s1"}}, "k3s.sha256.x86_64", "is missing"),
    ({"k3s": {"sha256": {"x86_64": "a" * 64}}}, "k3s.version", "is missing"),
    ({"k3s": {"version": "v1.34.4+k3s1", "sha256": {"x86_64": "abc"}}}, "k3s.sha256.x86_64", "64"),
    (
        {"k3s": {"version": "v1.31.9+k3s1", "sha256": {"x86_64": "a" * 64}}},
        "k3s.version",
        "v1.32 or later",
    ),
    ({"zones": ["us-east-1a"]}, "zones", "two different zones"),
    ({"zones": ["us-east-1a", "us-east-1a"]}, "zones", "two different zones"),
    ({"zones": ["us-east-1a", "eu-west-1b"]}, "zones[1]", "not an availability zone"),
    ({"zones": ["us-east-1a", "us-east-1z"]}, "zones[1]", "a zone such as"),
    ({"zones": ["us-east-1a", 2]}, "zones[1]", "a zone such as"),
    ({"root_device": "xvda"}, "root_device", "a device"),
    ({"server": {"instance_type": "medium"}}, "server.instance_type", "an instance type"),
    ({"server": {"private_ip": "10.0.9.9"}}, "server.private_ip", "free address of 10.0.1.0/24"),
    ({"server": {"private_ip": "10.0.1.2"}}, "server.private_ip", "free address"),
    ({"server": {"private_ip": "999.1.1.1"}}, "server.private_ip", "999.1.1.1"),
    (
        {"zones": ["us-east-1b", "us-east-1a"], "server": {"private_ip": "10.0.1.10"}},
        "server.private_ip",
        "free address of 10.0.2.0/24",
    ),
    ({"server": {"cpu_credits": "free"}}, "server.cpu_credits", "one of standard, unlimited"),
    ({"server": {"volume_gib": 1}}, "server.volume_gib", "from 8 to"),
    ({"server": {"volume_gib": "20"}}, "server.volume_gib", "a whole number"),
    ({"server": {"size": 3}}, "server.size", "not a known key"),
    ({"server": "t3.medium"}, "server", "must be a table"),
    ({"pools": []}, "pools", "at least one"),
    ({"pools": ["workers"]}, "pools[0]", "must be a table"),
    ({"pools": [{}]}, "pools[0].name", "is missing"),
    ({"pools": pool(name="a b")}, "pools[0].name", "a short name"),
    ({"pools": pool() + pool()}, "pools", "more than once"),
    ({"pools": pool(instance_types=["t2.small", "t4g.small"])}, "pools[0].instance_types", "mixes"),
    ({"pools": pool(cpu_credits="some")}, "pools[0].cpu_credits", "one of standard, unlimited"),
    (
        {"pools": pool(instance_types=["t2.small", "m5.large"], cpu_credits="unlimited")},
        "pools[0].cpu_credits",
        "only for pools with t2",
    ),
    (
        {"pools": pool(instance_types=["m5.large", "t3.large"])},
        "pools[0].instance_types",
        "unlimited credits",
    ),
    ({"images": X86_IMAGE, "pools": pool(instance_types=["t4g.small"])}, "images.arm64", "missing"),
    ({"pools": pool(instance_types=["small"])}, "pools[0].instance_types[0]", "an instance type"),
    ({"pools": pool(capacity="cheap")}, "pools[0].capacity", "one of on-demand, spot"),
    ({"pools": pool(min_nodes=3, max_nodes=2)}, "pools[0].min_nodes", "above max_nodes"),
    ({"pools": pool(max_nodes=-1)}, "pools[0].max_nodes", "from 0"),
    ({"pools": pool(labels={"tier": "a b"})}, "pools[0].labels.tier", "a label value"),
    ({"pools": pool(labels={"nodenap.dev/x": "y"})}, "pools[0].labels.nodenap.dev/x", "itself"),
    ({"pools": pool(taints=["dedicated"])}, "pools[0].taints[0]", "such as dedicated="),
    ({"pools": pool(taints=["a=b:Sometimes"])}, "pools[0].taints[0]", "such as dedicated="),
    ({"pools": pool(weight=3)}, "pools[0].weight", "not a known key"),
    ({"function": {"architecture": "arm"}}, "function.architecture", "one of arm64, x86_64"),
    ({"function": {"memory_mib": 64}}, "function.memory_mib", "from 128"),
    ({"function": {"every_minutes": 0}}, "function.every_minutes", "from 1 to 60"),
    ({"function": {"log_retention_days": 8}}, "function.log_retention_days", "one of 1, 3, 5"),
    ({"function": {"zip": "bootstrap"}}, "function.zip", "a zip"),
    ({"table": {"deletion_protection": "yes"}}, "table.deletion_protection", "true or false"),
    ({"access": {"ssh_cidrs": ["home"]}}, "access.ssh_cidrs[0]", "not an address range"),
    ({"access": {"api_cidrs": ["10.0.0.1/8"]}}, "access.api_cidrs[0]", "host bits"),
    ({"access": {"api_cidrs": "0.0.0.0/0"}}, "access.api_cidrs", "a list"),
    ({"watch": {"alarms": ["everything"]}}, "watch.alarms[0]", "one of function_errors"),
    ({"watch": {"email": "me"}}, "watch.email", "an address"),
    ({"reserved_concurrency": 10}, "reserved_concurrency", "true or false"),
    (
        {"pools": [{"name": "w", "taints": ["node-role.kubernetes.io/control-plane=x:NoExecute"]}]},
        "pools[0].taints[0]",
        "is for servers",
    ),
    ({"kubernetes": "true "}, "kubernetes", "true or false"),
    ({"kubernetes": True}, "kubernetes", "not supported yet"),
    ({"scaling": {"limits": {"max": 3}}}, "scaling.limits.max", "not a known key"),
    ({"scaling": {"limits": {"max_nodes": "3"}}}, "scaling.limits.max_nodes", "a whole number"),
    ({"scaling": {"cluster": {"mode": "on"}}}, "scaling.cluster.mode", "one of observe"),
    ({"scaling": {"pool": {}}}, "scaling.pool", "not a known key"),
    ({"pool": []}, "pool", "not a known key"),
    ({"instance_types": [HUGE | {"vcpu": "8"}]}, "instance_types[0].vcpu", "a whole number"),
    ({"instance_types": [HUGE | {"cost": 3}]}, "instance_types[0].cost", "not a known key"),
    ({"instance_types": [{**HUGE, "name": None}]}, "instance_types[0].name", "a string"),
]


@pytest.mark.parametrize(("changed", "key", "words"), FAULTS, ids=lambda one: str(one)[:60])
def test_a_fault_names_its_key(changed, key, words):
    (found,) = faults(**changed)
    assert found.startswith(f"{key}: ")
    assert words in found


def test_all_faults_come_at_once():
    found = faults("mars-1", cluster="P", zones=["us-east-1a"], function={"memory_mib": 1}, x=1)
    keys = [one.split(": ")[0] for one in found]
    assert keys == [
        "aws:region",
        "zones",
        "zones[0]",
        "cluster",
        "function.memory_mib",
        "x",
    ]


def test_nothing_given_names_all_that_is_required():
    with pytest.raises(ConfigFaults) as raised:
        config.parse({}, "us-east-1")
    keys = [one.split(":")[0] for one in raised.value.faults]
    assert keys == ["cluster", "k3s.version", "images.x86_64", "k3s.sha256.x86_64"]
    assert "cluster: is missing" in str(raised.value)


def test_the_least_gives_the_article_s_cluster():
    settings = config.parse(values(LEAST), "us-east-1")
    assert settings.zones == ("us-east-1a", "us-east-1b")
    assert settings.server.instance_type == "t3.medium"
    (workers,) = settings.pools
    assert workers.instance_types == ("t2.small",)
    assert workers.cpu_credits == "standard" and workers.max_nodes == 10
    assert settings.server.private_ip == "10.0.1.10" and settings.server.deletion_protection
    assert settings.function == config.Function(
        "../dist/nodenap-lambda-arm64.zip", "arm64", 128, 2, 14
    )
    assert not settings.access.api_cidrs and not settings.access.ssh_cidrs
    assert not settings.watch.dashboard, "it costs, and a person has to want it"
    assert not settings.table.point_in_time_recovery and settings.table.deletion_protection


def test_a_pool_has_the_clusters_limit_unless_it_names_one():
    scaled = {"scaling": {"limits": {"max_nodes": 20}}}
    two = [{"name": "a"}, {"name": "b", "max_nodes": 3}]
    settings = config.parse(values(LEAST, **scaled, pools=two), "us-east-1")
    assert [one.max_nodes for one in settings.pools] == [20, 3]
    assert scaling.MOST_NODES == example()["limits"]["max_nodes"]


# A single address is a range of one; ranges are normalized as AWS does.
RANGES = [
    ("198.51.100.7", "198.51.100.7/32"),
    ("198.51.100.0/24", "198.51.100.0/24"),
    ("2001:DB8::7", "2001:db8::7/128"),
    ("2001:db8:0::/48", "2001:db8::/48"),
]


@pytest.mark.parametrize(("given", "wanted"), RANGES)
def test_access_is_by_ranges(given, wanted):
    access = {"api_cidrs": [given], "ssh_cidrs": [given, wanted]}
    found = config.parse(values(LEAST, access=access), "us-east-1").access
    assert found == config.Access((wanted,), (wanted,))


def test_a_mistyped_key_stops_the_program(tmp_path):
    with pytest.raises(ConfigFaults, match="clutser: is not a known key"):
        stack.run({**LEAST, "nodenap:clutser": "x"}, tmp_path)


def test_architectures_are_those_of_the_catalogue():
    assert len(pools.catalogue()) > 100
    for name, one in pools.catalogue().items():
        assert config.architecture_of(name) == one["architecture"], name


# --- Regions --------------------------------------------------------------------------------------


def test_a_region_without_ipv6_is_refused_with_alternatives():
    (found,) = faults("eu-central-2", zones=["eu-central-2a", "eu-central-2b"])
    assert found.startswith("aws:region: eu-central-2 has no IPv6 endpoint of EC2")
    assert "eu-central-1" in found and regions.TABLE_DATE in found


@pytest.mark.parametrize("region", ["", "cn-north-1", "us-gov-west-1", "mars-1"])
def test_an_unknown_region_is_refused_with_those_that_will_do(region):
    found = regions.fault_of(region)
    assert found and "us-east-1" in found


def test_the_regions_are_those_of_amazons_own_table():
    """botocore has a table of EC2's endpoints by kind."""
    from botocore.loaders import Loader

    partition = Loader().load_data("endpoints")["partitions"][0]
    endpoints = partition["services"]["ec2"]["endpoints"]

    def has_dual_stack(region: str) -> bool:
        kinds = [one["tags"] for one in endpoints[region].get("variants", [])]
        return ["dualstack"] in kinds

    assert set(regions.DUAL_STACK) == {one for one in endpoints if has_dual_stack(one)}
    known = {one for one in endpoints if not one.startswith("fips-")}
    assert set(regions.WITHOUT_EC2) == known - set(regions.DUAL_STACK)
    for nearest in regions.WITHOUT_EC2.values():
        assert set(nearest) <= set(regions.DUAL_STACK)


@pytest.mark.parametrize("region", regions.DUAL_STACK)
def test_each_region_that_will_do_has_two_zones(region):
    first, second = regions.default_zones(region)
    assert first != second and first.startswith(region) and second.startswith(region)


UNSOLD = [
    ({"pools": pool(instance_types=["t3.small", "t2.small"])}, "pools[0].instance_types[1]"),
    ({"server": {"instance_type": "t2.medium"}}, "server.instance_type"),
]


@pytest.mark.parametrize(("changed", "key"), UNSOLD)
def test_a_type_that_the_region_does_not_sell_is_refused(changed, key):
    zones = ["eu-north-1a", "eu-north-1b"]
    (found,) = faults("eu-north-1", zones=zones, **changed)
    assert found.startswith(f"{key}: t2.")
    assert "not available in eu-north-1" in found and found.endswith("t3.small is")
    assert not faults("us-east-1", **changed)


def test_the_default_type_is_one_that_the_region_sells():
    (workers,) = config.parse(values(LEAST), "eu-north-1").pools
    assert workers.instance_types == ("t3.small",)


# --- nodenap.toml ---------------------------------------------------------------------------------

SUBNETS = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")


def template_of(pool: str) -> str:
    return "lt-" + pool.encode().hex()[:17].ljust(17, "0")


def rendered(flat: dict[str, str], **changed) -> str:
    return written(config.parse(values(flat, **changed), "us-east-1"))


def written(settings: config.Settings) -> str:
    templates = {pool.name: (template_of(pool.name), "3") for pool in settings.pools}
    made = nodenap_toml.Made("nodenap-prod", templates, SUBNETS)
    return nodenap_toml.render(settings, made)


# Strings that TOML must escape, in the only free text field.
QUERY = 'sum(rate(x{id="/"}[5m])) # \\ \t "ü" \x7f\n'


def test_the_file_says_what_the_stack_says():
    scaled = {"metrics": {"cpu_query": QUERY}}
    text = rendered(EVERYTHING, scaling=scaled, instance_types=[HUGE])
    read = tomllib.loads(text)
    assert read["cluster"] == {"id": "prod", "mode": "observe"}
    assert read["metrics"] == {"url": "http://10.0.1.10:30090", "cpu_query": QUERY}
    assert read["instance_type"] == [HUGE]
    assert "kubernetes" not in read
    workers, batch, _ = read["pool"]
    assert workers["subnets"] == list(SUBNETS)
    assert batch["launch_template"] == template_of("batch")
    assert batch["labels"] == {"tier": "batch"}
    assert batch["taints"] == ["dedicated=batch:NoSchedule"]


def test_the_clusters_api_is_written_once_it_can_be_used():
    settings = config.parse(values(EVERYTHING), "us-east-1")
    read = tomllib.loads(written(dataclasses.replace(settings, kubernetes=True)))
    assert read["kubernetes"] == {
        "url": "https://10.0.1.10:6443",
        "ca_parameter": "/k3s/prod/ca",
        "token_parameter": "/k3s/prod/nodenap-token",
    }


def example() -> dict:
    """docs/nodenap.example.toml, its commented keys and tables too."""
    lines = (ROOT / "docs/nodenap.example.toml").read_text().splitlines()
    commented = r"# (\[\[instance_type\]\]$|\w+ = )"
    keys = [line[2:] if re.match(commented, line) else line for line in lines]
    return tomllib.loads("\n".join(keys))


def test_each_key_that_may_be_set_is_one_of_nodenaps():
    known = example()
    for table, kinds in scaling.KNOWN.items():
        for key, kind in kinds.items():
            value = known[table][key]
            assert type(value) is kind or (kind is float and type(value) is int), (table, key)
    for path, value in scaling_rules.DEFAULTS.items():
        table, key = path.split(".")
        assert known[table][key] == value, path


# The stack sets its own Prometheus, table and region.
OF_THE_STACK = {
    "cluster": {"id"},
    "aws": {"region", "unlisted_region"},
    "metrics": {"url"},
    "state": {"dynamodb_table", "sqlite"},
}


def test_each_key_of_nodenaps_may_be_set_or_is_the_stacks_own():
    written = tomllib.loads(rendered(LEAST))
    for table, keys in example().items():
        if table == "pool":
            assert set(keys[0]) == set(written["pool"][0])
        elif table == "instance_type":
            assert set(keys[0]) == set(scaling.TYPE_KEYS)
        else:
            others = set(keys) - OF_THE_STACK.get(table, set())
            assert others == set(scaling.KNOWN.get(table, {})), table


def built_program() -> str | None:
    found = [path for path in sorted(ROOT.glob("build/*/nodenap")) if path.is_file()]
    return str(found[0]) if found else shutil.which("nodenap")


NEEDS_PROGRAM = pytest.mark.skipif(not built_program(), reason="nodenap is not built")


def checked(text: str, folder: pathlib.Path) -> subprocess.CompletedProcess:
    path = folder / "nodenap.toml"
    path.write_text(text)
    return subprocess.run(
        [built_program(), "config", "check", "--config", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


@NEEDS_PROGRAM
def test_nodenap_itself_finds_no_fault(tmp_path):
    ran = checked(rendered(EVERYTHING), tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@NEEDS_PROGRAM
def test_the_stack_refuses_the_clusters_api_as_long_as_nodenap_does(tmp_path):
    settings = config.parse(values(EVERYTHING), "us-east-1")
    ran = checked(written(dataclasses.replace(settings, kubernetes=True)), tmp_path)
    assert ran.returncode == 2 and " kubernetes: not supported" in ran.stdout
