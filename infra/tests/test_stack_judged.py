"""The stack refuses values that Nodenap or IAM would refuse: a built program checks each value."""

import re

import pytest
import scaling
import scaling_rules
from config_reader import ConfigFaults
from stack import LEAST
from test_stack_config import HUGE, NEEDS_PROGRAM, ROOT, checked, pool, values, written

import config

NUMBERS = [-1, 0, 1, 5, 29, 30, 50, 70, 100, 101, 1000, 1001, 10**9, 10**9 + 1]
TEXTS = {
    "duration": [
        *("0s", "1ms", "4s", "5s", "15s", "16s", "100s", "101s", "1h30m", "1d", "366d"),
        *("", "5", "m", "30m1h", "1m1m", "5 minutes", "-5s", "+5s", "1.5h", "367d", "1s "),
        *("9" * 20 + "s", "\uff11s"),
    ],
    "metrics.matcher": [
        *("", "cluster=prod", "cluster='prod'", " a = \"b\" , c!~'d.*' ", 'a="b",', 'a="b" c'),
        *('__name__="x"', '__name__x="x"', 'a:b="c"', '1a="b"', 'a=="b"', 'a="b\\"c"', 'a="b\\"'),
        'a="b\nc"',
    ],
}
KEYS = [
    (table, key, kind) for table, kinds in scaling.KNOWN.items() for key, kind in kinds.items()
]


def candidates(path: str, kind: type) -> list:
    if kind is not str:
        return NUMBERS + ([0.5, float("inf"), float("nan")] if kind is float else [])
    if path in scaling_rules.DURATIONS:
        return TEXTS["duration"]
    words = list(scaling_rules.WORDS.get(path, ()))
    return TEXTS.get(path, [*words, "", "something"])


def refused(changed: dict) -> list[str]:
    try:
        config.parse(values(LEAST, **changed), "us-east-1")
    except ConfigFaults as error:
        return error.faults
    return []


@pytest.fixture
def of_program(monkeypatch, tmp_path):
    """The program's errors for the file that the stack would write without its own checks."""

    def ask(changed: dict) -> list[str] | None:
        with monkeypatch.context() as patch:
            patch.setattr(scaling_rules, "fault_of", lambda *_: "")
            patch.setattr(scaling_rules, "check_together", lambda *_: None)
            try:
                settings = config.parse(values(LEAST, **changed), "us-east-1")
            except ConfigFaults:
                return None  # such a file is never written
        ran = checked(written(settings), tmp_path)
        assert ran.returncode in (0, 2), ran.stderr
        return [] if ran.returncode == 0 else re.findall(r"^\S+:\d+: (.*)", ran.stdout, re.M)

    return ask


@NEEDS_PROGRAM
@pytest.mark.parametrize(("table", "key", "kind"), KEYS, ids=lambda one: str(one))
def test_the_stack_and_nodenap_agree_on_each_value(of_program, table, key, kind):
    found = {}
    for value in candidates(f"{table}.{key}", kind):
        changed = {"scaling": {table: {key: value}}}
        told = of_program(changed)
        found[value] = bool(refused(changed)), told is None or bool(told)
    differ = {value: one for value, one in found.items() if one[0] != one[1]}
    assert not differ, "refused by the stack, by the program"
    assert {stack for stack, _ in found.values()} == {True, False}


@NEEDS_PROGRAM
@pytest.mark.parametrize("key", scaling.TYPE_KEYS)
def test_the_stack_and_nodenap_agree_on_each_type(of_program, key):
    for value in candidates(f"instance_type.{key}", scaling.TYPE_KEYS[key][0]):
        changed = {"instance_types": [HUGE | {key: value}]}
        assert bool(refused(changed)) == bool(of_program(changed)), value


def limits(**changed) -> dict:
    return {"scaling": {"limits": changed}}


SMALL = HUGE | {"name": "t3.tiny", "vcpu": 1, "memory_mib": 512}
# The values, and the key of the error.
TOGETHER = [
    (limits(min_nodes=9, max_nodes=6), "scaling.limits.min_nodes"),
    (limits(min_nodes=11), "scaling.limits.min_nodes"),
    (limits(max_nodes=1), "scaling.limits.min_nodes"),
    (limits(max_nodes=1001) | {"pools": pool(max_nodes=5)}, "scaling.limits.max_nodes"),
    ({"pools": pool(max_nodes=1)}, "scaling.limits.min_nodes"),
    ({"pools": pool(min_nodes=11, max_nodes=20)}, "scaling.limits.max_nodes"),
    ({"scaling": {"scale_up": {"cpu_above_percent": 30}}}, "scaling.scale_down.cpu_below_percent"),
    ({"pools": pool(instance_types=["t3.smal"])}, "pools[0].instance_types[0]"),
    ({"pools": pool(instance_types=["t3.small", "t3.small"])}, "pools[0].instance_types[1]"),
    (
        {
            "pools": pool(instance_types=["t3.tiny"]),
            "instance_types": [SMALL],
            "scaling": {"reserve": {"memory_mib": 512}},
        },
        "pools[0].instance_types[0]",
    ),
    ({"scaling": {"reserve": {"cpu_millicores": 1000}}}, "pools[0].instance_types[0]"),
    (
        {
            "pools": pool(instance_types=["t3.small", "t3.tiny"]),
            "instance_types": [SMALL | {"architecture": "arm64"}],
        },
        "pools[0].instance_types",
    ),
]


@NEEDS_PROGRAM
@pytest.mark.parametrize(("changed", "key"), TOGETHER, ids=str)
def test_what_is_wrong_together_is_refused_as_nodenap_does(of_program, changed, key):
    assert [one.split(": ")[0] for one in refused(changed)][:1] == [key]
    assert of_program(changed)


TAKEN = [
    {"pools": pool(instance_types=["t3.tiny"]), "instance_types": [SMALL]},
    {"pools": [{"name": "a", "min_nodes": 5}, {"name": "b", "min_nodes": 5}]},
    {"scaling": {"reserve": {"cpu_millicores": 999}}},
    limits(min_nodes=10),
]


@NEEDS_PROGRAM
@pytest.mark.parametrize("changed", TAKEN, ids=str)
def test_what_is_right_is_taken_as_nodenap_does(of_program, changed):
    assert not refused(changed) and of_program(changed) == []


# Rules about values that no stack can have: ids from AWS, and values that pools.py refuses.
NEVER_WRITTEN = {
    *(".launch_template", ".launch_template_version", ".subnets", ".zones", "pool"),
    *(".name", ".min_nodes", ".max_nodes", ".max_pods", ".taints"),
    # There is no text for a negative duration.
    *("scale_up.pending_for", "scale_down.unneeded_for", "scale_down.cooldown"),
}
HAS_A_DEFAULT = "must name at least one type"


def rules_of_the_engine() -> list[tuple[str, list[str]]]:
    """Each rule of src/model/policy.cpp: the end of its key and the parts of its text."""
    source = (ROOT / "src/model/policy.cpp").read_text()
    rules = []
    for call in re.findall(r"require(?:_percent)?\(faults, (.*?)\);", source, re.S):
        literals = [one.replace('\\"', '"') for one in re.findall(r'"((?:[^"\\]|\\.)*)"', call)]
        keys = [n for n, one in enumerate(literals) if re.fullmatch(r"\.?[a-z_.]+|pool", one)]
        if keys:  # else it is the definition of require_percent
            rules.append((literals[keys[0]], literals[keys[0] + 1 :] or ["must be from 0 to 100"]))
    return rules


@NEEDS_PROGRAM
def test_each_rule_of_the_engine_has_been_asked(of_program):
    """Otherwise only the function would know a new rule."""
    told = [one for changed, _ in TOGETHER for one in of_program(changed)]
    for table, key, kind in KEYS:
        for value in candidates(f"{table}.{key}", kind):
            told += of_program({"scaling": {table: {key: value}}}) or []
    for key, (kind, _) in scaling.TYPE_KEYS.items():
        for value in candidates(f"instance_type.{key}", kind):
            told += of_program({"instance_types": [HUGE | {key: value}]}) or []
    rules = rules_of_the_engine()
    assert len(rules) > 45
    for key, pieces in rules:
        pattern = r"\S*" + re.escape(key) + r"\S*: .*" + ".*".join(map(re.escape, pieces))
        heard = any(re.match(pattern, one) for one in told)
        assert heard or key in NEVER_WRITTEN or pieces == [HAS_A_DEFAULT], (key, pieces)


def small_pools(count: int) -> list[dict]:
    return [{"name": f"p{at}", "max_nodes": 1} for at in range(count)]


def test_more_pools_than_iam_has_room_for_are_refused():
    """By the size of the function's policy, which names each template and instance type."""
    assert not refused({"pools": small_pools(50)})
    (found,) = refused({"pools": small_pools(90)})
    assert found.startswith("pools: has 90 pools with 1 instance types")
    assert found.endswith("IAM allows 10240")
