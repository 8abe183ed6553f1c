"""The fingerprints of fixed seeds: what Nodenap decides and does, as a hash without texts.

    fingerprints.py            compares, and names each seed that acts otherwise
    fingerprints.py --write    keeps what the program does now

A change of words, files or structure leaves every one as it is. A change of a decision rewrites
fingerprints.txt in its own commit, whose message says which seeds changed and why.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).parent / "golden" / "fingerprints.txt"
PROGRAM = ROOT / "build" / "lambda-x86_64" / "nodenap"
CHAOS_SEEDS = 400


def run(scenario, seeds):
    words = [PROGRAM, "simulate", scenario, "--fingerprint", "--seeds", str(seeds)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode in (0, 1) and done.stdout, done.stderr
    return [f"{Path(scenario).stem} {line}" for line in done.stdout.splitlines()]


def fingerprints():
    lines = run("chaos", CHAOS_SEEDS)
    for scenario in sorted((ROOT / "scenarios").glob("*.toml")):
        lines += run(str(scenario.relative_to(ROOT)), 1)
    return lines


def changed(kept, now):
    """The stories whose fingerprint is another one, as "chaos 17"."""
    by_story = [dict(line.rsplit(" ", 1) for line in lines) for lines in (kept, now)]
    stories = by_story[0] | by_story[1]
    return [story for story in stories if by_story[0].get(story) != by_story[1].get(story)]


def main():
    now = fingerprints()
    if sys.argv[1:] == ["--write"]:
        KEPT.write_text("\n".join(now) + "\n")
        return 0
    stories = changed(KEPT.read_text().splitlines(), now)
    print(f"{len(now)} stories, {len(stories)} act otherwise: {', '.join(stories) or 'none'}")
    return 1 if stories else 0


if __name__ == "__main__":
    sys.exit(main())
