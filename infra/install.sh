#!/usr/bin/env bash
# Installs what the Pulumi program and its tests run in into $NODENAP_CACHE (default
# ~/.cache/nodenap); what is there already stays as it is.
#
#   venv-infra    Python with Pulumi, its AWS provider's classes, moto and pytest
#   node          the policy evaluator, which only the tests use
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${NODENAP_CACHE:-$HOME/.cache/nodenap}
evaluator=@cloud-copilot/iam-simulate@0.1.173

say() { printf '%s\n' "infra: $*"; }
fail() { printf '%s\n' "infra: $*" >&2; exit 1; }

# A part is done when its mark holds the same words as its pins.
is_done() { [ "$(cat "$cache/.done-$1" 2>/dev/null)" = "$2" ]; }
mark_done() { printf '%s' "$2" >"$cache/.done-$1"; say "$1 ready ($2)"; }

install_venv() {
  local pins
  pins=$(sha256sum "$here/requirements.txt" | cut -c1-16)
  is_done venv-infra "$pins" && return
  python3 -c 'import ensurepip, venv' 2>/dev/null || fail "python3-venv is missing"
  rm -rf "$cache/venv-infra"
  python3 -m venv "$cache/venv-infra"
  nice "$cache/venv-infra/bin/pip" install --quiet --disable-pip-version-check \
    -r "$here/requirements.txt"
  mark_done venv-infra "$pins"
}

# The evaluator and what it needs of IAM's own data; lab/quick/install.sh brings Node where the
# machine has none.
install_evaluator() {
  is_done iam-simulate "$evaluator" && return
  PATH=$PATH:$cache/venv-tools/bin
  command -v npm >/dev/null || fail "npm is missing; lab/quick/install.sh dynalite brings it"
  mkdir -p "$cache/node"
  nice npm install --prefix "$cache/node" --no-audit --no-fund --loglevel=error "$evaluator"
  mark_done iam-simulate "$evaluator"
}

mkdir -p "$cache"
install_venv
install_evaluator
