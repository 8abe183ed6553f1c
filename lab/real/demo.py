#!/usr/bin/env python3
"""./dev demo --kubernetes: the article's three tests on a real cluster, through the real Lambda.

Ends with a table of what Nodenap saw, did and why, read from its journal. --keep leaves it all up.
"""

import argparse
import signal
import sys
import time

import cluster
import journal
from article import Article, seconds_since
from nodenap import Nodenap, missing_program
from real_stand import CPU_SHARE, standing

ABOUT = f"""\
Real: API server, scheduler, controllers, kubelets, containerd, cAdvisor, Prometheus, Nodenap's
Lambda binary. Played: EC2 (moto; a datacenter boots and unplugs what it says), DynamoDB
(dynalite), Lambda, and "k3s agent" on the nodes.
Sped up: woken every 5 s instead of 2 min, cooldown 10 s instead of 5 min, lost nodes noticed
after 20 s instead of 50. Each t2.small has one core that may use {CPU_SHARE:.0%} of a real one;
CPU is measured by cAdvisor and divided by that (cpu_query in nodenap.toml)."""


class Show:
    """Prints each step with the seconds since the beginning."""

    def __init__(self):
        self.began = time.monotonic()

    def __call__(self, text):
        print(f"[{seconds_since(self.began)}] {text}", flush=True)

    def title(self, text):
        print(f"\n== {text}", flush=True)


def tell(stand, nodenap, show):
    """The story: the smallest cluster, the article's three tests, the table."""
    article = Article(stand, CPU_SHARE, show)
    nodenap.start()
    show.title("The beginning: a server, no worker. min_nodes is 2")
    article.minimum()
    show.title("Test 1: stress on every node")
    article.burn()
    show.title("Test 2: kubectl create deployment nginx --replicas=50 (100m of CPU each)")
    article.stop_burning()
    article.deploy()
    show.title("Test 3: kubectl delete deployment nginx")
    article.delete()
    show.title("What Nodenap saw, did, and why (nodenap history)")
    print(journal.table(nodenap.history()))
    check_server(stand)


def check_server(stand):
    if stand.server not in stand.cloud.alive():
        raise cluster.Failed("the server was terminated")
    print(f"\nThe server {stand.server} stands; nodes whose instance is gone were not counted.")


def hint(stand, nodenap):
    print(
        f"\nLeft up (--keep). Take it down with lab/real/down.sh.\n"
        f"  export KUBECONFIG={stand.folder}/pki/admin.conf PATH={cluster.CACHE}/real/bin:$PATH\n"
        f"  Prometheus: {cluster.PROMETHEUS}   EC2: {stand.cloud.peers.url('moto')}\n"
        f"  Nodenap's configuration: {nodenap.config}   logs: {stand.folder}/log"
    )


def demo(keep):
    show = Show()
    print(ABOUT, flush=True)
    with standing(show, keep) as stand:
        nodenap = Nodenap(stand)
        try:
            tell(stand, nodenap, show)
        finally:
            nodenap.stop()
        if keep:
            hint(stand, nodenap)
        else:
            show("taking everything down")
    show("done")


def why_not():
    reason = cluster.missing_right()
    missing = missing_program()
    return reason or (missing and f"{missing} is not built: ./dev build lambda-x86_64")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave it up")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    reason = why_not()
    if reason:
        print(f"demo --kubernetes cannot run: {reason}", file=sys.stderr)
        return 1
    try:
        demo(options.keep)
    except KeyboardInterrupt:
        return 130
    except cluster.Failed as failure:
        print(f"demo --kubernetes failed: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
