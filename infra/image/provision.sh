#!/usr/bin/env bash
# The image's share of a node's boot: the same functions that user data calls, before any instance.
# What they have done, user data checks and leaves as it is. No secret and no identity stays inside.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../scripts/install_k3s.sh
. "${INSTALL_SH:-/tmp/install_k3s.sh}"
install_k3s "$K3S_VERSION" "${K3S_SHA256_AMD64:-}" "${K3S_SHA256_ARM64:-}"
kubelet_settings
shutdown_delay
# K3s unpacks the programs inside it (containerd, runc, kubectl …) when it is first used.
/usr/local/bin/k3s kubectl version --client >/dev/null
# Each instance makes its own.
truncate --size 0 /etc/machine-id
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
