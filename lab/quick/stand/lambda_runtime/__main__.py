"""Runs a bootstrap as a Lambda function: python -m stand.lambda_runtime [options] -- ./bootstrap

  POST /2015-03-31/functions/NAME/invocations   Invoke; X-Amz-Invocation-Type: Event answers 202
  POST /sns                                     an SNS HTTP notification, delivered as by SNS
  GET  /results                                 every invocation with its times and memory

With --every S the stand sends a scheduled event every S seconds, as EventBridge Scheduler would.
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from stand.lambda_runtime import events, web
from stand.lambda_runtime.function import Function
from stand.http import request


def main() -> int:
    given, argv = _arguments()
    variables = dict(pair.split("=", 1) for pair in given.env)
    function = Function(
        argv,
        variables,
        given.log,
        timeout_s=given.timeout,
        concurrency=given.concurrency,
        freeze=given.freeze,
        name=given.name,
        memory_mb=given.memory,
    )
    if given.every:
        threading.Thread(target=_tick, args=(function, given.every), daemon=True).start()
    asked_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_end.set())
    server = web.serve(_handler(function), given.port)
    print(f"function {given.name} on 127.0.0.1:{server.server_port}", flush=True)
    asked_to_end.wait()
    function.stop()
    time.sleep(0.1)
    os._exit(0)


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    if "--" not in sys.argv:
        sys.exit(__doc__)
    split = sys.argv.index("--")
    parser = argparse.ArgumentParser(description="a bootstrap as a Lambda function")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=100, help="seconds")
    parser.add_argument("--concurrency", type=int, default=5)
    parser.add_argument("--freeze", action="store_true", help="SIGSTOP between invocations")
    parser.add_argument("--name", default="nodenap")
    parser.add_argument("--memory", type=int, default=128, help="MB, as the function is told")
    parser.add_argument("--log", type=Path, default=Path("lambda.log"))
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--every", type=float, default=0, metavar="S")
    return parser.parse_args(sys.argv[1:split]), sys.argv[split + 1 :]


def _tick(function: Function, every_s: float) -> None:
    while True:
        function.invoke_later(events.scheduled())
        time.sleep(every_s)


def _handler(function: Function) -> type[web.Handler]:
    class Invoke(web.Handler):
        def do_GET(self) -> None:
            if self.path != "/results":
                return self.send(404)
            return self.send(200, json.dumps([one.record() for one in function.results]).encode())

        def do_POST(self) -> None:
            body = self.body() or b"{}"
            if self.path == "/sns":
                return self._sns(json.loads(body))
            if not self.path.endswith("/invocations"):
                return self.send(404)
            if self.headers.get("X-Amz-Invocation-Type") == "Event":
                function.invoke_later(body)
                return self.send(202)
            result = function.invoke(body)
            error = result.function_error
            headers = {"X-Amz-Function-Error": error} if error and result.status == 200 else {}
            return self.send(result.status, result.body, headers)

        def _sns(self, notification: dict) -> None:
            if notification.get("Type") == "SubscriptionConfirmation":
                request(notification["SubscribeURL"])
            else:
                function.invoke_later(events.from_sns(notification))
            self.send(200)

    return Invoke


if __name__ == "__main__":
    sys.exit(main())
