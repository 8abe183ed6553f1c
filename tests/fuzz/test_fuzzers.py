"""Runs each fuzzer on its corpus and a fixed number of deterministic inputs."""

import re
import subprocess

import fuzzers
import pytest

REPORT_LINES = 60


@pytest.mark.parametrize("name", fuzzers.names())
def test_what_is_claimed_holds(name, tmp_path):
    before = fuzzers.crashes()
    runs = fuzzers.RUNS.get(name, fuzzers.MOST_RUNS)
    ended = fuzzers.run(
        name,
        tmp_path / "found",
        f"-runs={runs}",
        "-seed=1",
        capture_output=True,
        text=True,
        errors="replace",
    )
    told = "\n".join(ended.stderr.splitlines()[-REPORT_LINES:])
    new = [str(path.relative_to(fuzzers.ROOT)) for path in fuzzers.crashes() - before]
    assert ended.returncode == 0, f"{told}\nit broke on: {new}"
    executed = re.search(r"stat::number_of_executed_units: *(\d+)", ended.stderr)
    assert executed and int(executed[1]) >= runs


def test_a_fault_would_be_found(tmp_path):
    """A fuzzer that must fail: it reads one byte too many of an input that begins with a brace."""
    ended = subprocess.run(
        [fuzzers.BUILT / "twin", "-runs=100000", "-seed=1", f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert ended.returncode != 0
    assert "AddressSanitizer: heap-buffer-overflow" in ended.stderr
    kept = list(tmp_path.glob("crash-*"))
    assert len(kept) == 1 and kept[0].read_bytes().startswith(b"{")
