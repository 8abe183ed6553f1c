#!/usr/bin/env bash
# Installs the quick stand's parts into $NODENAP_CACHE (default ~/.cache/nodenap); what is there
# stays as it is.
#
#   lab/quick/install.sh                     every part
#   lab/quick/install.sh moto prometheus     these parts only
#
# Parts: moto ministack dynalite toxiproxy prometheus alertmanager haproxy
# ("moto" brings the virtual environment that the stand itself and pytest run in.)
#
# Debian's Prometheus and haproxy are unpacked into the cache, not installed: no service of theirs
# can start, and no root is needed where apt's package lists are there. Alertmanager reads files
# under /usr/share and must be installed; its service is kept from starting and disabled.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${NODENAP_CACHE:-$HOME/.cache/nodenap}
all=(moto ministack dynalite toxiproxy prometheus alertmanager haproxy)

toxiproxy_version=v2.5.0

speaker=lab
# shellcheck source=tools/parts.sh
. "$here/../../tools/parts.sh"

# --- Python ---------------------------------------------------------------------------------------

install_moto() { venv venv "$here/../requirements.txt"; }
install_ministack() { venv venv-ministack "$here/../requirements-ministack.txt"; }

# --- Node and Go programs -------------------------------------------------------------------------

node_is_new_enough() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'
}

go_is_new_enough() {
  local version
  command -v go >/dev/null || return 1
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null)
  [ "$(printf '%s\n' go1.21 "$version" | sort -V | head -n 1)" = go1.21 ]
}

tools_from_pypi() { # "node" or "go"; its programs come to stand in $cache/venv-tools/bin
  local wanted=$here/../requirements-$1.txt pins
  pins=$(sha256sum <"$wanted" | cut -c1-16)
  is_done "$1-of-pypi" "$pins" && return
  need_venv_module
  [ -x "$cache/venv-tools/bin/pip" ] || python3 -m venv "$cache/venv-tools"
  hashed_pip "$cache/venv-tools" "$wanted"
  mark_done "$1-of-pypi" "$pins"
}

install_dynalite() {
  node_is_new_enough || tools_from_pypi node
  PATH=$(tools_path node_is_new_enough) node_programs
}

install_toxiproxy() {
  is_done toxiproxy "$toxiproxy_version" && return
  go_is_new_enough || tools_from_pypi go
  PATH=$(tools_path go_is_new_enough) GOBIN="$cache/bin" GOFLAGS=-modcacherw \
    nice go install "github.com/Shopify/toxiproxy/v2/cmd/server@$toxiproxy_version"
  mv "$cache/bin/server" "$cache/bin/toxiproxy-server"
  mark_done toxiproxy "$toxiproxy_version"
}

tools_path() { # test for the machine's own; prints the PATH to use
  if "$1"; then printf '%s' "$PATH"; else printf '%s' "$cache/venv-tools/bin:$PATH"; fi
}

# --- Debian programs, unpacked --------------------------------------------------------------------

unpack() { # part, package...
  local part=$1 package downloads=$cache/debian-$1.part
  shift
  is_done "$part" "$*" && return
  apt-cache show "$1" >/dev/null 2>&1 || refresh_package_lists "$1"
  rm -rf "$downloads" "$cache/debian-$part"
  mkdir -p "$downloads"
  (cd "$downloads" && nice apt-get -qq -o APT::Sandbox::User=root download "$@")
  for package in "$downloads"/*.deb; do
    dpkg-deb -x "$package" "$cache/debian-$part"
    say "unpacked $(basename "$package" .deb)"
  done
  rm -rf "$downloads"
  mark_done "$part" "$*"
}

refresh_package_lists() {
  as_root_only "apt's list with $1" "apt-get update"
  apt-get -o DPkg::Lock::Timeout=900 -qq update
}

# Debian starts and enables a service when its package is installed: neither is wanted here.
install_without_service() { # package, service
  local policy=/usr/sbin/policy-rc.d ours=
  as_root_only "$1" "apt-get install --no-install-recommends $1 && systemctl disable --now $2"
  if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  need_apt_package "$1"
  if command -v systemctl >/dev/null; then
    systemctl disable "$2" >/dev/null 2>&1 || say "$2 could not be disabled"
  fi
  [ -z "$ours" ] || rm -f "$policy"
}

install_prometheus() { unpack prometheus prometheus; }
install_haproxy() {
  unpack haproxy haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1
}
install_alertmanager() {
  command -v prometheus-alertmanager >/dev/null && return
  install_without_service prometheus-alertmanager prometheus-alertmanager.service
  say "alertmanager ready ($(dpkg-query -W -f '${Version}' prometheus-alertmanager))"
}

mkdir -p "$cache/bin"
[ $# -gt 0 ] || set -- "${all[@]}"
for part in "$@"; do
  case " ${all[*]} " in
    *" $part "*) "install_$part" ;;
    *) fail "unknown part '$part'; parts: ${all[*]}" ;;
  esac
done
