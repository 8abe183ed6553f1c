"""The real cluster for the tests and the demo: up, down, kubectl, Prometheus."""

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("NODENAP_CACHE", "~/.cache/nodenap")).expanduser()
STATE = pathlib.Path(
    os.environ.get("LAB_DIR", pathlib.Path(tempfile.gettempdir()) / "nodenap-real")
)
API = "https://198.18.0.2:6443"
PROMETHEUS = "http://198.18.0.2:30090"
PLACES = {"LAB_DIR": str(STATE), "NODENAP_CACHE": str(CACHE)}


class Failed(Exception):
    """The stand failed; the text says why."""


def missing_right():
    """Why the stand cannot run here, or None."""
    if os.geteuid() != 0:
        return "root is needed: the stand makes namespaces, mounts and cgroups"
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "unshare (util-linux) and ip (iproute2) are needed"
    own = ["--net", "--mount", "--pid", "--cgroup", "--uts", "--ipc", "--fork", "--mount-proc"]
    do = "ip link add type bridge && mount -t tmpfs tmpfs /mnt"
    trial = ["unshare", *own, "sh", "-c", do]
    tried = subprocess.run(trial, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return "namespaces cannot be made here: " + (tried.stderr.strip() or "refused")
    return cgroups_refused()


def cgroups_refused():
    """Why no cgroup can be created, or None."""
    top = pathlib.Path("/sys/fs/cgroup")
    trial = (top / "memory" if (top / "memory").is_dir() else top) / "nodenap-trial"
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        return f"control groups cannot be made here: {error}"
    return None


@contextlib.contextmanager
def only_one():
    """The addresses are fixed: one stand at a time. The lock is released when the process ends."""
    with open(str(STATE) + ".lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed("another real stand is running on this machine") from None
        yield


def script(name, *arguments):
    subprocess.run(
        [HERE / name, *arguments], check=True, env=os.environ | PLACES, stdin=subprocess.DEVNULL
    )


def up():
    script("up.sh", "--quiet")


def down():
    script("down.sh", "--quiet")


def keep_logs():
    """Copies the logs to keep them after down(); returns the folder, or None without logs."""
    kept = CACHE / "real" / "last-failure"
    shutil.rmtree(kept, ignore_errors=True)
    for file in [*STATE.glob("log/*.log"), *STATE.glob("node/*/*.log"), *STATE.glob("cloud/*.log")]:
        place = kept / file.relative_to(STATE)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    return kept if kept.exists() else None


def join_token():
    return subprocess.check_output(
        [HERE / "token.sh", "180"], env=os.environ | PLACES, text=True
    ).strip()


def kubectl(*arguments, stdin=None):
    command = [CACHE / "real/bin/kubectl", "--kubeconfig", STATE / "pki/admin.conf", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def apply(manifest):
    kubectl("apply", "-f", "-", stdin=json.dumps(manifest))


def items(kind, *arguments):
    return json.loads(kubectl("get", kind, "-o", "json", *arguments))["items"]


def ready_nodes():
    """Names of the nodes whose Ready condition is True."""
    return {
        node["metadata"]["name"] for node in items("nodes") if condition(node, "Ready") == "True"
    }


def condition(thing, name):
    return next(
        (c["status"] for c in thing["status"].get("conditions", []) if c["type"] == name), None
    )


def pods(app, namespace="default"):
    return items("pods", "-n", namespace, "-l", f"app={app}")


def running(app, namespace="default"):
    found = pods(app, namespace)
    return [pod for pod in found if pod["status"].get("phase") == "Running"]


def measure(query, **at):
    """The samples of an instant query, as a list of (labels, value); time="…" for another now."""
    url = f"{PROMETHEUS}/api/v1/query?{urllib.parse.urlencode({'query': query} | at)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        result = json.load(answer)["data"]["result"]
    return [(sample["metric"], float(sample["value"][1])) for sample in result]


def wait_until(what, happened, seconds=180.0, every=0.5):
    """Polls until happened() is true, and returns its value."""
    end = time.monotonic() + seconds
    while True:
        got = happened()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:.0f} s for: {what}")
        time.sleep(every)


def workload(name, replicas, requests=None, limits=None, command=("sleep", "100000"), **spec):
    """A Deployment of the stand's box image; further fields of the pod's spec by name."""
    container = {
        "name": "box",
        "image": "lab.test/box:1",
        "command": list(command),
        "resources": {"requests": requests or {}, "limits": limits or {}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [container], **spec},
            },
        },
    }
