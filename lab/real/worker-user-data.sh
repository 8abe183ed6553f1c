#!/usr/bin/env bash
# User data of the stand's instances, like a real worker's. @SERVER@ and @TOKEN@ are filled in by
# the stand; on AWS they come from Parameter Store.
set -euo pipefail
imds=http://169.254.169.254/latest
session=$(curl -sf --retry 5 --retry-connrefused -X PUT \
  -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $imds/api/token)
meta() { curl -sf --retry 5 -H "X-aws-ec2-metadata-token: $session" "$imds/meta-data/$1"; }
id=$(meta instance-id)
zone=$(meta placement/availability-zone)
type=$(meta instance-type)

mkdir -p /etc/rancher/k3s
cat >/etc/rancher/k3s/config.yaml <<Y
server: @SERVER@
token: @TOKEN@
node-name: $id
node-ip: $(meta local-ipv4)
node-label:
- nodenap.dev/pool=@POOL@
- node.kubernetes.io/instance-type=$type
- topology.kubernetes.io/zone=$zone
kubelet-arg:
- provider-id=aws:///$zone/$id
Y
exec k3s agent
