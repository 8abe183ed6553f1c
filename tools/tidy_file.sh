#!/usr/bin/env bash
# tools/tidy_file.sh FILE STAMP: clang-tidy over one file; creates STAMP if it passes.
set -euo pipefail
if found=$(nice clang-tidy-16 --quiet -p build/tidy "$1" 2>&1); then
    touch "$2"
else
    printf '%s\n' "$found" | grep -vE '^[0-9]+ warnings? (generated|treated)'
    exit 1
fi
