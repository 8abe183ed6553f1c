"""The commands and flags of other programs that the documents use."""

import re

import stack
from test_docs_shell import flags_of, unknown

KUBECTL = {
    "apply": {"--filename"},
    "create deployment": {"--image", "--replicas"},
    "create secret": {"--namespace", "--from-file"},
    "delete deployment": set(),
    "delete node": set(),
    "delete secret": {"--namespace"},
    "drain": {"--ignore-daemonsets", "--delete-emptydir-data"},
    "get nodes": {"--watch", "--no-headers"},
    "get pods,nodes,pdb,pv,pvc,sc,ns,ds,csinodes,volumeattachments": set(),
    "get pods": {"--all-namespaces", "--selector", "--field-selector"},
    "rollout restart": {"--namespace"},
    "scale deployment": {"--replicas"},
    "set resources": {"--requests"},
    "uncordon": set(),
}


def check_table(program: str, table: dict[str, set[str]], words: list[str]) -> list[str]:
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in table:
            return unknown(f"{program} {name}:", flags_of(words[length:]), table[name])
    return [f"{program} {' '.join(words)} is not known"]


def check_kubectl(words: list[str]) -> list[str]:
    return check_table("kubectl", KUBECTL, words)


def check_k3s(words: list[str]) -> list[str]:
    if words[:1] == ["kubectl"]:
        return check_kubectl(words[1:])
    known = (["token", "rotate"], ["certificate", "rotate-ca"])
    return [] if words in known else [f"k3s {' '.join(words)} is not known"]


def check_packer(words: list[str]) -> list[str]:
    """Variables must be in the recipe."""
    recipe = (stack.INFRA / "image/nodenap.pkr.hcl").read_text()
    given = [words[at + 1].split("=")[0] for at, one in enumerate(words) if one == "-var"]
    faults = unknown("packer", words[:1], ("init", "build"))
    return faults + unknown("packer -var", given, re.findall(r'^variable "(\w+)"', recipe, re.M))
