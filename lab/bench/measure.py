"""The measurements: from outside, by the kernel's accounting, alternating between programs."""

import json
import os
import signal
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Start:
    """From the start of a process to its first /next, and the CPU time it took until then."""

    wall_ms: float
    cpu_ms: float


def start_once(argv: list[str], variables: dict[str, str]) -> Start:
    listener = socket.create_server(("127.0.0.1", 0))
    own = {**variables, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % listener.getsockname()[1]}
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, own, file_actions=quiet)
    try:
        listener.settimeout(20)
        connection, _ = listener.accept()
        connection.settimeout(20)
        request = b""
        while b"/runtime/invocation/next" not in request:
            more = connection.recv(4096)
            if not more:
                raise RuntimeError(f"{argv[0]} ended before it asked for an event: {request!r}")
            request += more
        wall_ms = (time.perf_counter() - began) * 1000
    finally:
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        listener.close()
    return Start(wall_ms, (used.ru_utime + used.ru_stime) * 1000)


def starts(peers: dict[str, tuple[list[str], dict]], runs: int) -> dict[str, list[Start]]:
    """Alternates between programs, so that a slow moment of the machine affects all of them."""
    measured: dict[str, list[Start]] = {name: [] for name in peers}
    for number in range(runs + 1):
        for name, (argv, variables) in peers.items():
            one = start_once(argv, variables)
            if number > 0:  # the first run warms the page cache
                measured[name].append(one)
    return measured


def medians(measured: dict[str, list[Start]], figure: str) -> dict[str, float]:
    return {
        name: statistics.median(getattr(one, figure) for one in runs)
        for name, runs in measured.items()
    }


def idle_cpu_ms(function, event, invocations: int) -> float:
    """CPU time of one warm pass: many in one process, since the kernel counts in steps of 10 ms."""
    for _ in range(5):
        function.invoke(event)
    begin = len(function.results)
    for _ in range(invocations):
        result = function.invoke(event)
        if result.function_error:
            raise RuntimeError(result.body.decode())
    return sum(one.cpu_ms for one in function.results[begin:]) / invocations


def machine() -> str:
    cpu = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    kernel = os.uname().release
    asked = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True)
    return f"{os.cpu_count()} × {cpu}, Linux {kernel}, g++ {asked.stdout.strip()}"


def simulated_passes_per_second(program: str, scenario: Path, runs: int) -> float:
    """`nodenap simulate` of some seeds, including start and exit."""
    argv = [program, "simulate", str(scenario), "--seeds", "20", "--output", "json"]
    rates = []
    for _ in range(runs):
        before = os.times()
        done = subprocess.run(argv, check=True, capture_output=True, text=True)
        after = os.times()
        used = after.children_user + after.children_system
        used -= before.children_user + before.children_system
        rates.append(json.loads(done.stdout)["tallies"][0]["passes"] / used)
    return statistics.median(rates)
