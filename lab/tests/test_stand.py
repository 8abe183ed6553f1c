"""The stand starts the requested servers, next to others, and stops only those."""

import os
import socket
import ssl
import time

import pytest
from botocore.exceptions import HTTPClientError

from stand import aws, ports, process
from stand.clients import Prometheus
from stand.http import Refused, request
from stand.stand import Stand
from stand.toml import to_toml
from stand.waiting import wait_until


def test_two_stands_run_side_by_side(stand, tmp_path):
    other = Stand(tmp_path, any_ports=True)
    other.up(["dynalite"])
    try:
        assert other.port("dynalite") != stand.port("dynalite")
        aws.make_table(other.url("dynalite"), "only-there")
        tables = aws.client("dynamodb", stand.url("dynalite")).list_tables()["TableNames"]
        assert "only-there" not in tables
    finally:
        other.down()
    assert stand.is_up("dynalite") and not other.is_up("dynalite")


def test_a_stand_is_found_again_by_its_folder(tmp_path):
    Stand(tmp_path, any_ports=True).up(["dynalite"])
    again = Stand(tmp_path)
    assert again.is_up("dynalite")
    before = again.state["peers"]["dynalite"]["pid"]
    again.up(["dynalite"])
    assert again.state["peers"]["dynalite"]["pid"] == before
    assert again.down() == ["dynalite"]
    assert not process.is_running({"pid": before, "born": "0"})


def tables_of(client):
    """None while the connection fails, as it may right after a restart."""
    try:
        return client.list_tables()["TableNames"]
    except HTTPClientError:
        return None


def test_dynalite_keeps_its_data_over_a_kill(tmp_path):
    own = Stand(tmp_path, any_ports=True)
    own.up(["dynalite"])
    try:
        aws.make_table(own.url("dynalite"), "kept")
        os.kill(own.state["peers"]["dynalite"]["pid"], 9)
        while own.is_up("dynalite"):
            time.sleep(0.02)
        own.up(["dynalite"])
        client = aws.client("dynamodb", own.url("dynalite"))
        tables = wait_until(lambda: tables_of(client), "dynalite answers after its restart")
        assert tables == ["kept"]
    finally:
        own.down()


def test_a_peer_that_dies_is_named_with_the_end_of_its_log(tmp_path):
    log = tmp_path / "peer.log"
    peer = process.start(["sh", "-c", "echo out of luck; exit 3"], log, dict(os.environ))
    with pytest.raises(process.PeerFailed, match="out of luck"):
        process.wait_ready("peer", peer, f"http://127.0.0.1:{ports.any_free()}/")


def test_a_part_that_is_not_installed_is_named(tmp_path):
    with pytest.raises(process.PeerFailed, match=r"install\.sh"):
        process.start(["no-such-program"], tmp_path / "log", dict(os.environ))


def test_an_unknown_peer_is_refused(tmp_path):
    with pytest.raises(process.PeerFailed, match="no such server: venus"):
        Stand(tmp_path).up(["venus"])


def test_a_taken_port_is_not_chosen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert ports.choose({"peer": port})["peer"] != port


def test_everything_listens_on_loopback_only(stand):
    listening = [
        line.split()[1]
        for name in ("tcp", "tcp6")
        for line in open(f"/proc/net/{name}").read().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    numbers = {f"{port:04X}" for port in stand.state["ports"].values()}
    ours = [one for one in listening if one.split(":")[1] in numbers]
    assert ours and {one.split(":")[0] for one in ours} == {"0100007F"}


@pytest.mark.parametrize("peer", ["moto", "dynalite", "prometheus"])
def test_tls_before_the_peers_is_trusted_by_our_root_only(stand, peer):
    address = ("127.0.0.1", stand.port(f"tls-{peer}"))
    ours = ssl.create_default_context(cafile=str(stand.root_certificate))
    with socket.create_connection(address) as plain, ours.wrap_socket(
        plain, server_hostname="localhost"
    ) as tls:
        assert tls.version() in ("TLSv1.2", "TLSv1.3")
    with socket.create_connection(address) as plain, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_toxiproxy_can_cut_and_mend(world):
    through = Prometheus(world.stand.url("toxi-prometheus"))
    assert through.value("vector(1)") == 1
    world.toxiproxy.switch("prometheus", False)
    with pytest.raises(OSError):
        through.value("vector(1)")
    world.toxiproxy.reset()
    assert through.value("vector(1)") == 1


def test_an_unknown_door_of_the_layer_is_said(stand):
    with pytest.raises(Refused, match="404"):
        request(stand.url("moto") + "/lab/nothing")


def test_toml_is_what_a_parser_reads_back():
    import tomllib

    document = {"a": {"n": 1, "s": 'q"', "b": True}, "pool": [{"l": ["x"], "t": {"k": "v"}}]}
    assert tomllib.loads(to_toml({**document, "gone": None})) == document
