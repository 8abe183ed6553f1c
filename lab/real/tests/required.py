"""The requirements of the tests, and skipping without them."""

import os

import pytest


def need(reason):
    """Skips if there is a reason, or fails if the real stand is required."""
    if reason and os.environ.get("NODENAP_REQUIRE_REAL") == "1":
        pytest.fail(f"NODENAP_REQUIRE_REAL=1, but the real stand cannot run: {reason}")
    if reason:
        pytest.skip(f"the real stand cannot run: {reason}")
