#!/usr/bin/env python3
"""The benchmarks, each compared with a reference in the same run: ./dev bench [--write]

--write puts the table into docs/internals/benchmarks.md. Machines are noisy: compare ratios.
"""

import argparse
import datetime
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "quick")]

import measure  # noqa: E402
from stand import places  # noqa: E402
from stand.http import request  # noqa: E402
from stand.lambda_runtime import events  # noqa: E402
from stand.lambda_runtime.function import Function  # noqa: E402
from stand.stand import Stand  # noqa: E402
from stand.world import World, program  # noqa: E402

PEERS = ["moto", "dynalite", "exporter", "prometheus", "haproxy"]
START_RUNS = 40
PASSES = 300
SIMULATED = HERE / "ten-nodes.toml"


class Bench:
    def __init__(self, stand: Stand, folder: Path) -> None:
        self._folder = folder
        self._world = World(stand, folder)
        self._world.configure(limits={"min_nodes": 2}, scale_down={"cooldown": "1h"})
        self._world.moto.settings(pending_s=0)
        workers = self._world.launch_workers(2)
        self._world.show(workers, pods=[{"name": "coredns", "node": workers[0]}])

    def rows(self) -> list[tuple[str, str, str]]:
        return [
            *self._starts(),
            *self._passes(),
            *self._simulated(),
            *self._calls(),
            *self._sizes(),
        ]

    def _python(self) -> tuple[list[str], dict]:
        more = {
            "BENCH_TABLE": self._world.table,
            "BENCH_CLUSTER": self._world.cluster,
            "BENCH_PROMETHEUS": self._world.stand.url("prometheus"),
        }
        argv = [places.python(), str(HERE / "python_handler.py")]
        return argv, places.clean_environment(**self._world.variables(**more))

    def _bare(self) -> str:
        binary = self._folder / "bare_runtime"
        source = str(HERE / "bare_runtime.cpp")
        subprocess.run(["g++", "-O2", "-static", "-s", "-o", str(binary), source], check=True)
        return str(binary)

    def _starts(self) -> list[tuple[str, str, str]]:
        variables = places.clean_environment(**self._world.variables())
        peers = {
            "bootstrap": ([str(program("bootstrap"))], variables),
            "bare": ([self._bare()], variables),
            "python": self._python(),
        }
        measured = measure.starts(peers, START_RUNS)
        wall = measure.medians(measured, "wall_ms")
        cpu = measure.medians(measured, "cpu_ms")
        ratio = wall["bootstrap"] / wall["bare"]
        return [
            (
                "start to first /next, TLS context and roots ready (p50 wall)",
                f"{wall['bootstrap']:.2f} ms, {ratio:.1f} × the bare program",
                f"bare static program {wall['bare']:.2f} ms; "
                f"Python with boto3 {wall['python']:.0f} ms; goal ≤ 6 ×",
            ),
            (
                "the same, CPU",
                f"{cpu['bootstrap']:.1f} ms",
                f"bare {cpu['bare']:.1f} ms; Python with boto3 {cpu['python']:.0f} ms",
            ),
        ]

    def _passes(self) -> list[tuple[str, str, str]]:
        self._world.through = "tls"
        ours = self._world.bootstrap()
        self._world.through = "direct"
        argv, variables = self._python()
        python = Function(argv, variables, self._folder / "python.log")
        try:
            own_cpu = measure.idle_cpu_ms(ours, events.scheduled(), PASSES)
            python_cpu = measure.idle_cpu_ms(python, events.scheduled(), PASSES // 3)
            resident = ours.results[-1].peak_memory_kb / 1024
            python_resident = python.results[-1].peak_memory_kb / 1024
        finally:
            python.stop()
        return [
            (
                "CPU of a warm idle pass, TLS and kept connections",
                f"{own_cpu:.2f} ms",
                f"Python with boto3 over plain HTTP {python_cpu:.1f} ms; goal < 5 ms",
            ),
            (
                "resident memory, at most",
                f"{resident:.1f} MiB",
                f"Python with boto3 {python_resident:.0f} MiB; goal < 16 MiB",
            ),
        ]

    def _simulated(self) -> list[tuple[str, str, str]]:
        """The loop alone, behind its ports: the median CPU time of several runs."""
        rate = measure.simulated_passes_per_second(str(program("nodenap")), SIMULATED, 5)
        return [
            (
                "passes a second of the simulator, ten nodes, one core",
                f"{rate:,.0f}",
                "goal ≥ 100,000",
            )
        ]

    def _calls(self) -> list[tuple[str, str, str]]:
        """With moto for DynamoDB too, whose layer logs all calls."""
        function = self._world.bootstrap(self._world.state_on_moto())
        for _ in range(2):
            function.invoke(events.scheduled())
        self._world.moto.forget_calls()
        queries = self._queries()
        function.invoke(events.scheduled())
        asked = Counter(call["action"] for call in self._world.moto.calls())
        asked["Prometheus queries, in one batch"] = self._queries() - queries
        measured = ", ".join(f"{count} × {name}" for name, count in sorted(asked.items()))
        return [("calls of an idle pass", measured, "goal: 2 writes, 1 list, one batch")]

    def _queries(self) -> int:
        """The number of queries Prometheus has answered, from its own metrics."""
        page = request(self._world.stand.url("prometheus") + "/metrics").decode()
        counts = re.findall(r'http_requests_total{.*handler="/api/v1/query".*} (\d+)', page)
        return sum(int(count) for count in counts)

    def _sizes(self) -> list[tuple[str, str, str]]:
        rows = []
        for architecture in ("x86_64", "arm64"):
            zipped = ROOT / "dist" / f"nodenap-lambda-{architecture}.zip"
            if zipped.exists():
                size = f"{zipped.stat().st_size / 1e6:.2f} MB"
                rows.append((f"zip, {architecture}", size, "goal < 2.5 MB"))
        return rows

    def end(self) -> None:
        self._world.end()


def as_markdown(rows: list[tuple[str, str, str]]) -> str:
    head = (
        "# Benchmarks\n\n"
        f"Measured by `./dev bench --write` on {datetime.date.today()}: {measure.machine()}.\n"
        "Machines drift; the ratio to a peer in the same run is what counts.\n\n"
        "| what | measured | beside it, and the goal |\n| --- | --- | --- |\n"
    )
    return head + "".join(f"| {what} | {value} | {beside} |\n" for what, value, beside in rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--write", action="store_true", help="into docs/internals/benchmarks.md")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stand = Stand(folder / "stand")
        stand.up(PEERS)
        try:
            bench = Bench(stand, folder)
            try:
                text = as_markdown(bench.rows())
            finally:
                bench.end()
        finally:
            stand.down()
    print(text)
    if given.write:
        (ROOT / "docs" / "internals" / "benchmarks.md").write_text(text)


if __name__ == "__main__":
    main()
