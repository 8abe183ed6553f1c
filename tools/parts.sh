# shellcheck shell=bash
# Parts that are downloaded once into the cache, for the installers of lab/ and infra/. Sourced; the
# installer sets `cache`, and its own name in `speaker`.

: "${cache:?}" "${speaker:?}"

say() { printf '%s\n' "$speaker: $*"; }
fail() { printf '%s\n' "$speaker: $*" >&2; exit 1; }

# A part is done if its mark is equal to its pins.
is_done() { [ "$(cat "$cache/.done-$1" 2>/dev/null)" = "$2" ]; }
mark_done() { printf '%s' "$2" >"$cache/.done-$1"; say "$1 ready ($2)"; }

as_root_only() { # what is missing, the command that installs it
  [ "$(id -u)" = 0 ] || fail "$1 is missing; as root: $2"
}

need_apt_package() { # package, for parts that cannot come from the cache
  as_root_only "$1" "apt-get update && apt-get install -y --no-install-recommends $1"
  apt-cache show "$1" >/dev/null 2>&1 || apt-get -o DPkg::Lock::Timeout=900 -qq update
  DEBIAN_FRONTEND=noninteractive nice apt-get -o DPkg::Lock::Timeout=900 -qq \
    install -y --no-install-recommends "$1" >/dev/null
}

# The Node.js packages of the tests, dynalite and the policy evaluator, as in the tree's lock file.
node_programs() {
  local tree pins
  tree=$(dirname "${BASH_SOURCE[0]}")/node
  pins=$(cat "$tree"/package*.json | sha256sum | cut -c1-16)
  is_done node "$pins" && return
  mkdir -p "$cache/node"
  cp "$tree"/package*.json "$cache/node/"
  nice npm ci --prefix "$cache/node" --no-audit --no-fund --loglevel=error
  mark_done node "$pins"
}

need_venv_module() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || need_apt_package python3-venv
}

# Everything is verified by a hash in the tree, and nothing is built from source archives, whose
# build could download anything.
hashed_pip() { # environment, requirements file
  nice "$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --only-binary :all: --requirement "$2"
}

venv() { # folder, requirements file, further files that it names
  local folder=$cache/$1 wanted=$2 pins
  pins=$(cat "${@:2}" | sha256sum | cut -c1-16)
  is_done "$1" "$pins" && return
  need_venv_module
  rm -rf "$folder"
  python3 -m venv "$folder"
  hashed_pip "$folder" "$wanted"
  mark_done "$1" "$pins"
}
