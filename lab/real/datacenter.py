#!/usr/bin/env python3
"""The datacenter: runs the instances that an EC2 endpoint describes.

Each running instance boots after a delay, by running its user data in a new machine (node.sh)
named by the instance id; a terminated one is killed.
Ended by SIGTERM or SIGINT; the machines stay until down.sh.
"""

import argparse
import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

import boto3
import botocore.config
import botocore.exceptions

import imds

HERE = pathlib.Path(__file__).resolve().parent
CATALOGUE = HERE.parents[1] / "data" / "ec2-instance-types.json"
HAS_POWER = ("pending", "running")
MAX_MACHINES = 100


class Datacenter:
    def __init__(self, ec2, region, boot_delay_s, cpu_share, reserved):
        self.ec2, self.region, self.boot_delay_s = ec2, region, boot_delay_s
        self.cpu_share, self.reserved = cpu_share, reserved
        self.types = read_catalogue()
        self.machines = {}  # instance id → Machine
        self.since = {}  # instance id → when it was first seen running

    def step(self, now):
        """Polls EC2 once and starts or kills machines."""
        seen = self.describe()
        for instance_id in list(self.machines):
            if instance_id not in seen or seen[instance_id]["State"]["Name"] not in HAS_POWER:
                self.pull_plug(instance_id)
        for instance_id, instance in seen.items():
            if instance["State"]["Name"] != "running" or instance_id in self.machines:
                continue
            if now - self.since.setdefault(instance_id, now) >= self.boot_delay_s:
                self.boot_or_clear_away(instance)

    def describe(self):
        pages = self.ec2.get_paginator("describe_instances").paginate()
        return {
            i["InstanceId"]: i
            for page in pages
            for r in page["Reservations"]
            for i in r["Instances"]
        }

    def boot_or_clear_away(self, instance):
        """Cleans up after a failure, and retries at the next poll."""
        try:
            self.boot(instance)
        except (OSError, subprocess.CalledProcessError) as error:
            say(f"{instance['InstanceId']} did not boot: {error}")
            node("kill", instance["InstanceId"])

    def boot(self, instance):
        instance_id = instance["InstanceId"]
        index = self.free_index()
        size = self.types[instance["InstanceType"]]
        environment = os.environ | {
            "LAB_NODE_CORES": str(size["vcpu"]),
            "LAB_NODE_MEM_MIB": str(size["memory_mib"]),
            "LAB_NODE_CPUS": f"{size['vcpu'] * self.cpu_share:.2f}",
            "LAB_NODE_RESERVED": self.reserved,
        }
        say(f"{instance_id} boots: {instance['InstanceType']}, machine {index}")
        with tempfile.NamedTemporaryFile("w", prefix="user-data-") as script:
            script.write(self.user_data(instance_id))
            script.flush()
            node("start", instance_id, str(index), script.name, env=environment)
        service = imds.Server(
            f"nodenap-{instance_id}", imds.tree_of(instance, f"198.18.0.{10 + index}", self.region)
        )
        self.machines[instance_id] = Machine(index, service)

    def user_data(self, instance_id):
        answer = self.ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
        return decoded(answer.get("UserData", {}).get("Value", ""))

    def pull_plug(self, instance_id):
        machine = self.machines.pop(instance_id)
        machine.service.shutdown()
        machine.service.server_close()
        node("kill", instance_id)
        say(f"{instance_id} terminated")

    def free_index(self):
        taken = {machine.index for machine in self.machines.values()}
        return next(index for index in range(1, MAX_MACHINES + 1) if index not in taken)


class Machine:
    def __init__(self, index, service):
        self.index, self.service = index, service


def decoded(text):
    """User data as a script: EC2 returns it in base64; some callers had encoded it before."""
    while text and not text.startswith("#!"):
        text = base64.b64decode(text, validate=True).decode()
    return text


def read_catalogue():
    entries = json.loads(CATALOGUE.read_text())
    entries = entries.get("instance_types", entries) if isinstance(entries, dict) else entries
    return {entry["name"]: entry for entry in entries}


def node(*arguments, env=None):
    # No file descriptor may be inherited by a machine: it would keep the caller's pipes open.
    subprocess.run([HERE / "node.sh", *arguments], check=True, env=env, stdin=subprocess.DEVNULL)


def say(text):
    print(f"[{time.strftime('%T')}] {text}", flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--endpoint", required=True, help="EC2's URL")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--boot-delay", type=float, default=2.0, metavar="SECONDS")
    parser.add_argument(
        "--cpu-share",
        type=float,
        default=0.4,
        metavar="SHARE",
        help="of a real core, for each core of a machine",
    )
    parser.add_argument(
        "--reserved", default="100m 250Mi", help="each node's CPU and memory for the system"
    )
    parser.add_argument(
        "--every", type=float, default=1.0, metavar="SECONDS", help="between two polls"
    )
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    over = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: over.set())
    ec2 = boto3.client(
        "ec2",
        endpoint_url=options.endpoint,
        region_name=options.region,
        config=botocore.config.Config(retries={"mode": "standard", "max_attempts": 2}),
    )
    datacenter = Datacenter(
        ec2, options.region, options.boot_delay, options.cpu_share, options.reserved
    )
    say(f"watching {options.endpoint}")
    while not over.wait(options.every):
        try:
            datacenter.step(time.monotonic())
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            say(f"no response from EC2: {error}")
        except subprocess.CalledProcessError as error:
            say(f"a machine failed: {error}")


if __name__ == "__main__":
    main()
