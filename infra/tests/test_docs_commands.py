"""All commands, paths and keys in the documents exist and accept the given values."""

import functools
import json
import pathlib
import re
import shutil
import subprocess
import tomllib

import docs_scenarios
import pytest
import scaling
import stack
import yaml
from docs_programs import check_k3s, check_kubectl, check_packer, check_table
from test_docs_aws import check_aws
from test_docs_shell import blocks, commands, flags_of, heredocs, prose, script_of, unknown

import config
import iam
from config_reader import ConfigFaults

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [
    path
    for name in (
        "README.md",
        "docs/install.md",
        "docs/guide.md",
        "docs/how-it-decides.md",
        "docs/internals/rules.md",
        "docs/security.md",
        "docs/costs.md",
        "docs/internals/promises.md",
        "docs/simulator.md",
        *(f"docs/scenarios/{name}.md" for name in docs_scenarios.NAMES),
        "infra/image/README.md",
        "infra/k8s/README.md",
    )
    if (path := ROOT / name).is_file()
]
# Files that a reader creates by following the documents; all other paths must be in the tree.
MADE_BY_THE_READER = ("build/", "dist/", ".venv/", "infra/Pulumi.")
# Standard programs of Debian or the server, whose arguments are not checked.
PLAIN = set(". awk cp curl echo eval export grep journalctl mkdir paste pip rm sed".split())
PLAIN |= {"sha256sum"}
PLAIN |= set("systemctl tail tr umask zip install".split())
# Files marked in the text as not existing yet.
NOT_YET: set[str] = set()

PULUMI = {
    "login": {"--local"},
    "stack init": set(),
    "stack select": set(),
    "stack output": {"--json"},
    "stack rm": set(),
    "config set": set(),
    "preview": {"--diff"},
    "up": {"--yes"},
    "refresh": set(),
    "destroy": set(),
}
# --- nodenap and ./dev ----------------------------------------------------------------------------


def built_program() -> str | None:
    found = [path for path in sorted(ROOT.glob("build/*/nodenap")) if path.is_file()]
    return str(found[0]) if found else shutil.which("nodenap")


@functools.cache
def help_of(words: tuple[str, ...]) -> tuple[dict[str, str], set[str], int]:
    """Flags with the form of their value ("" for none), subcommands, and the number of
    positional arguments, from the program's help."""
    text = subprocess.run(
        [built_program(), *words, "--help"], capture_output=True, text=True, check=True
    ).stdout
    part = text.partition("Subcommands:\n")[2].partition("\n\n")[0]
    flag = r"^  (?:-\w,)?(--[a-z-]+)(?: (\S.*?))?(?:  |$)"
    # Excluded flags are not part of the value's form.
    found = re.findall(flag, text, re.M)
    flags = {name: form.partition("Excludes:")[0].strip() for name, form in found}
    bare = text.partition("Positionals:\n")[2].partition("\n\n")[0]
    return flags, set(re.findall(r"^  (\w+)", part, re.M)), len(re.findall(r"^  \w", bare, re.M))


def check_nodenap(words: list[str]) -> list[str]:
    path: tuple[str, ...] = ()
    while words and words[0] in help_of(path)[1]:
        path, words = (*path, words[0]), words[1:]
    flags, deeper, bare = help_of(path)
    if deeper and not flags_of(words):
        return [f"nodenap has no {' '.join([*path, *words])}"]
    faults, rest = [], iter(words)
    for word in rest:
        if not word.startswith("-") and bare > 0:
            bare -= 1
        elif word not in flags:
            faults.append(f"nodenap {' '.join(path)} does not take {word}")
        elif flags[word]:
            faults += check_value(word, flags[word], next(rest, ""))
    return faults


def check_value(flag: str, form: str, value: str) -> list[str]:
    """`form` as the help has it: FILE, DURATION, N:INT in […], or a|b."""
    if "|" in form:
        return unknown(flag, [value], form.split("|"))
    wanted = {"DURATION": r"(\d+[dhms])+", "N:INT": r"\d+"}.get(form.split()[0], r".+")
    return [] if re.fullmatch(wanted, value) else [f"{flag} {value!r} is no {form}"]


def dev_usage() -> dict[str, set[str]]:
    """Commands of ./dev with their arguments, from its usage text."""
    text = (ROOT / "dev").read_text().partition("usage: ./dev")[2].partition("\nTEXT\n")[0]
    lines = re.findall(r"^  (\w\S*)((?: \[?[^\s\]]+\]?)*)", text, re.M)
    presets = json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]
    named = {"PRESET": [one["name"] for one in presets], "PEERS": []}
    usage = {}
    for command, rest in lines:
        words = re.findall(r"[\w-]+", rest)
        usage[command] = {one for word in words for one in named.get(word, [word])}
    return usage


def check_dev(words: list[str]) -> list[str]:
    usage = dev_usage()
    if not words or words[0] not in usage:
        return [f"./dev has no {' '.join(words)}"]
    said = ["N" if word.isdigit() else word for word in words[1:]]
    return unknown(f"./dev {words[0]}:", said, usage[words[0]])


# --- pulumi, python and the shell ----------------------------------------------------------------


def check_pulumi(words: list[str]) -> list[str]:
    faults = check_table("pulumi", PULUMI, words)
    if words[:2] == ["stack", "output"]:
        names = re.findall(r'pulumi\.export\(\s*"(\w+)"', (stack.INFRA / "outputs.py").read_text())
        faults += unknown("output", words[2:3], names)
    if words[:2] == ["config", "set"]:
        faults += check_stack_key(words[2])
    return faults


def check_python(words: list[str]) -> list[str]:
    if words[:2] == ["-m", "venv"]:
        return []
    return [] if (ROOT / words[0]).is_file() else [f"{words[0]} is not there"]


def check_cd(words: list[str]) -> list[str]:
    return [] if (ROOT / words[0]).is_dir() else [f"{words[0]} is no folder of the tree"]


# --- all of them ---------------------------------------------------------------------------------

CHECKS = {
    "nodenap": check_nodenap,
    "./dev": check_dev,
    "pulumi": check_pulumi,
    "kubectl": check_kubectl,
    "k3s": check_k3s,
    "python": check_python,
    "python3": check_python,
    "cd": check_cd,
    "packer": check_packer,
    "aws": check_aws,
}


def check(words: list[str]) -> list[str]:
    """The errors of one command; empty if it is correct."""
    program, *rest = words
    if program == "sudo":
        return check(rest)
    if program in PLAIN:
        return []
    if program not in CHECKS:
        return [f"{program} is not known"]
    return CHECKS[program](rest)


# --- keys of the configurations -------------------------------------------------------------------


def check_stack_key(key: str) -> list[str]:
    """`key` like nodenap:cluster, checked by the program itself."""
    name = key.removeprefix("nodenap:")
    try:
        config.parse({name: 0}, stack.REGION)
    except ConfigFaults as error:
        unknown_key = f"{name}: is not a known key"
        return [f"stack: {one}" for one in error.faults if one.startswith(unknown_key)]
    return []


def check_stack_file(text: str) -> list[str]:
    """A part of a stack file, completed with the required values."""
    given = yaml.safe_load(text)["config"]
    least = {key: config.plain(value) for key, value in stack.LEAST.items()}
    values = given if "nodenap:cluster" in given else least | given
    region = values.pop("aws:region")
    try:
        config.parse({key.removeprefix("nodenap:"): one for key, one in values.items()}, region)
    except ConfigFaults as error:
        return error.faults
    return []


LEAST_TOML = {
    "cluster": {"id": "prod"},
    "aws": {"region": "us-east-1"},
    "metrics": {"url": "http://10.0.1.10:30090"},
    "state": {"dynamodb_table": "nodenap"},
}
LEAST_POOL = {
    "name": "workers",
    "launch_template": "lt-0123456789abcdef0",
    "launch_template_version": "3",
    "subnets": ["subnet-0123456789abcdef0"],
    "zones": ["us-east-1a"],
    "instance_types": ["t2.small"],
}


def whole_toml(text: str) -> str:
    """A part of nodenap.toml, completed with the required values."""
    given = tomllib.loads(text)
    pools = [LEAST_POOL | pool for pool in given.pop("pool", [{}])]
    types = given.pop("instance_type", [])
    tables = LEAST_TOML | {name: LEAST_TOML.get(name, {}) | one for name, one in given.items()}
    parts = [scaling.toml_table(f"[{name}]", one) for name, one in tables.items()]
    parts += [scaling.toml_table("[[pool]]", one) for one in pools]
    return "\n".join(parts + [scaling.toml_table("[[instance_type]]", one) for one in types])


# --- the tests ------------------------------------------------------------------------------------

NEEDS_PROGRAM = "nodenap is not built (./dev build): its lines are not checked"
each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def typed_in(path: pathlib.Path) -> list[list[str]]:
    """All commands of a document, in its blocks and in its text."""
    text = path.read_text()
    found = [words for block in blocks(text) for words in commands(script_of(block))]
    named = re.findall(r"`([^`\n]+)`", prose(text))
    return found + [words for line in named if starts_a_check(line) for words in commands(line)]


def starts_a_check(line: str) -> bool:
    words = [word for word in line.split() if not re.fullmatch(r"[A-Z_]+=.*", word)]
    return len(words) > 1 and words[0] in CHECKS


def is_not_yet(words: list[str]) -> bool:
    return words[0] == "nodenap" and words[1] in NOT_YET


@each_document
def test_each_command_is_known_and_takes_its_flags(path):
    typed = [words for words in typed_in(path) if not is_not_yet(words)]
    assert typed
    faults = [fault for words in typed if words[0] != "nodenap" for fault in check(words)]
    assert not faults


@pytest.mark.skipif(not built_program(), reason=NEEDS_PROGRAM)
@each_document
def test_each_nodenap_line_parses(path):
    typed = [words for words in typed_in(path) if words[0] == "nodenap" and not is_not_yet(words)]
    assert not [fault for words in typed for fault in check(words)]


@each_document
def test_what_is_not_there_is_named_as_such(path):
    for line in path.read_text().splitlines():
        if any(f"`nodenap {name}" in line for name in NOT_YET):
            assert "not yet" in line


@each_document
def test_each_path_is_there(path):
    text = prose(path.read_text())
    links = [one.partition("#")[0] for one in re.findall(r"\]\(([^)\s]+)\)", text)]
    linked = [path.parent / one for one in links if one and "://" not in one]
    assert not [one for one in linked if not one.exists()]
    words = [word for words in typed_in(path) for word in words]
    words += re.findall(r"`([\w.-]+/[\w./-]*)`", text)
    tops = "|".join(one.name for one in ROOT.iterdir() if one.is_dir())
    named = [one for one in words if re.match(rf"(?:{tops}|dist|build)/", one)]
    assert not [
        one
        for one in named
        if not one.startswith(MADE_BY_THE_READER) and not (ROOT / one).exists()
    ]


@each_document
def test_each_link_into_a_document_has_its_heading(path):
    for target, anchor in re.findall(r"\]\(([^)\s#]*)#([^)\s]+)\)", path.read_text()):
        text = prose((path.parent / target if target else path).read_text())
        headings = [re.sub(r"^#+ ", "", one) for one in text.splitlines() if one.startswith("#")]
        made = [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]
        assert anchor in made, f"{target}#{anchor}"


@each_document
def test_each_stack_key_is_known(path):
    text = path.read_text()
    keys = set(re.findall(r"`(nodenap:\w+)", prose(text))) - set(iam.TAG_KEYS)
    assert not [fault for key in sorted(keys) for fault in check_stack_key(key)]
    files = [one.text for one in blocks(text) if one.language == "yaml"]
    assert not [fault for one in files for fault in check_stack_file(one)]


@pytest.mark.skipif(not built_program(), reason=NEEDS_PROGRAM)
@each_document
def test_each_toml_block_is_accepted(path, tmp_path):
    for block in blocks(path.read_text()):
        if block.language == "toml":
            file = tmp_path / "nodenap.toml"
            file.write_text(whole_toml(block.text))
            ran = subprocess.run(
                [built_program(), "config", "check", "--config", str(file)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, f"line {block.line}: {ran.stdout}{ran.stderr}"


@each_document
def test_each_manifest_can_be_read(path):
    for block in blocks(path.read_text()):
        for text in heredocs(block.text):
            assert {"apiVersion", "kind", "metadata", "spec"} <= set(yaml.safe_load(text))


def test_the_installation_has_each_family_that_is_read():
    files = ("promql", "queries", "node_queries")
    queries = "".join((ROOT / f"src/adapters/prometheus/{one}.cpp").read_text() for one in files)
    family = r"\b((?:kube|container|machine|node)_[a-z_]+)\b(?=[{)\"\[ ])"
    found = {one for one in re.findall(family, queries) if one.count("_") > 1}
    page = (ROOT / "docs/install.md").read_text()
    read = {one for one in found if re.match(r"kube_|container_|machine_|node_(cpu|memory)_", one)}
    assert len(read) > 15
    assert not [one for one in sorted(read) if one not in page]


WRONG = [
    "nodenap plann",
    "nodenap plan --for 2h",
    "nodenap pause --for soon",
    "nodenap history --output yaml",
    "nodenap config",
    "./dev deploy",
    "./dev lambda riscv",
    "./dev build fast",
    "pulumi deploy",
    "pulumi stack output nothing",
    "pulumi config set nodenap:colour red",
    "kubectl explode node",
    "kubectl get nodes --wide",
    "python infra/nothing.py",
    "cd nowhere",
    "packer build -var colour=red infra/image",
    "kubectl create secret generic x --from-files=y",
    "rclone copy",
]


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_is_found(line):
    if line.startswith("nodenap") and not built_program():
        pytest.skip(NEEDS_PROGRAM)
    assert check(commands(line)[0])


def test_wrong_keys_are_found():
    assert check_stack_key("nodenap:colour") and not check_stack_key("nodenap:table")
    assert check_stack_file("config: {nodenap:table: {color: red}}")
    assert not check_stack_file("config: {nodenap:table: {deletion_protection: false}}")
