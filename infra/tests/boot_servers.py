"""The HTTPS servers that user data uses: Parameter Store, and K3s' download host."""

import hashlib
import http.client
import json
import os
import socket
import ssl
import sys
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from imds import CLONE_NEWNET, ctypes
from stand import ports, process

REGION = "us-east-1"
MASTER_KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "testtest"}
ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class ParameterStore:
    """moto, with a role that is allowed one action; others are refused, as are bad signatures."""

    def __init__(self, action, folder):
        # A separate process, because moto's state and checks are global within one.
        port = ports.any_free()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        self.moto = process.start(command, folder / "moto.log", dict(os.environ))
        process.wait_ready("moto", self.moto, self.url + "/moto-api/data.json")
        self.ssm, iam, sts = (self.client(name) for name in ("ssm", "iam", "sts"))
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn = iam.create_role(RoleName="node", AssumeRolePolicyDocument=json.dumps(ANYBODY))
        iam.put_role_policy(RoleName="node", PolicyName="own", PolicyDocument=policy)
        session = sts.assume_role(RoleArn=arn["Role"]["Arn"], RoleSessionName="i-1")["Credentials"]
        self.keys = {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "AccessKeyId": session["AccessKeyId"],
            "SecretAccessKey": session["SecretAccessKey"],
            "Token": session["SessionToken"],
        }

    def client(self, service):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, **MASTER_KEYS)

    def check_signatures(self, on):
        """While on, only the role's keys are accepted, for allowed actions."""
        request = urllib.request.Request(
            f"{self.url}/moto-api/reset-auth", data=b"0" if on else b"inf", method="POST"
        )
        request.add_header("Content-Type", "text/plain")
        urllib.request.urlopen(request, timeout=10).close()

    def parameter(self, name):
        return self.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]

    def stop(self):
        process.stop([self.moto])


class Web(ThreadingHTTPServer):
    """HTTPS in the machine's network; requests to SSM are forwarded to moto unchanged."""

    daemon_threads = True

    def __init__(self, namespace, certificate, moto_url, k3s):
        self.moto = urllib.parse.urlsplit(moto_url).netloc
        self.k3s, self.downloads, self.failures = k3s, [], 0
        super().__init__(("127.0.0.1", 443), Handler, bind_and_activate=False)
        self.socket.close()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(listening_in(namespace), server_side=True)
        self.server_activate()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.downloads.append(self.path)
        if len(self.server.downloads) <= self.server.failures:
            return self.answer(503, b"busy")
        return self.answer(200, self.server.k3s)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = http.client.HTTPConnection(self.server.moto, timeout=20)
        connection.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        self.answer(answer.status, answer.read())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Does nothing: requests are counted, not logged."""


def listening_in(namespace):
    """A socket on port 443 of a network namespace, created by a thread that enters it."""
    made = []

    def visit():
        handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).setns(handle, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
        finally:
            os.close(handle)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 443))
        made.append(listener)

    thread = threading.Thread(target=visit)
    thread.start()
    thread.join()
    return made[0]


def sha256(content):
    return hashlib.sha256(content).hexdigest()
