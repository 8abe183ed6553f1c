"""Hostile Prometheus responses in Lambda's memory of 128 MB, enforced by the kernel. The function
responds, holds, and survives."""

import contextlib
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from stand.lambda_runtime import Function, events, web
from stand.waiting import wait_until
from stand.world import Pass, program

MEMORY = 128 << 20
MOST = (4 << 20) - 1024  # of one response, without its headers
HEAD = '{"status":"success","data":{"resultType":"vector","result":['
# Each is in one of the four queries, which identifies the query.
QUERIES = {"nodes": "kube_node_info", "pending": "pending", "memory": "machine_memory_bytes"}


class MemoryLimit:
    """A cgroup, version 1 or 2."""

    def __init__(self) -> None:
        roots = [Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")]
        limits = ["memory.limit_in_bytes", "memory.max"]
        peaks = ["memory.max_usage_in_bytes", "memory.peak"]
        for root, limit, peak in zip(roots, limits, peaks, strict=True):
            self.folder = root / f"nodenap-{uuid.uuid4().hex}"
            try:
                self.folder.mkdir()
                (self.folder / limit).write_text(str(MEMORY))
            except OSError:
                self._remove()
                continue
            self._peak = self.folder / peak
            return
        missing = "no control group for memory can be made here"
        if os.environ.get("NODENAP_REQUIRE_REAL") == "1" and os.geteuid() == 0:
            pytest.fail(missing)
        pytest.skip(missing)

    def command(self, argv: list[str]) -> list[str]:
        """The same command within the group."""
        enter = f'echo $$ > {self.folder}/cgroup.procs && exec "$@"'
        return ["/bin/sh", "-c", enter, "sh", *argv]

    def peak(self) -> int:
        return int(self._peak.read_text())

    def end(self) -> None:
        """The kernel releases a cgroup shortly after its last process has ended."""
        wait_until(self._remove, "the control group stayed")

    def _remove(self) -> bool:
        if self.folder.exists():
            with contextlib.suppress(OSError):
                self.folder.rmdir()
        return not self.folder.exists()


@pytest.fixture
def limited(world, tmp_path):
    """A function with limited memory, and a Prometheus with given responses."""
    limit = MemoryLimit()
    answers: dict[str, bytes] = {}

    class Prometheus(web.Handler):
        def do_POST(self) -> None:
            query = parse_qs(self.body().decode())["query"][0]
            kinds = [kind for kind, family in QUERIES.items() if family in query]
            self.send(200, answers[kinds[0] if kinds else "cpu"])

    server = web.serve(Prometheus)
    world.configure(
        metrics={"url": f"http://127.0.0.1:{server.server_address[1]}", "timeout": "15s"}
    )
    function = Function(
        limit.command([str(program("bootstrap"))]), world.variables(), tmp_path / "lambda.log"
    )
    yield function, answers, limit
    function.stop()
    web.stop(server)
    limit.end()


def sample(value: str = "0", **labels: str) -> str:
    return json.dumps({"metric": labels, "value": [0, value]}, separators=(",", ":"))


def many(made, most: int = MOST) -> bytes:
    """As many series as a response may have; `made` returns the text of the n-th."""
    texts, size = [], len(HEAD) + 3
    while size + len(text := made(len(texts))) + 1 <= most:
        texts.append(text)
        size += len(text) + 1
    return (HEAD + ",".join(texts) + "]}}").encode()


def labels_of_ours(_: int) -> str:
    names = ("uid", "pod", "job", "key", "env", "of", "node", "site", "part", "value", "tenant")
    return '{"metric":{' + ",".join(f'"{name}":"a"' for name in names) + '},"value":[0,"0"]}'


def made_up_labels(_: int) -> str:
    return '{"metric":{' + ",".join(f'"{n}":""' for n in range(200)) + '},"value":[0,"0"]}'


def nodes(number: int) -> str:
    part = "ready" if number % 2 else "info"
    return sample("1", part=part, node=str(number // 2))


def pods(number: int) -> str:
    return sample("1", part="pending", pod=str(number))


def machines(number: int) -> str:
    part = ("size", "used", "seen")[number % 3]
    return sample("1", part=part, instance=str(number // 3))


def numbers() -> bytes:
    tail = ']},"infos":['
    return (HEAD + tail + "1," * ((MOST - len(HEAD + tail) - 4) // 2) + "1]}").encode()


HOSTILE = {
    "longer than may be": lambda: many(labels_of_ours, 16 << 20),
    "labels that are read": lambda: many(labels_of_ours),
    "labels that nobody reads": lambda: many(made_up_labels),
    "nodes": lambda: many(nodes),
    "pods": lambda: many(pods),
    "machines": lambda: many(machines),
    "series without labels": lambda: many(lambda _: '{"metric":{},"value":[0,"0"]}'),
    "numbers": numbers,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_four_hostile_answers_fit_into_the_function(limited, kind):
    function, answers, limit = limited
    body = HOSTILE[kind]()
    for query in ("cpu", "memory", "pending", "nodes"):
        answers[query] = body
    for _ in range(2):
        answer = function.invoke(events.scheduled())
        assert answer.outcome == "response", function.output()
        unknown = Pass(answer.json()).unknown
        assert unknown, "such an answer is believed in nothing"
        too_long = [cause for cause in unknown.values() if "longer than" in cause]
        assert bool(too_long) == (len(body) > MOST), "whatever may be read was read"
    assert len({result.pid for result in function.results}) == 1, "it died"
    print(f"{kind}: {limit.peak() >> 20} MiB")


def test_the_worst_of_each_query_together(limited):
    function, answers, limit = limited
    answers.update(
        cpu=HOSTILE["machines"](),
        memory=HOSTILE["labels that are read"](),
        pending=HOSTILE["pods"](),
        nodes=HOSTILE["nodes"](),
    )
    answer = function.invoke(events.scheduled())
    assert answer.outcome == "response", function.output()
    print(f"together: {limit.peak() >> 20} MiB")


def test_the_limit_is_one(limited):
    """The control: a program that needs more than 128 MB is killed."""
    _, _, limit = limited
    greedy = [sys.executable, "-c", "bytearray(200 << 20)"]
    assert subprocess.run(greedy, check=False).returncode == 0
    assert subprocess.run(limit.command(greedy), check=False).returncode != 0
