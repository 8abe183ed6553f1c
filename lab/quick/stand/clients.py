"""Clients of the stand's servers for tests and the demo."""

import json
import time
from urllib.parse import quote, urlencode

from stand.http import request, request_json


ENDPOINTS = ("kube-state-metrics", "cadvisor", "cadvisor-again", "resource")


class MotoLab:
    """The layer over moto (stand/moto)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def reset(self) -> None:
        self._post("reset", {})

    def settings(self, **changes) -> dict:
        return self._post("settings", changes)

    def faults(self, *wanted: dict) -> None:
        self._post("faults", list(wanted))

    def capacity(self, *wanted: dict) -> None:
        self._post("capacity", list(wanted))

    def reclaim(self, instance: str) -> list[str]:
        return self._post("reclaim", {"instance": instance})

    def calls(self, action: str | None = None) -> list[dict]:
        query = f"?action={action}" if action else ""
        return request_json(f"{self.url}/lab/calls{query}")

    def forget_calls(self) -> None:
        request_json(f"{self.url}/lab/calls", method="DELETE")

    def instances(self, cluster: str) -> list[dict]:
        return request_json(f"{self.url}/lab/instances?cluster={quote(cluster)}")

    def tokens(self) -> dict[str, list[str]]:
        return request_json(f"{self.url}/lab/tokens")

    def _post(self, door: str, value):
        return request_json(f"{self.url}/lab/{door}", value)


class Exporter:
    """The metrics of a cluster (stand/exporter)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def scene(self, **scene) -> None:
        request_json(f"{self.url}/scene", scene)

    def show(self, scene: dict, seconds: float = 60, step: float = 2) -> None:
        request_json(f"{self.url}/show", {"scene": scene, "seconds": seconds, "step": step})

    def change(self, **keys) -> None:
        request_json(f"{self.url}/scene", keys, "PATCH")

    def current(self) -> dict:
        return request_json(f"{self.url}/scene")

    def backfill(self, seconds: float = 600, step: float = 15) -> None:
        request_json(f"{self.url}/backfill", {"seconds": seconds, "step": step})

    def follow(self, cluster: str | None, **settings) -> None:
        request_json(f"{self.url}/follow", {"cluster": cluster, **settings})

    def load(self, busy_cores: float) -> None:
        request_json(f"{self.url}/follow", {"busy_cores": busy_cores})

    def deploy(self, name: str, replicas: int, **requests) -> None:
        request_json(f"{self.url}/deployments", {"name": name, "replicas": replicas, **requests})

    def delete_deployment(self, name: str, namespace: str = "default") -> None:
        request_json(f"{self.url}/deployments/{namespace}/{name}", method="DELETE")


class Prometheus:
    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[dict]:
        address = f"{self.url}/api/v1/query?{urlencode({'query': expression})}"
        return request_json(address)["data"]["result"]

    def value(self, expression: str) -> float | None:
        """The value of a query with at most one result; None if there is none."""
        result = self.query(f"sum({expression})")
        return float(result[0]["value"][1]) if result else None

    def wait_for(self, expression: str, wanted: float | None, within_s: float = 60) -> None:
        deadline = time.monotonic() + within_s
        while (got := self.value(expression)) != wanted:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{expression} is {got}, not {wanted}")
            time.sleep(0.1)

    def alerts(self) -> list[dict]:
        return request_json(f"{self.url}/api/v1/alerts")["data"]["alerts"]

    def wait_scraped(self, since: float, off: list[str], within_s: float = 60) -> None:
        """Waits until every enabled endpoint was scraped successfully, and the others not,
        after since (seconds of the epoch)."""
        deadline = time.monotonic() + within_s
        while not self._is_scraped(since, off):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Prometheus does not scrape: {self.query('up')}")
            time.sleep(0.1)

    def _is_scraped(self, since: float, off: list[str]) -> bool:
        answered, failed = (
            {
                one["metric"]["metrics_path"].removeprefix("/metrics/"): float(one["value"][1])
                for one in self.query(f"timestamp(up) and up == {up}")
            }
            for up in (1, 0)
        )
        return all(
            (failed if name in off else answered).get(name, 0) > since for name in ENDPOINTS
        )

    def forget(self) -> None:
        """Deletes every sample."""
        everything = urlencode({"match[]": '{__name__=~".+"}'})
        request(f"{self.url}/api/v1/admin/tsdb/delete_series?{everything}", b"", "POST")


class Toxiproxy:
    """Network faults in front of moto, dynalite and Prometheus."""

    def __init__(self, url: str) -> None:
        self.url = url

    def reset(self) -> None:
        request(f"{self.url}/reset", b"", "POST")

    def add(self, proxy: str, kind: str, stream: str = "downstream", **attributes) -> None:
        toxic = {"type": kind, "stream": stream, "attributes": attributes}
        request(f"{self.url}/proxies/{proxy}/toxics", json.dumps(toxic).encode(), "POST")

    def latency(self, proxy: str, ms: int) -> None:
        self.add(proxy, "latency", latency=ms)

    def hang(self, proxy: str) -> None:
        """Accepts requests and never responds."""
        self.add(proxy, "timeout", "upstream", timeout=0)

    def switch(self, proxy: str, on: bool) -> None:
        """Off: connections are refused."""
        body = json.dumps({"enabled": on}).encode()
        request(f"{self.url}/proxies/{proxy}", body, "POST")
