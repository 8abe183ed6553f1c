"""The AWS of the real cluster: the quick stand's moto for EC2 and dynalite for DynamoDB."""

import base64
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "quick"))

from stand import aws, ports, process  # noqa: E402  (the path above makes it findable)
from stand.peers import RECIPES  # noqa: E402
from stand.places import REGION, clean_environment  # noqa: E402

TABLE = "nodenap"
ALIVE = ("pending", "running")
PEERS = ("moto", "dynalite")


class Cloud:
    """Its ports are random, so that it does not conflict with a quick stand that starts at the
    same time."""

    def __init__(self, folder):
        self.folder = folder
        self.ports = {name: ports.any_free() for name in PEERS}

    def up(self):
        """Starts the servers; returns their PIDs by name."""
        self.folder.mkdir()
        started = {name: self.start(name) for name in PEERS}
        for name, peer in started.items():
            process.wait_ready(name, peer, self.url(name) + RECIPES[name].ready_path)
        self.ec2 = aws.client("ec2", self.url("moto"))
        self.network = aws.make_network(self.url("moto"))
        aws.make_table(self.url("dynalite"), TABLE)
        return {name: peer["pid"] for name, peer in started.items()}

    def start(self, name):
        launch = RECIPES[name].launch(self.folder, self.ports)
        environment = clean_environment(**launch.environment)
        return process.start(launch.argv, self.folder / f"{name}.log", environment)

    def url(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def variables(self, **more):
        """The environment of a program that uses this AWS only."""
        return clean_environment(
            AWS_ACCESS_KEY_ID=aws.KEYS["aws_access_key_id"],
            AWS_SECRET_ACCESS_KEY=aws.KEYS["aws_secret_access_key"],
            AWS_REGION=REGION,
            AWS_ENDPOINT_URL_EC2=self.url("moto"),
            AWS_ENDPOINT_URL_DYNAMODB=self.url("dynalite"),
            **more,
        )

    def template(self, name, user_data):
        """A launch template for t2.small, as the infrastructure program makes it; its id."""
        data = {
            "ImageId": aws.IMAGE,
            "InstanceType": "t2.small",
            "SecurityGroupIds": [self.network.security_group],
            "UserData": base64.b64encode(user_data.encode()).decode(),
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        }
        made = self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        return made["LaunchTemplate"]["LaunchTemplateId"]

    def launch(self, template, count=1, **tags):
        """Launches instances manually, like a user; returns their ids."""
        labels = [{"Key": key, "Value": value} for key, value in tags.items()]
        made = self.ec2.run_instances(
            LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
            MinCount=count,
            MaxCount=count,
            SubnetId=self.network.subnets[0],
            TagSpecifications=[{"ResourceType": "instance", "Tags": labels}],
        )
        return [instance["InstanceId"] for instance in made["Instances"]]

    def terminate(self, *instance_ids):
        self.ec2.terminate_instances(InstanceIds=list(instance_ids))

    def alive(self, **tags):
        """Ids of the instances that are pending or running and have these tags."""
        filters = [{"Name": "instance-state-name", "Values": list(ALIVE)}]
        filters += [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
        pages = self.ec2.get_paginator("describe_instances").paginate(Filters=filters)
        found = [r["Instances"] for page in pages for r in page["Reservations"]]
        return {instance["InstanceId"] for instances in found for instance in instances}

    def workers(self):
        """The instances that the autoscaler launched."""
        return self.alive(ManagedBy="autoscaler")
