# shellcheck shell=bash
# What every bootstrap step shares: messages, the rule about installing, one run at a time.

LOCK_FILE=/run/lock/llm-stack-toolkit.lock

say() { printf 'bootstrap: %s\n' "$*"; }

# fail CODE WHAT [NEXT STEP]
fail() {
    printf 'bootstrap: %s\n' "$2" >&2
    [ -z "${3:-}" ] || printf '     next: %s\n' "$3" >&2
    exit "$1"
}

have() { command -v "$1" >/dev/null 2>&1; }

# may_install WHAT COMMAND: ends the script unless we are root and allowed to install.
may_install() {
    if [ "${TOOLKIT_NO_INSTALL:-}" = 1 ]; then
        fail 3 "missing: $1 (TOOLKIT_NO_INSTALL=1, so nothing was installed)" "$2"
    fi
    [ "$(id -u)" = 0 ] || fail 3 "missing: $1, and only root can install it" "sudo $2"
    have apt-get || fail 3 "missing: $1, and this is no Debian machine (no apt-get)" "install $1 yourself, then try again"
}

# Two first runs at once would both install and both start a daemon. The daemon must not inherit descriptor 9.
one_at_a_time() {
    [ "$(id -u)" = 0 ] || return 0
    mkdir -p "$(dirname "$LOCK_FILE")"
    exec 9>"$LOCK_FILE"
    flock --nonblock 9 || {
        say "another bootstrap is at work, waiting for it (at most 15 minutes)"
        flock --timeout 900 9 || fail 3 "another bootstrap still holds $LOCK_FILE" "see who: fuser -v $LOCK_FILE"
    }
}
