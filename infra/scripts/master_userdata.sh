#!/usr/bin/env bash
# User data of the server: K3s' control plane, the function's RBAC, and monitoring. K3s creates the
# server's secret itself; it never leaves this instance.
set -euo pipefail
umask 022
region=@REGION@
k3s_version=@K3S_VERSION@
k3s_sha256_amd64=@K3S_SHA256_AMD64@
k3s_sha256_arm64=@K3S_SHA256_ARM64@

@INSTALL_SH@

@IDENTITY_SH@

# K3s' cloud controller would overwrite each node's instance type with "k3s"; without it and the
# load balancer, which share a process, nodes keep their registered labels.
config() {
  cat <<Y
agent-token-file: /run/nodenap/agent-token
secrets-encryption: true
write-kubeconfig-mode: "0600"
disable-cloud-controller: true
disable:
- servicelb
- traefik
node-taint:
- "node-role.kubernetes.io/control-plane=true:NoSchedule"
$(identity_yaml "$region")
Y
}

programs() {
  write /usr/local/sbin/nodenap-agent-token 755 <<'SH'
@AGENT_TOKEN_SH@
SH
  write /usr/local/sbin/nodenap-publish 755 <<'SH'
@PUBLISH_SH@
SH
}

# manifest NAME: writes stdin as a manifest, with this server's name. K3s applies the files in the
# folder, again whenever one changes.
manifest() {
  sed "s/%SERVER_NODE%/${id:?}/" | write "/var/lib/rancher/k3s/server/manifests/nodenap-$1" 600
}

manifests() {
@MANIFESTS@
}

publish_service() {
  write /etc/systemd/system/nodenap-publish.service <<'Y'
[Unit]
Description=Puts the cluster's tokens into Parameter Store, and K3s' add-ons on the server
Wants=k3s.service
PartOf=k3s.service
After=k3s.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/nodenap-publish
Restart=on-failure
RestartSec=10

[Install]
WantedBy=multi-user.target
Y
}

install_k3s "$k3s_version" "$k3s_sha256_amd64" "$k3s_sha256_arm64"
learn_identity
ssm_client
config | write /etc/rancher/k3s/config.yaml 600
programs
manifests
kubelet_settings
shutdown_delay
publish_service
k3s_service server /usr/local/sbin/nodenap-agent-token
systemctl enable k3s.service nodenap-publish.service
systemctl start --no-block k3s.service nodenap-publish.service
say "K3s starts: the server of cluster" @CLUSTER@
