"""What an operator installs is what the Pulumi program imports, and nothing of the tests."""

import ast
import pathlib
import re
import sys
from importlib import metadata

INFRA = pathlib.Path(__file__).resolve().parents[1]
ROOTS = {"pulumi", "pulumi-aws", "pyyaml"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(path: pathlib.Path) -> set[str]:
    lines = path.read_text().splitlines()
    return {plain(line.split("==")[0]) for line in lines if "==" in line and line[0] != "#"}


def imported() -> set[str]:
    """Packages from outside that the program's modules import."""
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
    """With all that these packages need themselves, on this Python."""
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
