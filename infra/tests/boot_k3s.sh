#!/bin/bash
# Stand-in for K3s: records its arguments and files. As a server it writes the tokens like K3s, and
# returns the one Secret that the boot script reads, at the third attempt.
record=/opt/record
variant=$(cat $record/variant)
server=/var/lib/rancher/k3s/server
ca_hash=$(printf 'the cluster CA' | sha256sum | cut -d' ' -f1)

start_server() {
  mkdir -p $server
  [ -s $server/token ] || echo "K10$ca_hash::server:the-servers-own-secret" >$server/token
  if [ "$variant" = no-agent-token ]; then ln -sf $server/token $server/agent-token
  else echo "K10$ca_hash::node:$(cat /run/nodenap/agent-token)" >$server/agent-token; fi
  chmod 600 $server/token $server/agent-token
}

# Calls about deployments are recorded; the deployments exist from the second call on.
answer_deployment() {
  echo "$*" >>$record/kubectl
  [ "$1" = patch ] || [ "$(grep -cF "$*" $record/kubectl)" -ge 2 ]
}

answer_secret() {
  local asked
  asked=$(cat $record/asked 2>/dev/null || echo 0)
  echo $((asked + 1)) >$record/asked
  [ "$asked" -ge 2 ] || return 0
  case $* in
    *token\'*) printf the-functions-own-secret | base64 ;;
    *ca*) printf -- '-----BEGIN CERTIFICATE-----\nthe cluster CA\n' | base64 ;;
  esac
}

case $1 in
  server | agent)
    echo "$*" >>$record/k3s
    env | sort >$record/k3s.env
    cp /run/nodenap/agent-token $record/k3s.token
    [ "$1" = agent ] || start_server ;;
  kubectl)
    shift
    case $2 in
      deployment) answer_deployment "$@" ;;
      *) answer_secret "$@" ;;
    esac ;;
  *) echo "k3s: not simulated here: $1" >&2; exit 2 ;;
esac
