# shellcheck shell=bash
# What the wrappers for cron and timers share: where the program is, one run at a time, silence when all is well.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The program: $TOOLKIT, that of this checkout, or the one on PATH.
toolkit_program() {
    if [ -n "${TOOLKIT:-}" ]; then
        printf '%s\n' "$TOOLKIT"
    elif [ -x "$ROOT/.venv/bin/toolkit" ]; then
        printf '%s\n' "$ROOT/.venv/bin/toolkit"
    else
        command -v toolkit || {
            printf 'toolkit: not found\n next: %s/scripts/bootstrap.sh python, or TOOLKIT=/path/to/toolkit\n' "$ROOT" >&2
            return 3
        }
    fi
}

# scheduled VERB [OPTION...]: runs it. In a terminal as it is; from cron it prints something only where something is
# wrong, so that a mail means something. Ends with the verb's own exit code, 3 where the last run is still at work.
scheduled() {
    local program code=0 said
    program=$(toolkit_program) || return
    exec 9>"${TMPDIR:-/tmp}/toolkit-$1-$(id -u).lock"
    if ! flock --nonblock 9; then
        printf 'toolkit %s: the run before is still at work\n' "$1" >&2
        return 3
    fi
    if [ -t 1 ]; then
        "$program" "$@" 9>&- || code=$?
        return "$code"
    fi
    said=$("$program" "$@" --quiet --no-color 2>&1 9>&-) || code=$?
    [ "$code" = 0 ] || printf '%s\n' "$said"
    return "$code"
}
