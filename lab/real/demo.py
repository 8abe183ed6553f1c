#!/usr/bin/env python3
"""The baseline's three tests on a real cluster, with the real Lambda binary.

demo.py [--keep]     --keep leaves everything running and prints how to use it
"""

import argparse
import pathlib
import signal
import sys

import cluster
from nodenap import missing_program
from real_stand import CPU_SHARE, standing
from stage import RealStage

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "demo"))

from show import Progress, table  # noqa: E402  (the path above makes it findable)
from story import Story, StoryFailed  # noqa: E402

TICK_EVERY_S = 3.0  # the baseline's two minutes

ABOUT = f"""
  Real here: API server, scheduler, controllers, kubelets, containerd, cAdvisor, Prometheus and
  Nodenap's Lambda binary. Simulated: EC2 (moto; a datacenter starts and kills its instances),
  DynamoDB (dynalite), Lambda itself, and "k3s agent" on the nodes.
  Accelerated: two minutes are {TICK_EVERY_S:.0f} seconds, the cooldown is 10 s, a lost node is
  found after 20 s. CPU: each t2.small believes to have one core and may use {CPU_SHARE:.0%} of a
  real one, as several busy machines do not fit on this one; its use, from real cAdvisor, is
  divided by that (cpu_query in nodenap.toml)."""


def show(progress, keep):
    with standing(progress.step, keep) as stand:
        stage = RealStage(stand)
        try:
            Story(stage, progress, TICK_EVERY_S, patience_s=900).tell()
            progress.chapter("What Nodenap observed and did, and why (nodenap history)")
            print(table(stage.history()), flush=True)
        finally:
            stage.end()
        if keep:
            say_how_to_go_on(stand, stage)
        else:
            progress.step("stopping everything")


def say_how_to_go_on(stand, stage):
    variables = stand.cloud.variables()
    aws = " ".join(f"{key}={value}" for key, value in variables.items() if key.startswith("AWS_"))
    print(
        f"\nThe cluster is still running ({stand.folder}); stop it with lab/real/down.sh.\n"
        f"  export KUBECONFIG={stand.folder}/pki/admin.conf PATH={cluster.CACHE}/real/bin:$PATH\n"
        f"  kubectl get nodes,pods; Prometheus: {cluster.PROMETHEUS}\n"
        f"  export {aws}\n"
        f"  build/lambda-x86_64/nodenap plan --config {stage.nodenap.config}"
    )


def why_not():
    """Why the demo cannot run, or None."""
    missing = missing_program()
    built = missing and f"{missing} is not built; run ./dev lambda x86_64"
    return cluster.missing_right() or built


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--keep", action="store_true", help="leave the cluster running")
    arguments.add_argument("--kubernetes", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # both stop everything
        signal.signal(number, signal.default_int_handler)
    progress = Progress()
    progress.chapter("Nodenap on a real Kubernetes cluster")
    if reason := why_not():
        progress.step(f"cannot run here: {reason}")
        return 1
    print(ABOUT, flush=True)
    try:
        show(progress, given.keep)
    except (StoryFailed, cluster.Failed) as failed:
        progress.step(f"FAILED: {failed}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
