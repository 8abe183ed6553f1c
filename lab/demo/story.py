"""The baseline's three tests on any stage: CPU load, fifty pods, and their deletion.

A stage is a cluster to run them on. It has: name, minimum, server (the id of the server's
instance, which must never be terminated), load(on), deploy(replicas), delete(), tick() -> record of
one invocation of the real Lambda binary, workers() -> ids of the running workers, server_runs(),
ready_workers(), waiting_pods(), and history() -> the history, newest first.
"""

import time

from show import Progress

REPLICAS = 50


class StoryFailed(Exception):
    """One of the three tests failed."""


class Story:
    def __init__(self, stage, progress: Progress, tick_every_s: float, patience_s: float) -> None:
        """patience_s: how long one step may take before the test fails."""
        self._stage, self._show = stage, progress
        self._tick_every_s, self._patience_s = tick_every_s, patience_s

    def tell(self) -> None:
        self._minimum()
        self._cpu()
        self._fifty_pods()
        self._deletion()

    def _minimum(self) -> None:
        stage = self._stage
        self._show.chapter("An empty cluster: one server, no workers yet")
        self._tick_until("the minimum is ready", lambda: stage.ready_workers() == stage.minimum)
        self._show.step(f"{stage.minimum} workers registered")

    def _cpu(self) -> None:
        stage = self._stage
        self._show.chapter("Test 1: CPU above 70% on the workers → a t2.small is added")
        stage.load(True)
        before = stage.ready_workers()
        self._tick_until("another worker is ready", lambda: stage.ready_workers() > before)
        self._must(stage.ready_workers() == before + 1, "one worker is enough for this load")
        stage.load(False)
        self._show.step("it is ready; the load ends")

    def _fifty_pods(self) -> None:
        stage = self._stage
        self._show.chapter(f"Test 2: {REPLICAS} nginx replicas → all needed nodes in one pass")
        stage.deploy(REPLICAS)
        self._wait_for("some pods are pending", lambda: stage.waiting_pods() > 0)
        self._show.step(f"{stage.waiting_pods()} of them are unschedulable")
        launching = self._tick_until("every pod is scheduled", lambda: stage.waiting_pods() == 0)
        self._must(launching == 1, f"one pass launched everything, not {launching}")
        self._show.step(f"all {REPLICAS} run, on {stage.ready_workers()} workers")

    def _deletion(self) -> None:
        stage = self._stage
        self._show.chapter("Test 3: the deployment is deleted → the empty nodes are removed")
        stage.delete()
        self._tick_until("only the minimum is left", lambda: len(stage.workers()) == stage.minimum)
        for _ in range(2):
            time.sleep(self._tick_every_s)
            self._tick()
        self._must(len(stage.workers()) == stage.minimum, "no worker below the minimum is removed")
        self._must(stage.server_runs(), "the server is never touched")
        self._show.step(f"{stage.minimum} workers are left, and the server was never touched")

    def _tick_until(self, what: str, holds) -> int:
        """Invokes Nodenap repeatedly; returns how many invocations launched something."""
        deadline = time.monotonic() + self._patience_s
        launching = 0
        while not holds():
            if time.monotonic() > deadline:
                raise StoryFailed(f"timed out after {self._patience_s:.0f} s waiting until {what}")
            record = self._tick()
            launching += any(effect["kind"] == "launch" for effect in record.get("done", []))
            self._show.waiting(f"until {what}")
            self._pause(holds)
        return launching

    def _tick(self) -> dict:
        record = self._stage.tick()
        if record.get("done"):
            self._show.step(_told(record))
        return record

    def _pause(self, holds) -> None:
        ends = time.monotonic() + self._tick_every_s
        while time.monotonic() < ends and not holds():
            time.sleep(0.2)

    def _wait_for(self, what: str, holds) -> None:
        deadline = time.monotonic() + self._patience_s
        while not holds():
            if time.monotonic() > deadline:
                raise StoryFailed(f"timed out after {self._patience_s:.0f} s waiting until {what}")
            time.sleep(0.2)

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            raise StoryFailed(f"not true: {what}")


def _told(record: dict) -> str:
    count = {"launch": 0, "terminate": 0}
    for effect in record["done"]:
        if effect["kind"] in count:
            count[effect["kind"]] += 1
    parts = []
    if count["launch"]:
        parts.append(f"launches {count['launch']}")
    if count["terminate"]:
        parts.append(f"terminates {count['terminate']}")
    reason = record["reasons"][0]
    return f"Nodenap {' and '.join(parts) or 'recovers'}: {reason['text']} ({reason['code']})"
