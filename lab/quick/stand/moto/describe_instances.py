"""DescribeInstances with AWS's filters, pages and delayed visibility."""

import base64
import binascii

from moto.core.responses import ActionResult
from moto.ec2 import utils
from moto.ec2.exceptions import EC2ClientError, InvalidInstanceIdError, InvalidParameterCombination
from moto.ec2.responses.instances import InstanceResponse

from stand.moto.instances import is_visible
from stand.moto.settings import settings

utils.filter_dict_attribute_mapping.update(
    {
        "client-token": "client_token",
        "instance-lifecycle": "lifecycle",
        "instance-state-code": "_state.code",
    }
)


def describe_instances(response: InstanceResponse) -> ActionResult:
    response.error_on_dryrun()
    filters = response._filters_from_querystring()
    _refuse_unknown(filters)
    wanted = response._get_param("InstanceIds", [])
    page_size = _page_size(response, bool(wanted))
    reservations = _reservations(response.ec2_backend, wanted, filters)
    token = response._get_param("NextToken")
    if token is None and settings.empty_first_page and reservations:
        return ActionResult({"Reservations": [], "NextToken": _token_after("")})
    start = _start(reservations, token)
    page = reservations[start : start + page_size]
    more = len(reservations) > start + page_size
    return ActionResult(
        {"Reservations": page, "NextToken": _token_after(page[-1].id) if more else None}
    )


def _reservations(backend, wanted: list, filters: dict) -> list:
    """Copies with only the requested and visible instances, oldest first."""
    if wanted:
        known = {one.id: one for one in backend.get_multi_instances_by_id(wanted)}
        hidden = [one for one in wanted if not is_visible(known[one])]
        if hidden:
            raise InvalidInstanceIdError(hidden)
        found = backend.get_reservations_by_instance_ids(list(known), filters=filters)
    else:
        found = backend.describe_instances(filters=filters)
    for reservation in found:
        reservation.instances = [one for one in reservation.instances if is_visible(one)]
    return [reservation for reservation in found if reservation.instances]


def _refuse_unknown(filters: dict) -> None:
    for name in filters:
        if name not in utils.filter_dict_attribute_mapping and not utils.is_tag_filter(name):
            raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")


def _page_size(response: InstanceResponse, by_id: bool) -> int:
    asked = response._get_param("MaxResults")
    if asked is None:
        return settings.page_size
    if by_id:
        raise InvalidParameterCombination(
            "The parameter instancesSet cannot be used with the parameter maxResults"
        )
    if not 5 <= int(asked) <= 1000:
        bound = "greater than 5" if int(asked) < 5 else "less than or equal to 1000"
        raise EC2ClientError(
            "InvalidParameterValue",
            f"Value ( {asked} ) for parameter maxResults is invalid. Expecting a value {bound}.",
        )
    return min(int(asked), settings.page_size)


def _token_after(reservation_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{reservation_id}".encode()).decode()


def _start(reservations: list, token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, last = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, UnicodeError):
        word, last = "", ""
    ids = [reservation.id for reservation in reservations]
    if word != "after" or (last and last not in ids):
        raise EC2ClientError("InvalidNextToken", "The specified NextToken is not valid")
    return ids.index(last) + 1 if last else 0


InstanceResponse.describe_instances = describe_instances
