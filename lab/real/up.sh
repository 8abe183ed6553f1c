#!/usr/bin/env bash
# Starts the control plane, its metrics and Prometheus in their own network namespace. Nodes are
# started by node.sh or by the datacenter. The remains of an earlier run are removed first.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "$0")/env.sh"
# Runs a command in the server's network, and in its cgroup.
# shellcheck disable=SC2016 # expands inside
in_server=(bash -c 'echo $$ >"$0/cgroup.procs"; exec nsenter --net="$1" "${@:2}"'
  "$CPU_GROUP/server" "/run/netns/$NS-server")

network() {
  # Each node holds about eight inotify instances; the usual limit of 128 is reached at 16 nodes.
  local limit=fs.inotify.max_user_instances
  if [ "$(sysctl -n $limit)" -lt 4096 ]; then
    sysctl -e $limit | tr -d ' ' >"$LAB_DIR/inotify" # down.sh restores it
    sysctl -qw $limit=4096
  fi
  ip link add "$BRIDGE" type bridge
  ip addr add "$HOST_IP/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  ip route add 198.19.0.0/16 dev "$BRIDGE"
  attach "$NS-server" "$SERVER_IP" nap-server
}

# On a busy computer the stand has priority: the machines are small because of their limits, and the
# server has its own share.
priority() {
  mkdir -p "$CPU_GROUP"
  if [ -e /sys/fs/cgroup/cgroup.procs ]; then
    pass_controllers /sys/fs/cgroup
    pass_controllers "$CPU_GROUP"
    echo 10000 >"$CPU_GROUP/cpu.weight"
  else
    echo 262144 >"$CPU_GROUP/cpu.shares"
  fi
  mkdir -p "$CPU_GROUP/server"
}

datastore() {
  local options="_journal=WAL&cache=shared&_busy_timeout=30000&_sync=0"
  start kine "${in_server[@]}" kine --listen-address tcp://127.0.0.1:2379 \
    --metrics-bind-address 0 --endpoint "sqlite://$LAB_DIR/kine/state.db?$options"
}

api_server() {
  start apiserver "${in_server[@]}" kube-apiserver --etcd-servers=http://127.0.0.1:2379 \
    --advertise-address="$SERVER_IP" --secure-port=6443 --client-ca-file="$PKI/ca.crt" \
    --tls-cert-file="$PKI/server.crt" --tls-private-key-file="$PKI/server.key" \
    --kubelet-client-certificate="$PKI/kubelet-client.crt" \
    --kubelet-client-key="$PKI/kubelet-client.key" \
    --kubelet-preferred-address-types=InternalIP --service-cluster-ip-range="$SERVICE_NET" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$PKI/sa.key" --service-account-signing-key-file="$PKI/sa.key" \
    --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --enable-bootstrap-token-auth --allow-privileged
  wait_for 180 kubectl get --raw /readyz
}

controllers() {
  start controller-manager "${in_server[@]}" kube-controller-manager \
    --kubeconfig="$PKI/controller-manager.conf" \
    --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" \
    --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" \
    --controllers='*,bootstrapsigner,tokencleaner' --use-service-account-credentials \
    --leader-elect=false --kube-api-qps=200 --kube-api-burst=300 \
    --node-monitor-period=2s --node-monitor-grace-period=20s # a lost node is noticed sooner
  start scheduler "${in_server[@]}" kube-scheduler --kubeconfig="$PKI/scheduler.conf" \
    --leader-elect=false
}

# Nodes join with bootstrap tokens: the holder of one may request a node certificate and gets it.
allow_joining() {
  local bind=(kubectl create clusterrolebinding)
  local csr=system:certificates.k8s.io:certificatesigningrequests joiners=system:bootstrappers
  "${bind[@]}" lab-node-join --clusterrole=system:node-bootstrapper --group=$joiners
  "${bind[@]}" lab-node-approve --clusterrole=$csr:nodeclient --group=$joiners
  "${bind[@]}" lab-node-renew --clusterrole=$csr:selfnodeclient --group=system:nodes
} >/dev/null

prometheus_config() {
  cat <<Y
global: {scrape_interval: ${LAB_SCRAPE:-2s}}
scrape_configs:
- job_name: kube-state-metrics
  honor_labels: true
  static_configs: [{targets: ['127.0.0.1:8080']}]
- job_name: cadvisor # every node's kubelet; node.sh writes the targets (Debian's Prometheus has
  # no discovery by Kubernetes)
  scheme: https
  metrics_path: /metrics/cadvisor
  honor_timestamps: false # cAdvisor's timestamps of machine_cpu_cores are up to five minutes old
  tls_config: {insecure_skip_verify: true, cert_file: $PKI/admin.crt, key_file: $PKI/admin.key}
  file_sd_configs: [{files: ['$LAB_DIR/prometheus/targets/*.json'], refresh_interval: 2s}]
Y
}

metrics() {
  start state-metrics "${in_server[@]}" state-metrics --kubeconfig="$KUBECONFIG" \
    --listen=127.0.0.1:8080
  prometheus_config >"$LAB_DIR/prometheus/prometheus.yml"
  start prometheus "${in_server[@]}" prometheus --config.file="$LAB_DIR/prometheus/prometheus.yml" \
    --storage.tsdb.path="$LAB_DIR/prometheus/data" --web.listen-address="$SERVER_IP:30090"
  wait_for 60 curl -sf "$PROMETHEUS/-/ready"
}

[ "$(id -u)" = 0 ] || { say "root is needed: the stand creates namespaces and cgroups"; exit 1; }
"$HERE/build.sh"
"$HERE/down.sh" --quiet
done=no
trap '[ "$done" = yes ] || "$HERE/down.sh" --quiet' EXIT
mkdir -p "$LAB_DIR"/{pki,log,pid,node,kine,prometheus/targets}
network
priority
"$HERE/keys.sh"
datastore
api_server
controllers
allow_joining
wait_for 60 kubectl get serviceaccount default
metrics
done=yes
[ "${1:-}" = --quiet ] ||
  say "up: export KUBECONFIG=$KUBECONFIG PATH=$BIN:\$PATH; Prometheus at $PROMETHEUS"
