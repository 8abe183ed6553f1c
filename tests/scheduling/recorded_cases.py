"""Our filters beside kube-scheduler's own plugins, on recorded cases.

    recorded_cases.py PROGRAM CASES

CASES (tests/fixtures/fit/cases.jsonl.xz) has one case a line: Kubernetes Lists of nodes and pods,
perhaps other objects, and for each pending pod and node the filters that refuse it, as the plugins
of kube-scheduler 1.37.2 answered. PROGRAM is nodenap_fit_cases. The cases must also be able to show
a fault: for each filter several cases have a pod that this filter alone keeps from a node. (Not for
NodeUnschedulable: a cordon always brings its taint.)
"""

import json
import lzma
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

FILTERS = {
    "InterPodAffinity",
    "NodeAffinity",
    "NodeDeclaredFeatures",
    "NodePorts",
    "NodeResourcesFit",
    "NodeVolumeLimits",
    "PodTopologySpread",
    "TaintToleration",
    "VolumeBinding",
    "VolumeRestrictions",
    "VolumeZone",
}
LEAST_CASES = 3


def cases(path):
    with lzma.open(path, "rt") as lines:
        yield from map(json.loads, lines)


def lone_filters(case):
    """The filters that alone refuse some pod on some node."""
    refusals = [
        refused
        for verdict in case["fit"]["pods"].values()
        for refused in verdict.get("rejects", {}).values()
    ]
    return {refused[0] for refused in refusals if len(refused) == 1}


def write(case, folder):
    folder.mkdir(parents=True)
    for name in ("nodes", "pods", "objects", "fit"):
        if name in case:
            (folder / f"{name}.json").write_text(json.dumps(case[name]))


def main(program, path):
    alone = Counter()
    with tempfile.TemporaryDirectory() as root:
        folders = []
        for case in cases(path):
            alone.update(lone_filters(case))
            folders.append(Path(root) / case["name"])
            write(case, folders[-1])
        code = subprocess.run([program, "--compare", *map(str, folders)], check=False).returncode
    rare = {name: alone[name] for name in FILTERS if alone[name] < LEAST_CASES}
    if rare:
        print(f"too few cases in which one filter alone refuses: {rare}")
    return code or bool(rare)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
