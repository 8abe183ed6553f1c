#!/usr/bin/env python3
"""Records responses of the quick stand's servers as initial inputs: tests/fuzz/corpus.

Run with the lab's Python, after ./dev lab has installed the peers. Answers that fixtures hold
already are not recorded again (fuzzers.py: ALSO); Prometheus's are taken from their one file.
"""

import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "lab/quick"))

from stand import aws  # noqa: E402
from stand.stand import Stand  # noqa: E402

CORPUS = ROOT / "tests/fuzz/corpus"
SCENES = ("quiet", "pending", "not_for_pods")
QUERIES = {
    "scalar": "scalar(up)",
    "number": "vector(42)",
    "not_a_number": "vector(NaN)",
    "infinite": "vector(Inf)",
    "matrix": "up[1m]",
    "text": '"text"',
    "nothing": "no_such_series",
    "bad_query": "sum by (",
}


def write(name: str, what: str, body: bytes) -> None:
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / what).write_bytes(body)
    print(f"{name}/{what}: {len(body)} bytes", flush=True)


class Recorder:
    """Calls a server and saves its response unchanged."""

    def __init__(self, service: str, url: str, peer: str) -> None:
        self._client = aws.client(service, url)
        self._end = f"{peer}.xml" if service == "ec2" else f"{peer}.json"
        self._client.meta.events.register("before-parse", self._take)

    def _take(self, response_dict, **_):
        self._body = response_dict["body"]

    def call(self, into: str, what: str, operation: str, **arguments) -> dict:
        try:
            answer = getattr(self._client, operation)(**arguments)
        except ClientError as refused:
            answer = refused.response
        write(into, f"{what}_{self._end}", self._body)
        return answer


def split_scenes() -> None:
    for scene in SCENES:
        text = (ROOT / f"tests/fixtures/prometheus/{scene}.txt").read_text()
        for line in text.splitlines()[1:]:
            query, _, body = line.split(" ", 2)
            write("prometheus", f"{scene}_{query}.json", body.encode())


def record_prometheus(url: str) -> None:
    for what, query in QUERIES.items():
        form = urllib.parse.urlencode({"query": query}).encode()
        try:
            with urllib.request.urlopen(f"{url}/api/v1/query", form, timeout=30) as answer:
                body = answer.read()
        except urllib.error.HTTPError as refused:
            body = refused.read()
        write("prometheus", f"{what}.json", body.strip())


def record_dynamodb(url: str, peer: str) -> None:
    aws.make_table(url, "nodenap")
    table = Recorder("dynamodb", url, peer)
    key = {"cluster_id": {"S": "prod"}, "record": {"S": "state"}}
    where = {"TableName": "nodenap", "Key": key}
    table.call(
        "dynamodb",
        "acquired",
        "update_item",
        **where,
        UpdateExpression="SET lease_owner = :o, lease_until = :u, open_intents = :m ADD epoch :n",
        ExpressionAttributeValues={
            ":o": {"S": "a1b2"},
            ":u": {"N": "1795464100000"},
            ":n": {"N": "1"},
            ":m": {"M": {"5f3a": {"M": {"kind": {"S": "launch"}, "since": {"N": "7"}}}}},
        },
        ReturnValues="ALL_NEW",
    )
    table.call("dynamodb", "got", "get_item", **where, ConsistentRead=True)
    table.call(
        "aws_errors",
        "refused",
        "update_item",
        **where,
        UpdateExpression="SET epoch = :n",
        ConditionExpression="attribute_not_exists(epoch)",
        ExpressionAttributeValues={":n": {"N": "9"}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    table.call("aws_errors", "no_table", "get_item", TableName="none", Key=key)
    aws.client("dynamodb", url).delete_table(TableName="nodenap")


def record_ec2(url: str, peer: str) -> None:
    ec2 = Recorder("ec2", url, peer)
    network = aws.make_network(url, "prod")
    tags = [
        {"Key": "ManagedBy", "Value": "autoscaler"},
        {"Key": "nodenap:cluster", "Value": "prod"},
        {"Key": "nodenap:epoch", "Value": "41"},
    ]
    ec2.call(
        "ec2",
        "launched",
        "run_instances",
        ImageId=aws.IMAGE,
        MinCount=1,
        MaxCount=1,
        InstanceType="t2.small",
        SubnetId=network.subnets[0],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    ec2.call("ec2", "listed", "describe_instances")
    ec2.call("ec2", "subnets", "describe_subnets", SubnetIds=network.subnets)
    ec2.call(
        "ec2",
        "template",
        "describe_launch_template_versions",
        LaunchTemplateId=network.launch_template,
        Versions=["1"],
    )
    ec2.call("aws_errors", "not_found", "terminate_instances", InstanceIds=["i-0000000000000dead"])


def record_doctor(url: str) -> None:
    ssm = Recorder("ssm", url, "moto")
    aws.client("ssm", url).put_parameter(Name="/nodenap/token", Value="x", Type="SecureString")
    wanted = [{"Key": "Name", "Values": ["/nodenap/token"]}]
    ssm.call("doctor", "parameter", "describe_parameters", ParameterFilters=wanted)
    none = [{"Key": "Name", "Values": ["/nodenap/none"]}]
    ssm.call("doctor", "no_parameter", "describe_parameters", ParameterFilters=none)
    quotas = Recorder("service-quotas", url, "moto")
    code = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    quotas.call("doctor", "quota", "get_service_quota", **code)


def main() -> None:
    split_scenes()
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), any_ports=True)
        stand.up(["moto", "dynalite", "ministack", "prometheus"])
        try:
            record_prometheus(stand.url("prometheus"))
            record_doctor(stand.url("moto"))
            for peer in ("dynalite", "ministack"):
                record_dynamodb(stand.url(peer), peer)
            for peer in ("moto", "ministack"):
                record_ec2(stand.url(peer), peer)
        finally:
            stand.down()


if __name__ == "__main__":
    main()
