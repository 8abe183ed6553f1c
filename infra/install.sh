#!/usr/bin/env bash
# Installs the environment of the Pulumi program and its tests into $NODENAP_CACHE (default
# ~/.cache/nodenap); installed parts are kept.
#
#   venv-infra    Python with Pulumi, its AWS provider, moto and pytest
#   node          the policy evaluator, which only the tests use
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${NODENAP_CACHE:-$HOME/.cache/nodenap}

speaker=infra
# shellcheck source=tools/parts.sh
. "$here/../tools/parts.sh"

# The policy evaluator and its IAM data; lab/quick/install.sh installs Node.js if it is missing.
install_evaluator() {
  PATH=$PATH:$cache/venv-tools/bin
  command -v npm >/dev/null || fail "npm is missing; lab/quick/install.sh dynalite installs it"
  node_programs
}

mkdir -p "$cache"
venv venv-infra "$here/tests/requirements.txt" "$here/requirements.txt"
install_evaluator
