# shellcheck shell=bash
# Docker Compose: the plugin that is there if it is new enough, else Debian's, unpacked beside the engine.

COMPOSE_MIN=2.26
COMPOSE_RELEASE=trixie
PLUGIN_DIR=/usr/local/lib/docker/cli-plugins

compose_version() { docker compose version --short 2>/dev/null | sed 's/^v//'; }
at_least() { printf '%s\n%s\n' "$1" "$2" | sort --check=quiet --version-sort; }
compose_is_new_enough() {
    local found
    found=$(compose_version) || return 1
    [ -n "$found" ] && at_least "$COMPOSE_MIN" "$found"
}

ensure_compose() {
    if compose_is_new_enough; then return 0; fi
    one_at_a_time
    if compose_is_new_enough; then return 0; fi
    may_install "Docker Compose >= $COMPOSE_MIN (found: $(compose_version || true))" \
        "apt-get install docker-compose (Debian 13), or docker-compose-plugin from docker.com"
    say "unpacking Docker Compose from Debian $COMPOSE_RELEASE (signed package docker-compose) into $PLUGIN_DIR"
    local scratch
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064  # the path of now, not of then
    trap "rm -rf '$scratch'" EXIT
    fetch_package "$COMPOSE_RELEASE" docker-compose "$scratch" ||
        fail 3 "apt could not fetch docker-compose from $DEBIAN_MIRROR (log: $APT_LOG)" \
            "check the network, or set TOOLKIT_DEBIAN_MIRROR"
    dpkg-deb --extract "$scratch"/docker-compose_*.deb "$scratch/unpacked"
    install -D -m 755 "$scratch/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$PLUGIN_DIR/docker-compose"
    compose_is_new_enough || fail 3 "docker compose is still '$(compose_version)' after the installation" \
        "an older plugin in ~/.docker/cli-plugins comes first: remove it"
    say "Docker Compose $(compose_version) is ready"
}
