"""The instance metadata service of a machine at 169.254.169.254; version 2 only."""

import ctypes
import json
import os
import secrets
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = "169.254.169.254"
CLONE_NEWNET = 0x40000000
TOKEN_HEADER = "X-aws-ec2-metadata-token"


class Server(ThreadingHTTPServer):
    """Serves inside one network namespace; the process itself stays in its own."""

    daemon_threads = True

    def __init__(self, namespace, tree):
        self.tree, self.tokens = tree, set()
        subprocess.run(
            ["ip", "-n", namespace, "addr", "add", f"{ADDRESS}/32", "dev", "lo"], check=True
        )
        super().__init__((ADDRESS, 80), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket_in(namespace)
        self.server_bind()
        self.server_activate()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_bind(self):
        """The socket is bound already; the base class would do a DNS lookup."""
        self.server_name, self.server_port = ADDRESS, 80


class Handler(BaseHTTPRequestHandler):
    def do_PUT(self):
        if self.path != "/latest/api/token" or not self.headers.get(TOKEN_HEADER + "-ttl-seconds"):
            return self.answer(400, "")
        token = secrets.token_urlsafe(16)
        self.server.tokens.add(token)
        return self.answer(200, token)

    def do_GET(self):
        if self.headers.get(TOKEN_HEADER) not in self.server.tokens:
            return self.answer(401, "")
        value = self.server.tree.get(self.path.rstrip("/"))
        return self.answer(404, "") if value is None else self.answer(200, value)

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Does nothing: the metadata service has no log."""


def socket_in(namespace):
    """A listening socket of the namespace, created by a thread that enters it."""
    made = []

    def visit():
        libc = ctypes.CDLL(None, use_errno=True)
        handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        try:
            if libc.setns(handle, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
        finally:
            os.close(handle)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, 80))
        made.append(listener)

    thread = threading.Thread(target=visit)
    thread.start()
    thread.join()
    if not made:
        raise OSError(f"no socket in {namespace}")
    return made[0]


def tree_of(instance, ip, region):
    """The service's responses for a boto3 instance description."""
    zone = instance["Placement"]["AvailabilityZone"]
    values = {
        "instance-id": instance["InstanceId"],
        "instance-type": instance["InstanceType"],
        "ami-id": instance["ImageId"],
        "local-ipv4": ip,
        "placement/availability-zone": zone,
        "placement/region": region,
    }
    tree = {f"/latest/meta-data/{name}": value for name, value in values.items()}
    tree["/latest/dynamic/instance-identity/document"] = json.dumps(
        {
            "instanceId": instance["InstanceId"],
            "instanceType": instance["InstanceType"],
            "imageId": instance["ImageId"],
            "availabilityZone": zone,
            "region": region,
            "privateIp": ip,
        }
    )
    return tree
