"""The stack's program, run once for all tests that look at what it asks for."""

import pytest
import stack


@pytest.fixture(scope="session")
def full(tmp_path_factory) -> stack.Recorded:
    """With everything that can be chosen."""
    return stack.run(stack.EVERYTHING, tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="session")
def least(tmp_path_factory) -> stack.Recorded:
    """With what must be said, and all else by default."""
    return stack.run(stack.LEAST, tmp_path_factory.mktemp("least"))
