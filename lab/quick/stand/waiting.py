"""Waiting for another process, with a limit that only a broken one reaches."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], what: str, within_s: float = 120) -> object:
    """Polls until the condition is true and returns its value; what: names it in the error."""
    deadline = time.monotonic() + within_s
    while not (given := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} within {within_s:.0f} s")
        time.sleep(0.05)
    return given
