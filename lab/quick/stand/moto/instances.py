"""State changes of instances over time."""

import threading
import time
from dataclasses import dataclass

from moto.ec2.models import ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import StateReason

from stand.moto.settings import settings

PENDING, RUNNING = ("pending", 0), ("running", 16)
SHUTTING_DOWN, TERMINATED = ("shutting-down", 32), ("terminated", 48)


@dataclass
class Change:
    at: float
    instance: object
    was: tuple
    becomes: tuple
    reason: StateReason | None = None


class Clockwork:
    """Future state changes. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._to_come: list[Change] = []

    def launched(self, instances: list) -> None:
        now = time.monotonic()
        for instance in instances:
            instance.lab_visible_at = now + settings.invisible_s
            if settings.pending_s > 0:
                _set_state(instance, PENDING)
                self._plan(Change(now + settings.pending_s, instance, PENDING, RUNNING))

    def terminated(self, instances: list) -> None:
        if settings.shutting_down_s <= 0:
            return
        end = time.monotonic() + settings.shutting_down_s
        for instance in instances:
            _set_state(instance, SHUTTING_DOWN)
            self._plan(Change(end, instance, SHUTTING_DOWN, TERMINATED))

    def dies(self, instances: list, code: str) -> None:
        """Accepted, pending, then terminated by EC2; code is its state reason."""
        end = time.monotonic() + settings.pending_s
        for instance in instances:
            _set_state(instance, PENDING)
            reason = StateReason(f"{code}: the launch failed", code)
            self._plan(Change(end, instance, PENDING, TERMINATED, reason))

    def catch_up(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = [change for change in self._to_come if change.at <= now]
            self._to_come = [change for change in self._to_come if change.at > now]
        for change in due:
            if change.instance._state.name != change.was[0]:
                continue
            if change.becomes is TERMINATED:
                change.instance.terminate()
            _set_state(change.instance, change.becomes)
            if change.reason is not None:
                change.instance.state_reason = change.reason

    def forget(self) -> None:
        with self._lock:
            self._to_come.clear()

    def _plan(self, change: Change) -> None:
        with self._lock:
            self._to_come.append(change)


clockwork = Clockwork()


def all_instances():
    for account in list(ec2_backends.values()):
        for backend in list(account.values()):
            for reservation in list(backend.reservations.values()):
                yield from list(reservation.instances)


def of_cluster(cluster: str | None) -> list[dict]:
    """The instances tagged nodenap:cluster=<cluster> (None: all), including terminated ones and
    those that DescribeInstances does not list yet."""
    clockwork.catch_up()
    found = []
    for instance in all_instances():
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        if cluster in (None, tags.get("nodenap:cluster")):
            found.append(_described(instance, tags))
    return found


def _described(instance, tags: dict) -> dict:
    figures = INSTANCE_TYPES.get(instance.instance_type, {})
    return {
        "id": instance.id,
        "state": instance._state.name,
        "type": instance.instance_type,
        "zone": instance.placement.zone,
        "subnet": instance.subnet_id,
        "private_ip": instance.private_ip,
        "lifecycle": instance.lifecycle or "on-demand",
        "client_token": instance.client_token,
        "tags": tags,
        "vcpu": figures.get("VCpuInfo", {}).get("DefaultVCpus", 2),
        "memory_mib": figures.get("MemoryInfo", {}).get("SizeInMiB", 4096),
    }


def is_visible(instance) -> bool:
    return getattr(instance, "lab_visible_at", 0.0) <= time.monotonic()


def reclaim(instance_id: str) -> list[str]:
    """Interrupts instances like EC2 does with spot; returns the ids that were found."""
    found = [one for one in all_instances() if one.id == instance_id]
    for instance in found:
        instance.terminate()
        code = "Server.SpotInstanceTermination"
        instance.state_reason = StateReason(f"{code}: Spot instance termination", code)
    return [instance.id for instance in found]


def _set_state(instance, state: tuple) -> None:
    instance._state.name, instance._state.code = state
