"""Nodenap's signatures compared with botocore's for hundreds of random requests."""

import datetime
import json
import os
import random
import re
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stand.world import REPOSITORY

SEED, COUNT = 20261128, 400
LONGEST = 200_000
REGIONS = ["us-east-1", "ap-southeast-1", "eu-west-1", "us-gov-west-1", "cn-north-1"]
JSON = "application/x-amz-json-1.0"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
LETTERS = "abcXYZ0189 \t\n\"'\\/+=&%?#{}[]<>é“ü”中文\U0001f600\u0000\u007f"
TOKEN = "abcdefXYZ0123456789+/="


def sender() -> str:
    name = "nodenap_signed_sender"
    places = [REPOSITORY / "build" / preset / name for preset in ("asan", "dev")]
    given = os.environ.get("NODENAP_SIGNED_SENDER")
    return given or str(next((place for place in places if place.exists()), places[0]))


@dataclass
class Seen:
    headers: dict[str, str]
    body: bytes


class Server:
    """Responds to everything with {} and records the requests in order."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                seen.append(Seen(headers, self.rfile.read(length)))
                assert self.path == "/"
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def any_text(dice: random.Random, letters: str, shortest: int, longest: int) -> str:
    return "".join(dice.choices(letters, k=dice.randint(shortest, longest)))


def any_body(dice: random.Random) -> str:
    kind = dice.randrange(10)
    if kind == 0:
        return ""
    if kind == 1:
        return any_text(dice, LETTERS, LONGEST // 2, LONGEST)
    return any_text(dice, LETTERS, 1, 600)


def any_request(dice: random.Random) -> dict:
    service = dice.choice(["ec2", "dynamodb", "ssm", "servicequotas"])
    headers = [f"Content-Type: {FORM if service == 'ec2' else JSON}"]
    if service != "ec2":
        target = any_text(dice, "ABCdef_.0123", 3, 40)
        headers.append(f"X-Amz-Target: {target}")
    return {
        "region": dice.choice(REGIONS),
        "service": service,
        "id": "AKIA" + any_text(dice, "ABCDEFGHIJ234567", 12, 16),
        "secret": any_text(dice, TOKEN, 1, 60),
        "token": any_text(dice, TOKEN, 1, 1200) if dice.random() < 0.5 else "",
        "headers": headers,
        "body": any_body(dice),
    }


def signed_names(seen: Seen) -> list[str]:
    return re.search(r"SignedHeaders=([^,]+)", seen.headers["authorization"])[1].split(";")


def botocores(given: dict, seen: Seen, body: bytes) -> str:
    """botocore's Authorization header for the request at its own time."""
    credentials = Credentials(given["id"], given["secret"], given["token"] or None)
    own = ("host", "x-amz-date", "x-amz-security-token")  # botocore's to add
    headers = {name: seen.headers[name] for name in signed_names(seen) if name not in own}
    url = f"http://{seen.headers['host']}/"
    request = AWSRequest("POST", url, headers=headers, data=body)
    at = datetime.datetime.strptime(seen.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    at = at.replace(tzinfo=datetime.timezone.utc)
    with mock.patch.object(auth, "get_current_datetime", return_value=at):
        auth.SigV4Auth(credentials, given["service"], given["region"]).add_auth(request)
    return request.headers["Authorization"]


@pytest.fixture(scope="module")
def sent() -> list[tuple[dict, Seen]]:
    dice = random.Random(SEED)
    given = [any_request(dice) for _ in range(COUNT)]
    server = Server()
    try:
        subprocess.run(
            [sender(), server.url],
            input="\n".join(json.dumps(one) for one in given),
            text=True,
            check=True,
            timeout=300,
        )
    finally:
        server.close()
    assert len(server.seen) == COUNT
    return list(zip(given, server.seen))


def test_every_signature_is_botocores(sent):
    now = datetime.datetime.now(datetime.timezone.utc)
    for given, seen in sent:
        assert seen.body == given["body"].encode()
        assert seen.headers["authorization"] == botocores(given, seen, seen.body)
        at = datetime.datetime.strptime(seen.headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        assert abs(now - at) < datetime.timedelta(minutes=15), "AWS takes no older ones"


def test_all_that_matters_is_signed(sent):
    for given, seen in sent:
        names = set(signed_names(seen))
        assert {"host", "x-amz-date", "content-type"} <= names
        assert {name for name in seen.headers if name.startswith("x-amz-")} <= names
        assert seen.headers.get("x-amz-security-token", "") == given["token"]


def test_one_byte_of_the_body_more_is_another_signature(sent):
    """Must fail: a check that ignored the body would find no difference."""
    dice = random.Random(SEED)
    for given, seen in sent:
        if not seen.body:
            changed = b"x"
        else:
            at = dice.randrange(len(seen.body))
            changed = seen.body[:at] + bytes([seen.body[at] ^ 1]) + seen.body[at + 1 :]
        assert seen.headers["authorization"] != botocores(given, seen, changed)


@pytest.mark.parametrize("what", ["region", "service", "secret"])
def test_another_scope_or_key_is_another_signature(sent, what):
    for given, seen in sent:
        other = {**given, what: given[what] + "x"}
        assert seen.headers["authorization"] != botocores(other, seen, seen.body)
