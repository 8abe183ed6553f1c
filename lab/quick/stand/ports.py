"""Ports that are free now, below the kernel's range for outgoing connections, so that they are
still free when the server starts."""

import contextlib
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

FIRST, LAST = 15000, 32000


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def alone():
    """Locks out other stands of this user from the choice of ports until they are in use."""
    place = Path(tempfile.gettempdir()) / f"nodenap-stand-{os.getuid()}.lock"
    with place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def choose(preferred: dict[str, int | None]) -> dict[str, int]:
    """A port for each name: the preferred one if it is free."""
    chosen: dict[str, int] = {}
    for name, port in preferred.items():
        while port is None or port in chosen.values() or not is_free(port):
            port = random.randint(FIRST, LAST)
        chosen[name] = port
    return chosen


def any_free() -> int:
    return choose({"one": None})["one"]
