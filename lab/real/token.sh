#!/usr/bin/env bash
# token.sh [MINUTES]: prints a new join token, valid for this long (default: 60), with the same kind
# of Secret and in the same format as "k3s token create".
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "$0")/env.sh"
id=$(openssl rand -hex 3) secret=$(openssl rand -hex 8)
kubectl apply -f - >/dev/null <<Y
apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-$id, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData:
  token-id: "$id"
  token-secret: "$secret"
  expiration: "$(date -u -d "+${1:-60} minutes" +%FT%TZ)"
  usage-bootstrap-authentication: "true"
  usage-bootstrap-signing: "true"
  auth-extra-groups: system:bootstrappers:lab:default-node-token
Y
echo "K10$(sha256sum <"$PKI/ca.crt" | cut -d' ' -f1)::$id.$secret"
