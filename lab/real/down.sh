#!/usr/bin/env bash
# Stops the whole stand, and removes what a killed run left behind: processes by their recorded
# PIDs, namespaces, links, cgroups, mounts and LAB_DIR.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "$0")/env.sh"

[ ! -e "$LAB_DIR/pid/datacenter" ] || stop datacenter # else it boots killed machines again
for d in "$LAB_DIR"/node/*/; do
  [ ! -d "$d" ] || "$HERE/node.sh" kill "$(basename "$d")" &
done
wait
for f in "$LAB_DIR"/pid/*; do
  [ ! -e "$f" ] || stop "$(basename "$f")" KILL
done
ip netns list 2>/dev/null | awk -v p="^$NS-" '$1 ~ p {print $1}' | while read -r ns; do
  ip netns del "$ns" 2>/dev/null || true
done
ip link del "$BRIDGE" 2>/dev/null || true
for h in /sys/fs/cgroup/*/"$NS" /sys/fs/cgroup/"$NS"{,-outside}; do
  [ ! -d "$h" ] || find "$h" -depth -type d -exec rmdir {} + 2>/dev/null || true
done
awk -v d="$LAB_DIR/" 'index($2, d) == 1 {print $2}' /proc/self/mounts | tac | xargs -r -n1 umount -l
if [ -s "$LAB_DIR/inotify" ]; then sysctl -qw "$(cat "$LAB_DIR/inotify")"; fi
rm -rf "$LAB_DIR"
[ "${1:-}" = --quiet ] || say "down"
