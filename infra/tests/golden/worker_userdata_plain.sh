#!/usr/bin/env bash
# User data of a worker: K3s as an agent, named by the instance id, in one pool.
set -euo pipefail
umask 022
region=us-east-1
k3s_version=v1.34.4+k3s1
k3s_sha256_amd64=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
k3s_sha256_arm64=fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210
agent_token_parameter=/k3s/prod/agent-token
server=https://10.0.1.10:6443
pool=workers
pool_labels=''
pool_taints=''

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
say "K3s starts: a node of pool $pool in cluster" prod
