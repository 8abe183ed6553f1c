"""Nothing is left behind: not after a normal end, and not after kill -9 and a second start."""

import pathlib
import signal
import subprocess
import sys

import cluster
import pytest
from required import need

pytestmark = pytest.mark.timeout(1800)

STAND_THEN_WAIT = """
import real_stand, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background
with real_stand.standing() as stand:
    [worker] = stand.launch_by_hand(1)
    import cluster
    cluster.wait_until("a worker", lambda: worker in cluster.ready_nodes())
    print("standing", flush=True)
    time.sleep(3600)
"""


def left_behind():
    """Traces of the stand on this machine."""
    spaces = subprocess.check_output(["ip", "netns", "list"], text=True)
    links = subprocess.check_output(["ip", "-brief", "link"], text=True)
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    found = [line for line in spaces.splitlines() if line.startswith("nodenap-")]
    found += [line for line in links.splitlines() if line.startswith("nap")]
    found += [line for line in mounts.splitlines() if str(cluster.STATE) in line]
    found += [str(p) for p in pathlib.Path("/sys/fs/cgroup").glob("*/nodenap")]
    found += [command for command in command_lines() if str(cluster.STATE) in command]
    return found + ([str(cluster.STATE)] if cluster.STATE.exists() else [])


def command_lines():
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue


def start():
    process = subprocess.Popen(
        [sys.executable, "-c", STAND_THEN_WAIT], cwd=cluster.HERE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "standing\n"
    return process


def test_nothing_is_left_after_kill_9_and_a_second_start_and_ctrl_c():
    need(cluster.missing_right())
    killed = start()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert left_behind(), "a killed stand cannot have cleaned up"

    second = start()
    second.send_signal(signal.SIGINT)
    second.wait()
    assert not left_behind()
