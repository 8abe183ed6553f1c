#!/usr/bin/env bash
# User data of the server: K3s' control plane, the function's RBAC, and monitoring. K3s creates the
# server's secret itself; it never leaves this instance.
set -euo pipefail
umask 022
region=us-east-1
k3s_version=v1.34.4+k3s1
k3s_sha256_amd64=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
k3s_sha256_arm64=fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

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

# Reads the instance's identity from the metadata service (IMDSv2), and writes the head of K3s'
# configuration.

imds=http://169.254.169.254/latest

open_session() {
  session=$(curl --fail --silent --max-time 5 --request PUT \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' $imds/api/token)
}

# The session token is passed by stdin, since arguments are visible to every process of the host.
meta() {
  printf 'X-aws-ec2-metadata-token: %s' "$session" |
    curl --fail --silent --max-time 5 --retry 5 --header @- "$imds/meta-data/$1"
}

learn_identity() {
  retry 120 open_session
  id=$(meta instance-id)
  type=$(meta instance-type)
  zone=$(meta placement/availability-zone)
  address=$(meta local-ipv4)
}

# identity_yaml REGION: the node is its instance: by name, by provider id, and by the labels that
# packing assumes. K3s names the folder of kubelet settings itself from 1.32 on.
identity_yaml() {
  cat <<Y
node-name: "$id"
node-ip: "$address"
kubelet-arg:
- "provider-id=aws:///$zone/$id"
- "config-dir=/var/lib/rancher/k3s/agent/etc/kubelet.conf.d"
node-label:
- "node.kubernetes.io/instance-type=$type"
- "topology.kubernetes.io/region=$1"
- "topology.kubernetes.io/zone=$zone"
Y
}

ssm_client() {
  write /usr/local/sbin/nodenap-ssm 755 <<'PYTHON'
#!/usr/bin/env python3
"""nodenap-ssm get REGION NAME FILE    writes a parameter to FILE, readable by root only
nodenap-ssm put REGION NAME         writes stdin to a parameter, as a SecureString

Uses the instance's role and only Python's standard library, because Ubuntu's and Debian's images
have no AWS CLI. A value is never an argument and never printed.
"""

import datetime
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request

IMDS = "http://169.254.169.254/latest/"
SECONDS_TO_TRY = 240  # the role, the network and the parameter may not be ready yet
PAUSE_S = 3
# Ignore proxies of the environment, which cannot reach the metadata service.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url, headers, body=None, method=None):
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    with OPENER.open(request, timeout=10) as answer:
        return answer.read()


def credentials():
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    session = fetch(IMDS + "api/token", lifetime, method="PUT").decode()
    headers = {"X-aws-ec2-metadata-token": session}
    folder = IMDS + "meta-data/iam/security-credentials/"
    role = fetch(folder, headers).decode().split()[0]
    return json.loads(fetch(folder + role, headers))


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed_headers(host, region, target, body):
    """The headers of a request to SSM, with Signature Version 4."""
    keys = credentials()
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": moment,
        "x-amz-security-token": keys["Token"],
        "x-amz-target": "AmazonSSM." + target,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{moment[:8]}/{region}/ssm/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = keyed(b"AWS4" + keys["SecretAccessKey"].encode(), moment[:8])
    for part in (region, "ssm", "aws4_request"):
        key = keyed(key, part)
    signature = keyed(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}").hex()
    identity = f"Credential={keys['AccessKeyId']}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 {identity}, SignedHeaders={names}, Signature={signature}"
    )
    return headers


def call(region, target, parameters):
    host = f"ssm.{region}.amazonaws.com"
    body = json.dumps(parameters).encode()
    return json.loads(fetch(f"https://{host}/", signed_headers(host, region, target, body), body))


def cause(error):
    """The error's name; never the body, which may quote the request."""
    if not isinstance(error, urllib.error.HTTPError):
        return f"{type(error).__name__}: {getattr(error, 'reason', '')}"
    try:
        return str(json.loads(error.read())["__type"]).rsplit("#", 1)[-1]
    except (ValueError, KeyError, TypeError, OSError):
        return f"HTTP {error.code}"


def call_until_it_answers(region, target, parameters):
    end = time.monotonic() + SECONDS_TO_TRY
    while True:
        try:
            return call(region, target, parameters)
        except (OSError, ValueError, KeyError, IndexError) as error:
            text = f"nodenap-ssm: {target} {parameters['Name']}: {cause(error)}"
            if time.monotonic() > end:
                sys.exit(text)
            print(text + "; retrying", file=sys.stderr, flush=True)
            time.sleep(PAUSE_S)


def get(region, name, path):
    parameters = {"Name": name, "WithDecryption": True}
    value = call_until_it_answers(region, "GetParameter", parameters)["Parameter"]["Value"]
    os.umask(0o077)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(value)
    os.replace(path + ".new", path)


def put(region, name):
    value = sys.stdin.read().strip()
    if not value:
        sys.exit(f"nodenap-ssm: no value given for {name}")
    parameters = {"Name": name, "Value": value, "Type": "SecureString", "Overwrite": True}
    call_until_it_answers(region, "PutParameter", parameters)


def main():
    verbs = {("get", 5): get, ("put", 4): put}
    verb = verbs.get((sys.argv[1] if len(sys.argv) > 1 else "", len(sys.argv)))
    if not verb:
        sys.exit(__doc__)
    verb(*sys.argv[2:])


if __name__ == "__main__":
    main()
PYTHON
}

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
#!/usr/bin/env bash
# Before each start of K3s: puts the workers' secret into memory. K3s keeps it in its own file, from
# which it is restored after a reboot; without it, K3s would use the server secret for workers.
set -euo pipefail
umask 077
kept=/var/lib/rancher/k3s/server/agent-token
mkdir -p /run/nodenap
if [ -s "$kept" ] && ! [ -L "$kept" ]; then
  sed 's/.*://' "$kept" >/run/nodenap/agent-token.new
else
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >/run/nodenap/agent-token.new
fi
mv /run/nodenap/agent-token.new /run/nodenap/agent-token
SH
  write /usr/local/sbin/nodenap-publish 755 <<'SH'
#!/usr/bin/env bash
# Once K3s runs: writes the workers' token and the function's access to Parameter Store, and pins
# K3s' add-ons to the server. Values pass through pipes only. Runs at each start of K3s and is
# idempotent.
set -euo pipefail
umask 077
region=us-east-1
user=nodenap
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
put /k3s/prod/agent-token <"$server/agent-token"
wait_for secret_is_filled
api_secret token | base64 --decode | put /k3s/prod/nodenap-token
api_secret 'ca\.crt' | base64 --decode | put /k3s/prod/ca
echo "nodenap-publish: parameters written"
for addon in coredns metrics-server local-path-provisioner; do keep_on_server "$addon"; done
SH
}

# manifest NAME: writes stdin as a manifest, with this server's name. K3s applies the files in the
# folder, again whenever one changes.
manifest() {
  sed "s/%SERVER_NODE%/${id:?}/" | write "/var/lib/rancher/k3s/server/manifests/nodenap-$1" 600
}

manifests() {
  manifest rbac.yaml <<'END_OF_MANIFEST'
apiVersion: v1
kind: Namespace
metadata:
  name: nodenap
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: nodenap
  namespace: nodenap
automountServiceAccountToken: false
---
apiVersion: v1
kind: Secret
metadata:
  name: nodenap-token
  namespace: nodenap
  annotations:
    kubernetes.io/service-account.name: nodenap
type: kubernetes.io/service-account-token
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: nodenap-function
rules:
- apiGroups: [""]
  resources: [pods, nodes, namespaces, persistentvolumes, persistentvolumeclaims]
  verbs: [get, list]
- apiGroups: [storage.k8s.io]
  resources: [storageclasses, csinodes]
  verbs: [get, list]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list]
- apiGroups: [apps]
  resources: [daemonsets]
  verbs: [get, list]
- apiGroups: [""]
  resources: [nodes]
  verbs: [patch, delete]
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: nodenap-function
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: nodenap-function
subjects:
- kind: ServiceAccount
  name: nodenap
  namespace: nodenap
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: nodenap-own-nodes
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      resources: [nodes]
      operations: [UPDATE, DELETE]
  matchConditions:
  - name: by-the-function
    expression: request.userInfo.username == 'system:serviceaccount:nodenap:nodenap'
  variables:
  - name: labels
    expression: "has(oldObject.metadata.labels) ? oldObject.metadata.labels : {}"
  validations:
  - expression: "'nodenap.dev/pool' in variables.labels"
    message: the node has no label nodenap.dev/pool, so it is not Nodenap's
  - expression: >-
      !variables.labels.exists(key, key in ['node-role.kubernetes.io/control-plane',
      'node-role.kubernetes.io/master', 'node-role.kubernetes.io/etcd'])
    message: the node is a server
  - expression: >-
      request.operation == 'DELETE' ||
      (has(object.metadata.labels) && object.metadata.labels == variables.labels)
    message: Nodenap does not change the labels of nodes
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: nodenap-own-nodes
spec:
  policyName: nodenap-own-nodes
  validationActions: [Deny]
END_OF_MANIFEST
  manifest nodes.yaml <<'END_OF_MANIFEST'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: nodenap-registration
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      resources: [nodes]
      operations: [CREATE]
  matchConditions:
  - name: by-a-worker
    expression: >-
      request.userInfo.username.startsWith('system:node:') &&
      request.userInfo.username != 'system:node:%SERVER_NODE%'
  validations:
  - expression: >-
      !has(object.spec.taints) || !object.spec.taints.exists(taint, taint.key in
      ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master',
      'node-role.kubernetes.io/etcd'])
    message: only the server registers with the taint of servers
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: nodenap-registration
spec:
  policyName: nodenap-registration
  validationActions: [Deny]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: nodenap-mirror-pods
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector:
      matchExpressions:
      - {key: kubernetes.io/metadata.name, operator: In, values: [nodenap, kube-system]}
    resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      resources: [pods]
      operations: [CREATE]
  matchConditions:
  - name: by-a-node
    expression: request.userInfo.username.startsWith('system:node:')
  validations:
  - expression: "!has(object.metadata.labels) || object.metadata.labels.size() == 0"
    message: a mirror pod has no labels here, so that no Service selects it
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: nodenap-mirror-pods
spec:
  policyName: nodenap-mirror-pods
  validationActions: [Deny]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: nodenap-node-status
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      resources: [nodes, nodes/status]
      operations: [UPDATE]
  matchConditions:
  - name: by-an-agent
    expression: request.userInfo.username == 'system:k3s-controller'
  variables:
  - name: old
    expression: oldObject.metadata.?annotations.orValue({})
  - name: new
    expression: object.metadata.?annotations.orValue({})
  validations:
  - expression: >-
      object.?status == oldObject.?status && object.?spec == oldObject.?spec &&
      object.metadata.?labels == oldObject.metadata.?labels &&
      object.metadata.?finalizers == oldObject.metadata.?finalizers &&
      object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences &&
      variables.new.all(key, key.startsWith('flannel.alpha.coreos.com/') ||
      (key in variables.old && variables.new[key] == variables.old[key])) &&
      variables.old.all(key, key.startsWith('flannel.alpha.coreos.com/') || key in variables.new)
    message: an agent of K3s changes only flannel's annotations of a Node
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: nodenap-node-status
spec:
  policyName: nodenap-node-status
  validationActions: [Deny]
END_OF_MANIFEST
  manifest kube-state-metrics.yaml <<'END_OF_MANIFEST'
apiVersion: v1
kind: ServiceAccount
metadata:
  name: kube-state-metrics
  namespace: nodenap
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: nodenap-kube-state-metrics
rules:
- apiGroups: [""]
  resources: [nodes, pods, persistentvolumes, persistentvolumeclaims]
  verbs: [list, watch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [list, watch]
- apiGroups: [storage.k8s.io]
  resources: [storageclasses]
  verbs: [list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: nodenap-kube-state-metrics
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: nodenap-kube-state-metrics
subjects:
- kind: ServiceAccount
  name: kube-state-metrics
  namespace: nodenap
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kube-state-metrics
  namespace: nodenap
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: kube-state-metrics}
  template:
    metadata:
      labels: {app: kube-state-metrics}
    spec:
      serviceAccountName: kube-state-metrics
      priorityClassName: system-cluster-critical
      hostNetwork: true
      dnsPolicy: Default
      nodeSelector: {node-role.kubernetes.io/control-plane: "true"}
      tolerations:
      - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        seccompProfile: {type: RuntimeDefault}
      containers:
      - name: kube-state-metrics
        image: registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.19.1@sha256:85108987d044b18a098126732f98602df408888c0f7d456241f5abefb9744bc1
        args:
        - --host=127.0.0.1
        - --port=8080
        - --telemetry-host=127.0.0.1
        - --telemetry-port=8081
        - --resources=nodes,pods,persistentvolumes,persistentvolumeclaims,jobs,storageclasses
        - --metric-labels-allowlist=nodes=[nodenap.dev/pool,nodenap.dev/capacity]
        - >-
          --metric-allowlist=kube_node_info, kube_node_labels, kube_node_created,
          kube_node_role, kube_node_spec_taint, kube_node_spec_unschedulable,
          kube_node_status_allocatable, kube_node_status_condition, kube_pod_info,
          kube_pod_owner, kube_pod_created, kube_pod_deletion_timestamp,
          kube_pod_status_phase, kube_pod_status_reason, kube_pod_status_unschedulable,
          kube_pod_status_unscheduled_time, kube_pod_container_resource_requests,
          kube_pod_init_container_resource_requests, kube_pod_status_qos_class,
          kube_node_status_addresses, kube_persistentvolume_info,
          kube_persistentvolume_status_phase, kube_persistentvolumeclaim_info,
          kube_pod_spec_volumes_persistentvolumeclaims_info,
          kube_persistentvolumeclaim_status_phase, kube_storageclass_info,
          kube_pod_status_scheduled, kube_pod_init_container_info,
          kube_pod_overhead_cpu_cores, kube_pod_overhead_memory_bytes, kube_job_owner
        readinessProbe:
          httpGet: {host: 127.0.0.1, path: /metrics, port: 8080}
          periodSeconds: 30
          timeoutSeconds: 5
        resources:
          requests: {cpu: 20m, memory: 64Mi}
          limits: {memory: 256Mi}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities: {drop: [ALL]}
END_OF_MANIFEST
  manifest prometheus.yaml <<'END_OF_MANIFEST'
apiVersion: v1
kind: ServiceAccount
metadata:
  name: prometheus
  namespace: nodenap
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: nodenap-prometheus
rules:
- apiGroups: [""]
  resources: [nodes]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [nodes/metrics]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: nodenap-prometheus
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: nodenap-prometheus
subjects:
- kind: ServiceAccount
  name: prometheus
  namespace: nodenap
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: prometheus
  namespace: nodenap
data:
  web.yml: |
    {}
  prometheus.yml: |
    global:
      scrape_interval: 15s
      scrape_timeout: 10s
      evaluation_interval: 15s
    rule_files: [/etc/prometheus/rules/*.yml]
    alerting:
      alertmanagers:
      - static_configs: [{targets: ["127.0.0.1:9093"]}]
    scrape_configs:
    - job_name: kube-state-metrics
      honor_labels: true
      static_configs: [{targets: ["127.0.0.1:8080"]}]
      body_size_limit: 64MB
      sample_limit: 150000
      label_limit: 40
      label_name_length_limit: 128
      label_value_length_limit: 1024
      metric_relabel_configs:
      - source_labels: [__name__]
        regex: kube_.*
        action: keep
      - regex: "__name__|instance|job|address|claim_namespace|condition|container|effect|host_path|\
          internal_ip|job_name|key|kubelet_version|label_nodenap_dev_.*|local_path|name|namespace|\
          node|owner_is_controller|owner_kind|owner_name|persistentvolume|persistentvolumeclaim|\
          phase|pod|provider_id|qos_class|reason|resource|restart_policy|role|status|storageclass|\
          uid|value|volume_binding_mode|volumename"
        action: labelkeep
      - {source_labels: [address], regex: "(?s)(.{255}).+", target_label: address}
      - {source_labels: [claim_namespace], regex: "(?s)(.{255}).+", target_label: claim_namespace}
      - {source_labels: [condition], regex: "(?s)(.{255}).+", target_label: condition}
      - {source_labels: [host_path], regex: "(?s)(.{255}).+", target_label: host_path}
      - {source_labels: [internal_ip], regex: "(?s)(.{255}).+", target_label: internal_ip}
      - {source_labels: [kubelet_version], regex: "(?s)(.{255}).+", target_label: kubelet_version}
      - {source_labels: [local_path], regex: "(?s)(.{255}).+", target_label: local_path}
      - {source_labels: [name], regex: "(?s)(.{255}).+", target_label: name}
      - {source_labels: [owner_kind], regex: "(?s)(.{255}).+", target_label: owner_kind}
      - {source_labels: [owner_name], regex: "(?s)(.{255}).+", target_label: owner_name}
      - {source_labels: [persistentvolumeclaim], regex: "(?s)(.{255}).+", target_label: persistentvolumeclaim}
      - {source_labels: [provider_id], regex: "(?s)(.{255}).+", target_label: provider_id}
      - {source_labels: [volumename], regex: "(?s)(.{255}).+", target_label: volumename}
    - job_name: cadvisor
      scheme: https
      metrics_path: /metrics/cadvisor
      honor_timestamps: false
      authorization: {credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token}
      tls_config: {ca_file: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}
      kubernetes_sd_configs: [{role: node}]
      body_size_limit: 32MB
      sample_limit: 5000
      label_limit: 20
      label_name_length_limit: 128
      label_value_length_limit: 1024
      metric_relabel_configs:
      - source_labels: [__name__]
        regex: "machine_cpu_cores|machine_memory_bytes|\
          container_cpu_usage_seconds_total|container_memory_working_set_bytes"
        action: keep
      - source_labels: [__name__, id, pod, container]
        separator: ;
        regex: machine_.*|container_.*;/;;|container_.*;[^;]+;[^;]+;
        action: keep
    - job_name: kubelet
      scheme: https
      metrics_path: /metrics/resource
      honor_timestamps: false
      authorization: {credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token}
      tls_config: {ca_file: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}
      kubernetes_sd_configs: [{role: node}]
      body_size_limit: 8MB
      sample_limit: 10
      label_limit: 20
      label_name_length_limit: 128
      label_value_length_limit: 1024
      metric_relabel_configs:
      - source_labels: [__name__]
        regex: node_cpu_usage_seconds_total|node_memory_working_set_bytes
        action: keep
---
apiVersion: v1
kind: Service
metadata:
  name: prometheus
  namespace: nodenap
spec:
  type: NodePort
  externalTrafficPolicy: Local # only the server answers, not every node for it
  selector: {app: prometheus}
  ports:
  - {name: web, port: 9090, targetPort: 9090, nodePort: 30090}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: prometheus
  namespace: nodenap
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: prometheus}
  template:
    metadata:
      labels: {app: prometheus}
    spec:
      serviceAccountName: prometheus
      priorityClassName: system-cluster-critical
      hostNetwork: true
      dnsPolicy: ClusterFirstWithHostNet
      nodeSelector: {node-role.kubernetes.io/control-plane: "true"}
      tolerations:
      - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        fsGroup: 65534
        seccompProfile: {type: RuntimeDefault}
      containers:
      - name: prometheus
        image: docker.io/prom/prometheus:v2.53.5@sha256:7a34573f0b9c952286b33d537f233cd5b708e12263733aa646e50c33f598f16c
        args:
        - --config.file=/etc/prometheus/config/prometheus.yml
        - --web.config.file=/etc/prometheus/config/web.yml
        - --web.listen-address=:9090
        - --storage.tsdb.path=/prometheus
        - --storage.tsdb.retention.size=1GB
        - --storage.tsdb.retention.time=7d
        - --storage.tsdb.wal-compression
        env:
        - {name: GOMEMLIMIT, value: 600MiB}
        readinessProbe:
          tcpSocket: {port: 9090}
        livenessProbe:
          tcpSocket: {port: 9090}
          initialDelaySeconds: 60
          periodSeconds: 30
        resources:
          requests: {cpu: 100m, memory: 300Mi}
          limits: {memory: 768Mi}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities: {drop: [ALL]}
        volumeMounts:
        - {name: data, mountPath: /prometheus}
        - {name: config, mountPath: /etc/prometheus/config, readOnly: true}
        - {name: rules, mountPath: /etc/prometheus/rules, readOnly: true}
      volumes:
      - name: data
        emptyDir: {sizeLimit: 2Gi}
      - name: config
        projected:
          sources:
          - configMap: {name: prometheus}
          - secret: {name: prometheus-web, optional: true}
      - name: rules
        configMap: {name: prometheus-rules}
END_OF_MANIFEST
  manifest alert-rules.yaml <<'END_OF_MANIFEST'
apiVersion: v1
kind: ConfigMap
metadata:
  name: prometheus-rules
  namespace: nodenap
data:
  nodenap.yml: |
    groups:
    - name: wake
      rules:
      - alert: PodsUnschedulable
        expr: >-
          count by(namespace)(max by(namespace,pod,uid)(kube_pod_status_unschedulable == 1)
          unless on(namespace,pod,uid) (kube_pod_status_reason{reason="SchedulingGated"} == 1)
          unless on(namespace,pod,uid) kube_pod_deletion_timestamp
          unless on(namespace,pod,uid) (time() - kube_pod_status_unscheduled_time > 120)) > 0
        for: 15s
        labels: {severity: info}
        annotations: {summary: "{{ $value }} pods of {{ $labels.namespace }} are unschedulable"}
      - alert: ClusterBusy
        expr: nodenap:cpu_percent > 70
        for: 1m
        labels: {severity: info}
        annotations: {summary: "CPU usage of the cluster is {{ printf \"%.0f\" $value }}%"}
    - name: use
      rules:
      - record: nodenap:cpu_busy_cores
        expr: >-
          sum(max by(instance)(rate(container_cpu_usage_seconds_total{id="/"}[2m]))
          and on(instance) max by(instance)(machine_cpu_cores))
      - record: nodenap:cpu_cores
        expr: >-
          sum(max by(instance)(machine_cpu_cores)
          and on(instance) max by(instance)(rate(container_cpu_usage_seconds_total{id="/"}[2m])))
      - record: nodenap:cpu_percent
        expr: 100 * nodenap:cpu_busy_cores / nodenap:cpu_cores
      - record: nodenap:memory_percent
        expr: >-
          100 * sum(max by(instance)(container_memory_working_set_bytes{id="/"})
          and on(instance) max by(instance)(machine_memory_bytes))
          / sum(max by(instance)(machine_memory_bytes)
          and on(instance) max by(instance)(container_memory_working_set_bytes{id="/"}))
    - name: sight
      rules:
      - alert: KubeStateMetricsMissing
        expr: absent(kube_pod_info)
        for: 3m
        labels: {severity: warning}
        annotations: {summary: "No metrics from kube-state-metrics: Nodenap has no pod data"}
      - alert: NodesNotMeasured
        expr: >-
          count(max by(node)(kube_node_status_condition{condition="Ready",status="true"}) == 1)
          - (count(max by(instance)(machine_cpu_cores)) or vector(0)) > 0
        for: 5m
        labels: {severity: warning}
        annotations: {summary: "{{ $value }} Ready nodes have no CPU metrics: no node is removed"}
      - alert: NodeNotReady
        expr: >-
          max by(node)(kube_node_status_condition{condition="Ready",status="true"}) == 0
          and on(node) kube_node_labels{label_nodenap_dev_pool!=""}
        for: 10m
        labels: {severity: warning}
        annotations: {summary: "Node {{ $labels.node }} is not Ready"}
      - alert: NodeLeavingForLong
        expr: max by(node)(kube_node_spec_taint{key="nodenap.dev/leaving"}) == 1
        for: 30m
        labels: {severity: warning}
        annotations: {summary: "Node {{ $labels.node }} has been draining for 30 minutes"}
END_OF_MANIFEST
  manifest alertmanager.yaml <<'END_OF_MANIFEST'
apiVersion: v1
kind: ServiceAccount
metadata:
  name: alertmanager
  namespace: nodenap
automountServiceAccountToken: false
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: alertmanager
  namespace: nodenap
data:
  alertmanager.yml: |
    route:
      receiver: function
      group_by: [alertname]
      group_wait: 5s
      group_interval: 15s
      repeat_interval: 5m
      routes:
      - receiver: people
        matchers: ['severity="warning"']
        group_interval: 1m
        repeat_interval: 24h
    receivers:
    - name: function
      sns_configs:
      - topic_arn: "arn:aws:sns:us-east-1:123456789012:nodenap-alerts"
        sigv4: {region: "us-east-1"}
        send_resolved: false
    - name: people
      sns_configs:
      - topic_arn: "arn:aws:sns:us-east-1:123456789012:nodenap-alarms"
        sigv4: {region: "us-east-1"}
        send_resolved: true
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: alertmanager
  namespace: nodenap
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: alertmanager}
  template:
    metadata:
      labels: {app: alertmanager}
    spec:
      serviceAccountName: alertmanager
      automountServiceAccountToken: false
      priorityClassName: system-cluster-critical
      hostNetwork: true
      dnsPolicy: Default
      nodeSelector: {node-role.kubernetes.io/control-plane: "true"}
      tolerations:
      - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        fsGroup: 65534
        seccompProfile: {type: RuntimeDefault}
      containers:
      - name: alertmanager
        image: quay.io/prometheus/alertmanager:v0.27.0@sha256:e13b6ed5cb929eeaee733479dce55e10eb3bc2e9c4586c705a4e8da41e5eacf5
        args:
        - --config.file=/etc/alertmanager/alertmanager.yml
        - --storage.path=/alertmanager
        - --web.listen-address=127.0.0.1:9093
        - --cluster.listen-address=
        livenessProbe:
          httpGet: {host: 127.0.0.1, path: /-/healthy, port: 9093}
          initialDelaySeconds: 30
          periodSeconds: 30
        resources:
          requests: {cpu: 10m, memory: 32Mi}
          limits: {memory: 96Mi}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities: {drop: [ALL]}
        volumeMounts:
        - {name: data, mountPath: /alertmanager}
        - {name: config, mountPath: /etc/alertmanager, readOnly: true}
      volumes:
      - name: data
        emptyDir: {sizeLimit: 64Mi}
      - name: config
        configMap: {name: alertmanager}
END_OF_MANIFEST
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
say "K3s starts: the server of cluster" prod
