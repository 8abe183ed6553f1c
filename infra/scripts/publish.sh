#!/usr/bin/env bash
# Once K3s runs: writes the workers' token and the function's access to Parameter Store, and pins
# K3s' add-ons to the server. Values pass through pipes only. Runs at each start of K3s and is
# idempotent.
set -euo pipefail
umask 077
region=@REGION@
user=@FUNCTION_USER@
server=/var/lib/rancher/k3s/server

put() { /usr/local/sbin/nodenap-ssm put "$region" "$1"; }

wait_for() {
  local end=$((SECONDS + 300))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { echo "nodenap-publish: timed out: $1" >&2; return 1; }
    sleep 2
  done
}

api_secret() {
  k3s kubectl get secret "$user-token" --namespace nodenap --output "jsonpath={.data['$1']}"
}

secret_is_filled() { api_secret token | grep -q .; }

# Only the last part of a token is secret: if equal, workers would get the server's.
secret_of() { sed 's/.*://' "$server/$1"; }

# K3s does not pin its add-ons: after an upgrade they may run on a worker, which then is never
# empty. They tolerate the server's taint, and an added node selector survives K3s' own changes of
# the manifests.
keep_on_server() {
  local addon=$1 role='"node-role.kubernetes.io/control-plane": "true"'
  wait_for k3s kubectl get deployment "$addon" --namespace kube-system
  k3s kubectl patch deployment "$addon" --namespace kube-system \
    --patch "{\"spec\": {\"template\": {\"spec\": {\"nodeSelector\": {$role}}}}}"
}

PATH=/usr/local/bin:$PATH
wait_for test -s "$server/agent-token"
if cmp --silent <(secret_of agent-token) <(secret_of token); then
  echo "nodenap-publish: the agent token is the server's own; it is not published" >&2
  exit 1
fi
put @AGENT_TOKEN_PARAMETER@ <"$server/agent-token"
wait_for secret_is_filled
api_secret token | base64 --decode | put @API_TOKEN_PARAMETER@
api_secret 'ca\.crt' | base64 --decode | put @API_CA_PARAMETER@
echo "nodenap-publish: parameters written"
for addon in coredns metrics-server local-path-provisioner; do keep_on_server "$addon"; done
