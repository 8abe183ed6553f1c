"""The shipped program does not reveal where it was built, and builds elsewhere are identical."""

import filecmp
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from stand.places import cache
from stand.world import REPOSITORY

PRESET = "lambda-x86_64"
BUILT = REPOSITORY / "build" / PRESET
SOURCES = ["CMakeLists.txt", "CMakePresets.json", "cmake", "data", "src"]
# Kept between runs, so that only changed files are compiled again.
ELSEWHERE = cache() / "elsewhere" / "in-a-folder-whose-name-has-another-length"


def dependencies() -> Path:
    """The static libraries that the program was linked with."""
    found = re.search(r"^NODENAP_DEPS:\w+=(.+)$", (BUILT / "CMakeCache.txt").read_text(), re.M)
    assert found, "the preset says where its libraries are"
    return Path(found[1])


@pytest.mark.parametrize("name", ["bootstrap", "nodenap", "../lambda-arm64/bootstrap"])
def test_no_place_of_the_builder_is_in_a_program(name):
    program = (BUILT / name).read_bytes()
    places = [str(REPOSITORY), str(cache()), str(dependencies()), "/static/work."]
    assert [place for place in places if place.encode() in program] == []


def objects() -> list[str]:
    """A dozen object files of `bootstrap` from all layers: each is compiled with the same compiler,
    flags and prefix maps, and linking has no other input."""
    listed = subprocess.run(
        ["ninja", "-t", "commands", "bootstrap"],
        cwd=BUILT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = sorted(set(re.findall(r"-o (CMakeFiles/\S+/src/\S+\.o) ", listed)))
    assert len(found) > 90
    return found[:: len(found) // 12]


@pytest.mark.timeout(1200)
def test_compiled_in_another_place_it_has_the_same_bytes():
    """Compiled there with its own empty ccache."""
    tree, libraries = ELSEWHERE / "tree", ELSEWHERE / "libraries" / dependencies().name
    for source in SOURCES:
        same(REPOSITORY / source, tree / source)
    if not libraries.exists():
        shutil.rmtree(libraries.parent, ignore_errors=True)
        shutil.copytree(dependencies(), libraries)
    own_cache = {"CCACHE_DIR": str(ELSEWHERE / "ccache"), "CCACHE_RECACHE": "1"}
    variables = {**os.environ, **own_cache, "NODENAP_DEPS": str(libraries)}
    there = tree / "build" / PRESET
    for each in objects():
        (there / each).unlink(missing_ok=True)
    for command in (
        ["cmake", "--preset", PRESET],
        ["nice", "cmake", "--build", "--preset", PRESET, "--target", *objects()],
    ):
        ended = subprocess.run(
            command, cwd=tree, env=variables, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert [each for each in objects() if code_of(there / each) != code_of(BUILT / each)] == []


def code_of(place: Path) -> bytes:
    """The linked part: without GCC's LTO sections, which have random names."""
    with tempfile.NamedTemporaryFile() as copy:
        words = ["objcopy", "--remove-section=.gnu.lto_*", str(place), copy.name]
        subprocess.run(words, check=True)
        return Path(copy.name).read_bytes()


def same(source: Path, copy: Path) -> None:
    """Synchronizes the copy; unchanged files keep their times."""
    if source.is_dir():
        copy.mkdir(parents=True, exist_ok=True)
        names = {one.name for one in source.iterdir()}
        for old in (one for one in copy.iterdir() if one.name not in names):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        for name in names:
            same(source / name, copy / name)
    elif not copy.exists() or not filecmp.cmp(source, copy, shallow=False):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
