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
