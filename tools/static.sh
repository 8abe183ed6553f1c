#!/usr/bin/env bash
# tools/static.sh x86_64|arm64: makes the tree of static libraries and headers that the lambda
# presets link, and prints its path. All of it is Debian's: libcurl, OpenSSL, simdjson and pugixml
# from source packages (Debian's own builds cannot be linked statically, or hold far more than one
# HTTPS client needs), the others unpacked from binary packages. The tree is named after versions,
# flags and compiler, so the second run only looks.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/env.sh
. "$here/env.sh"
# shellcheck source=tools/apt_private.sh
. "$here/apt_private.sh"

arch=${1:-x86_64}
case $arch in
x86_64)
    debian=amd64 triplet=x86_64-linux-gnu prefix='' openssl_target=linux-x86_64
    ;;
arm64)
    debian=arm64 triplet=aarch64-linux-gnu prefix=aarch64-linux-gnu- openssl_target=linux-aarch64
    ;;
*) die "no such architecture: $arch (x86_64 or arm64)" ;;
esac

sources='curl openssl simdjson pugixml'
binaries="libc-ares-dev:$debian libsqlite3-dev:$debian
    libfmt-dev:amd64 nlohmann-json3-dev libtomlplusplus-dev:amd64 libcli11-dev"
sections='-ffunction-sections -fdata-sections'
# As cmake/compiler.cmake hardens our own code.
hardening='-fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2'
# The C libraries are most of the zip and never throw: small, without tables for unwinding.
c_flags="-Os $sections $hardening -fno-asynchronous-unwind-tables -fno-unwind-tables"
cpp_flags="-O2 $sections $hardening"

# What a TLS 1.2 and 1.3 client and SigV4 need stays; no-sock and no-autoload-config also keep
# OpenSSL away from glibc's resolver and from the host's openssl.cnf.
openssl_options='no-shared no-tests no-legacy no-engine no-module no-dso no-dtls no-srp no-srtp
    no-psk no-comp no-cms no-ct no-ts no-cmp no-rfc3779 no-ocsp no-nextprotoneg no-gost no-idea
    no-seed no-camellia no-aria no-bf no-cast no-md4 no-mdc2 no-rc2 no-rc4 no-rmd160 no-sm2 no-sm3
    no-sm4 no-whirlpool no-blake2 no-siphash no-scrypt no-ssl3 no-tls1 no-tls1_1 no-ec2m no-async
    no-autoload-config no-sock no-dgram no-ui-console no-des no-dsa no-dh no-multiblock no-ocb
    no-siv no-chacha no-poly1305 no-cmac'
curl_options='HTTP_ONLY=ON ENABLE_ARES=ON ENABLE_IPV6=ON CURL_USE_OPENSSL=ON CURL_ZLIB=OFF
    CURL_BROTLI=OFF CURL_ZSTD=OFF USE_NGHTTP2=OFF USE_LIBIDN2=OFF CURL_USE_LIBPSL=OFF
    CURL_USE_LIBSSH2=OFF CURL_USE_GSSAPI=OFF CURL_DISABLE_NETRC=ON CURL_DISABLE_COOKIES=ON
    CURL_DISABLE_ALTSVC=ON CURL_DISABLE_HSTS=ON CURL_DISABLE_NTLM=ON CURL_DISABLE_MIME=ON
    CURL_DISABLE_DOH=ON CURL_DISABLE_GETOPTIONS=ON ENABLE_UNIX_SOCKETS=OFF ENABLE_MANUAL=OFF
    CURL_CA_BUNDLE=none CURL_CA_PATH=none CURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON
    BUILD_SHARED_LIBS=OFF BUILD_CURL_EXE=OFF BUILD_TESTING=OFF'

versions() {
    local name
    for name in $sources; do echo "$name=$(source_versions "$name" | head -n 1)"; done
    for name in $binaries; do echo "$name=$(binary_version "$name")"; done
}

# What the lists say is looked up once for each time they are read.
known_versions() {
    local known=$NODENAP_CACHE/static/versions-$arch
    if [ ! "$known" -nt "$PRIVATE_APT/updated" ] || [ ! "$known" -nt "$here/static.sh" ]; then
        versions >"$known.new"
        mv "$known.new" "$known"
    fi
    cat "$known"
    "${prefix}g++" --version | head -n 1
}

unpack_binaries() {
    mkdir debs binary
    (cd debs && for name in $binaries; do private_apt apt-get download -qq "$name" >&2; done)
    for name in debs/*.deb; do dpkg-deb -x "$name" binary; done
    cp -r binary/usr/include/. "$out/include/"
    cp "binary/usr/lib/$triplet"/{libcares,libsqlite3}.a "$out/lib/"
}

build_openssl() {
    fetch_source openssl
    cd openssl
    # shellcheck disable=SC2086  # a list of options
    CFLAGS="$c_flags -ffile-prefix-map=$work/=" ./Configure "$openssl_target" $openssl_options \
        ${prefix:+--cross-compile-prefix=$prefix} --prefix=/usr --libdir=lib --openssldir=/etc/ssl
    nice make -j"$NODENAP_JOBS" build_generated crypto/buildinf.h
    without_paths >crypto/buildinf.h
    nice make -j"$NODENAP_JOBS" libcrypto.a libssl.a
    cp -r include/openssl "$out/include/"
    cp libcrypto.a libssl.a "$out/lib/"
}

# What OpenSSL would say of its own building has this machine's paths and date in it.
without_paths() {
    printf '%s\n' '#define PLATFORM "platform: not kept"' '#define DATE "built on: not kept"' \
        'static const char compiler_flags[] = "compiler: not kept";'
}

build_curl() {
    fetch_source curl
    local options=() name
    for name in $curl_options; do options+=("-D$name"); done
    if [ -n "$prefix" ]; then
        # What curl's configuration would find out by running a program of the other machine.
        options+=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
            -DHAVE_POLL_FINE_EXITCODE=0 -DHAVE_GLIBC_STRERROR_R__TRYRUN_OUTPUT=
            -DHAVE_GLIBC_STRERROR_R=1 -DHAVE_POSIX_STRERROR_R=0)
    fi
    cmake -G Ninja -S curl -B curl-build -DCMAKE_C_COMPILER="${prefix}gcc" -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_FLAGS="$c_flags -ffile-prefix-map=$work/=" -DCMAKE_INSTALL_PREFIX="$out" \
        -DOPENSSL_ROOT_DIR="$out" -DOPENSSL_INCLUDE_DIR="$out/include" \
        -DOPENSSL_SSL_LIBRARY="$out/lib/libssl.a" -DOPENSSL_CRYPTO_LIBRARY="$out/lib/libcrypto.a" \
        -DCARES_INCLUDE_DIR="$out/include" -DCARES_LIBRARY="$out/lib/libcares.a" "${options[@]}"
    nice cmake --build curl-build -j "$NODENAP_JOBS"
    cmake --install curl-build
}

# The C++ ones are one file each. Not Debian's builds: those keep what is never called.
build_cpp() {
    fetch_source simdjson
    fetch_source pugixml
    build_one_file simdjson simdjson/singleheader/simdjson.cpp -DSIMDJSON_IMPLEMENTATION_ICELAKE=0
    build_one_file pugixml pugixml/src/pugixml.cpp
}

build_one_file() { # LIBRARY FILE DEFINITIONS…
    # shellcheck disable=SC2086  # a list of flags
    nice "${prefix}g++" -std=c++17 $cpp_flags -ffile-prefix-map="$work/=" "${@:3}" -c "$2" -o "$1.o"
    "${prefix}ar" rcs "$out/lib/lib$1.a" "$1.o"
    cp "$(dirname "$2")"/*.h* "$out/include/"
}

# logged NAME COMMAND: in a shell of its own; its output is shown only where it fails.
logged() {
    local code=0
    (
        exec 8>&2 >"$1.log" 2>&1
        # shellcheck disable=SC2317  # called by what it runs
        say() { printf '%s\n' "$*" >&8; }
        "$2"
    ) &
    wait $! || code=$?
    [ "$code" = 0 ] || { tail -n 30 "$1.log" >&2 && die "$1 did not build"; }
}

mkdir -p "$NODENAP_CACHE/static"
exec 9>"$NODENAP_CACHE/static/lock"
flock 9
private_apt_update
found=$(known_versions)
key=$(cat "$here/static.sh" - <<<"$found" | sha256sum | cut -c 1-16)
tree=$NODENAP_CACHE/static/$arch-$key
if [ ! -e "$tree/versions" ]; then
    started=$SECONDS
    say "building the static libraries for $arch (once; about two minutes):"
    while read -r line; do say "    $line"; done <<<"$found"
    work=$(mktemp -d "$NODENAP_CACHE/static/work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    out=$work/tree
    mkdir -p "$out"/{include,lib}
    cd "$work"
    unpack_binaries
    logged OpenSSL build_openssl
    logged libcurl build_curl
    logged simdjson build_cpp
    echo "$found" >"$out/versions"
    rm -rf "$NODENAP_CACHE/static/$arch"-*
    mv "$out" "$tree"
    say "static libraries for $arch built in $((SECONDS - started)) s"
fi
echo "$tree"
