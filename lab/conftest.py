"""Fixtures: one quick stand for the whole run, one fresh cluster for each test."""

import pytest

from stand import aws
from stand.clients import Exporter, MotoLab, Prometheus, Toxiproxy
from stand.http import request
from stand.stand import Stand
from stand.world import World

PEERS = ["moto", "dynalite", "exporter", "prometheus", "alertmanager", "toxiproxy", "haproxy"]


@pytest.fixture(scope="session")
def stand(tmp_path_factory):
    """The stand's servers on their own ports, so that runs on one machine do not interfere."""
    own = Stand(tmp_path_factory.mktemp("stand"), any_ports=True)
    own.up(PEERS)
    yield own
    own.down()


@pytest.fixture
def world(stand, tmp_path):
    """A new cluster on servers without faults."""
    _forget_everything(stand)
    fresh = World(stand, tmp_path)
    yield fresh
    fresh.end()
    _forget_everything(stand)


@pytest.fixture
def ministack(stand):
    stand.up(["ministack"])
    yield stand.url("ministack")
    stand.down(["ministack"])


@pytest.fixture
def signed_moto(world):
    """moto with authentication enabled, and the keys of a user with the policy."""
    url = world.stand.url("moto")
    iam = aws.client("iam", url)
    iam.create_user(UserName="nodenap")
    key = iam.create_access_key(UserName="nodenap")["AccessKey"]
    keys = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }

    def sign_from_now_on(policy: str):
        iam.put_user_policy(UserName="nodenap", PolicyName="own", PolicyDocument=policy)
        request(f"{url}/moto-api/reset-auth", b"0", "POST", **{"Content-Type": "text/plain"})
        return keys

    yield sign_from_now_on
    request(f"{url}/moto-api/reset-auth", b"inf", "POST", **{"Content-Type": "text/plain"})


def _forget_everything(stand: Stand) -> None:
    MotoLab(stand.url("moto")).reset()
    Toxiproxy(stand.url("toxiproxy")).reset()
    exporter = Exporter(stand.url("exporter"))
    exporter.follow(None)
    exporter.scene(nodes=[], pods=[])
    Prometheus(stand.url("prometheus")).forget()
