# shellcheck shell=bash disable=SC2034 # what it sets is used by those who source it
# Sourced by the stand's scripts: paths, addresses and small helpers.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export NODENAP_CACHE=${NODENAP_CACHE:-$HOME/.cache/nodenap}
LAB_CACHE=$NODENAP_CACHE/real                    # built programs; kept
LAB_DIR=${LAB_DIR:-${TMPDIR:-/tmp}/nodenap-real} # the running stand; removed by down.sh
BIN=$LAB_CACHE/bin
DEBIAN=$LAB_CACHE/debian                         # containerd, runc, busybox, network plugins
PKI=$LAB_DIR/pki

# 198.18.0.0/15 is reserved for benchmarks and routed nowhere; the stand stays inside it.
HOST_IP=198.18.0.1           # this machine, on the stand's bridge
SERVER_IP=198.18.0.2         # the control plane, in a network namespace of its own
NODE_NET=198.18.0            # node number N is $NODE_NET.(10+N), its pods are 198.19.N.0/24
POD_NET=198.19.0.0/17
SERVICE_NET=198.19.128.0/20
BRIDGE=nap0
NS=nodenap                   # prefix of the network namespaces, name of the cgroups
API=https://$SERVER_IP:6443
PROMETHEUS=http://$SERVER_IP:30090
export KUBECONFIG=$PKI/admin.conf
export PATH=$BIN:$DEBIAN/usr/bin:$DEBIAN/usr/sbin:$NODENAP_CACHE/debian-prometheus/usr/bin:$PATH

say() { echo "[$(date +%T)] $*" >&2; }

# The time a process began, in clock ticks since boot: with it a PID names one process for ever.
begin_of() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# start NAME COMMAND...: runs COMMAND in the background; its PID and log are kept under LAB_DIR.
start() {
  local name=$1 pid
  shift
  setsid "$@" >"$LAB_DIR/log/$name.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid $(begin_of "$pid")" >"$LAB_DIR/pid/$name"
}

alive() { grep -qs '^State:.[^Z]' "/proc/$1/status"; }

# pid_of NAME: the PID that start recorded, if that very process still runs.
pid_of() {
  local pid begin
  read -r pid begin 2>/dev/null <"$LAB_DIR/pid/$1" || return 1
  alive "$pid" && [ "$(begin_of "$pid")" = "$begin" ] && echo "$pid"
}

# stop NAME [SIGNAL]: ends what start began, after five seconds by force.
stop() {
  local pid
  if pid=$(pid_of "$1"); then
    kill "-${2:-TERM}" "$pid" 2>/dev/null || true
    for _ in $(seq 50); do alive "$pid" || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$LAB_DIR/pid/$1"
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { say "timed out waiting for: $*"; return 1; }
    sleep 0.3
  done
}

# The cgroup of all the stand's own where CPU time is dealt out, under cgroup v1 or v2.
CPU_GROUP=/sys/fs/cgroup/$NS
[ ! -d /sys/fs/cgroup/cpu ] || CPU_GROUP=/sys/fs/cgroup/cpu/$NS

# pass_controllers FOLDER: a cgroup v2's children get all controllers that it has.
pass_controllers() { sed 's/[^ ]*/+&/g' "$1/cgroup.controllers" >"$1/cgroup.subtree_control"; }

# attach NAMESPACE ADDRESS LINK: makes a network namespace with eth0 on the stand's bridge.
attach() {
  local ns=$1 ip=$2 link=$3
  ip netns add "$ns"
  ip link add "$link" type veth peer name eth0 netns "$ns"
  ip link set "$link" master "$BRIDGE" up
  ip -n "$ns" link set lo up
  ip -n "$ns" addr add "$ip/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" route add 198.19.0.0/16 dev eth0 # pods: their node answers ARP for them
}
