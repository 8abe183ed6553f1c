#!/usr/bin/env python3
"""The baseline's three tests on the quick stand, with the real Lambda binary.

demo.py [--keep]     --keep leaves the stand running and prints how to use it
"""

import argparse
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "quick")]

from show import Progress, table  # noqa: E402
from stand import aws  # noqa: E402
from stand.lambda_runtime import events  # noqa: E402
from stand.stand import Stand  # noqa: E402
from stand.world import World  # noqa: E402
from story import Story, StoryFailed  # noqa: E402

PEERS = ["moto", "dynalite", "exporter", "prometheus"]
TICK_EVERY_S = 4.0  # the baseline's two minutes
JOIN_S = 3.0


class QuickStage:
    """moto, dynalite and Prometheus; the exporter simulates the cluster and its scheduler."""

    name, minimum = "quick", 2

    def __init__(self, world: World) -> None:
        self._world = world
        self.server = launch_server(world)
        self._lambda = world.bootstrap()
        world.moto.settings(pending_s=2, shutting_down_s=2)
        world.exporter.follow(world.cluster, join_s=JOIN_S, busy_cores=0.2)
        world.exporter.backfill(seconds=60, step=2)

    def load(self, on: bool) -> None:
        busy_cores, server_cpu = (1.9, 0.6) if on else (0.2, 0.1)
        self._world.exporter.follow(
            self._world.cluster, busy_cores=busy_cores, server_cpu=server_cpu
        )

    def deploy(self, replicas: int) -> None:
        self._world.exporter.deploy("nginx", replicas, cpu=0.1, memory_bytes=128 << 20)

    def delete(self) -> None:
        self._world.exporter.delete_deployment("nginx")

    def tick(self) -> dict:
        result = self._lambda.invoke(events.scheduled())
        if result.function_error or "error" in result.json():
            raise StoryFailed(f"the function failed: {result.body.decode()}")
        return result.json()

    def workers(self) -> list[str]:
        return self._world.instance_ids("pending", "running")

    def server_runs(self) -> bool:
        answer = self._world.ec2.describe_instances(InstanceIds=[self.server])
        return answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"

    def ready_workers(self) -> int:
        ready = 'count(kube_node_status_condition{condition="Ready",status="true"} == 1)'
        return int(self._world.prometheus.value(ready) or 1) - 1  # without the server

    def waiting_pods(self) -> int:
        return int(self._world.prometheus.value("sum(kube_pod_status_unschedulable)") or 0)

    def history(self) -> list[dict]:
        return self._world.nodenap_json("history")["records"]


def launch_server(world: World) -> str:
    """The server's own instance, without the cluster's tags: it must never be touched."""
    tags = [{"Key": "Name", "Value": "k3s-server"}]
    answer = world.ec2.run_instances(
        ImageId=aws.IMAGE,
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.medium",
        SubnetId=world.network.subnets[0],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return answer["Instances"][0]["InstanceId"]


def configure(world: World) -> None:
    world.configure(
        scale_up={"cpu_window": "8s"},
        scale_down={"unneeded_for": "4s", "cooldown": "6s"},
        relook={"every": "1s", "for": "8s"},
        metrics={"max_age": "15s"},
    )


def run(stand: Stand, progress: Progress) -> list[dict]:
    progress.step("moto, dynalite, Prometheus and the cluster's metrics are running on loopback")
    world = World(stand, stand.folder)
    configure(world)
    try:
        stage = QuickStage(world)
        progress.step(f"time is accelerated: two minutes take {TICK_EVERY_S:.0f} seconds here")
        Story(stage, progress, TICK_EVERY_S, patience_s=120).tell()
        return stage.history()
    finally:
        world.end()


def say_how_to_go_on(stand: Stand) -> None:
    world_config = stand.folder / "nodenap.toml"
    print(
        f"\nThe stand is still running ({stand.folder}); stop it with ./dev lab down. To use it:\n"
        f"  export AWS_ENDPOINT_URL_EC2={stand.url('moto')}\n"
        f"  export AWS_ENDPOINT_URL_DYNAMODB={stand.url('dynalite')}\n"
        f"  export AWS_ACCESS_KEY_ID={aws.KEYS['aws_access_key_id']} "
        f"AWS_SECRET_ACCESS_KEY={aws.KEYS['aws_secret_access_key']}\n"
        f"  build/lambda-x86_64/nodenap plan --config {world_config}"
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--keep", action="store_true", help="leave the stand running")
    given = arguments.parse_args()
    progress = Progress()
    progress.chapter("Nodenap on the quick stand")
    stand = Stand()
    stand.down()
    try:
        stand.up(PEERS)
        records = run(stand, progress)
        progress.chapter("What Nodenap observed and did, and why (nodenap history)")
        print(table(records))
        if given.keep:
            say_how_to_go_on(stand)
        return 0
    except StoryFailed as failed:
        progress.step(f"FAILED: {failed}")
        given.keep = False
        return 1
    finally:
        if not given.keep:
            stand.down()


if __name__ == "__main__":
    sys.exit(main())
