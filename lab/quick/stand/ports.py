"""Ports that are free now. They lie below the range that the kernel gives to outgoing connections,
so that nothing takes one between the choice and the start."""

import random
import socket

FIRST, LAST = 15000, 32000


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(preferred: dict[str, int]) -> dict[str, int]:
    """A port for each name: the preferred one where it is free."""
    chosen: dict[str, int] = {}
    for name, port in preferred.items():
        while port in chosen.values() or not is_free(port):
            port = random.randint(FIRST, LAST)
        chosen[name] = port
    return chosen


def any_free() -> int:
    return choose({"one": random.randint(FIRST, LAST)})["one"]
