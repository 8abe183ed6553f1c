#!/usr/bin/env python3
"""Records what a real Prometheus answers to our queries: tests/fixtures/prometheus/SCENE.txt.

  usage: record.py QUERIES.json [SCENE…]

The test PrometheusQueries.MatchTheRecordedFile writes QUERIES.json. Each scene is shown to
a Prometheus of its own by the lab's exporter, with ten minutes of history. A file has a line for
each request: its name, the HTTP status and the body as it came; the first line is the evaluation
time.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/fixtures/prometheus"
CACHED = Path.home() / ".cache/nodenap/debian-prometheus/usr/bin/prometheus"
EXPORTER, PROMETHEUS = 29101, 29090
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "lab/quick")}
MIB = 1 << 20

SERVER = {
    "name": "server-0",
    "server": True,
    "cores": 2,
    "cpu": 0.2,
    "internal_ip": "10.0.1.10",
}
A = {
    "name": "i-0aaaaaaaaaaaaaaa1",
    "cores": 1,
    "memory_bytes": 2048 * MIB,
    "cpu": 0.8,
    "allocatable_cores": 0.9,
    "allocatable_memory_bytes": 1748 * MIB,
    "internal_ip": "10.0.1.21",
    "provider_id": "aws:///us-east-1a/i-0aaaaaaaaaaaaaaa1",
}
B = {
    **A,
    "name": "worker-b",
    "cpu": 0.4,
    "internal_ip": "10.0.1.22",
    "provider_id": "aws:///us-east-1b/i-0bbbbbbbbbbbbbbb2",
}
C = {
    **A,
    "name": "i-0ccccccccccccccc3",
    "cpu": 1.0,
    "internal_ip": "10.0.1.23",
    "provider_id": "",
}
AGENTS = [
    {
        "name": f"agent-{node['name']}",
        "namespace": "kube-system",
        "node": node["name"],
        "owner": "DaemonSet",
        "owner_name": "agent",
        "cpu": 0.05,
        "memory_bytes": 32 * MIB,
    }
    for node in (SERVER, A, B)
]
WEB = {
    "name": "web",
    "count": 2,
    "node": A["name"],
    "owner_name": "web-5d5",
    "cpu": 0.25,
    "memory_bytes": 128 * MIB,
}
DONE = {"name": "report", "node": B["name"], "owner": "Job", "state": "succeeded", "cpu": 1.0}
NGINX = {
    "name": "nginx",
    "count": 2,
    "owner_name": "nginx-7c5",
    "cpu": 0.5,
    "memory_bytes": 256 * MIB,
    "since_s": 180,
}
BARE = {
    "name": "bare",
    "namespace": "batch",
    "owner": "",
    "cpu": 0.1,
    "memory_bytes": 64 * MIB,
    "init_cpu": 0.7,
    "init_memory_bytes": 32 * MIB,
    "since_s": 30,
}
GATED = {"name": "gated", "state": "gated"}
DELETED = {"name": "deleted", "state": "terminating"}
SLOW = {"name": "slow-image", "state": "starting", "node": B["name"]}
QUIET = {"nodes": [SERVER, A, B], "pods": [*AGENTS, WEB, DONE]}
NOT_FOR_PODS = [
    SERVER,
    {**A, "unschedulable": True},
    {**B, "taints": ["nodenap.dev/leaving=41:NoSchedule"]},
    {**C, "ready": "unknown", "taints": ["node.kubernetes.io/unreachable:NoSchedule"]},
]

# Each scene, and where there are two what it becomes after the history was written.
SCENES = {
    "quiet": [QUIET],
    "pending": [{**QUIET, "pods": [*QUIET["pods"], NGINX, BARE, GATED, DELETED, SLOW]}],
    "scraped_twice": [{**QUIET, "duplicate": "whole"}],
    "half_duplicate": [{**QUIET, "duplicate": "half", "per_cpu": True}],
    "per_cpu": [{**QUIET, "per_cpu": True}],
    "node_left": [{**QUIET, "nodes": [SERVER, A, B, C]}, QUIET],
    "root_dropped": [{**QUIET, "drop_root": True}],
    "root_dropped_but_resource": [{**QUIET, "drop_root": True, "off": []}],
    "nan": [{**QUIET, "nan": ["container_cpu_usage_seconds_total"]}],
    "stale": [{**QUIET, "frozen_s": 150}],
    "target_missing": [{**QUIET, "nodes": [SERVER, A, {**B, "scraped": False}]}],
    "no_cadvisor": [{**QUIET, "off": ["resource", "cadvisor"]}],
    "no_kube_state_metrics": [{**QUIET, "off": ["resource", "kube-state-metrics"]}],
    "nothing": [{**QUIET, "off": ["resource", "cadvisor", "kube-state-metrics"]}],
    "only_the_server": [{"nodes": [SERVER], "pods": AGENTS[:1]}],
    "not_for_pods": [{**QUIET, "nodes": NOT_FOR_PODS}],
}


def call(url: str, data: bytes | None = None) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def wait_for(url: str) -> None:
    for _ in range(100):
        try:
            if call(url)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def configuration() -> str:
    """The stand's own, without rules and alerts; each target once a second."""
    text = (ROOT / "lab/quick/stand/templates/prometheus.yml").read_text()
    head = "global: {scrape_interval: 1s}\nstorage: {tsdb: {out_of_order_time_window: 60d}}\n"
    return head + text[text.index("scrape_configs:"):].replace("@exporter@", str(EXPORTER))


def show(scenes: list[dict]) -> None:
    base = f"http://127.0.0.1:{EXPORTER}"
    first = {"scene": scenes[0], "seconds": 600, "step": 5}
    status, said = call(f"{base}/show", json.dumps(first).encode())
    assert status == 200, said
    time.sleep(6)
    for later in scenes[1:]:
        assert call(f"{base}/scene", json.dumps(later).encode())[0] == 200
        time.sleep(4)


def ask(name: str, queries: dict) -> None:
    now = f"{time.time():.3f}"
    lines = [f"now {now}"]
    for request in ("cpu", "memory", "pending", "nodes"):
        form = urllib.parse.urlencode({"query": queries[request], "time": now, "timeout": "2s"})
        status, body = call(f"http://127.0.0.1:{PROMETHEUS}/api/v1/query", form.encode())
        lines.append(f"{request} {status} {body.decode().strip()}")
    (FIXTURES / f"{name}.txt").write_text("\n".join(lines) + "\n")
    print(name, flush=True)


def prometheus(folder: Path) -> list[str]:
    return [
        str(CACHED) if CACHED.exists() else "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{PROMETHEUS}",
        "--web.enable-remote-write-receiver",
    ]


def exporter() -> list[str]:
    command = [sys.executable, "-m", "stand.exporter", "--port", str(EXPORTER)]
    # It follows no instances here, so there need be no EC2.
    peers = ["--prometheus", f"http://127.0.0.1:{PROMETHEUS}", "--moto", "http://127.0.0.1:1"]
    return command + peers


def record(name: str, queries: dict) -> None:
    folder = Path(tempfile.mkdtemp(prefix="nodenap-record-"))
    (folder / "prometheus.yml").write_text(configuration())
    started = []
    try:
        with open(folder / "log", "w") as log:
            for command in (prometheus(folder), exporter()):
                started.append(subprocess.Popen(command, stdout=log, stderr=log, env=ENVIRONMENT))
        wait_for(f"http://127.0.0.1:{PROMETHEUS}/-/ready")
        wait_for(f"http://127.0.0.1:{EXPORTER}/scene")
        show(SCENES[name])
        ask(name, queries)
    finally:
        for process in started:
            process.terminate()
            process.wait()
        shutil.rmtree(folder)


def main() -> None:
    queries = json.loads(Path(sys.argv[1]).read_text())
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or SCENES:
        record(name, queries)


if __name__ == "__main__":
    main()
