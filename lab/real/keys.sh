#!/usr/bin/env bash
# Creates the cluster's CA, certificates and kubeconfigs in LAB_DIR/pki.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "$0")/env.sh"
cd "$PKI"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key" 2>/dev/null; }

# cert NAME SUBJECT EXTENSION: creates a certificate signed by the stand's CA.
cert() {
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
    -extfile <(echo "$3") -out "$1.crt" 2>/dev/null
}

# conf USER: a kubeconfig with the user's certificate in it.
conf() {
  local config=(kubectl config "--kubeconfig=$1.conf")
  "${config[@]}" set-cluster lab --server="$API" --certificate-authority=ca.crt --embed-certs
  "${config[@]}" set-credentials me --embed-certs --client-certificate="$1.crt" \
    --client-key="$1.key"
  "${config[@]}" set-context lab --cluster=lab --user=me
  "${config[@]}" use-context lab
}

key ca
openssl req -x509 -new -key ca.key -subj /CN=lab-ca -days 30 -out ca.crt
key sa
names=IP:$SERVER_IP,IP:127.0.0.1,IP:198.19.128.1
for n in kubernetes kubernetes.default kubernetes.default.svc localhost; do names+=,DNS:$n; done
cert server /CN=kube-apiserver "subjectAltName=$names"
client=extendedKeyUsage=clientAuth
cert admin /O=system:masters/CN=admin $client
cert kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client $client
cert controller-manager /CN=system:kube-controller-manager $client
cert scheduler /CN=system:kube-scheduler $client
for u in admin controller-manager scheduler; do conf $u; done >/dev/null
