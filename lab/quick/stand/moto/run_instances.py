"""RunInstances and TerminateInstances with AWS's behaviour that moto lacks."""

import threading

from moto.core.responses import ActionResult
from moto.ec2.exceptions import (
    DryRunClientError,
    EC2ClientError,
    InvalidInstanceIdError,
    InvalidParameterCombination,
)
from moto.ec2.responses.instances import InstanceResponse

from stand.moto.capacity import capacities
from stand.moto.instances import clockwork, is_visible
from stand.moto.settings import settings

_moto_run = InstanceResponse.run_instances
_moto_terminate = InstanceResponse.terminate_instances

_launching = threading.Lock()
_launched: dict[tuple, tuple[dict, ActionResult]] = {}  # by account, region and token


def run_instances(response: InstanceResponse) -> ActionResult:
    with _launching:
        token = response.params.get("ClientToken")
        key = (response.current_account, response.region, token)
        asked = {name: value for name, value in response.params.items() if name != "ClientToken"}
        if response._get_param("DryRun", False):
            raise _rehearsed(response)
        if token and settings.idempotent and key in _launched:
            return _launched_before(asked, *_launched[key])
        response.params["MinCount"] = _how_many(response)
        result = _moto_run(response)
        clockwork.launched(result.result.instances)
        if token:
            _launched[key] = (asked, result)
        return result


def terminate_instances(response: InstanceResponse) -> ActionResult:
    wanted = response._get_param("InstanceIds", [])
    backend = response.ec2_backend
    if response._get_param("DryRun", False):
        backend.get_multi_instances_by_id(wanted)
        raise DryRunClientError()
    known = {one.id: one for one in backend.get_multi_instances_by_id(wanted)}
    hidden = [one for one in wanted if not is_visible(known[one])]
    if hidden:
        raise InvalidInstanceIdError(hidden)
    alive = [one for one in known.values() if one._state.name != "terminated"]
    result = _moto_terminate(response)
    clockwork.terminated(alive)
    gone = set(known) - {one.id for one in alive}
    for item in result.result["TerminatingInstances"]:
        if item["InstanceId"] in gone:
            item["CurrentState"] = {"Code": 48, "Name": "terminated"}
    return result


def launched_by_token() -> dict[str, list[str]]:
    """The instance ids of each client token, for tests that count."""
    return {
        key[2]: [one.id for one in result.result.instances]
        for key, (_, result) in list(_launched.items())
    }


def forget_tokens() -> None:
    with _launching:
        _launched.clear()


def _rehearsed(response: InstanceResponse) -> EC2ClientError:
    """A dry run responds with an error even on success; the resources it names must exist."""
    _offer(response)
    return DryRunClientError()


def _launched_before(asked: dict, before: dict, result: ActionResult) -> ActionResult:
    if asked != before:
        raise EC2ClientError(
            "IdempotentParameterMismatch",
            "The client token you have provided is associated with a resource that was created "
            "with a different set of request parameters.",
        )
    if all(one._state.name == "terminated" for one in result.result.instances):
        raise EC2ClientError(
            "IdempotentInstanceTerminated",
            "The client token you have provided is associated with an instance that has been "
            "terminated.",
        )
    return result


def _how_many(response: InstanceResponse) -> int:
    """Launches up to MaxCount, limited by capacity; an error below MinCount."""
    least = int(response._get_param("MinCount", 1))
    most = int(response._get_param("MaxCount", 1))
    if least > most:
        raise InvalidParameterCombination("MinCount may not exceed MaxCount")
    return capacities.take(_offer(response), least, most)


def _offer(response: InstanceResponse) -> dict:
    template = _template(response)
    subnet_id = response._get_param("SubnetId") or template.get("SubnetId")
    zone = response._get_param("Placement.AvailabilityZone")
    if subnet_id:
        zone = response.ec2_backend.get_subnet(subnet_id).availability_zone
    options = "InstanceMarketOptions"
    market = response._get_param(f"{options}.MarketType") or template.get(options, {}).get(
        "MarketType"
    )
    return {
        "instance_type": response._get_param("InstanceType") or template.get("InstanceType"),
        "zone": zone,
        "subnet": subnet_id,
        "market": market or "on-demand",
    }


def _template(response: InstanceResponse) -> dict:
    wanted = response._get_param("LaunchTemplate", {})
    return response.ec2_backend._get_template_from_args(wanted).data if wanted else {}


InstanceResponse.run_instances = run_instances
InstanceResponse.terminate_instances = terminate_instances
