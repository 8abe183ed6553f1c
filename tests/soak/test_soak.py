"""./dev soak: it sums up, names each broken seed with the command that replays it, and fails."""

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).resolve().parents[2] / "tools" / "soak.py"
# A stand-in for `nodenap`: of all seeds only BROKEN breaks a promise.
PROGRAM = """#!{python}
import json, sys
words = dict(zip(sys.argv[3::2], sys.argv[4::2]))
seed, seeds = int(words["--seed"]), int(words["--seeds"])
broken = [each for each in range(seed, seed + seeds) if each == {broken}]
if seeds == 1:
    print(json.dumps({{"broken": [{{"promise": "I2", "text": "too many"}}] if broken else []}}))
else:
    print(json.dumps({{"tallies": [
        {{"seeds": seeds, "passes": 7 * seeds, "seeds_broken": len(broken)}}]}}))
sys.exit({fails} or bool(broken))
"""


def soak(folder, broken=0, fails=0, length=("--minutes", "0")):
    program = folder / "nodenap"
    program.write_text(PROGRAM.format(python=sys.executable, broken=broken, fails=fails))
    program.chmod(0o755)
    words = [sys.executable, SOAK, program, *length, "--seed", "1000"]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)


def test_it_sums_up_what_ran(tmp_path):
    done = soak(tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("chaos from seed 1000 on")
    seeds, passes = (int(words.split()[0]) for words in lines[-1].split(", ")[:2])
    assert seeds > 0 and passes == 7 * seeds
    assert lines[-1].endswith("passes/s, broken: 0")


def test_a_number_of_seeds_is_run_whole(tmp_path):
    done = soak(tmp_path, broken=1039, length=("--seeds", "40"))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("40 seeds, 280 passes, ")
    assert "seed 1039 breaks I2" in done.stdout


def test_a_broken_seed_is_named_and_fails_it(tmp_path):
    done = soak(tmp_path, broken=1004)
    assert done.returncode == 1
    assert "seed 1004 breaks I2: too many" in done.stdout
    assert f"{tmp_path}/nodenap simulate chaos --seed 1004 --trace" in done.stdout
    assert done.stdout.endswith(", broken: 1 (I2 by seed 1004)\n")


def test_a_program_that_stops_is_no_success(tmp_path):
    done = soak(tmp_path, fails=134)
    assert done.returncode == 1
    assert "ended with 134" in done.stderr
