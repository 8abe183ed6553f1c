"""Responses of the layer: WSGI's three parts in one value."""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

EC2_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>"
)
HTML_PAGE = (
    b"<html><head><title>500 Internal Server Error</title></head>"
    b"<body><h1>Internal Server Error</h1><p>nginx</p></body></html>\n"
)


@dataclass
class Answer:
    status: str
    headers: list
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status.startswith("200")


def text_answer(status: int, content_type: str, body: bytes) -> Answer:
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    return Answer(f"{status} -", headers, body)


def json_answer(value, status: int = 200) -> Answer:
    return text_answer(status, "application/json", json.dumps(value).encode())


def error_answer(code: str, message: str, status: int, is_json: bool) -> Answer:
    if is_json:
        body = json.dumps({"__type": f"com.amazonaws#{code}", "message": message}).encode()
        return text_answer(status, "application/x-amz-json-1.0", body)
    body = EC2_ERROR.format(code=escape(code), message=escape(message)).encode()
    return text_answer(status, "text/xml;charset=UTF-8", body)


def html_answer(status: int) -> Answer:
    return text_answer(status, "text/html", HTML_PAGE)
