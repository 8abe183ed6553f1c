"""The limits of a scrape: responses that are far too large, sent to a real Prometheus."""

import contextlib
import copy
import gzip
import json
import pathlib
import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from boot_machine import LAB  # noqa: F401  (its path makes the lab's modules findable)
from monitoring_words import FREE, LONG, WIDE as WIDE_WORD
from stand import ports
from test_monitoring_manifests import CACHE, JOBS, KEPT, PROMETHEUS, container_of, need

PROGRAM = CACHE / "debian-prometheus/usr/bin/prometheus"
LIMITS = (
    "body_size_limit",
    "sample_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
)
MEBIBYTE = 1 << 20


@pytest.mark.parametrize("job", JOBS)
def test_each_job_has_every_limit(job):
    assert [name for name in LIMITS if name not in JOBS[job]] == []
    assert int(re.fullmatch(r"(\d+)MB", JOBS[job]["body_size_limit"]).group(1)) <= 64


def bomb() -> bytes:
    """A gibibyte of valid lines in 2.3 MB of gzip."""
    line = b'machine_cpu_cores{a="' + b"a" * 1000 + b'"} 1\n'
    block, packer = line * (MEBIBYTE // len(line)), zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(block) for _ in range(1024)) + packer.flush()


def series(count: int, labels: str = "") -> bytes:
    """This many series of a family that each kubelet job keeps."""
    names = ("machine_cpu_cores", "node_cpu_usage_seconds_total")
    lines = [f'{name}{{n="{at}"{labels}}} 1' for name in names for at in range(count)]
    return gzip.compress(("\n".join(lines) + "\n").encode())


WIDE = "".join(f',l{at}="1"' for at in range(30))
NODE = 'kube_node_info{{node="i-1",provider_id="{}",internal_ip="10.0.1.7",os_image="{}"}} 1\n'
STRANGER = 'up{instance="of-another"} 1\nmachine_cpu_cores{instance="i-1"} 64\n'
ANSWERS = {
    "a-bomb": bomb(),
    "many-series": series(5001),
    "many-labels": series(1, WIDE),
    "a-long-value": series(1, f',v="{"v" * 1025}"'),
    "a-long-name": series(1, f',{"n" * 129}="1"'),
    "as-it-should": series(1),
    "long-words": gzip.compress((NODE.format("p" * 5000, "o" * 5000) + STRANGER).encode()),
}
OF_KUBELETS = [name for name in ANSWERS if name != "long-words"]
NEIGHBOUR = 'kube_node_info{{node="beside-{}"}} 1\n'


def words_of(name: str) -> bytes:
    """A neighbour's series, and two series each with a long and with a wide value: of two values
    with the same prefix the series differ in value."""
    series, made = FREE[name][1].removesuffix("1"), NEIGHBOUR.format(name)
    for word in (LONG, WIDE_WORD):
        made += f"{series % word}1\n{series % (word + 'y')}0\n"
    return gzip.compress(made.encode())


WORDS = {f"word-{name}": words_of(name) for name in FREE}
ANSWERS |= WORDS
BY_JOB = {
    "cadvisor": OF_KUBELETS,
    "kubelet": OF_KUBELETS,
    "kube-state-metrics": ["a-bomb", "long-words", *WORDS],
}
FINE = ("as-it-should", "long-words", *WORDS)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        body = ANSWERS[self.path.strip("/")]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # Prometheus closes it if too large
            self.wfile.write(body)

    def log_message(self, *_):
        """Nothing."""


def configuration(port: int) -> dict:
    """The manifest's jobs with all their rules, but with other targets."""
    made = copy.deepcopy(PROMETHEUS)
    made["global"] = {"scrape_interval": "2s", "scrape_timeout": "2s"}
    made.pop("rule_files"), made.pop("alerting")
    for job in made["scrape_configs"]:
        for key in ("kubernetes_sd_configs", "authorization", "tls_config", "static_configs"):
            job.pop(key, None)
        job["scheme"] = "http"
        job["static_configs"] = [
            {"targets": [f"127.0.0.1:{port}"], "labels": {"__metrics_path__": f"/{one}", "of": one}}
            for one in BY_JOB[job["job_name"]]
        ]
    return made


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """(query, maximum memory in MiB) of a Prometheus that has scraped each response three times."""
    need(PROGRAM, "Debian's prometheus, by lab/quick/install.sh prometheus")
    folder = tmp_path_factory.mktemp("limits")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = configuration(server.server_port)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(made))
    listen = f"127.0.0.1:{ports.any_free()}"
    command = [PROGRAM, f"--config.file={folder}/prometheus.yml", f"--web.listen-address={listen}"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [*command, f"--storage.tsdb.path={folder}/data"], stdout=log, stderr=log
        )

    def query(text):
        url = f"http://{listen}/api/v1/query?{urllib.parse.urlencode({'query': text})}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def most_memory():
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) // 1024

    try:
        wanted = sum(len(names) for names in BY_JOB.values())
        wait_for(lambda: len(query("count_over_time(up[10m]) >= 3")) == wanted)
        yield query, most_memory
    finally:
        process.terminate()
        process.wait()
        server.shutdown()
        server.server_close()


def wait_for(happened, seconds=120):
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            if happened():
                return
        assert time.monotonic() < end, "Prometheus did not scrape each answer thrice"
        time.sleep(0.5)


def test_what_is_too_large_is_refused_and_nothing_else(prometheus):
    query, _ = prometheus
    # Over several scrapes, since a busy machine may time out in one.
    found = query("max_over_time(up[10m])")
    of = {(one["metric"]["job"], one["metric"]["of"]): one["value"][1] for one in found}
    assert of == {
        (job, name): "1" if name in FINE else "0" for job, names in BY_JOB.items() for name in names
    }


def test_a_bomb_of_a_gibibyte_leaves_prometheus_within_its_memory(prometheus):
    """Three bombs at once: from one kubelet for both of its jobs, and from kube-state-metrics."""
    limit = int(container_of("prometheus")["resources"]["limits"]["memory"].removesuffix("Mi"))
    assert prometheus[1]() < limit


def test_a_kubelets_long_words_do_not_lose_what_is_known_of_other_nodes(prometheus):
    found = prometheus[0]('last_over_time(kube_node_info{internal_ip!=""}[10m])')
    [node] = [one["metric"] for one in found]
    assert node["node"] == "i-1" and node["internal_ip"] == "10.0.1.7"
    assert "os_image" not in node and node["provider_id"] == "p" * 255


@pytest.mark.parametrize("name", FREE)
def test_no_word_of_a_tenant_or_a_kubelet_loses_the_answer(prometheus, name):
    assert prometheus[0](f'last_over_time(kube_node_info{{node="beside-{name}"}}[10m])')
    shortened = f'last_over_time({{{name}=~"x{{255}}|\U0001f600{{255}}"}}[10m])'
    assert name not in KEPT or prometheus[0](shortened)


def test_no_family_comes_by_the_job_of_another(prometheus):
    assert prometheus[0]('{__name__!~"kube_.+|up|scrape_.+",job="kube-state-metrics"}') == []
