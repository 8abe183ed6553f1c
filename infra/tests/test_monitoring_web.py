"""Prometheus with the web configuration of k8s/README.md: TLS and a password."""

import base64
import re
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import boot
import pytest
from boot_machine import tls
from stand import ports
from test_monitoring_manifests import PROMTOOL, container_of, need, run

PROGRAM = PROMTOOL.with_name("prometheus")
README = (boot.MANIFESTS / "README.md").read_text()
# Prometheus' own documentation gives this hash for the password "test".
HASH = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """get(user and password): the status of a query."""
    need(PROGRAM, "Debian's prometheus, by lab/quick/install.sh prometheus")
    folder, port = tmp_path_factory.mktemp("web"), ports.any_free()
    tls.make_certificates(folder, ("localhost",))
    for name in ("tls.crt", "tls.key"):
        (folder / name).write_bytes((folder / "server.pem").read_bytes())
    lines = re.findall(r"^((?:tls_server_config|basic_auth_users): .*)$", README, re.M)
    text = re.sub(r"\$2y\$[^\"]*", lambda _: HASH, "\n".join(lines))
    (folder / "web.yml").write_text(text + "\n")
    (folder / "prometheus.yml").write_text("{}\n")
    run(PROMTOOL, "check", "web-config", folder / "web.yml")
    flag = next(a for a in container_of("prometheus")["args"] if a.startswith("--web.config"))
    command = [PROGRAM, f"{flag.split('=')[0]}={folder}/web.yml", "--log.level=error"]
    command += [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    command += [f"--web.listen-address=127.0.0.1:{port}"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    yield lambda credentials=None, scheme="https": status(scheme, port, context, credentials)
    process.terminate()
    process.wait()


def status(scheme, port, context, credentials):
    url = f"{scheme}://localhost:{port}/api/v1/query?query=1"
    request = urllib.request.Request(url)
    if credentials:
        word = base64.b64encode(credentials.encode()).decode()
        request.add_header("Authorization", f"Basic {word}")
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            if error.code != 503:
                return error.code
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("credentials", "wanted"),
    [("nodenap:test", 200), ("nodenap:wrong", 401), (None, 401)],
    ids=["the right password", "a wrong one", "none"],
)
def test_it_answers(prometheus, credentials, wanted):
    assert prometheus(credentials) == wanted


def test_it_speaks_no_plain_http(prometheus):
    prometheus()
    assert prometheus(scheme="http") == 400


def test_the_readme_says_what_nodenap_cannot_do():
    """As long as this is true: with the option the function has no metrics."""
    program = (boot.MANIFESTS.parents[1] / "src/adapters/prometheus/prometheus.cpp").read_text()
    assert "uthorization" not in program
    assert "sends no password" in " ".join(README.split())
