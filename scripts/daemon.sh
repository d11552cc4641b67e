# shellcheck shell=bash
# The Docker Engine: found, else started, else installed and started; with or without an init system.

SOCKET=/var/run/docker.sock
DOCKERD_LOG=/var/log/dockerd-toolkit.log
DOCKERD_PID=/run/dockerd-toolkit.pid
START_TIMEOUT_S=60
STOP_TIMEOUT_S=90

engine_version() { timeout 20 docker version --format '{{.Server.Version}}' 2>/dev/null; }
engine_answers() { have docker && [ -n "$(engine_version)" ]; }
has_systemd() { [ -d /run/systemd/system ]; }

# is_program PID NAME: the number alone proves nothing, a killed daemon's may belong to another program by now.
is_program() { [ -n "$1" ] && [ "$(basename "$(readlink "/proc/$1/exe" 2>/dev/null)" ' (deleted)')" = "$2" ]; }

ensure_engine() {
    if engine_answers; then return 0; fi
    refuse_foreign_engine
    one_at_a_time
    if engine_answers; then return 0; fi
    have dockerd || install_engine
    engine_answers || start_engine
    say "Docker Engine $(engine_version) is running"
}

refuse_foreign_engine() {
    local address=unix://$SOCKET
    # of DOCKER_HOST, else of the context in use
    if have docker; then address=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || true); fi
    case $address in
        '' | "unix://$SOCKET" | "unix://${SOCKET#/var}") ;;
        *)
            fail 3 "docker is set to the engine at $address, which does not answer" \
                "start it there; or, for this machine's own: unset DOCKER_HOST; docker context use default"
            ;;
    esac
    if [ -S "$SOCKET" ] && ! [ -w "$SOCKET" ]; then
        fail 3 "no permission on $SOCKET" "sudo usermod -aG docker $(id -un), then log in again; or run this as root"
    fi
}

install_engine() {
    may_install "Docker Engine" "apt-get install docker.io iptables ca-certificates"
    apt_install docker.io iptables ca-certificates
    # from trixie on the client is a package of its own
    have docker || apt_install docker-cli
}

start_engine() {
    [ "$(id -u)" = 0 ] || fail 3 "the Docker Engine is installed but not running" "sudo scripts/bootstrap.sh engine"
    if has_systemd; then
        say "starting the Docker Engine: systemctl start docker"
        systemctl start docker || fail 3 "systemd could not start docker" "journalctl -u docker -n 50"
    else
        clear_leftovers
        start_dockerd
    fi
    wait_for_engine
}

# dockerd trusts pid files without asking whose pid it is, and will not start over those of a killed daemon.
clear_leftovers() {
    local pid_file=/var/run/docker.pid pid
    pid=$(cat "$pid_file" 2>/dev/null || true)
    if is_program "$pid" dockerd; then
        say "a dockerd (pid $pid) is there already, waiting for it"
        [ "$(cat "$DOCKERD_PID" 2>/dev/null)" = "$pid" ] || rm -f "$DOCKERD_PID"
        return 0
    fi
    rm -f "$pid_file" "$DOCKERD_PID" "$SOCKET"
    pid_file=/var/run/docker/containerd/containerd.pid
    pid=$(cat "$pid_file" 2>/dev/null || true)
    # a leftover containerd that really is one serves the new daemon
    is_program "$pid" containerd || rm -f "$pid_file" /var/run/docker/containerd/containerd.sock{,.ttrpc}
}

start_dockerd() {
    if is_program "$(cat /var/run/docker.pid 2>/dev/null || true)" dockerd; then return 0; fi
    say "starting dockerd (no init system here), log in $DOCKERD_LOG"
    local environment=("PATH=$PATH" HOME=/root TOOLKIT_ENGINE=1) name
    for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE; do
        [ -z "${!name:-}" ] || environment+=("$name=${!name}")
    done
    # shellcheck disable=SC2016  # the inner shell expands its own words
    env -i "${environment[@]}" setsid --fork sh -c 'echo $$ >"$1"; exec dockerd' dockerd "$DOCKERD_PID" \
        >"$DOCKERD_LOG" 2>&1 </dev/null 9>&-
    say "stop it with: scripts/bootstrap.sh stop-engine   (or: kill \$(cat $DOCKERD_PID))"
}

wait_for_engine() {
    local end=$((SECONDS + START_TIMEOUT_S))
    until engine_answers; do
        dockerd_lives || engine_failed "the Docker Engine ended right after its start"
        [ "$SECONDS" -lt "$end" ] || engine_failed "the Docker Engine does not answer after $START_TIMEOUT_S s"
        sleep 0.2
    done
}

# Right after the fork the pid file may not be there yet, and its program still be the shell before dockerd.
dockerd_lives() { has_systemd || ! [ -s "$DOCKERD_PID" ] || readlink -q "/proc/$(cat "$DOCKERD_PID")/exe" >/dev/null; }

engine_failed() {
    if has_systemd; then journalctl -u docker -n 20 --no-pager >&2; else tail -n 20 "$DOCKERD_LOG" >&2; fi || true
    fail 3 "$1" "its last lines are above"
}

stop_engine() {
    local pid end
    pid=$(cat "$DOCKERD_PID" 2>/dev/null || true)
    # the mark in its environment tells our daemon from any other that got the same number
    if ! is_program "$pid" dockerd || ! grep -qz '^TOOLKIT_ENGINE=1$' "/proc/$pid/environ"; then
        say "no engine runs that this script started; nothing to stop"
        return 0
    fi
    say "stopping dockerd (pid $pid) and its containers"
    kill "$pid"
    end=$((SECONDS + STOP_TIMEOUT_S))
    while is_program "$pid" dockerd; do
        [ "$SECONDS" -lt "$end" ] || fail 3 "dockerd (pid $pid) has not ended after $STOP_TIMEOUT_S s" "see $DOCKERD_LOG"
        sleep 0.2
    done
    rm -f "$DOCKERD_PID"
}
