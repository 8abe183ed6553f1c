"""The fuzzers: their initial inputs and how they are run. ./dev fuzz calls main."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/fuzz"
BUILT = ROOT / "build/fuzz"
CRASHES = BUILT / "crashes"

# In addition to corpus/NAME: recorded responses and files of other tests.
ALSO = {
    "aws_errors": ["tests/fixtures/dynamodb", "tests/fixtures/ec2"],
    "config": ["docs/nodenap.example.toml", "lab/real/nodenap.toml.in"],
    "decision": ["tests/golden"],
    "dynamodb": ["tests/fixtures/dynamodb"],
    "ec2": ["tests/fixtures/ec2"],
    "lambda_event": ["tests/fixtures/lambda"],
    "scenario": ["scenarios"],
}
# Inputs per fuzzer in the tests: a few seconds each.
RUNS = {"config": 2000, "scenario": 2000, "decision": 15000, "plan": 5000, "prometheus": 15000}
MOST_RUNS = 30000
LIMITS = ["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]
# Adds files and lines to reports; any version of the compiler's symbolizer works.
SYMBOLIZER = "allow_addr2line=1:external_symbolizer_path=/usr/bin/addr2line"
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": SYMBOLIZER, "UBSAN_OPTIONS": "print_stacktrace=1"}


def names() -> list[str]:
    ending = "_fuzzer.cpp"
    return sorted(path.name.removesuffix(ending) for path in FOLDER.glob(f"*{ending}"))


def program(name: str) -> Path:
    return BUILT / f"{name}_fuzzer"


def beginnings(name: str, into: Path) -> list[str]:
    """Folders with initial inputs; single files of ALSO are copied to the folder `into`."""
    folders = [FOLDER / "corpus" / name]
    for place in (ROOT / also for also in ALSO.get(name, [])):
        if place.is_dir():
            folders.append(place)
        else:
            into.mkdir(exist_ok=True)
            (into / place.name).write_bytes(place.read_bytes())
            folders.append(into)
    return [str(folder) for folder in dict.fromkeys(folders) if folder.is_dir()]


def run(name: str, found: Path, *options: str, **kwargs) -> subprocess.CompletedProcess:
    """Interesting new inputs are written to `found`, failing ones to CRASHES."""
    CRASHES.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    words = FOLDER / "words" / f"{name}.dict"
    dictionary = [f"-dict={words}"] if words.exists() else []
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(program(name)),
            *options,
            *LIMITS,
            *dictionary,
            f"-artifact_prefix={CRASHES}/{name}-",
            str(found),
            *beginnings(name, Path(folder) / "single"),
        ]
        return subprocess.run(command, env=ENVIRONMENT, check=False, **kwargs)


def crashes() -> set[Path]:
    return set(CRASHES.iterdir()) if CRASHES.is_dir() else set()


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev fuzz")
    parser.add_argument("name", nargs="?", choices=names(), help="one of them (default: all)")
    parser.add_argument("--minutes", type=float, default=10, help="for each [10]")
    asked = parser.parse_args()
    before = crashes()
    for name in [asked.name] if asked.name else names():
        print(f"=== {name}", flush=True)
        run(name, BUILT / "found" / name, f"-max_total_time={round(asked.minutes * 60)}")
    new = sorted(crashes() - before)
    if not new:
        return print("no failures found")
    for path in new:
        print(f"it broke on {path.relative_to(ROOT)}")
    sys.exit(f"{len(new)} new inputs: CONTRIBUTING.md says what to do with them")


if __name__ == "__main__":
    main()
