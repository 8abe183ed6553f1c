"""Runs spin on the Promela models: each promise holds in every order of events, and if one
safeguard is removed spin finds the broken promise. See README.md for how to read them."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

MODELS = Path(__file__).resolve().parent
ROOT = MODELS.parent
BUILD = ROOT / "build" / "models"
JOBS = int(os.environ.get("NODENAP_JOBS") or os.cpu_count() or 1)
LONGEST = 300  # seconds, on a busy machine
MOST_DEPTH = 100_000
MOST_MEBIBYTES = 1000


@dataclass(frozen=True)
class Case:
    name: str
    file: str
    defines: str
    broken: str = ""  # the promise that spin must find broken; empty: all hold


LATE = "AWAKE LATE_WRITES RELIABLE_STORE PASSES=2 IDS=3 "
HOLD = [
    Case("lease", "lease.pml", "AWAKE PASSES=2 IDS=3"),
    Case("lease-more-passes", "lease.pml", "AWAKE PASSES=3 IDS=4 RELIABLE_STORE"),
    Case("lease-two-nodes", "lease.pml", "AWAKE WANT=2 MAX=2 PASSES=2 IDS=4 RELIABLE_STORE"),
    Case("lease-asleep", "lease.pml", "PASSES=2 IDS=3 RELIABLE_STORE"),
    Case("lease-asleep-at-maximum", "lease.pml", "MAX=1 PASSES=2 IDS=3 RELIABLE_STORE"),
    Case("lease-surplus", "lease.pml", "SURPLUS MAX=1 PASSES=2 IDS=3"),
    Case("lease-late-writes", "lease.pml", LATE.strip()),
    Case("lifecycle", "lifecycle.pml", "PASSES=3 IDS=3"),
    Case("lifecycle-three", "lifecycle.pml", "PASSES=2 IDS=4"),
    Case("lifecycle-forgotten", "lifecycle.pml", "LOSE=1 END=0 WARN=0 PASSES=3 IDS=3"),
]

SMALL = "AWAKE RELIABLE_STORE PASSES=3 IDS=3 "
WIDE = "END=0 WARN=0 PASSES=3 IDS=4 "
MUST_FAIL = [
    Case("baseline-two-late-runs", "baseline_lock.pml", "", "I2"),
    Case("baseline-crash", "baseline_lock.pml", "CRASH", "L3"),
    Case("without-epoch", "lease_without_epoch.pml", "RELIABLE_STORE PASSES=2 IDS=3", "I6"),
    Case("without-journal", "lease.pml", SMALL + "WITHOUT_JOURNAL", "I10"),
    Case("without-token", "lease.pml", SMALL + "WITHOUT_TOKEN", "I4"),
    Case("without-end", "lease.pml", SMALL + "WITHOUT_END", "L3"),
    Case("close-at-once", "lease.pml", SMALL + "CLOSE_AT_ONCE", "I2"),
    Case("close-later", "lease.pml", SMALL + "CLOSE_LATER", "I2"),
    Case("never-settled", "lease.pml", SMALL + "NEVER_SETTLED", "L4"),
    Case("old-time", "lease.pml", SMALL + "OLD_TIME", "I2"),
    Case("late-announcement", "lease.pml", LATE + "UNCOUNTED_WRITES", "I2"),
    Case("forget-removals", "lifecycle.pml", "PASSES=3 IDS=3 FORGET_REMOVALS", "not undone"),
    Case("undo-removals", "lifecycle.pml", "PASSES=3 IDS=3 UNDO_REMOVALS", "not undone"),
    Case("forget-joined", "lifecycle.pml", "PASSES=3 IDS=3 FORGET_JOINED", "although registered"),
    Case("below-minimum", "lifecycle.pml", "PASSES=3 IDS=3 BELOW_MINIMUM", "I3"),
    Case("count-listed-only", "lifecycle.pml", WIDE + "COUNT_LISTED_ONLY", "I2"),
    Case("never-give-up", "lifecycle.pml", "PASSES=3 IDS=3 NEVER_GIVE_UP", "unregistered"),
    Case("blind-give-up", "lifecycle.pml", "PASSES=3 IDS=3 BLIND_GIVE_UP", "although Ready"),
]

CASES = HOLD + MUST_FAIL

# Lines that no search covers completely, each with its reason.
NEVER_TAKEN = {
    "d_step { assert(set)": "expanded in many places, of which each variant uses only some",
    ":: HAS(set, i) -> break": "the same, inside of `any`",
    "i = 0;": "the same, its first step",
    "writes++;": "also stands beside LOSSES, which RELIABLE_STORE leaves out",
}


def run(command, directory, wanted=(0,)):
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False,
                          timeout=LONGEST)
    assert done.returncode in wanted, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@dataclass
class Search:
    output: str
    errors: int
    states: int
    seconds: float
    taken: set  # lines of the model whose steps were all executed
    unreached: set  # lines with a step that was not executed
    broken: str = ""


def number(pattern, text):
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"no {pattern} in: {text}"
    return found[1]


def search(case):
    directory = BUILD / case.name
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        old.unlink()
    model = str(MODELS / case.file)
    defines = [f"-D{word}" for word in case.defines.split()]
    run(["spin", *defines, "-a", model], directory)
    # Short searches need no optimisation. spin's generated C has warnings.
    level = "-O0" if case.broken else "-O2"
    limits = ["-DSAFETY", "-DCOLLAPSE", f"-DMEMLIM={MOST_MEBIBYTES}"]
    run(["cc", level, "-w", *limits, "-o", "pan", "pan.c"], directory)
    output = run(["./pan", f"-m{MOST_DEPTH}"], directory)
    (directory / "pan.txt").write_text(output)
    never = {int(n) for n in re.findall(r'pml:(\d+), state \d+, "(?!-end-)', output)}
    done = Search(
        output=output,
        errors=int(number(r"errors: (\d+)", output)),
        states=int(number(r"^ *(\d+) states, stored", output)),
        seconds=float(number(r"elapsed time ([0-9.e+-]+) seconds", output)),
        taken=compiled_lines(directory) - never,
        unreached=never,
    )
    if done.errors:
        done.broken = what_broke(defines, model, directory)
    return done


def compiled_lines(directory):
    """The lines with a step in this variant of the model."""
    tables = re.findall(r"src_ln\d+ *\[\] *= *\{([^}]*)\}", (directory / "pan.c").read_text())
    assert tables
    return {int(line) for table in tables for line in re.findall(r"\d+", table)}


def what_broke(defines, model, directory):
    """The comment of the line where the replayed trail ends or blocks forever."""
    trail = next(directory.glob("*.trail"))
    replay = run(["spin", *defines, "-k", str(trail), model], directory, wanted=(0, 1))
    at = re.search(r"(\S+\.pml):(\d+), Error: assertion violated", replay)
    if at is None:
        at = re.search(r"proc +0 \(:init:+\d*\) (\S+\.pml):(\d+) ", replay)
    assert at, replay
    line = Path(at[1]).read_text().splitlines()[int(at[2]) - 1]
    comment = re.search(r"/\* (.*?) \*/", line)
    return comment[1] if comment else line


@pytest.fixture(scope="session", name="searches")
def searches_fixture():
    with ThreadPoolExecutor(JOBS) as pool:
        # The long ones first, so that no processor idles at the end.
        futures = {case.name: pool.submit(search, case) for case in CASES}
        return {name: future.result() for name, future in futures.items()}


def say(case, done):  # shown with -s
    print(f"\n{case.name:24} {done.states:>9} states {done.seconds:6.2f} s", end=" ")


@pytest.mark.parametrize("case", HOLD, ids=lambda case: case.name)
def test_every_promise_holds_in_every_order(case, searches):
    done = searches[case.name]
    say(case, done)
    for trouble in ("not completed", "too small", "out of memory", "incomplete", "truncated"):
        assert trouble not in done.output, done.output
    assert done.errors == 0, f"broken: {done.broken}\n{done.output}"
    assert "assertion violations\t+" in done.output
    assert "invalid end states\t+" in done.output
    assert done.states > 1000, "the search covered hardly anything"


@pytest.mark.parametrize("case", MUST_FAIL, ids=lambda case: case.name)
def test_without_one_care_spin_finds_the_promise_that_breaks(case, searches):
    done = searches[case.name]
    say(case, done)
    assert done.errors == 1, f"nothing found: {done.output}"
    print(f"broken: {done.broken}", end=" ")
    assert case.broken in done.broken


NAMED = re.compile(r"// (\w+\.[ch]pp): ([\w:]+)")


def named_lines():
    for model in sorted(MODELS.glob("*.pml")):
        for number_, line in enumerate(model.read_text().splitlines(), 1):
            for source, function in NAMED.findall(line):
                yield model.name, number_, source, function


def test_each_function_that_is_modelled_is_where_the_model_says():
    sources = {}
    for path in [*ROOT.rglob("src/**/*.?pp"), *ROOT.glob("tests/controller/*.hpp")]:
        sources.setdefault(path.name, path.read_text())
    named = list(named_lines())
    assert len(named) > 60
    gone = [
        f"{model}:{line}: {source} has no {function}"
        for model, line, source, function in named
        if not re.search(rf"\b{function}\(", sources.get(source, ""))
    ]
    assert not gone, "\n".join(gone)


def explained(line):
    return any(line.split(": ", 1)[1].startswith(known) for known in NEVER_TAKEN)


def test_each_transition_is_taken(searches):
    """A line that no search of its model executes is useless."""
    dead = []
    for model in ("lease.pml", "lifecycle.pml"):
        of_it = [searches[case.name] for case in HOLD if case.file == model]
        never = set.union(*(each.unreached for each in of_it))
        never -= set.union(*(each.taken for each in of_it))
        text = (MODELS / model).read_text().splitlines()
        dead += [f"{model}:{n}: {text[n - 1].strip()}" for n in sorted(never)]
    unexplained = [line for line in dead if not explained(line)]
    assert not unexplained, "\n".join(unexplained)


def test_the_source_tree_is_left_alone(searches):
    assert searches
    strangers = {path.name for path in MODELS.iterdir()} - {
        "README.md",
        "__pycache__",
        "test_models.py",
        *(path.name for path in MODELS.glob("*.pml")),
    }
    assert not strangers
