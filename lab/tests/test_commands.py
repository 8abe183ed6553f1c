"""The command line with the same servers: modes, pauses, the loop, and SQLite as its store."""

import json
import os
import signal
import subprocess
import time

import pytest

from stand import aws
from stand.places import clean_environment
from stand.waiting import wait_until
from stand.world import program


@pytest.fixture
def below_minimum(world):
    world.show(world.launch_workers(1))
    return world


def test_observing_decides_records_and_touches_nothing(below_minimum):
    world = below_minimum
    world.configure(cluster={"mode": "observe"})
    ticked = world.tick()
    assert "observing" in ticked.codes or ticked.decision == "scale_up", ticked.record
    assert len(world.instances()) == 1
    (record,) = world.nodenap_json("history", "--since", "1h")["records"]
    assert record["launch"][0]["count"] == 1
    assert record.get("done", []) == []


def test_add_only_adds_and_never_removes(world):
    workers = world.launch_workers(4)
    world.show(workers, cpu=0.05)
    world.configure(cluster={"mode": "add_only"})
    world.tick()
    assert len(world.instances()) == 4
    world.configure(cluster={"mode": "add_only"}, limits={"min_nodes": 5})
    assert world.tick().codes == ["below_minimum"]
    assert len(world.instances()) == 5


def test_paused_it_decides_and_touches_nothing_until_resumed(below_minimum):
    world = below_minimum
    assert world.nodenap("pause", "--config", str(world.config), "--for", "2h").returncode == 0
    assert world.nodenap_json("status")["paused_until"] is not None
    assert "paused" in world.tick().codes
    assert len(world.instances()) == 1
    assert world.nodenap("resume", "--config", str(world.config)).returncode == 0
    assert world.tick().codes == ["below_minimum"]
    assert len(world.instances()) == 2


def test_history_is_newest_first_and_limited(below_minimum):
    world = below_minimum
    world.tick()
    world.tick()
    records = world.nodenap_json("history", "--since", "24h")["records"]
    assert [one["epoch"] for one in records] == sorted((r["epoch"] for r in records), reverse=True)
    assert len(world.nodenap_json("history", "--since", "24h", "--limit", "1")["records"]) == 1


def test_tables_are_plain_in_a_pipe(below_minimum):
    for verb in ("plan", "status", "history"):
        ended = below_minimum.nodenap(verb, "--config", str(below_minimum.config))
        assert ended.returncode == 0, ended.stderr
        assert "\x1b" not in ended.stdout and ended.stdout.strip()


def test_usage_errors_exit_with_two(world):
    for arguments in ([], ["fly"], ["tick", "--output", "xml"], ["pause", "--for", "soon"]):
        assert world.nodenap(*arguments).returncode == 2, arguments


def start_run(world, *arguments: str, **variables: str) -> subprocess.Popen:
    return subprocess.Popen(
        [str(program("nodenap")), "run", "--config", str(world.config), *arguments],
        env=clean_environment(**world.variables(**variables)),
        cwd=world.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_loop_runs_passes_until_it_is_interrupted(below_minimum):
    """On SQLite: DynamoDB is not used at all, and the used file is named."""
    world = below_minimum
    world.configure(state={"dynamodb_table": None, "sqlite": "own.db"}, relook={"for": "0s"})
    running = start_run(
        world, "--every", "1s", "--output", "json", AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:1"
    )
    wait_until(lambda: len(world.instances()) == 2, "no pass launched the missing worker")
    running.send_signal(signal.SIGINT)
    said, complained = running.communicate(timeout=60)
    assert running.returncode == 130, complained
    assert f"the SQLite file {world.folder / 'own.db'}" in complained
    assert json.loads(said.splitlines()[0])["decision"] == "scale_up"
    status = world.nodenap_json("status")
    assert status["lease"]["held"] is False and status["lease"]["epoch"] >= 1


def test_the_loop_ends_well_where_it_is_stopped_as_a_service(below_minimum):
    world = below_minimum
    running = start_run(world, "--every", "1s")
    wait_until(lambda: len(world.instances()) == 2, "no pass launched the missing worker")
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert "lease_owner" not in world.state_item()


def test_errors_are_documents_where_json_is_asked_for(world):
    for arguments in (["fly", "--output", "json"], ["plan", "-o", "json", "-c", "/nowhere.toml"]):
        ended = world.nodenap(*arguments)
        assert ended.returncode == 2
        document = json.loads(ended.stdout)
        assert document["version"] == 1
        assert list(document["error"]) == ["kind", "code", "text", "advice"], document
        assert document["error"]["kind"] == "invalid"


def test_an_interrupt_in_a_pass_releases_the_lease(below_minimum):
    world = below_minimum
    world.through = "toxi"
    world.configure(metrics={"timeout": "10s"})
    world.toxiproxy.latency("prometheus", 2000)
    running = start_run(world, "--every", "1h")
    wait_until(lambda: "lease_owner" in (world.state_item() or {}), "no pass began")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=100)
    assert running.returncode == 130
    assert "lease_owner" not in world.state_item()


def test_the_loop_survives_a_store_that_is_away(below_minimum):
    world = below_minimum
    world.through = "toxi"
    world.configure()
    world.toxiproxy.switch("dynalite", False)
    running = start_run(world, "--every", "1s")
    time.sleep(1.5)
    assert running.poll() is None
    world.toxiproxy.switch("dynalite", True)
    wait_until(lambda: len(world.instances()) == 2, "it did not go on when the store was back")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130


def test_files_that_it_writes_are_their_owners_alone(tmp_path):
    """With any umask, since the files name pods and instances."""
    for name in ("new.html", "old.html"):
        page = tmp_path / name
        if name == "old.html":
            page.write_text("of an older version")
            page.chmod(0o644)
        subprocess.run(
            [str(program("nodenap")), "simulate", "chaos", "--html", str(page)],
            check=True,
            capture_output=True,
            umask=0,
        )
        assert page.stat().st_mode & 0o777 == 0o600, name


# --- what others read -----------------------------------------------------------------------------


def output_to(world, stdout, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(program("nodenap")), *arguments],
        env=clean_environment(**world.variables()),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", [["status"], ["--help"], ["--version"], ["config", "check"]])
def test_a_full_disk_is_a_failure_that_is_said(world, words):
    with open("/dev/full", "w") as full:
        ended = output_to(world, full, *words)
    assert ended.returncode == 1
    assert ended.stderr.endswith("standard output cannot be written: No space left on device\n")


def test_a_reader_that_has_gone_is_a_failure_in_silence(world):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        ended = output_to(world, pipe, "status")
    assert (ended.returncode, ended.stderr) == (1, "")


def test_a_pause_that_failed_says_that_it_goes_on(world):
    ended = world.nodenap(
        "pause", variables={"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}
    )
    assert ended.returncode == 1
    assert "NOT paused" in ended.stderr and "Nodenap keeps acting" in ended.stderr
    assert "next pass" not in ended.stderr


# --- profiles -------------------------------------------------------------------------------------


def profile_variables(world, name: str) -> dict[str, str]:
    """The shared AWS files of a user: keys, an assumed role, and a process."""
    keys = aws.KEYS
    config = world.folder / "aws-config"
    config.write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/admin\n"
        "source_profile = keys\n[profile sso]\nsso_session = corp\n"
        "[profile process]\ncredential_process = printf "
        "'{\"Version\": 1, \"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"%s\"}' "
        f"{keys['aws_access_key_id']} {keys['aws_secret_access_key']}\n"
    )
    shared = world.folder / "aws-credentials"
    shared.write_text("[keys]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
    return {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PROFILE": name,
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(shared),
    }


@pytest.mark.parametrize("name", ["keys", "role", "process"])
def test_a_profile_gives_the_credentials(below_minimum, name):
    assert below_minimum.tick(profile_variables(below_minimum, name)).decision == "scale_up"


@pytest.mark.parametrize(
    ("name", "said"), [("nobody", "AWS_PROFILE names nobody"), ("sso", "the AWS CLI")]
)
def test_a_profile_that_gives_none_is_not_ignored(world, name, said):
    ended = world.nodenap("plan", variables=profile_variables(world, name) | {"PATH": "/nowhere"})
    assert ended.returncode in (1, 2) and said in ended.stderr, ended.stderr + ended.stdout
