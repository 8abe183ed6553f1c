"""EC2's remaining capacity.

POST /lab/capacity takes a list of
  {"instance_type": "t3.small", "zone": "us-east-1a", "subnet": "subnet-…", "market": "spot",
   "left": 0, "code": "InsufficientInstanceCapacity"}
A missing key matches everything. Offerings that no entry matches are unlimited.
"""

import threading
from dataclasses import dataclass, fields

from moto.ec2.exceptions import EC2ClientError


@dataclass
class Capacity:
    left: int
    instance_type: str | None = None
    zone: str | None = None
    subnet: str | None = None
    market: str | None = None  # "spot" or "on-demand"
    code: str = "InsufficientInstanceCapacity"

    def covers(self, offer: dict) -> bool:
        return all(getattr(self, key) in (None, value) for key, value in offer.items())


class Capacities:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Capacity] = []

    def replace(self, wanted: list[dict]) -> None:
        known = {item.name for item in fields(Capacity)}
        for one in wanted:
            if set(one) - known or "left" not in one:
                raise ValueError(f"no such capacity: {one}")
        with self._lock:
            self._entries = [Capacity(**one) for one in wanted]

    def left(self) -> list[dict]:
        with self._lock:
            return [dict(vars(entry)) for entry in self._entries]

    def take(self, offer: dict, at_least: int, at_most: int) -> int:
        """How many of the offering are launched: up to at_most, or EC2's error."""
        with self._lock:
            covering = [entry for entry in self._entries if entry.covers(offer)]
            tightest = min(covering, key=lambda entry: entry.left, default=None)
            if tightest is None:
                return at_most
            if tightest.left < at_least:
                raise refusal(tightest.code, offer)
            given = min(at_most, tightest.left)
            for entry in covering:
                entry.left -= given
            return given


def refusal(code: str, offer: dict) -> EC2ClientError:
    message = code
    if code == "InsufficientInstanceCapacity":
        message = (
            f"We currently do not have sufficient {offer['instance_type']} capacity in the "
            f"Availability Zone you requested ({offer['zone']}). Our system will be working on "
            "provisioning additional capacity."
        )
    return EC2ClientError(code, message)


capacities = Capacities()
