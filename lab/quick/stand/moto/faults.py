"""Faults that a test injects: the calls they affect, and their effects.

POST /lab/faults takes a list of
  {"action": "RunInstances",              "*" matches every call
   "match": {"InstanceType": "t3.small"}, parameters that must be equal; dotted paths into JSON
   "after": 0,                            let this many matching calls pass first
   "count": 1,                            then affect this many; -1: forever
   "do": "error"}                         one of:
     error       answer "code" with "status" (default: the one AWS uses) and "message"
     html        answer "status" (500) with a page of HTML, as a proxy between would
     drop        the connection ends, nothing was done
     lost_reply  it was done, the connection ends without a response
     partial     it was done, the response is truncated half way through its body
     delay       it is done, "delay_ms" late
     die         RunInstances: accepted, then the instance ends with the state reason "code"
"delay_ms" may be combined with each of them.
"""

import threading
from dataclasses import dataclass, field, fields

from stand.moto.call import Call

ACTS = ("error", "html", "drop", "lost_reply", "partial", "delay", "die")

# Codes that AWS sends with another status than 400.
STATUS_OF_CODE = {
    "InsufficientInstanceCapacity": 500,
    "InsufficientAddressCapacity": 500,
    "InternalError": 500,
    "InternalServerError": 500,
    "InternalFailure": 500,
    "RequestLimitExceeded": 503,
    "EC2ThrottledException": 503,
    "Unavailable": 503,
    "ServiceUnavailable": 503,
    "DryRunOperation": 412,
    "UnauthorizedOperation": 403,
    "AuthFailure": 401,
}


def status_of(code: str, is_json: bool) -> int:
    if is_json and code == "RequestLimitExceeded":
        return 400  # DynamoDB's own limit, unlike EC2's
    return STATUS_OF_CODE.get(code, 400)


@dataclass
class Fault:
    action: str
    do: str = "error"
    match: dict = field(default_factory=dict)
    after: int = 0
    count: int = 1
    code: str = "RequestLimitExceeded"
    status: int | None = None
    message: str | None = None
    delay_ms: int = 0

    def takes(self, call: Call) -> bool:
        """Whether this call is affected; counts it."""
        if self.count == 0 or not call.matches(self.action, self.match):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.count > 0:
            self.count -= 1
        return True


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planted: list[Fault] = []

    def plant(self, wanted: list[dict]) -> None:
        known = {item.name for item in fields(Fault)}
        for one in wanted:
            unknown = sorted(set(one) - known)
            if unknown or one.get("do", "error") not in ACTS:
                raise ValueError(f"no such fault: {one}")
        with self._lock:
            self._planted = [Fault(**one) for one in wanted]

    def left(self) -> list[dict]:
        with self._lock:
            return [dict(vars(fault)) for fault in self._planted]

    def meet(self, call: Call) -> Fault | None:
        with self._lock:
            return next((fault for fault in self._planted if fault.takes(call)), None)


faults = Faults()
