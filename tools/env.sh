# shellcheck shell=bash
# Where things are kept, for ./dev and for the lab's own scripts. Sourced, never run.
# NODENAP_CACHE may be set by the person; everything fetched or built outside the tree lives under it.

NODENAP_CACHE=${NODENAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nodenap}
NODENAP_VENV=$NODENAP_CACHE/venv
NODENAP_TOOLS=$NODENAP_CACHE/tools   # node and go, where the machine's own are missing or too old
NODENAP_JOBS=${NODENAP_JOBS:-$(n=$(nproc); echo $((n > 8 ? 8 : n)))}
case ":$PATH:" in
*":$NODENAP_TOOLS/bin:"*) ;;
*) PATH=$NODENAP_TOOLS/bin:$PATH ;;
esac
export NODENAP_CACHE NODENAP_VENV NODENAP_TOOLS NODENAP_JOBS PATH

say() { printf '%s\n' "$*" >&2; }

die() {
    say "dev: $*"
    exit 1
}

# as_root COMMAND…: runs it as root, or fails where that is not possible without a question.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }
