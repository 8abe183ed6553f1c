"""One execution environment: a process and its own Runtime API."""

import queue
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from stand.lambda_runtime import web
from stand.lambda_runtime.process import Process

INIT_LIMIT_S = 10  # as Lambda's
ACCEPTED = b'{"status":"OK"}'


@dataclass
class Outcome:
    kind: str  # response, error, init_error, timeout, exit
    body: bytes = b""
    exit_code: int | None = None


class Environment:
    def __init__(self, argv: list[str], variables: dict, log: Path, function_arn: str) -> None:
        self._arn = function_arn
        self._to_give: queue.Queue = queue.Queue()
        self._outcomes: queue.Queue[Outcome] = queue.Queue()
        self._asked_next = threading.Event()
        self._current: str | None = None
        self._server = web.serve(self._handler())
        address = f"127.0.0.1:{self._server.server_port}"
        began = time.monotonic()
        own = {**variables, "AWS_LAMBDA_RUNTIME_API": address}
        self.process = Process(argv, own, log, self._exited)
        self._asked_next.wait(INIT_LIMIT_S)
        self.init_ms = round((time.monotonic() - began) * 1000, 2)

    def invoke(self, event: bytes, timeout_s: float) -> tuple[str, Outcome]:
        """The request id and its outcome."""
        request_id = str(uuid.uuid4())
        self._current = request_id
        self._asked_next.clear()
        deadline_ms = int((time.time() + timeout_s) * 1000)
        self._to_give.put((request_id, event, deadline_ms))
        try:
            outcome = self._outcomes.get(timeout=timeout_s)
        except queue.Empty:
            outcome = Outcome("timeout")
        self._current = None
        return request_id, outcome

    def wait_for_next(self, within_s: float = 1) -> None:
        """Waits until the process asks for its next event: Lambda freezes it only then."""
        self._asked_next.wait(within_s)

    def end(self) -> None:
        self.process.kill()
        self._to_give.put(None)
        threading.Thread(target=web.stop, args=(self._server,), daemon=True).start()

    def _exited(self, code: int) -> None:
        self._outcomes.put(Outcome("exit", exit_code=code))
        self._asked_next.set()

    def _handler(self) -> type[web.Handler]:
        environment = self

        class RuntimeApi(web.Handler):
            def do_GET(self) -> None:
                if not self.path.endswith("/runtime/invocation/next"):
                    return self.send(404)
                environment._asked_next.set()
                given = environment._to_give.get()
                if given is not None:
                    self.send(200, given[1], environment._headers(given))
                return None

            def do_POST(self) -> None:
                body = self.body()
                if environment._take(self.path, body):
                    return self.send(202, ACCEPTED)
                return self.send(400, b'{"errorType":"InvalidRequestID"}')

        return RuntimeApi

    def _headers(self, given: tuple) -> dict[str, str]:
        request_id, _, deadline_ms = given
        trace = f"Root=1-{int(time.time()):x}-{uuid.uuid4().hex[:24]};Sampled=0"
        return {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self._arn,
            "Lambda-Runtime-Trace-Id": trace,
        }

    def _take(self, path: str, body: bytes) -> bool:
        """Whether the response belongs to the current invocation."""
        if path.endswith("/runtime/init/error"):
            self._outcomes.put(Outcome("init_error", body))
            return True
        request_id, what = path.split("/")[-2:]
        if request_id != self._current or what not in ("response", "error"):
            return False
        self._outcomes.put(Outcome(what, body))
        return True
