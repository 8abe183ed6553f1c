"""Nodenap on the real stand: its Lambda binary, invoked as by EventBridge, and its command line."""

import json
import re
import subprocess

import cloud  # noqa: F401  (makes the quick stand's package findable)
import cluster
from stand.lambda_runtime import Function, events
from stand.world import program


class Nodenap:
    def __init__(self, stand):
        self.stand = stand
        self.config = stand.write_config()
        self.variables = stand.cloud.variables(NODENAP_CONFIG=str(self.config))
        log = stand.folder / "log" / "lambda.log"
        self.function = Function([str(program("bootstrap"))], self.variables, log)

    def wake(self):
        """Sends one scheduled event; returns the function's record."""
        result = self.function.invoke(events.scheduled())
        self.note(result.pid)
        if result.function_error or "error" in result.json():
            raise cluster.Failed(f"the function failed: {result.body.decode()}")
        return result.json()

    def note(self, pid):
        """So that down.sh stops it too if this program is killed."""
        try:
            self.stand.record("lambda", pid)
        except OSError:
            return  # it has ended already

    def stop(self):
        self.function.stop()

    def command(self, verb, *arguments, config=None):
        """The parsed output of a command that prints JSON."""
        line = [program("nodenap"), verb, "--config", config or self.config]
        line += ["--output", "json", *arguments]
        done = subprocess.run(line, env=self.variables, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise cluster.Failed(f"nodenap {verb} exited {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def plan_by_built_in_query(self):
        """A plan for the same cluster with Nodenap's built-in CPU query."""
        plain = self.config.with_name("built-in.toml")
        own = re.compile("^cpu_query = '''.*?'''$", re.DOTALL | re.MULTILINE)
        plain.write_text(own.sub("", self.config.read_text()))
        return self.command("plan", config=plain)

    def history(self):
        """The history, newest first."""
        return self.command("history", "--since", "24h", "--limit", "1000")["records"]


def missing_program():
    """The first program that is not built, or None."""
    return next(
        (path for path in map(program, ("bootstrap", "nodenap")) if not path.exists()), None
    )
