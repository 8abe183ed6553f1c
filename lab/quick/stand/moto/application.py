"""The WSGI application: every request goes through the layer before and after moto."""

import re
import socket
import threading
import time
from io import BytesIO

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from stand.moto import (  # noqa: F401  (they replace moto's)
    describe_instances,
    run_instances,
    service_quotas,
)
from stand.moto.answers import Answer, error_answer, html_answer
from stand.moto.call import Call, read_call
from stand.moto.control import Control
from stand.moto.faults import Fault, faults, status_of
from stand.moto.instances import all_instances, clockwork

DYNAMODB_WRITES = {
    "BatchWriteItem",
    "DeleteItem",
    "PutItem",
    "TransactWriteItems",
    "UpdateItem",
}


class Application:
    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._writing = threading.Lock()
        self._control = Control()

    def __call__(self, environ: dict, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        if environ["PATH_INFO"].startswith("/lab/"):
            answer = self._control.answer(environ, body)
            start_response(answer.status, answer.headers)
            return [answer.body]
        call = read_call(environ, body)
        if call.action.endswith("/moto-api/data.json"):
            return self._send(self._ask_moto(environ, body, call), start_response)
        return self._logged(call, environ, body, start_response)

    def _logged(self, call: Call, environ: dict, body: bytes, start_response):
        began = time.time()
        entry = {"t": began, **call.log_entry(), "fault": None, "status": None}
        try:
            clockwork.catch_up()
            fault = faults.meet(call)
            if fault is None:
                answer = self._ask_moto(environ, body, call)
                entry["status"] = int(answer.status[:3])
                return self._send(answer, start_response)
            entry["fault"] = fault.do
            time.sleep(fault.delay_ms / 1000)
            answer = self._faulty(fault, call, environ, body)
            if answer is None:
                return _cut(environ, start_response)
            entry["status"] = int(answer.status[:3])
            if fault.do == "partial":
                return _cut_half_way(answer, environ, start_response)
            return self._send(answer, start_response)
        finally:
            entry["ms"] = round((time.time() - began) * 1000, 1)
            self._control.calls.append(entry)

    def _faulty(self, fault: Fault, call: Call, environ: dict, body: bytes) -> Answer | None:
        """The response under a fault, or None if the connection is closed."""
        if fault.do == "drop":
            return None
        if fault.do == "html":
            return html_answer(fault.status or 500)
        if fault.do == "error":
            status = fault.status or status_of(fault.code, call.is_json)
            return error_answer(fault.code, fault.message or fault.code, status, call.is_json)
        before = {one.id for one in all_instances()}
        answer = self._ask_moto(environ, body, call)
        if fault.do == "die":
            clockwork.dies([one for one in all_instances() if one.id not in before], fault.code)
        return None if fault.do == "lost_reply" else answer

    def _ask_moto(self, environ: dict, body: bytes, call: Call) -> Answer:
        if call.action in DYNAMODB_WRITES:
            with self._writing:  # moto's conditional writes are not atomic between threads
                return self._inner(environ, body)
        return _as_aws_says(self._inner(environ, body), call)

    def _inner(self, environ: dict, body: bytes) -> Answer:
        own = {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        got = {}

        def start(status, headers, _error=None):
            got.update(status=status, headers=headers)

        chunks = self._moto(own, start)
        whole = b"".join(chunks)
        getattr(chunks, "close", lambda: None)()
        return Answer(got["status"], got["headers"], whole)

    @staticmethod
    def _send(answer: Answer, start_response):
        start_response(answer.status, answer.headers)
        return [answer.body]


def _as_aws_says(answer: Answer, call: Call) -> Answer:
    """moto answers all EC2 errors with 400, and a missing permission with IAM's code."""
    if answer.status.startswith("403") and call.service == "ec2":
        answer.body = answer.body.replace(b">AccessDenied<", b">UnauthorizedOperation<")
        answer.headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
        answer.headers.append(("Content-Length", str(len(answer.body))))
    if answer.status.startswith("400"):
        found = re.search(rb"<Errors><Error><Code>([^<]+)</Code>", answer.body)
        code = found[1].decode() if found else ""
        answer.status = f"{status_of(code, is_json=False)} -"
    return answer


def _cut(environ: dict, start_response):
    _shut(environ)
    start_response("500 -", [])
    return [b""]


def _cut_half_way(answer: Answer, environ: dict, start_response):
    """Sends the headers with the whole length, and half of the body."""

    def halves():
        yield answer.body[: len(answer.body) // 2]
        _shut(environ)

    start_response(answer.status, answer.headers)
    return halves()


def _shut(environ: dict) -> None:
    connection = environ.get("werkzeug.socket")
    if connection is None:
        return
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the caller has disconnected
