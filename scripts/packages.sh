# shellcheck shell=bash
# Debian's signed packages: installed by apt, or fetched from another release and only unpacked.

apt_install() {
    say "installing Debian packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq 9>&- || say "apt-get update had errors; trying with the lists that are there"
    apt-get install -y -qq --no-install-recommends "$@" 9>&- ||
        fail 3 "apt-get could not install: $*" "read apt's message above"
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
    apt-get "${options[@]}" -qq update 9>&- &&
        (cd "$directory" && apt-get "${options[@]}" -qq download "$package" 9>&-)
}
