"""Waiting for what another process does, within a limit that only a broken one reaches."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], what: str, within_s: float = 120) -> object:
    """Asks until the condition gives something true, and returns that; what: said where it never
    does."""
    deadline = time.monotonic() + within_s
    while not (given := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} within {within_s:.0f} s")
        time.sleep(0.05)
    return given
