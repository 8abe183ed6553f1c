# shellcheck shell=bash
# Installs on every node of the cluster: K3s by version and checksum, and host settings. Shared by
# both user data scripts and the image recipe; it handles no secrets.

say() { echo "[nodenap] $*" >&2; }

# retry SECONDS COMMAND...: at boot the network, DNS or a service may not be ready yet.
retry() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || { say "timed out: $1"; return 1; }
    sleep 2
  done
}

# write FILE [MODE]: writes stdin to FILE atomically, so that an interrupted boot leaves no partial
# file.
write() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.new"
  chmod "${2:-644}" "$1.new"
  mv "$1.new" "$1"
}

k3s_is() { echo "$1  ${2:-/usr/local/bin/k3s}" | sha256sum --check --status 2>/dev/null; }

# install_k3s VERSION SHA256_AMD64 SHA256_ARM64: an installed binary is only verified.
install_k3s() {
  local sum suffix url
  case $(uname -m) in
    x86_64) sum=$2 suffix='' ;;
    aarch64) sum=$3 suffix=-arm64 ;;
    *) say "K3s does not support $(uname -m)"; return 1 ;;
  esac
  [ -n "$sum" ] || { say "the checksum for $(uname -m) is missing"; return 1; }
  if k3s_is "$sum"; then say "K3s $1 is already installed"; return; fi
  url=https://github.com/k3s-io/k3s/releases/download/${1/+/%2B}/k3s$suffix
  retry 300 curl --fail --silent --show-error --location --proto '=https' --max-time 240 \
    --output /usr/local/bin/k3s.new "$url"
  if ! k3s_is "$sum" /usr/local/bin/k3s.new; then
    rm -f /usr/local/bin/k3s.new
    say "K3s $1 from $url does not have the checksum $sum"
    return 1
  fi
  chmod 755 /usr/local/bin/k3s.new
  mv /usr/local/bin/k3s.new /usr/local/bin/k3s
}

# The kubelet reads these only from a file. The reserve must match the autoscaler's: together with
# the kernel's memory it is below the 300 MiB that the autoscaler reserves on a new node.
kubelet_settings() {
  write /var/lib/rancher/k3s/agent/etc/kubelet.conf.d/50-nodenap.conf <<'Y'
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
shutdownGracePeriod: 60s
shutdownGracePeriodCriticalPods: 15s
systemReserved: {cpu: 100m, memory: 50Mi}
evictionHard: {memory.available: 100Mi, nodefs.available: 5%, imagefs.available: 5%}
Y
}

# unattended-upgrades allows 30 seconds for a shutdown, in a file that sorts after the kubelet's;
# with less time than its grace period the kubelet would not delay a shutdown at all.
shutdown_delay() {
  write /etc/systemd/logind.conf.d/zz-nodenap.conf <<'Y'
[Login]
InhibitDelayMaxSec=90
Y
  systemctl try-restart systemd-logind.service
}

# k3s_service "server" or "agent", and the command that runs before each start.
k3s_service() {
  local type=exec
  [ "$1" = agent ] || type=notify
  write /etc/systemd/system/k3s.service <<Y
[Unit]
Description=K3s $1
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=$type
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStartPre=$2
ExecStart=/usr/local/bin/k3s $1
Restart=always
RestartSec=5
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0

[Install]
WantedBy=multi-user.target
Y
  systemctl daemon-reload
}
