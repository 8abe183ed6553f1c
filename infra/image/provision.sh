#!/usr/bin/env bash
# The steps of a node's boot that the image can contain, by the same functions as in user data,
# which only verifies their results. The image contains no secret and no identity.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../scripts/install_k3s.sh
. "${INSTALL_SH:-/tmp/install_k3s.sh}"
install_k3s "$K3S_VERSION" "${K3S_SHA256_AMD64:-}" "${K3S_SHA256_ARM64:-}"
kubelet_settings
shutdown_delay
# K3s unpacks its embedded programs (containerd, runc, kubectl …) at first use.
/usr/local/bin/k3s kubectl version --client >/dev/null
# Each instance generates its own.
truncate --size 0 /etc/machine-id
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
