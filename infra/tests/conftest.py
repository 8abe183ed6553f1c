"""The stack's program, run once for all tests of its resources."""

import pytest
import stack


@pytest.fixture(scope="session")
def full(tmp_path_factory) -> stack.Recorded:
    """With all options set."""
    return stack.run(stack.EVERYTHING, tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="session")
def least(tmp_path_factory) -> stack.Recorded:
    """With the required values only, everything else by default."""
    return stack.run(stack.LEAST, tmp_path_factory.mktemp("least"))
