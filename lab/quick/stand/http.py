"""HTTP calls to the stand's servers, ignoring proxies of the environment."""

import json
import urllib.error
import urllib.request

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """The server responded with an error; the text has its message."""


def request(url: str, body: bytes | None = None, method: str | None = None, **headers) -> bytes:
    asked = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with _opener.open(asked, timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        text = error.read().decode("utf-8", "replace").strip()
        raise Refused(f"{method or 'GET'} {url}: {error.code} {text}") from None


def request_json(url: str, value=None, method: str | None = None):
    """The parsed response; a value is sent as JSON by POST unless another method is given."""
    body = None if value is None else json.dumps(value).encode()
    answer = request(url, body, method, **{"Content-Type": "application/json"})
    return json.loads(answer) if answer else None
