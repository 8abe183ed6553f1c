"""When the manifest's Alertmanager sends which notification: a real one, five times as fast."""

import contextlib
import json
import re
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from boot_machine import LAB  # noqa: F401  (its path makes the lab's modules findable)
from stand import ports
from test_monitoring_manifests import named, need

PROGRAM = "prometheus-alertmanager"
FASTER = 5
CONFIGURATION = yaml.safe_load(named("ConfigMap", "alertmanager")["data"]["alertmanager.yml"])
UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([smh])", text).groups()
    return int(number) * UNITS[unit]


def faster(route):
    """The route and its child routes with their times divided."""
    times = {key: f"{seconds(route[key])}" for key in route if key.endswith(("_wait", "_interval"))}
    changed = {key: f"{int(value) * 1000 // FASTER}ms" for key, value in times.items()}
    return route | changed | {"routes": [faster(one) for one in route.get("routes", [])]}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        firing = [one["labels"] for one in body["alerts"] if one["status"] == "firing"]
        self.server.told.append({one.get("namespace") for one in firing})
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def alertmanager(tmp_path):
    """(say, told): sets which namespaces' alerts fire; the function's notifications, in order."""
    need(PROGRAM, "Debian's prometheus-alertmanager")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.told = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = {"url": f"http://127.0.0.1:{server.server_port}/", "send_resolved": False}
    receivers = [{"name": "function", "webhook_configs": [hook]}, {"name": "people"}]
    made = {"route": faster(CONFIGURATION["route"]), "receivers": receivers}
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(made))
    listen = f"127.0.0.1:{ports.any_free()}"
    files = [f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/data"]
    places = [f"--web.listen-address={listen}", "--cluster.listen-address="]
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen([PROGRAM, *files, *places], stdout=log, stderr=log)

    def say(*namespaces):
        labels = {"alertname": "PodsUnschedulable", "severity": "info"}
        alerts = [{"labels": labels | {"namespace": one}} for one in namespaces]
        url, kind = f"http://{listen}/api/v2/alerts", {"Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(alerts).encode(), kind)
        urllib.request.urlopen(request, timeout=10).close()

    def is_up():
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{listen}/-/ready"):
            return True

    try:
        wait_for(is_up)
        yield say, server.told
    finally:
        process.terminate()
        process.wait()
        server.shutdown()
        server.server_close()


def wait_for(happened, within_s=60):
    end = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_a_later_namespace_is_told_while_an_alert_fires(alertmanager):
    say, told = alertmanager
    say("a")
    wait_for(lambda: told == [{"a"}])
    say("a", "b")
    wait_for(lambda: len(told) > 1)
    assert told == [{"a"}, {"a", "b"}]


def test_many_namespaces_wake_it_once(alertmanager):
    say, told = alertmanager
    say(*(f"n{at}" for at in range(200)))
    wait_for(lambda: told)
    assert [len(one) for one in told] == [200]


def test_what_wakes_is_said_again_within_minutes():
    """If a namespace's alert fires for long, its later pods wait no longer than this."""
    route = CONFIGURATION["route"]
    assert seconds(route["group_wait"]) <= 5 and seconds(route["group_interval"]) <= 15
    assert seconds(route["repeat_interval"]) <= 300
