"""A function: its execution environments, and Invoke like Lambda's.

As Lambda: one invocation per environment at a time, a cold start when none is free, 429 over the
concurrency, SIGKILL past the timeout, Runtime.ExitError when the process ends, an environment
thrown away after either; with freeze, SIGSTOP between invocations.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from stand.lambda_runtime.environment import Environment, Outcome
from stand.places import ACCOUNT, REGION, clean_environment

THROTTLED = {
    "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
    "Type": "User",
    "message": "Rate Exceeded.",
}


@dataclass
class Result:
    """One invocation, measured from outside."""

    status: int
    body: bytes
    function_error: str | None = None
    outcome: str = "response"
    request_id: str = ""
    cold: bool = False
    init_ms: float | None = None
    ms: float = 0.0
    cpu_ms: float | None = None       # user and system, this invocation; cold: from the start
    peak_memory_kb: int | None = None
    pid: int | None = None
    began_at: float = 0.0

    def json(self):
        return json.loads(self.body)

    def record(self) -> dict:
        own = {name: value for name, value in vars(self).items() if name != "body"}
        return {**own, "body": self.body.decode("utf-8", "replace")}


@dataclass
class Function:
    argv: list[str]
    variables: dict[str, str] = field(default_factory=dict)  # of the function's configuration
    log: Path = Path("lambda.log")
    timeout_s: float = 100
    concurrency: int = 5
    freeze: bool = False
    name: str = "nodenap"
    memory_mb: int = 128

    def __post_init__(self) -> None:
        self.results: list[Result] = []
        self._free: list[Environment] = []
        self._all: set[Environment] = set()
        self._lock = threading.Lock()
        self._busy = 0

    def invoke(self, event) -> Result:
        """Waits for the response. An event is bytes, or a value that is sent as JSON."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        began_at = time.time()
        with self._lock:
            if self._busy >= self.concurrency:
                return Result(429, json.dumps(THROTTLED).encode(), "Throttled", "throttled")
            self._busy += 1
            environment = self._free.pop() if self._free else None
        try:
            result = self._invoke_in(environment, body)
        finally:
            with self._lock:
                self._busy -= 1
        result.began_at = began_at
        self.results.append(result)
        return result

    def invoke_later(self, event) -> threading.Thread:
        """Lambda's asynchronous Event type: accepted at once, no retries. Joinable."""
        thread = threading.Thread(target=self.invoke, args=(event,), daemon=True)
        thread.start()
        return thread

    def events(self) -> list[dict]:
        """The JSON lines that the function wrote to stdout."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines if _is_json(line)]

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill(self) -> None:
        """Sends SIGKILL to all its processes, whatever they are doing."""
        for environment in list(self._all):
            environment.process.kill()

    def stop(self) -> None:
        with self._lock:
            ending, self._free = list(self._all), []
            self._all.clear()
        for environment in ending:
            environment.end()

    def _invoke_in(self, environment: Environment | None, body: bytes) -> Result:
        cold = environment is None
        if cold:
            environment = Environment(self.argv, self._variables(), self.log, self._arn())
            self._all.add(environment)
        else:
            environment.process.thaw()
        process = environment.process
        cpu_before = 0.0 if cold else process.cpu_ms() or 0.0
        began = time.monotonic()
        request_id, outcome = environment.invoke(body, self.timeout_s)
        answered = time.monotonic()
        keep = outcome.kind in ("response", "error")
        if keep:
            environment.wait_for_next()
        cpu_after = process.cpu_ms()
        result = self._result(request_id, outcome)
        result.cold, result.init_ms = cold, environment.init_ms if cold else None
        result.ms = round((answered - began) * 1000, 2)
        result.cpu_ms = None if cpu_after is None else cpu_after - cpu_before
        result.peak_memory_kb, result.pid = process.peak_memory_kb(), process.pid
        self._put_back(environment, keep)
        return result

    def _put_back(self, environment: Environment, keep: bool) -> None:
        if not keep:
            environment.end()
            self._all.discard(environment)
            return
        if self.freeze:
            environment.process.freeze()
        with self._lock:
            self._free.append(environment)

    def _result(self, request_id: str, outcome: Outcome) -> Result:
        told = {
            "timeout": ("Sandbox.Timedout", f"Task timed out after {self.timeout_s:.2f} seconds"),
            "exit": ("Runtime.ExitError", f"Runtime exited with {_ending(outcome.exit_code)}"),
        }
        body = outcome.body
        if outcome.kind in told:
            kind, text = told[outcome.kind]
            message = f"RequestId: {request_id} Error: {text}"
            body = json.dumps({"errorType": kind, "errorMessage": message}).encode()
        error = None if outcome.kind == "response" else "Unhandled"
        return Result(200, body, error, outcome.kind, request_id)

    def _variables(self) -> dict[str, str]:
        own = {
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "LAMBDA_TASK_ROOT": str(Path(self.argv[0]).resolve().parent),
            "_HANDLER": "bootstrap",
        }
        return {**clean_environment(), **own, **self.variables}

    def _arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"error: signal: {-code}"
    return f"error: exit status {code}"


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
