"""An alert's path: pending pods → Prometheus → Alertmanager → SNS → the function → EC2."""

import json

import pytest

from stand import aws
from stand.lambda_runtime import events, web
from stand.waiting import wait_until
from stand.world import Pass, full


@pytest.fixture
def subscribed(world):
    """Calls a callback with each notification that SNS posts to its HTTP subscriber.

    An Alertmanager that has sent the last test's alert would not send this test's, so a new one
    without alerts is used.
    """
    servers = []
    wait_until(lambda: not world.prometheus.alerts(), "the alert of another test did not end")
    world.stand.down(["alertmanager"])
    world.stand.up(["alertmanager"])

    def subscribe(handle) -> None:
        class Subscriber(web.Handler):
            def do_POST(self) -> None:
                notification = json.loads(self.body())
                self.send(200)
                if notification.get("Type") == "Notification":
                    handle(notification)

        server = web.serve(Subscriber)
        servers.append(server)
        url = world.stand.url("moto")
        endpoint = f"http://127.0.0.1:{server.server_port}/"
        topic = aws.make_alert_topic(url)
        aws.client("sns", url).subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)

    yield subscribe
    for server in servers:
        web.stop(server)


def test_waiting_pods_wake_the_function_and_get_their_node(world, subscribed):
    function = world.bootstrap()
    notifications = []

    def wake(notification: dict) -> None:
        notifications.append(notification)
        function.invoke(events.from_sns(notification))

    subscribed(wake)
    workers = world.launch_workers(2)
    world.show(workers, [{"name": "web", "count": 2, "cpu": 0.8}, *full(workers)])
    wait_until(lambda: function.results, "no alert woke the function")
    assert "PodsUnschedulable" in notifications[0]["Message"]
    first = Pass(function.results[0].json())
    assert first.record["trigger"] == "alert"
    assert first.codes[0] == "pending_pods"
    assert len(world.instances()) == 4


def test_a_resolved_alert_wakes_it_too_and_is_no_evidence(world, subscribed):
    """The pods are deleted: the second notification says so, and the function checks itself."""
    function = world.bootstrap()
    notifications = []
    subscribed(notifications.append)
    workers = world.launch_workers(2)
    world.show(workers, [{"name": "web", "cpu": 0.8}, *full(workers)])
    wait_until(lambda: notifications, "no alert came")
    world.change_scene(pods=[pod for pod in world.exporter.current()["pods"] if pod["node"]])
    wait_until(lambda: "Resolved" in notifications[-1]["Message"], "no end of the alert came")
    for notification in notifications:  # the firing one too, although it is late
        answer = Pass(function.invoke(events.from_sns(notification)).json())
        assert answer.done("launch") == []
    assert len(world.instances()) == 2
