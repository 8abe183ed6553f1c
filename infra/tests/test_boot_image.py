"""The image's provisioning, run on a machine; then a worker's user data on the result."""

import dataclasses
import re

import boot
import boot_machine
import pytest
from boot_machine import boot_servers
from test_boot_render import WORKER

IMAGE = boot.HERE / "image"
K3S = (boot_machine.HERE / "boot_k3s.sh").read_bytes()
BOOT = dataclasses.replace(WORKER, k3s_sha256={"x86_64": boot_servers.sha256(K3S)})
# Like Packer: with both files, and the variables set.
PACKER = """#!/usr/bin/env bash
set -euo pipefail
cat >/tmp/install_k3s.sh <<'END_OF_INSTALL'
{install}
END_OF_INSTALL
cat >/tmp/provision.sh <<'END_OF_PROVISION'
{provision}
END_OF_PROVISION
env K3S_VERSION={version} K3S_SHA256_AMD64={sha256} K3S_SHA256_ARM64= bash /tmp/provision.sh
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    boot_machine.need_root()
    made = boot_servers.ParameterStore("ssm:GetParameter", tmp_path_factory.mktemp("moto"))
    made.ssm.put_parameter(Name=BOOT.agent_token_parameter, Value="K10x", Type="SecureString")
    made.check_signatures(True)
    yield made
    made.stop()


def test_a_worker_of_the_image_downloads_nothing(store, tmp_path):
    values = {
        "install": (boot.SCRIPTS / "install_k3s.sh").read_text(),
        "provision": (IMAGE / "provision.sh").read_text(),
        "version": BOOT.k3s_version,
        "sha256": BOOT.k3s_sha256["x86_64"],
    }
    with boot_machine.Machine(tmp_path, store, K3S) as machine:
        assert machine.boot(PACKER.format(**values)).returncode == 0, machine.log
        assert len(machine.web.downloads) == 1
        assert machine.noted("k3s") == "" and machine.file("/etc/machine-id") == ""
        baked = machine.file("/usr/local/bin/k3s")
        assert machine.boot(boot.worker_user_data(BOOT)).returncode == 0, machine.log
        assert len(machine.web.downloads) == 1
    assert machine.noted("k3s") == "agent\n"
    assert machine.file("/usr/local/bin/k3s") == baked


def test_an_image_with_another_k3s_is_brought_to_the_right_one(store, tmp_path):
    with boot_machine.Machine(tmp_path, store, K3S) as machine:
        other = machine.disk / "usr/local/bin/k3s"
        other.parent.mkdir(parents=True)
        other.write_text("#!/bin/sh\necho old\n")
        assert machine.boot(boot.worker_user_data(BOOT)).returncode == 0, machine.log
        assert len(machine.web.downloads) == 1
    assert machine.file("/usr/local/bin/k3s").encode() == K3S


def test_the_recipe_begins_with_exact_versions():
    recipe = (IMAGE / "nodenap.pkr.hcl").read_text()
    plugins = recipe[recipe.index("required_plugins") : recipe.index("variable ")]
    assert re.findall(r'version += "(.*)"', plugins) == ["= 1.3.9"]
    assert "most_recent" not in recipe and "source_ami = var.source_ami" in recipe
    asked = recipe[recipe.index('variable "source_ami"') :].split("\n}\n")[0]
    assert "default" not in asked and "^ami-[0-9a-f]{17}$" in asked


def test_the_recipe_names_files_and_variables_that_exist():
    recipe = (IMAGE / "nodenap.pkr.hcl").read_text()
    for path in re.findall(r'"\$\{path\.root\}/([^"]+)"', recipe):
        assert (IMAGE / path).is_file(), path
    given = set(re.findall(r'"(K3S_[A-Z0-9_]+)=', recipe))
    assert given == set(re.findall(r"\$\{?(K3S_[A-Z0-9_]+)", (IMAGE / "provision.sh").read_text()))
    declared = set(re.findall(r'^variable "(\w+)"', recipe, re.M))
    assert declared == set(re.findall(r"\bvar\.(\w+)", recipe))
