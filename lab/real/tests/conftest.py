"""The real stand for these tests: skipped if it cannot run, unless NODENAP_REQUIRE_REAL=1."""

import pathlib
import sys

import pytest

REAL = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REAL), str(REAL.parent / "demo")]


@pytest.fixture(scope="module")
def stand():
    import cluster
    from real_stand import standing
    from required import need

    need(cluster.missing_right())
    with standing(lambda text: print(text, flush=True)) as up:
        yield up
