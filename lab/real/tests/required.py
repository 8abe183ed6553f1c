"""What the tests need, and what becomes of them without it."""

import os

import pytest


def need(reason):
    """Skips, or fails where the real stand is required, if there is a reason."""
    if reason and os.environ.get("NODENAP_REQUIRE_REAL") == "1":
        pytest.fail(f"NODENAP_REQUIRE_REAL=1, but the real stand cannot run: {reason}")
    if reason:
        pytest.skip(f"the real stand cannot run: {reason}")
