"""Operators install only what the Pulumi program imports, and nothing of the tests; all
downloads are pinned by hash."""

import ast
import json
import pathlib
import re
import subprocess
import sys
from importlib import metadata

import pytest

INFRA = pathlib.Path(__file__).resolve().parents[1]
ROOT = INFRA.parent
ROOTS = {"pulumi", "pulumi-aws", "pyyaml"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(path: pathlib.Path) -> set[str]:
    lines = path.read_text().splitlines()
    return {plain(line.split("==")[0]) for line in lines if "==" in line and line[0] != "#"}


def imported() -> set[str]:
    """External packages that the program's modules import."""
    own = {path.stem for path in INFRA.glob("*.py")}
    found = set()
    for path in INFRA.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {one.name.split(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.split(".")[0])
    return found - own - set(sys.stdlib_module_names)


def needed(names: set[str]) -> set[str]:
    """With the dependencies of these packages, on this Python."""
    from packaging.requirements import Requirement

    open_names, found = set(names), set()
    while open_names:
        name = open_names.pop()
        found.add(name)
        for text in metadata.requires(name) or []:
            one = Requirement(text)
            if not one.marker or one.marker.evaluate({"extra": ""}):
                open_names |= {plain(one.name)} - found
    return found


def test_the_operators_packages_are_the_programs():
    assert imported() == {"pulumi", "pulumi_aws", "yaml"}
    assert pinned(INFRA / "requirements.txt") == needed(ROOTS) - {"pip", "setuptools"}


def test_the_tests_packages_are_apart():
    tests = INFRA / "tests/requirements.txt"
    assert "-r ../requirements.txt" in tests.read_text().splitlines()
    assert not pinned(tests) & pinned(INFRA / "requirements.txt")
    assert {"pytest", "moto", "cfn-lint", "boto3"} <= pinned(tests)


# --- By hash --------------------------------------------------------------------------------------


def of_the_tree(*patterns: str) -> list[pathlib.Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


REQUIREMENTS = of_the_tree("*requirements*.txt")


def test_all_files_of_requirements_are_found():
    names = {str(path.relative_to(ROOT)) for path in REQUIREMENTS}
    assert names >= {"infra/requirements.txt", "infra/tests/requirements.txt"}
    assert names >= {f"lab/requirements{one}.txt" for one in ("", "-ministack", "-node", "-go")}


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_package_is_pinned_with_its_hashes(path):
    text = re.sub(r" \\\n +", " ", path.read_text())
    lines = [one for one in text.splitlines() if one and not one.startswith(("#", "-r "))]
    right = r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( --hash=sha256:[0-9a-f]{64})+"
    assert lines and [one for one in lines if not re.fullmatch(right, one)] == []


def test_nothing_is_installed_by_name_alone():
    scripts = of_the_tree("dev", "*.sh", "*.md")
    text = "\n".join(path.read_text().replace("\\\n", " ") for path in scripts)
    pips = re.findall(r"^.*\bpip\"? install\b.*$", text, re.M)
    assert len(pips) >= 4
    assert [one for one in pips if "--require-hashes" not in one] == []
    npms = set(re.findall(r"\bnpm (\S+)", "\n".join(p.read_text() for p in of_the_tree("*.sh"))))
    assert "ci" in npms and not npms & {"i", "install", "add", "update"}


def test_nodes_packages_are_locked_by_hash():
    wanted = json.loads((ROOT / "tools/node/package.json").read_text())["dependencies"]
    assert wanted and all(re.fullmatch(r"\d+\.\d+\.\d+", one) for one in wanted.values())
    lock = json.loads((ROOT / "tools/node/package-lock.json").read_text())["packages"]
    assert lock.pop("")["dependencies"] == wanted
    assert {f"node_modules/{name}" for name in wanted} <= set(lock)
    assert [name for name, one in lock.items() if not one["integrity"].startswith("sha512-")] == []
