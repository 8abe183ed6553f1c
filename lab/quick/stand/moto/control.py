"""The layer's control API, /lab/…, for tests."""

import json
from dataclasses import asdict
from urllib.parse import parse_qs

from moto.moto_api._internal import moto_api_backend

from stand.moto.answers import Answer, json_answer
from stand.moto.capacity import capacities
from stand.moto.faults import faults
from stand.moto.instances import clockwork, of_cluster, reclaim
from stand.moto.run_instances import forget_tokens, launched_by_token
from stand.moto.settings import settings


class Control:
    def __init__(self) -> None:
        self.calls: list[dict] = []

    def answer(self, environ: dict, body: bytes) -> Answer:
        name = environ["PATH_INFO"].removeprefix("/lab/")
        method = environ["REQUEST_METHOD"]
        doors = {
            "calls": self._calls,
            "settings": _settings,
            "faults": _faults,
            "capacity": _capacity,
            "reclaim": _reclaim,
            "instances": lambda _method, _sent, query: of_cluster(query.get("cluster", [None])[0]),
            "tokens": lambda *_: launched_by_token(),
            "reset": self._reset,
        }
        if name not in doors:
            return json_answer({"error": f"no such endpoint: {name}"}, 404)
        try:
            sent = json.loads(body) if body else None
            return json_answer(doors[name](method, sent, parse_qs(environ["QUERY_STRING"])))
        except (ValueError, TypeError, KeyError) as problem:
            return json_answer({"error": str(problem)}, 400)

    def _calls(self, method: str, _sent, query: dict) -> list[dict]:
        if method == "DELETE":
            self.calls.clear()
        wanted = query.get("action")
        return [call for call in list(self.calls) if not wanted or call["action"] in wanted]

    def _reset(self, *_) -> dict:
        settings.reset()
        faults.plant([])
        capacities.replace([])
        clockwork.forget()
        forget_tokens()
        moto_api_backend.reset()
        self.calls.clear()
        return {}


def _settings(method: str, sent, _query) -> dict:
    if method == "POST":
        settings.merge(sent)
    return asdict(settings)


def _faults(method: str, sent, _query) -> list[dict]:
    if method == "POST":
        faults.plant(sent)
    return faults.left()


def _capacity(method: str, sent, _query) -> list[dict]:
    if method == "POST":
        capacities.replace(sent)
    return capacities.left()


def _reclaim(_method: str, sent, _query) -> list[str]:
    return reclaim(sent["instance"])
