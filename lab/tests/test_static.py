"""The function needs nothing from its system: in a root folder that contains only itself,
its two files and /etc/resolv.conf, it resolves a name and speaks TLS to a peer with our own root.
"""

import os
import shutil
import subprocess
import zipfile

import pytest
from name_server import NameServer

from stand.lambda_runtime import Function, events
from stand.world import REPOSITORY, Pass, program

NAME = "peer.nodenap.test"  # tls.py puts it into the certificate
FOREIGN_NSSWITCH = """\
passwd: systemd winbind
hosts: mymachines resolve [!UNAVAIL=return] mdns4_minimal [NOTFOUND=return] myhostname wins
networks: ldap
"""


@pytest.fixture
def name_server():
    if os.geteuid() != 0:
        missing = "chroot and port 53 need root"
        if os.environ.get("NODENAP_REQUIRE_REAL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    server = NameServer(NAME)
    yield server
    server.close()


@pytest.fixture
def in_chroot(world, name_server, tmp_path):
    """Puts the function into its own root folder, with the given files."""
    made = []

    def make(**files: str) -> Function:
        root = tmp_path / "root"
        (root / "etc").mkdir(parents=True)
        (root / "etc" / "resolv.conf").write_text(f"nameserver {name_server.address}\n")
        for name, text in files.items():
            (root / "etc" / f"{name}.conf").write_text(text)
        shutil.copy(program("bootstrap"), root / "bootstrap")
        shutil.copy(world.config, root / "nodenap.toml")
        shutil.copy(world.stand.root_certificate, root / "ca.pem")
        variables = world.variables(AWS_CA_BUNDLE="/ca.pem", NODENAP_CONFIG="/nodenap.toml")
        made.append(
            Function(["chroot", str(root), "/bootstrap"], variables, tmp_path / "lambda.log")
        )
        return made[-1]

    world.show(world.launch_workers(1))
    world.through, world.host = "tls", NAME
    world.configure()
    yield make
    for function in made:
        function.stop()


def readelf(*words: str) -> str:
    return subprocess.run(
        ["readelf", "-W", *words, str(program("bootstrap"))],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_program_is_static():
    assert "INTERP" not in readelf("-l")


def test_the_program_is_hardened():
    """Position independent, read-only relocations, a non-executable stack, stack protection."""
    assert "Type:                              DYN" in readelf("-h")
    assert "GNU_RELRO" in readelf("-l")
    assert "BIND_NOW" in readelf("-d") or "NOW" in readelf("-d")
    (stack,) = [line for line in readelf("-l").splitlines() if "GNU_STACK" in line]
    assert "RWE" not in stack
    code = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", str(program("bootstrap"))],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    guarded = code.count("%fs:0x28")
    assert guarded > 2000, "the C library alone has some hundreds"
    assert b"buffer overflow detected" in program("bootstrap").read_bytes()


def test_no_path_of_the_builder_is_in_the_program():
    for name in ("bootstrap", "nodenap"):
        content = program(name).read_bytes()
        for place in {str(REPOSITORY), os.path.expanduser("~/.cache"), "/root/"}:
            assert place.encode() not in content, f"{place} is in {name}"


@pytest.mark.parametrize(
    "trace",
    [b"SQLite format 3", b"N3CLI", b"N7nodenap3sim"],
    ids=["SQLite", "the command line", "the simulator"],
)
def test_the_function_carries_nothing_of_the_commands(trace):
    """Names of types and constants remain in a stripped program."""
    assert trace in program("nodenap").read_bytes()
    assert trace not in program("bootstrap").read_bytes()


def test_what_ships_has_no_hook_for_tests():
    """An environment variable must not be able to kill a pass or change its clock."""
    hook = b"NODENAP_TEST_"
    for name in ("bootstrap", "nodenap"):
        assert hook in program(f"{name}_with_test_hooks").read_bytes()
        assert hook not in program(name).read_bytes()
    for archive in (REPOSITORY / "dist").glob("nodenap-lambda-*.zip"):
        with zipfile.ZipFile(archive) as opened:
            assert hook not in opened.read("bootstrap"), archive.name


@pytest.mark.parametrize(
    "files",
    [{}, {"nsswitch": FOREIGN_NSSWITCH}],
    ids=["nothing else", "an nsswitch.conf of modules that are not there"],
)
def test_a_name_is_resolved_and_tls_spoken_in_an_empty_root(world, in_chroot, name_server, files):
    function = in_chroot(**files)
    answer = function.invoke(events.scheduled())
    assert answer.function_error is None, answer.body.decode() + function.output()
    record = Pass(answer.json())
    assert record.codes == ["below_minimum"], function.output()
    assert len(record.done("launch")) == 1
    assert len(world.instances()) == 2
    assert NAME in name_server.asked


def test_a_peer_of_another_root_is_not_trusted(world, in_chroot):
    """Without the test CA the handshake fails: the state is unreachable, and nothing is done."""
    function = in_chroot()
    function.variables["AWS_CA_BUNDLE"] = ""
    record = Pass(function.invoke(events.scheduled()).json())
    assert record.codes == ["state_unavailable"]
    assert "certificate" in record.text.lower() or "ssl" in record.text.lower(), record.text
    assert len(world.instances()) == 1


def test_a_name_that_does_not_exist_is_said(world, in_chroot):
    world.host = "nowhere.nodenap.test"
    world.configure()
    function = in_chroot()
    record = Pass(function.invoke(events.scheduled()).json())
    assert record.codes == ["state_unavailable"]
    assert "nowhere.nodenap.test" in record.text


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_a_zip_holds_one_small_program_and_nothing_else(architecture):
    place = REPOSITORY / "dist" / f"nodenap-lambda-{architecture}.zip"
    with zipfile.ZipFile(place) as archive:
        (only,) = archive.infolist()
    assert only.filename == "bootstrap"
    assert only.external_attr >> 16 & 0o111, "it can be run"
    assert place.stat().st_size < 2_700_000
