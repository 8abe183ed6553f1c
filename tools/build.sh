# shellcheck shell=bash
# Builds the presets and the shipped function. Sourced after env.sh.

# build PRESET [TARGET…]
build() {
    local preset=$1 log targets=()
    shift
    [ $# = 0 ] || targets=(--target "$@")
    log=$(mktemp)
    if ! cmake --preset "$preset" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
    nice cmake --build --preset "$preset" -j "$NODENAP_JOBS" "${targets[@]}"
}

# The linker's warning about name resolution in static programs; a lab test shows that c-ares works.
static_warnings="statically linked applications requires|in function .(ares_getaddrinfo'"
static_warnings+="|lookup_service.*|unixDlOpen'):"

# lambda ARCH: build/lambda-ARCH/bootstrap and dist/nodenap-lambda-ARCH.zip.
lambda() {
    local arch=$1 folder=build/lambda-$1 targets=(bootstrap)
    NODENAP_DEPS=$(tools/static.sh "$arch")
    export NODENAP_DEPS
    # The lab's tests use the command with the same libraries and flags as the function. The test
    # hooks (crash, wrong clock) are in a separate program.
    if [ "$arch" = x86_64 ]; then
        targets+=(nodenap nodenap_with_test_hooks bootstrap_with_test_hooks)
    fi
    build "lambda-$arch" "${targets[@]}" | grep --line-buffered -vE "$static_warnings"
    must_be_static "$folder/bootstrap"
    pack "$folder/bootstrap" "dist/nodenap-lambda-$arch.zip"
}

must_be_static() {
    if readelf -l "$1" | grep -q INTERP; then die "$1 is not static"; fi
}

# pack PROGRAM ZIP: one file, always with the same bytes for the same program.
pack() {
    local folder
    folder=$(mktemp -d)
    install -m 755 "$1" "$folder/"
    touch -d '1980-01-01 00:00:00 UTC' "$folder/$(basename "$1")"
    mkdir -p "$(dirname "$2")"
    rm -f "$2"
    (cd "$folder" && TZ=UTC zip -q -9 -X new.zip "$(basename "$1")")
    advzip -q -z -3 "$folder/new.zip" # the same format, compressed harder: 3% smaller
    mv "$folder/new.zip" "$2"
    rm -rf "$folder"
    say "$2: $(stat -c %s "$2") bytes, with a program of $(stat -c %s "$1")"
}
