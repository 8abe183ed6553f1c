"""Mutation tests: the simulator must detect each of these bugs in the production code.

    python tests/mutants/mutants.py            runs all, and prints which are detected and where
    python tests/mutants/mutants.py NAME…      those only
    python tests/mutants/mutants.py --write    also rewrites the table of promises.md

The *.toml beside this file tell the mutants. Of each, `from` stands exactly once in `file` and is
replaced by `to`; `promises` names those of which one must be found broken; `article` marks a fault
that the article's scaler has by design; `faults` says how often each of some faults comes, where
the seeds of chaos make it too rare. Only the mutated file is compiled: its object is linked before
the static libraries of a build, so that the linker never takes the member of the same name.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "mutants"
# ./dev lambda x86_64 has built these with -O2.
LIBRARIES = ROOT / os.environ.get("NODENAP_LIBRARIES", "build/lambda-x86_64")
PAGE = ROOT / "docs" / "internals" / "promises.md"
# In the order in which they are linked; of the adapters what DynamoDB does with an item.
ROOMS = ("sim", "adapters", "controller", "decide", "scheduling", "model", "base")
JOBS = int(os.environ.get("NODENAP_JOBS") or os.cpu_count() or 1)
SEEDS = 400  # each mutant must be caught within this many worlds
LONGEST = 900  # seconds per step, on a busy machine


class Broken(Exception):
    """Why a mutant cannot be built or run, as a message for people."""


@dataclass(frozen=True)
class Mutant:
    name: str
    what: str
    file: str
    before: str
    after: str
    promises: tuple[str, ...]
    article: bool = False
    faults: tuple[str, ...] = ()  # "name=probability", overriding the seed's


@dataclass(frozen=True)
class Catch:
    seed: int  # 0: not detected
    promises: tuple[str, ...] = ()
    text: str = ""
    passes: int = 0


def load() -> list[Mutant]:
    mutants = []
    for path in sorted(HERE.glob("*.toml")):
        for told in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            mutants.append(
                Mutant(
                    name=told["name"],
                    what=told["what"],
                    file=told["file"],
                    before=told["from"],
                    after=told["to"],
                    promises=tuple(told["promises"]),
                    article=told.get("article", False),
                    faults=tuple(f"{key}={often}" for key, often in told.get("faults", {}).items()),
                )
            )
    return mutants


def mutated(mutant: Mutant) -> str:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    times = text.count(mutant.before)
    if times != 1:
        raise Broken(
            f"{mutant.name}: `from` stands {times} times in {mutant.file}, not once: the code has "
            "changed; update the mutant"
        )
    return text.replace(mutant.before, mutant.after)


def run(command: list[str], what: str) -> str:
    done = subprocess.run(
        command, cwd=LIBRARIES, capture_output=True, text=True, check=False, timeout=LONGEST
    )
    if done.returncode != 0:
        raise Broken(f"{what}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


# --- Building -------------------------------------------------------------------------------------


def compile_command(file: str) -> list[str]:
    """The compile command of the build, without output and source."""
    database = LIBRARIES / "compile_commands.json"
    if not database.is_file():
        raise Broken(f"{LIBRARIES} is not built: ./dev lambda x86_64")
    for entry in json.loads(database.read_text(encoding="utf-8")):
        if Path(entry["file"]) == ROOT / file:
            words = shlex.split(entry["command"])
            return words[: words.index("-o")]
    raise Broken(f"{file} is in none of {LIBRARIES}")


def compiled(source: Path, as_file: str) -> Path:
    """A mutant may leave a name unused, so warnings are disabled."""
    target = source.with_suffix(".o")
    cached = ["env", f"CCACHE_BASEDIR={ROOT}", "CCACHE_NOHASHDIR=1", "ccache"]
    command = [*compile_command(as_file), "-w", "-O1", "-o", str(target), "-c", str(source)]
    if shutil.which("ccache"):
        command = cached + command
    run(command, f"compiling {source.relative_to(BUILD)}")
    return target


def linked(objects: Iterable[Path], target: Path) -> Path:
    libraries = [str(LIBRARIES / f"libnodenap_{room}.a") for room in ROOMS]
    program = [*map(str, objects), *libraries, "-o", str(target)]
    run(["g++", "-fno-lto", *program], f"linking {target.name}")
    return target


def hunter() -> Path:
    """The object file shared by all hunts."""
    BUILD.mkdir(parents=True, exist_ok=True)
    source = BUILD / "hunt_main.cpp"
    text = (HERE / "hunt_main.cpp").read_text(encoding="utf-8")
    source.write_text(text, encoding="utf-8")
    return compiled(source, "src/sim/simulation.cpp")


def built(mutant: Mutant, hunt: Path) -> Path:
    folder = BUILD / mutant.name
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / Path(mutant.file).name
    source.write_text(mutated(mutant), encoding="utf-8")
    return linked([hunt, compiled(source, mutant.file)], folder / "hunt")


# --- Hunting --------------------------------------------------------------------------------------


def hunted(program: Path, first: int, last: int, *more: str) -> Catch:
    said = run([str(program), str(first), str(last), *more], f"{program.parent.name}: its hunt")
    if none := re.fullmatch(r"none (\d+)\n", said):
        return Catch(seed=0, passes=int(none[1]))
    found, _, text = said.strip().partition(" | ")
    seed, *promises = found.split()
    return Catch(int(seed), tuple(promises), text)


def hunt_unmutated(hunt: Path, *faults: str, last: int = SEEDS) -> list[Catch]:
    """All seeds for a mutant, split into one part per processor."""
    program = linked([hunt], BUILD / "hunt")
    starts = range(1, last + 1, -(-last // JOBS))
    with ThreadPoolExecutor(JOBS) as pool:
        return list(
            pool.map(
                lambda at: hunted(program, at, min(at + starts.step - 1, last), *faults), starts
            )
        )


def hunt_article(hunt: Path) -> Catch:
    """The baseline scaler. In the world of seed 1 it never launches anything."""
    return hunted(linked([hunt], BUILD / "hunt-article"), 2, SEEDS, "article")


def hunt_mutant(mutant: Mutant, hunt: Path) -> Catch | Broken:
    try:
        return hunted(built(mutant, hunt), 1, SEEDS, *mutant.faults)
    except Broken as broken:
        return broken


def hunt_mutants(
    mutants: list[Mutant], hunt: Path, tell: Callable[[Mutant, Catch | Broken], None] | None = None
) -> dict[str, Catch | Broken]:
    def one(mutant: Mutant) -> Catch | Broken:
        catch = hunt_mutant(mutant, hunt)
        if tell is not None:
            tell(mutant, catch)
        return catch

    with ThreadPoolExecutor(JOBS) as pool:
        return dict(zip((each.name for each in mutants), pool.map(one, mutants), strict=True))


def complaint(mutant: Mutant, catch: Catch | Broken) -> str:
    """Why the result is not as expected; empty if it is."""
    if isinstance(catch, Broken):
        return str(catch)
    if catch.seed == 0:
        return f"{mutant.name} lives: no promise is broken in seeds 1 to {SEEDS}"
    if not set(catch.promises) & set(mutant.promises):
        return f"{mutant.name} breaks {catch.promises}, not {mutant.promises}: {catch.text}"
    return ""


# --- The table of docs/internals/promises.md ------------------------------------------------------

MARKS = ("<!-- mutants: made by tests/mutants/mutants.py --write -->", "<!-- mutants: end -->")


def table(mutants: list[Mutant], catches: dict[str, Catch | Broken]) -> str:
    lines = ["| mutant | what is wrong | baseline | caught by | at seed |", "| --- " * 5 + "|"]
    for mutant in mutants:
        catch = catches[mutant.name]
        if isinstance(catch, Broken):
            raise catch
        mark = "yes" if mutant.article else ""
        caught = ", ".join(catch.promises)
        words = (f"`{mutant.name}`", mutant.what, mark, caught, str(catch.seed))
        lines.append(f"| {' | '.join(words)} |".replace("|  |", "| |"))
    return "\n".join(lines)


def page_with(told: str) -> str:
    page = PAGE.read_text(encoding="utf-8")
    before, first, rest = page.partition(MARKS[0])
    _, second, after = rest.partition(MARKS[1])
    if not first or not second:
        raise Broken(f"{PAGE} has no place for the table: {MARKS[0]} … {MARKS[1]}")
    return f"{before}{first}\n{told}\n{second}{after}"


def say(mutant: Mutant, catch: Catch | Broken) -> None:
    if text := complaint(mutant, catch):
        print(text, file=sys.stderr, flush=True)
    elif isinstance(catch, Catch):
        print(f"{mutant.name:32} seed {catch.seed:>3}  {catch.text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="runs mutants of the code in the simulator")
    parser.add_argument("names", nargs="*", metavar="NAME", help="these only")
    parser.add_argument("--write", action="store_true", help="write the table of promises.md")
    words = parser.parse_args()
    mutants = [each for each in load() if not words.names or each.name in words.names]
    catches = hunt_mutants(mutants, hunter(), say)
    complaints = [each for each in mutants if complaint(each, catches[each.name])]
    if words.write and not words.names and not complaints:
        PAGE.write_text(page_with(table(mutants, catches)), encoding="utf-8")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
