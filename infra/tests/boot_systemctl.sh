#!/bin/bash
# Stand-in for systemctl: records each call, and runs a unit's commands one after the other. A unit
# that fails is retried three times, as with Restart=. Not simulated: types, dependencies, limits.
echo "$*" >>/opt/record/systemctl
printf 'systemctl %s\n' "$*" >>/opt/record/execs

run_unit() {
  local key command
  while IFS='=' read -r key command; do
    case $key in
      ExecStartPre | ExecStart) ;;
      *) continue ;;
    esac
    # Kernel modules are shared with this computer.
    case $command in *modprobe*) continue ;; esac
    # shellcheck disable=SC2086 # words, as in systemd
    /usr/bin/env -i "PATH=$PATH" /bin/bash -c 'exec "$@"' unit $command || return 1
  done <"/etc/systemd/system/$1"
}

[ "$1" = start ] || exit 0
for unit in "$@"; do
  case $unit in *.service) ;; *) continue ;; esac
  for try in 1 2 3; do
    if run_unit "$unit"; then break; fi
    echo "$unit failed, try $try" >>/opt/record/systemctl
  done
done
exit 0
