"""One cluster on the stand: its AWS, its table, its metrics, its configuration and its programs.

Tests get a fresh one each (conftest.py); the demo makes one of its own.
"""

import json
import os
import subprocess
import time
import uuid
from pathlib import Path

from stand import aws
from stand.clients import Exporter, MotoLab, Prometheus, Toxiproxy
from stand.lambda_runtime import Function
from stand.places import REGION, clean_environment
from stand.stand import Stand
from stand.toml import to_toml

REPOSITORY = Path(__file__).resolve().parents[3]


def program(name: str) -> Path:
    """build/<preset>/<name>: NODENAP_BIN's folder, else the Lambda preset's, else dev's."""
    given = os.environ.get("NODENAP_BIN")
    if given:
        return Path(given).resolve().parent / name
    presets = ("lambda-x86_64", "dev")
    places = [REPOSITORY / "build" / preset / name for preset in presets]
    return next((place for place in places if place.exists()), places[0])


class World:
    def __init__(self, stand: Stand, folder: Path, **settings) -> None:
        """settings: as in configure."""
        self.stand, self.folder = stand, folder
        self.cluster = f"lab-{uuid.uuid4().hex[:8]}"
        self.table = f"nodenap-{self.cluster}"
        self.moto = MotoLab(stand.url("moto"))
        self.exporter = Exporter(stand.url("exporter"))
        self.prometheus = Prometheus(stand.url("prometheus"))
        self.toxiproxy = Toxiproxy(stand.url("toxiproxy"))
        self.ec2 = aws.client("ec2", stand.url("moto"))
        self.dynamodb = aws.client("dynamodb", stand.url("dynalite"))
        self.network = aws.make_network(stand.url("moto"), self.cluster)
        aws.make_table(stand.url("dynalite"), self.table)
        self.config = folder / "nodenap.toml"
        self.through = "direct"  # or "toxi" or "tls": what stands before the peers
        self._functions: list[Function] = []
        self.configure(**settings)

    # --- configuration -----------------------------------------------------------------------

    def configure(self, **changes) -> Path:
        """Writes nodenap.toml: short windows, and table by table the changes; None: left out.

        configure(limits={"min_nodes": 1}, pool={"capacity": "spot"})
        """
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

    def _document(self) -> dict:
        return {
            "cluster": {"id": self.cluster},
            "aws": {"region": REGION},
            "limits": {"min_nodes": 2, "max_nodes": 10},
            "scale_up": {"cpu_window": "10s", "pending_for": "0s", "join_timeout": "10m"},
            "scale_down": {"unneeded_for": "0s", "cooldown": "0s"},
            "metrics": {"url": self.url("prometheus"), "timeout": "2s", "max_age": "30s"},
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
        return self.stand.url(prefix + peer)

    def variables(self, **more: str) -> dict[str, str]:
        """What the programs find in their environment, and nothing of the person's own AWS."""
        own = {
            "AWS_ENDPOINT_URL_EC2": self.url("moto"),
            "AWS_ENDPOINT_URL_SSM": self.url("moto"),
            "AWS_ENDPOINT_URL_DYNAMODB": self.url("dynalite"),
            "AWS_ACCESS_KEY_ID": aws.KEYS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": aws.KEYS["aws_secret_access_key"],
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
            [str(program("nodenap")), *arguments],
            env=clean_environment(**self.variables(**(variables or {}))),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=wait_s,
            check=False,
        )

    def nodenap_json(self, verb: str, *arguments: str, **options):
        """The parsed answer of a verb that reads the configuration; it must exit with 0."""
        ended = self.nodenap(
            verb, "--config", str(self.config), "--output", "json", *arguments, **options
        )
        assert ended.returncode == 0, f"{verb} exited {ended.returncode}:\n{ended.stderr}"
        return json.loads(ended.stdout)

    def bootstrap(self, variables: dict | None = None, **options) -> Function:
        """The Lambda binary under our Runtime API; stopped when the world ends."""
        function = Function(
            [str(program("bootstrap"))],
            self.variables(**(variables or {})),
            self.folder / f"lambda-{len(self._functions)}.log",
            **options,
        )
        self._functions.append(function)
        return function

    def end(self) -> None:
        for function in self._functions:
            function.stop()

    # --- what is there -----------------------------------------------------------------------

    def launch_workers(self, count: int, **more) -> list[str]:
        """Instances of ours, the zones in turn; their ids."""
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
        key = {"cluster_id": {"S": self.cluster}, "record": {"S": "state"}}
        return self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True).get(
            "Item"
        )

    def journal(self) -> list[dict]:
        """The journal's items, oldest first."""
        answer = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="cluster_id = :c AND begins_with(#r, :j)",
            ExpressionAttributeNames={"#r": "record"},
            ExpressionAttributeValues={":c": {"S": self.cluster}, ":j": {"S": "journal#"}},
        )
        return answer["Items"]

    def show(self, workers: list[str], pods: list[dict] | None = None, **scene) -> None:
        """Sets the scene: a server and these workers, Ready, with the history that rates need.

        cpu: the busy share of each worker; worker: more keys for each; the rest as in a scene.
        """
        cpu, worker = scene.pop("cpu", 0.5), scene.pop("worker", {})
        server = {"name": f"server-{self.cluster}", "server": True, "cpu": scene.pop("server_cpu", cpu)}
        nodes = [{**server, **({"cores": worker["cores"]} if "cores" in worker else {})}]
        nodes += [{"name": name, "cpu": cpu, **_size_of_t2_small(), **worker} for name in workers]
        began = time.time()
        self.exporter.show({"nodes": nodes, "pods": pods or [], **scene})
        self.prometheus.wait_scraped(began)

    def change_scene(self, **keys) -> None:
        """Changes what is sent, and waits until Prometheus has seen it."""
        began = time.time()
        self.exporter.change(**keys)
        self.prometheus.wait_scraped(began)


def _size_of_t2_small() -> dict:
    return {"cores": 1, "memory_bytes": 2048 << 20, "instance_type": "t2.small"}
