"""The article's three tests: the real Lambda binary, real pods, a real scheduler, real cAdvisor.

The tests of this file are one story and run in its order.
"""

import datetime
import math

import cluster
import pytest
from article import MIN_WORKERS, REPLICAS, Article
from required import need

pytestmark = pytest.mark.timeout(3600)

PODS_ON_A_NODE = 9  # of 100m each, on 900m allocatable


@pytest.fixture(scope="module")
def nodenap(stand):
    from nodenap import Nodenap, missing_program

    missing = missing_program()
    need(missing and f"{missing} is not built")
    awake = Nodenap(stand)
    awake.start()
    yield awake
    awake.stop()


@pytest.fixture(scope="module")
def article(stand, nodenap):
    from real_stand import CPU_SHARE

    return Article(stand, CPU_SHARE, lambda text: print(text, flush=True))


def acted(nodenap, decision):
    return [r for r in nodenap.history() if r["decision"] == decision and r["done"]]


def codes(record):
    return {reason["code"] for reason in record["reasons"]}


def launched(record):
    return [effect for effect in record["done"] if effect["kind"] == "launch"]


def test_it_begins_with_the_minimum(article, nodenap, stand):
    article.minimum()
    assert "below_minimum" in codes(acted(nodenap, "scale_up")[0])
    assert len(stand.cloud.workers()) == MIN_WORKERS


def test_busy_workers_bring_one_more(article, nodenap):
    new = article.burn()
    assert len(new) == 1
    [record] = [r for r in acted(nodenap, "scale_up") if "high_cpu" in codes(r)]
    assert record["signals"]["cpu_percent"] > 70
    assert {effect["id"] for effect in launched(record)} == new


def test_fifty_replicas_bring_all_nodes_at_once(article, nodenap, stand):
    article.stop_burning()
    before = len(stand.cloud.workers())
    new = article.deploy()
    wanted = math.ceil((REPLICAS - PODS_ON_A_NODE * before) / PODS_ON_A_NODE)
    assert len(new) == wanted
    records = [r for r in acted(nodenap, "scale_up") if "pending_pods" in codes(r)]
    assert [len(launched(record)) for record in records] == [wanted]


def test_deleting_them_takes_one_node_after_another_but_never_the_server(article, nodenap, stand):
    before = stand.cloud.workers()
    article.delete()
    gone = before - stand.cloud.workers()
    records = acted(nodenap, "scale_down")
    assert sorted(one["instance_id"] for r in records for one in r["remove"]) == sorted(gone)
    assert all(len(record["remove"]) == 1 for record in records)
    times = [datetime.datetime.fromisoformat(record["now"]) for record in records]
    pauses = [(after - now).total_seconds() for now, after in zip(times, times[1:], strict=False)]
    assert all(pause >= 10 for pause in pauses), f"the cooldown was not kept: {pauses}"
    assert stand.server in stand.cloud.alive() and stand.server in cluster.ready_nodes()


def test_what_is_gone_is_a_ghost_that_nobody_counts(article, nodenap, stand):
    ready = MIN_WORKERS + 1
    article.wait("the lost are not Ready", lambda: len(cluster.ready_nodes()) == ready)
    assert len(cluster.items("nodes")) > ready
    article.wait("they are not counted", lambda: seen(nodenap)["nodes_ready"] == ready)
    assert len(stand.cloud.workers()) == MIN_WORKERS


def seen(nodenap):
    return nodenap.history()[-1]["signals"]
