#!/usr/bin/env bash
# Installs what the Pulumi program and its tests run in into $NODENAP_CACHE (default
# ~/.cache/nodenap); what is there already stays as it is.
#
#   venv-infra    Python with Pulumi, its AWS provider's classes, moto and pytest
#   node          the policy evaluator, which only the tests use
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${NODENAP_CACHE:-$HOME/.cache/nodenap}

speaker=infra
# shellcheck source=tools/parts.sh
. "$here/../tools/parts.sh"

# The evaluator and what it needs of IAM's own data; lab/quick/install.sh brings Node where the
# machine has none.
install_evaluator() {
  PATH=$PATH:$cache/venv-tools/bin
  command -v npm >/dev/null || fail "npm is missing; lab/quick/install.sh dynalite brings it"
  node_programs
}

mkdir -p "$cache"
venv venv-infra "$here/tests/requirements.txt" "$here/requirements.txt"
install_evaluator
