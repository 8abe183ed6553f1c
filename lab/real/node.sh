#!/usr/bin/env bash
# A machine of the stand: a real kubelet and containerd in their own namespaces (network, PID,
# mount, cgroup, host name), so that killing it is like losing a machine.
#   node.sh start NAME INDEX [USER_DATA]  boots a machine; INDEX 1..100 gives its addresses; it runs
#                              the script USER_DATA, by default one that joins with a new token
#   node.sh stop NAME          SIGTERM to all its processes, then removes the machine (a shutdown)
#   node.sh kill NAME          removes the machine at once (instance lost)
#   node.sh exec NAME COMMAND...   runs a command inside
# Settings: LAB_NODE_CORES and LAB_NODE_MEM_MIB (the size that the machine reports), LAB_NODE_CPUS
# (the CPU time it may use, in cores), LAB_NODE_RESERVED (not allocatable: "100m 250Mi"),
# LAB_AGENT_FLAGS (for the default user data).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "$0")/env.sh"
usage() { sed -n '2,12s/^# \?//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
verb=$1 name=$2
dir=$LAB_DIR/node/$name
CGROUPS=/sys/fs/cgroup

# Paths of the cgroup v1 hierarchies, or the one of cgroup v2.
hierarchies() {
  if [ "$(stat -fc %T $CGROUPS)" = cgroup2fs ]; then echo $CGROUPS; return; fi
  find $CGROUPS -mindepth 1 -maxdepth 1 -type d
}

init_pid() { tr -d ' ' <"/proc/$1/task/$1/children"; }

default_user_data() {
  cat <<Y
exec k3s agent --server $API --token $("$HERE/token.sh") --node-name $name \
  --kubelet-arg provider-id=aws:///lab-1a/$name ${LAB_AGENT_FLAGS:-}
Y
}

make_cgroups() {
  local h g
  for h in $(hierarchies); do
    for g in "$h/$NS" "$h/$NS/$name"; do
      mkdir -p "$g"
      case ${h##*/} in
        cpuset) cat "$h/cpuset.cpus" >"$g/cpuset.cpus"; cat "$h/cpuset.mems" >"$g/cpuset.mems" ;;
        cgroup) pass_controllers "${g%/*}" ;;
      esac
    done
  done
  limit_cpu
}

limit_cpu() {
  [ -n "${LAB_NODE_CPUS:-}" ] || return 0
  local quota
  quota=$(awk -v c="$LAB_NODE_CPUS" 'BEGIN {print int(c * 100000)}')
  if [ -d $CGROUPS/cpu ]; then echo "$quota" >"$CPU_GROUP/$name/cpu.cfs_quota_us"
  else echo "$quota 100000" >"$CPU_GROUP/$name/cpu.max"; fi
}

# Enters the machine's cgroups, then creates its namespaces: the root of a new cgroup namespace is
# the current cgroup.
# shellcheck disable=SC2016 # expands inside
enter='for h in $LAB_HIERARCHIES; do echo $$ >"$h/$0/cgroup.procs"; done
  exec unshare --mount --propagation private --uts --ipc --pid --cgroup --fork --kill-child "$@"'

power_on() {
  local index=$1 user_data=$2 ip=$NODE_NET.$((10 + $1)) pid
  attach "$NS-$name" "$ip" "nap$index"
  local in_net=(nsenter "--net=/run/netns/$NS-$name")
  "${in_net[@]}" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth0.proxy_arp=1
  make_cgroups
  LAB_HIERARCHIES=$(hierarchies | tr '\n' ' ')
  export LAB_CACHE LAB_DIR LAB_HIERARCHIES
  start "node-$name" "${in_net[@]}" bash -c "$enter" "$NS/$name" \
    "$HERE/machine.sh" "$name" "$ip" "$index" "$user_data"
  # cgroup v2 allows no process next to the machine's own cgroups, so its outer process is moved
  # out.
  if [ -e $CGROUPS/cgroup.procs ]; then
    pid=$(pid_of "node-$name")
    wait_for 10 grep -q . "/proc/$pid/task/$pid/children"
    mkdir -p "$CGROUPS/$NS-outside"
    echo "$pid" >"$CGROUPS/$NS-outside/cgroup.procs"
  fi
  echo "[{\"targets\": [\"$ip:10250\"], \"labels\": {\"node\": \"$name\"}}]" \
    >"$LAB_DIR/prometheus/targets/$name.json"
}

clean() {
  local h
  rm -f "$LAB_DIR/pid/node-$name" "$LAB_DIR/prometheus/targets/$name.json"
  for h in $(hierarchies); do
    for _ in $(seq 50); do
      find "$h/$NS/$name" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$h/$NS/$name" ] || break
      sleep 0.1
    done
  done
  ip netns del "$NS-$name" 2>/dev/null || true
  rm -rf "$dir"
}

shut_down() {
  local pid
  pid=$(pid_of "node-$name") || return 0
  kill -TERM "$(init_pid "$pid")"
  gone() { ! alive "$pid"; }
  wait_for 30 gone || kill -9 "$pid"
}

pull_plug() {
  local pid
  if pid=$(pid_of "node-$name"); then kill -9 "$pid" 2>/dev/null || true; fi
}

case $verb in
  start)
    [ $# -ge 3 ] || usage
    mkdir "$dir"
    if [ $# -lt 4 ]; then default_user_data >"$dir/user-data"; else cp "$4" "$dir/user-data"; fi
    power_on "$3" "$dir/user-data" ;;
  stop) shut_down; clean ;;
  kill) pull_plug; clean ;;
  exec) shift 2; exec nsenter --target "$(init_pid "$(pid_of "node-$name")")" --all "$@" ;;
  *) usage ;;
esac
