"""One cluster on the stand: its AWS, its table, its metrics, its configuration and its programs.

Each test gets a new one (conftest.py); the demo creates its own.
"""

import json
import os
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from stand import aws
from stand.clients import Exporter, MotoLab, Prometheus, Toxiproxy
from stand.lambda_runtime import Function
from stand.places import REGION, clean_environment
from stand.stand import Stand
from stand.toml import to_toml

SIZE_OF_T2_SMALL = {"cores": 1, "memory_bytes": 2048 << 20, "instance_type": "t2.small"}
# The [reserve] of each worker, as in its kubelet.
RESERVE_CORES, RESERVE_BYTES = 0.1, 300 << 20
SCRAPES_COME_BACK_S = 30
REPOSITORY = Path(__file__).resolve().parents[3]


def program(name: str) -> Path:
    """build/<preset>/<name>: NODENAP_BIN's folder, else the Lambda preset's, else dev's."""
    given = os.environ.get("NODENAP_BIN")
    if given:
        return Path(given).resolve().parent / name
    presets = ("lambda-x86_64", "dev")
    places = [REPOSITORY / "build" / preset / name for preset in presets]
    built = [place for place in places if place.exists()]
    if not built:
        raise FileNotFoundError(f"{name} is not built; run ./dev lambda x86_64")
    return built[0]


def program_for(name: str, variables: dict | None) -> Path:
    """The shipped program, or the one with test hooks if the variables need them."""
    hooked = any(variable.startswith("NODENAP_TEST_") for variable in variables or {})
    return program(f"{name}_with_test_hooks" if hooked else name)


@dataclass
class Pass:
    """The result of a pass, however it was started."""

    record: dict
    exit_code: int = 0
    events: str = ""  # the event log, or other output

    @property
    def decision(self) -> str | None:
        return self.record.get("decision")

    @property
    def codes(self) -> list[str]:
        return [reason["code"] for reason in self.record.get("reasons", [])]

    @property
    def text(self) -> str:
        return "; ".join(reason["text"] for reason in self.record.get("reasons", []))

    @property
    def unknown(self) -> dict[str, str]:
        signals = self.record.get("signals", {})
        return {one["signal"]: one["cause"] for one in signals.get("unknown", [])}

    def done(self, kind: str) -> list[dict]:
        return [one for one in self.record.get("done", []) if one["kind"] == kind]


class World:
    def __init__(self, stand: Stand, folder: Path, **settings) -> None:
        """settings: as in configure."""
        self.stand, self.folder = stand, folder
        self.cluster = _new_name()
        self.table = f"nodenap-{self.cluster}"
        self.moto = MotoLab(stand.url("moto"))
        self.exporter = Exporter(stand.url("exporter"))
        self.prometheus = Prometheus(stand.url("prometheus"))
        self.toxiproxy = Toxiproxy(stand.url("toxiproxy"))
        self.ec2 = aws.client("ec2", stand.url("moto"))
        self.dynamodb = aws.client("dynamodb", stand.url("dynalite"))
        self.network = aws.make_network(stand.url("moto"), self.cluster)
        aws.make_table(stand.url("dynalite"), self.table)
        self._changes: dict = {}
        self.config = folder / "nodenap.toml"
        self.through = "direct"  # or "toxi" or "tls": the proxy in front of the servers
        self.host = "127.0.0.1"  # or a name of it, used by the programs for the servers
        self._functions: list[Function] = []
        self.configure(**settings)

    def begin_cluster(self) -> None:
        """A new cluster id in the same network and table."""
        self.cluster = _new_name()
        self.configure(**self._changes)

    # --- configuration -----------------------------------------------------------------------

    def configure(self, **changes) -> Path:
        """Writes nodenap.toml: short windows, and the changes by table; None omits a key.

        configure(limits={"min_nodes": 1}, pool={"capacity": "spot"})
        """
        self._changes = changes
        document = self._document()
        for table, keys in changes.items():
            before = document.get(table, {})
            if isinstance(keys, dict) and isinstance(before, list):
                document[table] = [{**one, **keys} for one in before]
            elif isinstance(keys, dict):
                document[table] = {**before, **keys}
            else:
                document[table] = keys
        self.config.write_text(to_toml(document))
        return self.config

    @property
    def _state_key(self) -> dict:
        return {"cluster_id": {"S": self.cluster}, "record": {"S": "state"}}

    def _document(self) -> dict:
        return {
            "cluster": {"id": self.cluster, "mode": "act"},
            "aws": {"region": REGION},
            "limits": {"min_nodes": 2, "max_nodes": 10},
            "scale_up": {"cpu_window": "20s", "pending_for": "0s", "join_timeout": "10m"},
            "scale_down": {"unneeded_for": "0s", "cooldown": "0s"},
            "metrics": {"url": self.url("prometheus"), "timeout": "10s", "max_age": "30s"},
            "state": {"dynamodb_table": self.table},
            "relook": {"every": "1s", "for": "0s"},
            "pool": [
                {
                    "name": "workers",
                    "launch_template": self.network.launch_template,
                    "launch_template_version": self.network.launch_template_version,
                    "subnets": self.network.subnets,
                    "zones": self.network.zones,
                    "instance_types": ["t2.small"],
                }
            ],
        }

    def url(self, peer: str) -> str:
        prefix = "" if self.through == "direct" else f"{self.through}-"
        return self.stand.url(prefix + peer).replace("127.0.0.1", self.host)

    def variables(self, **more: str) -> dict[str, str]:
        """The programs' environment, without the user's own AWS account."""
        own = {
            "AWS_ENDPOINT_URL_EC2": self.url("moto"),
            "AWS_ENDPOINT_URL_SSM": self.url("moto"),
            "AWS_ENDPOINT_URL_SERVICE_QUOTAS": self.url("moto"),
            "AWS_ENDPOINT_URL_IAM": self.url("moto"),
            "AWS_ENDPOINT_URL_STS": self.url("moto"),
            "AWS_ENDPOINT_URL_DYNAMODB": self.url("dynalite"),
            "AWS_ACCESS_KEY_ID": aws.KEYS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": aws.KEYS["aws_secret_access_key"],
            "AWS_CONFIG_FILE": "/nowhere/config",
            "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
            "AWS_REGION": REGION,
            "NODENAP_CONFIG": str(self.config),
        }
        if self.through == "tls":
            own["AWS_CA_BUNDLE"] = str(self.stand.root_certificate)
        return {**own, **more}

    # --- programs ----------------------------------------------------------------------------

    def nodenap(self, *arguments: str, variables: dict | None = None, wait_s: float = 150):
        """Runs the command line to its end; stdout and stderr are in the result."""
        return subprocess.run(
            [str(program_for("nodenap", variables)), *arguments],
            env=clean_environment(**self.variables(**(variables or {}))),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=wait_s,
            check=False,
        )

    def nodenap_json(self, verb: str, *arguments: str, **options):
        """The parsed output of a command that reads the configuration; it must exit with 0."""
        ended = self.nodenap(
            verb, "--config", str(self.config), "--output", "json", *arguments, **options
        )
        assert ended.returncode == 0, f"{verb} exited {ended.returncode}:\n{ended.stderr}"
        return json.loads(ended.stdout)

    def tick(self, variables: dict | None = None) -> "Pass":
        """One real pass by the command line. Repeated if metrics were missing, since a loaded
        machine loses a scrape occasionally."""
        deadline = time.monotonic() + SCRAPES_COME_BACK_S
        ticked = self.tick_once(variables)
        while "metrics_unknown" in ticked.codes and time.monotonic() < deadline:
            time.sleep(0.5)
            ticked = self.tick_once(variables)
        return ticked

    def tick_once(self, variables: dict | None = None) -> "Pass":
        """One real pass by the command line, even with missing data."""
        ended = self.nodenap(
            *("tick", "--config", str(self.config), "--output", "json", "--events"),
            variables=variables,
        )
        record = json.loads(ended.stdout) if ended.stdout.startswith("{") else {}
        return Pass(record, ended.returncode, ended.stderr)

    def state_on_moto(self) -> dict[str, str]:
        """Creates the table on moto, whose layer logs DynamoDB's calls and can inject faults;
        returns the variables."""
        url = self.stand.url("moto")
        aws.make_table(url, self.table)
        self.dynamodb = aws.client("dynamodb", url)
        return {"AWS_ENDPOINT_URL_DYNAMODB": url}

    def bootstrap(self, variables: dict | None = None, **options) -> Function:
        """The Lambda binary with the lab's Runtime API; stopped when the world ends."""
        function = Function(
            [str(program_for("bootstrap", variables))],
            self.variables(**(variables or {})),
            self.folder / f"lambda-{len(self._functions)}.log",
            **options,
        )
        self._functions.append(function)
        return function

    def end(self) -> None:
        for function in self._functions:
            function.stop()

    # --- contents ----------------------------------------------------------------------------

    def launch_workers(self, count: int, **more) -> list[str]:
        """Launches managed instances, alternating zones; returns their ids."""
        return [
            aws.launch_worker(self.ec2, self.network, self.cluster, zone=number % 2, **more)
            for number in range(count)
        ]

    def instances(self, *states: str) -> list[dict]:
        return aws.instances_of(self.ec2, self.cluster, *states)

    def instance_ids(self, *states: str) -> list[str]:
        return [one["InstanceId"] for one in self.instances(*states)]

    def state_item(self) -> dict | None:
        """The state item, in DynamoDB's own notation."""
        answer = self.dynamodb.get_item(
            TableName=self.table, Key=self._state_key, ConsistentRead=True
        )
        return answer.get("Item")

    def end_lease(self) -> None:
        """Makes a held lease expire."""
        self.dynamodb.update_item(
            TableName=self.table,
            Key=self._state_key,
            UpdateExpression="SET lease_until = :past",
            ConditionExpression="attribute_exists(lease_owner)",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )

    def journal(self) -> list[dict]:
        """The history's items, oldest first."""
        answer = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="cluster_id = :c AND begins_with(#r, :j)",
            ExpressionAttributeNames={"#r": "record"},
            ExpressionAttributeValues={":c": {"S": self.cluster}, ":j": {"S": "journal#"}},
        )
        return answer["Items"]

    def show(self, workers: list[str], pods: list[dict] | None = None, **scene) -> None:
        """Sets the scene: a server and these workers, Ready, with the history that rates need.

        cpu: the busy share of each node; worker: more keys for each worker; the rest as in a scene.
        Each node name may be used only once: Prometheus keeps its history.
        """
        cpu, worker = scene.pop("cpu", 0.5), scene.pop("worker", {})
        server = f"server-{self.cluster}"
        nodes = [{"name": server, "server": True, "cpu": cpu}]
        size = {**SIZE_OF_T2_SMALL, **worker}
        room = {
            "allocatable_cores": size["cores"] - RESERVE_CORES,
            "allocatable_memory_bytes": size["memory_bytes"] - RESERVE_BYTES,
        }
        nodes += [{"name": name, "cpu": cpu, **room, **size} for name in workers]
        pods = system_pods(server, workers) + (pods or [])
        began = time.time()
        self.exporter.show({"nodes": nodes, "pods": pods, **scene})
        self.prometheus.wait_scraped(began, scene.get("off", ["resource"]))

    def change_scene(self, **keys) -> None:
        """Changes the sent keys, and waits until Prometheus has scraped them."""
        began = time.time()
        self.exporter.change(**keys)
        self.prometheus.wait_scraped(began, self.exporter.current()["off"])


def _new_name() -> str:
    return f"lab-{uuid.uuid4().hex[:8]}"


def full(workers: list[str]) -> list[dict]:
    """A running pod on each worker that requests all its CPU."""
    return [
        {"name": f"full-{node}", "node": node, "owner_name": "full", "cpu": 1.0} for node in workers
    ]


def system_pods(server: str, workers: list[str]) -> list[dict]:
    """Pods of every cluster, without requests: DNS, and an agent on each node."""
    nothing = {"namespace": "kube-system", "cpu": 0, "memory_bytes": 0}
    agents = [
        {"name": f"agent-{node}", "node": node, "owner": "DaemonSet", "owner_name": "agent"}
        for node in (server, *workers)
    ]
    return [{**nothing, "name": "coredns", "node": server}, *({**nothing, **a} for a in agents)]
