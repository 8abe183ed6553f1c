"""Runs the exporter: python -m stand.exporter --port PORT --prometheus URL --moto URL

  GET    /metrics/kube-state-metrics, /metrics/cadvisor, /metrics/cadvisor-again, /metrics/resource
  GET    /scene                  the scene as it is
  POST   /scene                  replaces it (scene.py); with nodes or pods it ends follow mode
  PATCH  /scene                  replaces only the keys that are sent
  POST   /show                   {"scene": {…}, "seconds": 60, "step": 2}: with history
  POST   /backfill               {"seconds": 600, "step": 15}: that much history into Prometheus
  POST   /follow                 begins, changes or ends follow mode (follow.py)
  POST   /deployments            {"name": "nginx", "replicas": 50, "cpu": 0.25}, in follow mode
  DELETE /deployments/NAMESPACE/NAME
"""

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stand.exporter.exporter import JOBS, Exporter
from stand.exporter.samples import as_text


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    exporter: Exporter

    def do_GET(self) -> None:
        with self.exporter.lock:
            endpoint = self.path.removeprefix("/metrics/")
            if endpoint in JOBS:
                self._metrics(endpoint)
            elif self.path == "/scene":
                self._json(200, self.exporter.scene.describe())
            else:
                self._json(404, {"error": f"not found: {self.path}"})

    def do_POST(self) -> None:
        exporter = self.exporter
        self._act(
            {
                "/scene": exporter.set_scene,
                "/show": exporter.show,
                "/follow": exporter.follower.follow,
                "/deployments": exporter.follower.declare,
                "/backfill": lambda sent: exporter.backfill(
                    sent.get("seconds", 600), sent.get("step", 15)
                ),
            }
        )

    def do_PATCH(self) -> None:
        self._act({"/scene": self.exporter.change_scene})

    def do_DELETE(self) -> None:
        namespace, _, name = self.path.removeprefix("/deployments/").partition("/")
        self._act({self.path: lambda _: self.exporter.follower.remove(namespace, name)})

    def _act(self, doors: dict) -> None:
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path not in doors:
            return self._json(404, {"error": f"not found: {self.path}"})
        try:
            with self.exporter.lock:
                result = doors[self.path](sent)
        except (ValueError, TypeError, KeyError) as problem:
            return self._json(400, {"error": str(problem)})
        return self._json(200, {"result": result})

    def _metrics(self, endpoint: str) -> None:
        samples = self.exporter.metrics(endpoint)
        if samples is None:
            return self._send(503, "text/plain", b"down\n")
        return self._send(200, "text/plain; version=0.0.4", as_text(samples))

    def _json(self, status: int, value) -> None:
        self._send(status, "application/json", json.dumps(value).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Silent: one line per scrape would flood the log."""


def main() -> None:
    arguments = argparse.ArgumentParser(description="the metrics of a cluster")
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--prometheus", required=True)
    arguments.add_argument("--moto", required=True)
    given = arguments.parse_args()
    Handler.exporter = Exporter(given.prometheus, given.moto, f"127.0.0.1:{given.port}")
    ThreadingHTTPServer(("127.0.0.1", given.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
