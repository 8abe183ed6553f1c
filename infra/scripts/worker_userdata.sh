#!/usr/bin/env bash
# User data of a worker: K3s as an agent, named by the instance id, in one pool.
set -euo pipefail
umask 022
region=@REGION@
k3s_version=@K3S_VERSION@
k3s_sha256_amd64=@K3S_SHA256_AMD64@
k3s_sha256_arm64=@K3S_SHA256_ARM64@
agent_token_parameter=@AGENT_TOKEN_PARAMETER@
server=@SERVER@
pool=@POOL@
pool_labels=@LABELS@
pool_taints=@TAINTS@

@INSTALL_SH@

@IDENTITY_SH@

config() {
  cat <<Y
server: "$server"
token-file: /run/nodenap/agent-token
$(identity_yaml "$region")
- "nodenap.dev/pool=$pool"
- "nodenap.dev/capacity=$capacity"
$pool_labels
$pool_taints
Y
}

install_k3s "$k3s_version" "$k3s_sha256_amd64" "$k3s_sha256_arm64"
learn_identity
capacity=$(meta instance-life-cycle)
[ "$capacity" = spot ] || capacity=on-demand
ssm_client
config | write /etc/rancher/k3s/config.yaml 600
kubelet_settings
shutdown_delay
# The token is read before each start: it is kept in memory only, and may have been rotated.
k3s_service agent \
  "/usr/local/sbin/nodenap-ssm get $region $agent_token_parameter /run/nodenap/agent-token"
systemctl enable k3s.service
systemctl start --no-block k3s.service
say "K3s starts: a node of pool $pool in cluster" @CLUSTER@
