# shellcheck shell=bash
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
@SSM_PY@
PYTHON
}
