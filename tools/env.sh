# shellcheck shell=bash
# Paths for ./dev and the lab's scripts. Sourced, never run. NODENAP_CACHE may be set by the user;
# everything downloaded or built outside the tree is there.

NODENAP_CACHE=${NODENAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nodenap}
NODENAP_VENV=$NODENAP_CACHE/venv
NODENAP_JOBS=${NODENAP_JOBS:-$(nproc)}
export NODENAP_CACHE NODENAP_VENV NODENAP_JOBS

say() { printf '%s\n' "$*" >&2; }

die() {
    say "dev: $*"
    exit 1
}
