# shellcheck shell=bash
# A private apt under the cache: source packages, and packages of another architecture, without
# changing the user's /etc/apt or installed system. Mirrors, proxies and keys are the machine's.
# Sourced after env.sh.

PRIVATE_APT=$NODENAP_CACHE/apt
PRIVATE_APT_DAYS=7 # older lists are fetched again to get security fixes

# mirror_of RELEASE FALLBACK: the machine's own mirror of that release.
mirror_of() {
    local found
    # shellcheck disable=SC2016  # apt's own variables
    found=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' \
        2>/dev/null |
        awk -v release="$1" '$2 == release && $1 ~ /debian/ {print $1; exit}')
    echo "${found:-$2}"
}

private_apt_setup() {
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg main security
    mkdir -p "$PRIVATE_APT"/{lists/partial,archives/partial,none}
    : >"$PRIVATE_APT/status"
    main=$(mirror_of bookworm http://deb.debian.org/debian)
    security=$(mirror_of bookworm-security http://deb.debian.org/debian-security)
    {
        echo "deb [arch=amd64,arm64 signed-by=$keys] $main bookworm main"
        echo "deb [arch=amd64,arm64 signed-by=$keys] $security bookworm-security main"
        echo "deb-src [signed-by=$keys] $main bookworm main"
        echo "deb-src [signed-by=$keys] $security bookworm-security main"
    } >"$PRIVATE_APT/sources.list"
    cat >"$PRIVATE_APT/apt.conf" <<CONF
Dir::State "$PRIVATE_APT";
Dir::State::lists "$PRIVATE_APT/lists";
Dir::State::status "$PRIVATE_APT/status";
Dir::Cache "$PRIVATE_APT";
Dir::Cache::archives "$PRIVATE_APT/archives";
Dir::Etc::sourcelist "$PRIVATE_APT/sources.list";
Dir::Etc::sourceparts "$PRIVATE_APT/none";
Dir::Etc::preferences "$PRIVATE_APT/no-preferences";
Dir::Etc::preferencesparts "$PRIVATE_APT/none";
APT::Architectures { "amd64"; "arm64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
CONF
}

# private_apt TOOL ARGUMENTS…: apt-get or apt-cache with the private configuration.
private_apt() { APT_CONFIG=$PRIVATE_APT/apt.conf "$@"; }

private_apt_update() {
    local stamp=$PRIVATE_APT/updated
    if [ -n "$(find "$stamp" -mtime "-$PRIVATE_APT_DAYS" 2>/dev/null)" ]; then return; fi
    private_apt_setup
    say "reading Debian's package lists (sources and arm64) into $PRIVATE_APT"
    if private_apt apt-get update -qq >&2; then
        touch "$stamp"
    elif [ ! -e "$stamp" ]; then
        die "Debian's package lists cannot be read, and there are no older ones"
    fi
}

# source_versions PACKAGE: the versions in the lists, newest first; binary_version PACKAGE:ARCH: the
# newest.
source_versions() {
    private_apt apt-cache showsrc "$1" | awk -v name="$1" '
        /^Package: / {package = $2}
        /^Version: / && package == name {print $2}' | sort -ruV
}

binary_version() {
    private_apt apt-cache show --no-all-versions "$1" | awk '/^Version: / {print $2; exit}'
}

# fetch_source PACKAGE: unpacks the newest version that the mirror really has, with Debian's patches
# applied, into ./PACKAGE. A mirror can list a security update before it has its source: then it
# warns and uses the previous version.
fetch_source() {
    local version newest=
    for version in $(source_versions "$1"); do
        newest=${newest:-$version}
        if private_apt apt-get source -qq --download-only "$1=$version" >"$1.fetch" 2>&1; then
            unpack_source "$1" "$version"
            [ "$version" = "$newest" ] ||
                say "warning: this mirror has no source of $1 $newest, building $version"
            return
        fi
    done
    cat "$1.fetch" >&2
    die "the source of $1 cannot be fetched"
}

unpack_source() {
    if ! dpkg-source --no-check -x "$1"_*"${2#*:}".dsc "$1" >"$1.unpack" 2>&1; then
        cat "$1.unpack" >&2
        die "the source of $1 cannot be unpacked"
    fi
}
