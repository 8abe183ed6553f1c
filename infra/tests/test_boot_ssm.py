"""The small client of Parameter Store, whose signatures moto verifies."""

import importlib.util
import json
import urllib.error

import boot
import pytest
from boot_machine import boot_servers

PARAMETERS = {"Name": "/k3s/prod/agent-token", "WithDecryption": True}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = boot_servers.ParameterStore("ssm:GetParameter", tmp_path_factory.mktemp("moto"))
    made.ssm.put_parameter(Name=PARAMETERS["Name"], Value="K10secret", Type="SecureString")
    made.check_signatures(True)
    yield made
    made.stop()


@pytest.fixture
def client(store, monkeypatch):
    """The client with the role's keys; requests to AWS are sent to moto."""
    spec = importlib.util.spec_from_file_location("nodenap_ssm", boot.SCRIPTS / "ssm.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    real = module.fetch
    monkeypatch.setattr(module, "credentials", lambda: dict(store.keys))
    monkeypatch.setattr(module, "fetch", lambda url, *more: real(store.url + "/", *more))
    monkeypatch.setattr(module, "SECONDS_TO_TRY", 0)
    monkeypatch.setattr(module, "PAUSE_S", 0)
    return module


def test_a_right_signature_is_taken(client):
    answer = client.call("us-east-1", "GetParameter", PARAMETERS)
    assert answer["Parameter"]["Value"] == "K10secret"


def test_a_wrong_key_is_refused(client, store, monkeypatch):
    monkeypatch.setattr(client, "credentials", lambda: store.keys | {"SecretAccessKey": "wrong"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        client.call("us-east-1", "GetParameter", PARAMETERS)
    assert refused.value.code == 403 and "SignatureDoesNotMatch" in refused.value.read().decode()


def test_what_the_role_may_not_do_is_refused(client):
    with pytest.raises(urllib.error.HTTPError) as refused:
        client.call("us-east-1", "PutParameter", {"Name": "/k3s/prod/ca", "Value": "x"})
    assert refused.value.code == 403 and "not authorized" in refused.value.read().decode()


def test_it_gives_up_with_the_errors_name(client):
    missing = PARAMETERS | {"Name": "/k3s/prod/missing"}
    with pytest.raises(SystemExit) as end:
        client.call_until_it_answers("us-east-1", "GetParameter", missing)
    assert "/k3s/prod/missing: ParameterNotFound" in str(end.value)


def test_an_error_that_quotes_the_value_is_not_repeated(client):
    body = json.dumps({"__type": "com.amazonaws#ValidationException", "message": "K10secret"})

    class Refusal(urllib.error.HTTPError):
        def read(self, *_):
            return body.encode()

    assert client.cause(Refusal("url", 400, "Bad", {}, None)) == "ValidationException"


def test_the_file_is_roots_alone_and_whole(client, tmp_path):
    path = tmp_path / "run" / "agent-token"
    client.get("us-east-1", PARAMETERS["Name"], str(path))
    assert path.read_text() == "K10secret"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [one.name for one in path.parent.iterdir()] == ["agent-token"]
