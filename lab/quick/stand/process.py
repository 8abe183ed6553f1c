"""Starts and stops servers."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

READY_WITHIN_S = 90
LOG_TAIL_LINES = 15


class PeerFailed(Exception):
    """A server crashed or did not start; the text has the end of its log."""


def start(argv: list[str], log: Path, environment: dict[str, str]) -> dict:
    """Starts a process in its own session; returns what is needed to stop it later."""
    with log.open("wb") as out:
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=log.parent,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise PeerFailed(
                f"{argv[0]} is missing; install it with lab/quick/install.sh"
            ) from None
    return {"pid": process.pid, "born": _born(process.pid), "log": str(log)}


def is_running(peer: dict) -> bool:
    """Whether the recorded process runs, and not a later one with its PID."""
    return peer["born"] is not None and _born(peer["pid"]) == peer["born"]


def wait_ready(name: str, peer: dict, url: str) -> None:
    """Returns once the server responds at its URL. Fails if it crashed, even if another program
    responds there."""
    deadline = time.monotonic() + READY_WITHIN_S
    answered = False
    while not answered:
        answered = _answers(url)
        if not is_running(peer):
            raise PeerFailed(f"{name} crashed; the end of {peer['log']}:\n{tail(peer['log'])}")
        if time.monotonic() > deadline:
            raise PeerFailed(
                f"{name} did not answer at {url} within {READY_WITHIN_S} s; "
                f"the end of {peer['log']}:\n{tail(peer['log'])}"
            )
        if not answered:
            time.sleep(0.05)


def stop(peers: list[dict]) -> None:
    """Sends SIGTERM to all, waits for each, and kills those that do not exit."""
    for peer in peers:
        _signal(peer, signal.SIGTERM)
    for peer in peers:
        deadline = time.monotonic() + 5
        while is_running(peer) and time.monotonic() < deadline:
            time.sleep(0.02)
        _signal(peer, signal.SIGKILL)


def tail(log: str) -> str:
    try:
        lines = Path(log).read_text(errors="replace").splitlines()
    except OSError:
        return "(no log)"
    return "\n".join(lines[-LOG_TAIL_LINES:]) or "(empty)"


def _signal(peer: dict, number: int) -> None:
    if not is_running(peer):
        return
    try:
        os.killpg(peer["pid"], number)
    except ProcessLookupError:
        return


def _born(pid: int) -> str | None:
    """When the process started, in ticks since boot; None if it has ended or is a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rsplit(")", 1)[1].split()
    if fields[0] == "Z":
        _reap(pid)
        return None
    return fields[19]


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # another process's child


def _answers(url: str) -> bool:
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2).close()
    except urllib.error.HTTPError as error:
        return error.code != 503  # Prometheus and Alertmanager: not ready yet
    except OSError:
        return False
    return True
