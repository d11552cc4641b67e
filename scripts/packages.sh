# shellcheck shell=bash
# Debian's signed packages: installed by apt, or fetched from another release and only unpacked.

DEBIAN_MIRROR=${TOOLKIT_DEBIAN_MIRROR:-http://deb.debian.org/debian}
APT_LOG=/var/log/apt-toolkit.log

apt_install() {
    say "installing Debian packages: $* (log: $APT_LOG)"
    if ! apt_quietly update; then say "apt-get update had errors; trying with the lists that are there"; fi
    if ! apt_quietly install -y --no-install-recommends "$@"; then
        tail -n 15 "$APT_LOG" >&2
        fail 3 "apt-get could not install: $*" "the whole log: $APT_LOG"
    fi
}

apt_quietly() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >>"$APT_LOG" 2>&1 </dev/null 9>&-
}

# What the tests need beside an engine: networks for hosts of their own, a browser that looks at reports, a shell's critic;
# and the bench: a client.
ensure_lab() {
    local missing=()
    have curl || missing+=(curl)
    have ip || missing+=(iproute2)
    have shellcheck || missing+=(shellcheck)
    have chromium || missing+=(chromium fonts-dejavu-core)
    if [ ${#missing[@]} = 0 ]; then return 0; fi
    may_install "what tests and bench use: ${missing[*]}" "apt-get install ${missing[*]}"
    one_at_a_time
    apt_install "${missing[@]}"
}

# fetch_package RELEASE PACKAGE DIRECTORY: the .deb, its signature chain verified, from lists of its own, so that the
# machine's own sources stay as they are.
fetch_package() {
    local release=$1 package=$2 directory=$3
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -e "$keyring" ] || apt_install debian-archive-keyring
    mkdir -p "$directory/lists/partial" "$directory/cache/archives/partial"
    printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$DEBIAN_MIRROR" "$release" >"$directory/sources.list"
    # apt fetches as user _apt, which has to reach the directory
    chmod 755 "$directory"
    local options=(
        -o "Dir::Etc::SourceList=$directory/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$directory/lists" -o "Dir::Cache=$directory/cache"
        -o Acquire::Languages=none -o APT::Sandbox::User=root
    )
    apt_quietly "${options[@]}" update && (cd "$directory" && apt_quietly "${options[@]}" download "$package")
}
