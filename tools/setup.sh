# shellcheck shell=bash
# Installs missing packages on a fresh Debian 12 machine. Each command of ./dev requires only its
# own sets. Sourced after env.sh.

declare -A packages=(
    # Needed by every build.
    [compile]='g++ cmake ninja-build ccache ca-certificates'
    # The libraries of the dynamically linked presets and of the unit tests.
    [libraries]='pkg-config libcurl4-openssl-dev libssl-dev libsimdjson-dev nlohmann-json3-dev
        libpugixml-dev libtomlplusplus-dev libcli11-dev libfmt-dev libsqlite3-dev libgtest-dev
        libgmock-dev librapidcheck-dev libbenchmark-dev'
    # Needed by tools/static.sh to build Debian's sources, and for the zip.
    [static]='advancecomp dpkg-dev make patch perl xz-utils zip'
    [arm64]='g++-aarch64-linux-gnu qemu-user-static'
    # The fuzzers' compiler, and libFuzzer with its sanitizers.
    [fuzz]='clang-16 libclang-rt-16-dev'
    [checks]='clang-format clang-tidy-16 git shellcheck spin'
    [coverage]='gcovr'
    # Required by the lab's installers.
    [python]='python3 python3-venv openssl'
    [alerts]='prometheus-alertmanager'
    # The browser for tests of the simulator's page.
    [browser]='chromium chromium-driver'
    [real]='iproute2 openssl curl gcc libc6-dev libseccomp2 procps'
)

# install_packages SETS…: installs the missing Debian packages of these sets.
install_packages() {
    local set name missing=()
    for set in "$@"; do
        for name in ${packages[$set]}; do
            is_installed "$name" || missing+=("$name")
        done
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local line="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" != 0 ]; then
        say "Packages are missing. As root, once:"
        say "    apt-get update && $line"
        exit 1
    fi
    say "installing from Debian: ${missing[*]}"
    without_services install_quietly "${missing[@]}"
    dpkg-query -W -f '    ${Package} ${Version}\n' "${missing[@]}" >&2
}

# The user's own Python (for example of pyenv) is fine too, if it can create virtual environments.
is_installed() {
    case $1 in
    python3 | python3-venv)
        python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
        ;;
    *) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed' ;;
    esac
}

install_quietly() {
    local log
    log=$(mktemp)
    if ! {
        apt-get -o DPkg::Lock::Timeout=900 -qq update &&
            DEBIAN_FRONTEND=noninteractive nice apt-get -o DPkg::Lock::Timeout=900 -qq \
                install -y --no-install-recommends "$@"
    } >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        die "apt-get failed"
    fi
    rm -f "$log"
}

# Debian starts a service when its package is installed: the lab starts its own copies instead.
without_services() {
    local policy=/usr/sbin/policy-rc.d code=0
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    "$@" || code=$?
    rm -f "$policy"
    return "$code"
}

# The real stand's programs, by the lab's own installer; without root its tests are skipped.
setup_real() {
    if [ "$(id -u)" = 0 ]; then
        lab/real/build.sh
    else
        say "the real stand needs root: skipped"
    fi
}
