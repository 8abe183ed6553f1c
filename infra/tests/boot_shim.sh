#!/bin/bash
# Wraps every program of the machine: records its arguments, then runs it.
name=${0##*/}
{
  printf '%q ' "$name" "$@"
  echo
  /usr/bin/env | /usr/bin/sed 's/^/  env /'
} >>/opt/record/execs
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
program=$(type -P "$name") || { echo "$name: not found" >&2; exit 127; }
PATH=/opt/shims:$PATH exec "$program" "$@"
