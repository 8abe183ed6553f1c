#!/usr/bin/env bash
# machine.sh NAME ADDRESS INDEX USER_DATA: PID 1 of a machine, started by node.sh in fresh
# namespaces. Creates a private view of the file system, starts containerd and runs the user data.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "$0")/env.sh"
name=$1 ip=$2 index=$3 user_data=$4
dir=$LAB_DIR/node/$name

mount_cgroups_v1() {
  local h
  mount -t tmpfs tmpfs /sys/fs/cgroup
  for h in $LAB_HIERARCHIES; do
    mkdir "$h"
    case ${h##*/} in
      systemd) mount -t cgroup -o none,name=systemd cgroup "$h" ;;
      unified) mount -t cgroup2 cgroup "$h" ;;
      *) mount -t cgroup -o "${h##*/}" cgroup "$h" ;;
    esac
  done
}

mount_cgroup_v2() {
  mount -t cgroup2 cgroup /sys/fs/cgroup
  mkdir /sys/fs/cgroup/init
  echo $$ >/sys/fs/cgroup/init/cgroup.procs
  wait_for 10 pass_controllers /sys/fs/cgroup # refused until node.sh moved the outer process away
}

# Own /proc, /sys, cgroup roots and /run, and copies-on-write of /etc and /var.
private_view() {
  local d
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  if [ "$LAB_HIERARCHIES" = "/sys/fs/cgroup " ]; then mount_cgroup_v2; else mount_cgroups_v1; fi
  mount -t tmpfs tmpfs /run
  for d in etc var; do
    mkdir -p "$dir/$d" "$dir/$d.work"
    mount -t overlay overlay -o "lowerdir=/$d,upperdir=$dir/$d,workdir=$dir/$d.work" "/$d"
  done
  for d in kubelet containerd; do # not on an overlay: they create their own overlays
    mkdir -p "$dir/$d" "/var/lib/$d"
    mount --bind "$dir/$d" "/var/lib/$d"
  done
}

# The instance type's memory and cores, for programs that read /proc and /sys. cAdvisor counts the
# CPUs that are online in sysfs; the kernel itself still schedules on all.
made_up_size() {
  local memory=${LAB_NODE_MEM_MIB:-} cores=${LAB_NODE_CORES:-}
  if [ -n "$memory" ]; then
    sed -E "s/^MemTotal:.*/MemTotal: $((memory * 1024)) kB/" /proc/meminfo >"$dir/meminfo"
    mount --bind "$dir/meminfo" /proc/meminfo
  fi
  if [ -n "$cores" ] && [ "$cores" -lt "$(grep -c ^processor /proc/cpuinfo)" ]; then
    if [ "$cores" = 1 ]; then echo 0; else echo "0-$((cores - 1))"; fi >"$dir/online"
    awk -v n="$cores" '/^processor/ {n--} n >= 0' /proc/cpuinfo >"$dir/cpuinfo"
    mount --bind "$dir/online" /sys/devices/system/cpu/online
    mount --bind "$dir/cpuinfo" /proc/cpuinfo
  fi
}

identity() {
  hostname "$name"
  md5sum <<<"$name$LAB_DIR" | cut -c1-32 >/etc/machine-id
}

container_runtime() {
  mkdir -p /etc/cni/net.d /etc/containerd /var/log/pods
  cat >/etc/cni/net.d/10-lab.conflist <<Y
{"cniVersion": "0.4.0", "name": "lab", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipam": {
    "type": "host-local", "ranges": [[{"subnet": "198.19.$index.0/24"}]],
    "routes": [{"dst": "0.0.0.0/0"}]}}]}
Y
  cat >/etc/containerd/config.toml <<Y
version = 2
disabled_plugins = ["io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab.test/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$DEBIAN/usr/lib/cni"
Y
  containerd >"$dir/containerd.log" 2>&1 &
  wait_for 120 ctr version
  ctr -n k8s.io images import "$LAB_CACHE/image.tar" >/dev/null
}

kubelet_config() {
  local cpu memory
  read -r cpu memory <<<"${LAB_NODE_RESERVED:-0 0}"
  cat >/var/lib/kubelet/config.yaml <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  x509: {clientCAFile: $PKI/ca.crt}
  webhook: {enabled: true}
  anonymous: {enabled: false}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
failCgroupV1: false
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
failSwapOn: false
nodeLeaseDurationSeconds: 8
nodeStatusUpdateFrequency: 4s
rotateCertificates: true
resolvConf: ""
evictionHard: {memory.available: 50Mi, nodefs.available: 100Mi, imagefs.available: 100Mi}
systemReserved: {cpu: "$cpu", memory: "$memory"}
Y
}

private_view
made_up_size
mount --make-rshared /
identity
container_runtime
kubelet_config
unset KUBECONFIG # the machine only has what its user data installs
export LAB_IP=$ip PKI POD_NET PATH=$HERE/guest:$PATH
trap 'kill -TERM -1; sleep 2; exit 0' TERM # ends every process of the machine
bash "$user_data" >"$dir/user-data.log" 2>&1 &
while :; do sleep 86400 & wait $! || true; done
