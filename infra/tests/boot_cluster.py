"""A real control plane (lab/real) with the server's manifests applied, and clients for it."""

import contextlib
import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import boot
import pytest
from boot_machine import cluster, need_root
from test_boot_render import SERVER

WAIT_FOR_ANOTHER_STAND_S = 900
SERVER_NODE = "the-server"


@contextlib.contextmanager
def alone():
    """The stand's lock, which waits for other runs on this machine."""
    end = time.monotonic() + WAIT_FOR_ANOTHER_STAND_S
    while True:
        lock = cluster.only_one()
        try:
            lock.__enter__()
            break
        except cluster.Failed:
            if time.monotonic() > end:
                raise
            time.sleep(5)
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


@contextlib.contextmanager
def standing():
    """API server, scheduler and controllers, with all manifests of the server applied."""
    need_root()
    with alone():
        try:
            cluster.up()
            for manifest in boot.manifests(SERVER, SERVER_NODE).values():
                cluster.kubectl("apply", "--server-side", "-f", "-", stdin=manifest)
            yield cluster
        except BaseException:
            print(f"the logs are kept in {cluster.keep_logs()}")
            raise
        finally:
            cluster.down()


@pytest.fixture(scope="module")
def kubernetes():
    with standing() as up:
        yield up


def as_user(token, *arguments, stdin=None):
    """Runs kubectl with only a token; returns the finished process."""
    return kubectl_with(["--token", token], *arguments, stdin=stdin)


def kubectl_with(credentials, *arguments, stdin=None):
    program = cluster.CACHE / "real/bin/kubectl"
    command = [program, "--kubeconfig=/dev/null", "--server", cluster.API, *credentials]
    command += ["--certificate-authority", cluster.STATE / "pki/ca.crt", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def patch_status(credentials, node, patch):
    """Status and text of the API server's response to a certificate's owner. Without kubectl,
    which reads the status first, as neither a kubelet nor an agent may."""
    context = ssl.create_default_context(cafile=cluster.STATE / "pki/ca.crt")
    context.load_cert_chain(credentials[1], credentials[3])
    request = urllib.request.Request(
        f"{cluster.API}/api/v1/nodes/{node}/status",
        json.dumps(patch).encode(),
        {"Content-Type": "application/strategic-merge-patch+json"},
        method="PATCH",
    )
    try:
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def node_certificate(name, folder):
    """kubectl's arguments to act as the kubelet of a node."""
    return user_certificate(f"/O=system:nodes/CN=system:node:{name}", folder)


def user_certificate(subject, folder):
    """kubectl's arguments to act as this user, with a certificate of the cluster's CA."""
    name = subject.rpartition("=")[2].replace(":", "-")
    key, request, certificate = (folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
    new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    authority = [f"-CA{end}" for end in ("", "key")]
    pki = [cluster.STATE / "pki/ca.crt", cluster.STATE / "pki/ca.key"]
    sign = ["x509", "-req", "-in", request, "-days", "1", "-set_serial", str(time.time_ns())]
    for command in (
        [*new, "-keyout", key, "-subj", subject, "-out", request],
        [*sign, authority[0], pki[0], authority[1], pki[1], "-out", certificate],
    ):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    return ["--client-certificate", certificate, "--client-key", key]


def reviews(user, rows):
    """For each (verb, resource, namespace): whether the API server would allow it to the user."""
    asked = {"apiVersion": "v1", "kind": "List", "items": [review(user, *row) for row in rows]}
    shown = 'go-template={{.status.allowed}}{{"\\n"}}'
    answer = cluster.kubectl("create", "-o", shown, "-f", "-", stdin=json.dumps(asked))
    return [line == "true" for line in answer.splitlines()]


def review(user, verb, resource, namespace):
    """resource is name.group/subresource, as in "pods/eviction" or "daemonsets.apps"."""
    name, _, subresource = resource.partition("/")
    name, _, group = name.partition(".")
    attributes = {"verb": verb, "resource": name, "group": group, "subresource": subresource}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "resourceAttributes": attributes | {"namespace": namespace}},
    }
