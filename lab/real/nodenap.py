"""Nodenap on the real stand: its Lambda binary, woken as by EventBridge, and its command line."""

import json
import subprocess
import threading

import cloud  # noqa: F401  (makes the quick stand's package findable)
from stand.lambda_runtime import Function, events
from stand.world import program


class Nodenap:
    """The function is woken every few seconds from start() until stop()."""

    def __init__(self, stand, every_s=5.0):
        self.stand, self.every_s = stand, every_s
        self.config = stand.write_config()
        self.variables = stand.cloud.variables(NODENAP_CONFIG=str(self.config))
        log = stand.folder / "log" / "lambda.log"
        self.function = Function([str(program("bootstrap"))], self.variables, log, timeout_s=100)
        self.over = threading.Event()
        self.clock = threading.Thread(target=self.wake_again_and_again, daemon=True)

    def start(self):
        self.clock.start()

    def stop(self):
        self.over.set()
        self.function.stop()
        self.clock.join()

    def wake_again_and_again(self):
        while not self.over.is_set():
            self.function.invoke(events.scheduled())
            self.over.wait(self.every_s)

    def command(self, verb, *arguments):
        """The parsed answer of a verb that prints JSON."""
        line = [program("nodenap"), verb, "--config", self.config, "--output", "json", *arguments]
        done = subprocess.run(line, env=self.variables, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"nodenap {verb} exited {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def history(self):
        """The journal, oldest first."""
        records = self.command("history", "--since", "24h", "--limit", "1000")
        if isinstance(records, dict):
            records = records["records"]
        return list(reversed(records))


def missing_program():
    """The first of our programs that is not built, or None."""
    return next(
        (path for path in map(program, ("bootstrap", "nodenap")) if not path.exists()), None
    )
