"""The cloud beside the real cluster: the quick stand's moto for EC2 and dynalite for the lease."""

import base64
import pathlib
import sys

import boto3
import botocore.config

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "quick"))

from stand.stand import Stand  # noqa: E402  (the path above makes it findable)

REGION = "us-east-1"
ZONES = ("us-east-1a", "us-east-1b")
TABLE = "nodenap"
IMAGE = "ami-0a0a0a0a0a0a0a0a0"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-of-a-secret-key",
}


class Cloud:
    def __init__(self, folder):
        self.peers = Stand(folder)

    def up(self):
        """Starts the peers; the PIDs by name."""
        self.peers.up(["moto", "dynalite"])
        self.ec2 = self.client("ec2", "moto")
        self.client("dynamodb", "dynalite").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "cluster_id", "KeyType": "HASH"},
                {"AttributeName": "record", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "cluster_id", "AttributeType": "S"},
                {"AttributeName": "record", "AttributeType": "S"},
            ],
        )
        return self.peers.state["peers"]

    def down(self):
        self.peers.down()

    def client(self, service, peer):
        return boto3.client(
            service,
            endpoint_url=self.peers.url(peer),
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=botocore.config.Config(retries={"mode": "standard", "max_attempts": 3}),
        )

    def environment(self):
        """What makes an AWS program speak to this cloud."""
        return CREDENTIALS | {
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.peers.url("moto"),
            "AWS_ENDPOINT_URL_DYNAMODB": self.peers.url("dynalite"),
        }

    def subnets(self):
        """One of the default subnets for each zone, in the order of ZONES."""
        found = {
            s["AvailabilityZone"]: s["SubnetId"] for s in self.ec2.describe_subnets()["Subnets"]
        }
        return [found[zone] for zone in ZONES]

    def template(self, name, user_data):
        """A launch template, as the infrastructure program makes it; its id."""
        data = {
            "ImageId": IMAGE,
            "InstanceType": "t2.small",
            "UserData": base64.b64encode(user_data.encode()).decode(),
            "MetadataOptions": {"HttpTokens": "required"},
        }
        made = self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        return made["LaunchTemplate"]["LaunchTemplateId"]

    def launch(self, template, name, count=1, **tags):
        """Launches instances that are not the autoscaler's; their ids."""
        labels = [{"Key": key, "Value": value} for key, value in ({"Name": name} | tags).items()]
        made = self.ec2.run_instances(
            LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
            MinCount=count,
            MaxCount=count,
            SubnetId=self.subnets()[0],
            TagSpecifications=[{"ResourceType": "instance", "Tags": labels}],
        )
        return [instance["InstanceId"] for instance in made["Instances"]]

    def terminate(self, *instance_ids):
        self.ec2.terminate_instances(InstanceIds=list(instance_ids))

    def instances(self, *states, **tags):
        """Ids of the instances in these states (default: pending and running) with these tags."""
        filters = [
            {"Name": "instance-state-name", "Values": list(states or ("pending", "running"))}
        ]
        filters += [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
        pages = self.ec2.get_paginator("describe_instances").paginate(Filters=filters)
        return [
            i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]
        ]

    def workers(self):
        return set(self.instances(ManagedBy="autoscaler"))
