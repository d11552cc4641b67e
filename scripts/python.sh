# shellcheck shell=bash
# The virtual environment with the locked dependencies and this checkout in it.

PYTHON_MIN=3.11
VENV=$ROOT/.venv

ensure_python() {
    local lock=$1 wanted
    # scripts in there name the environment by its absolute path
    wanted=$({ echo "$ROOT" && cat "$ROOT/pyproject.toml" "$ROOT"/requirements*.lock; } | sha256sum | cut -d' ' -f1)
    if python_is_ready "$wanted" "$lock"; then return 0; fi
    one_at_a_time
    local python
    python=$(find_python)
    [ -n "$python" ] || {
        may_install "Python >= $PYTHON_MIN with venv" "apt-get install python3 python3-venv"
        apt_install python3 python3-venv
        python=$(find_python)
        [ -n "$python" ] || fail 3 "Debian's python3 is older than $PYTHON_MIN here" "install a newer Python, then try again"
    }
    say "preparing $VENV with $("$python" --version) and what $lock names"
    venv_is_usable || "$python" -m venv --clear "$VENV"
    pip_quietly --require-hashes -r "$ROOT/$lock"
    pip_quietly --no-deps --no-build-isolation -e "$ROOT"
    printf '%s %s\n' "$wanted" "$lock" >"$VENV/.stamp"
}

# The development environment has everything of the other one.
python_is_ready() {
    [ -x "$VENV/bin/toolkit" ] || return 1
    case $(cat "$VENV/.stamp" 2>/dev/null) in
        "$1 $2" | "$1 requirements-dev.lock") return 0 ;;
        *) return 1 ;;
    esac
}

# One that was moved, or whose Python is gone, is not.
venv_is_usable() {
    "$VENV/bin/python" -c '' 2>/dev/null && head -n 1 "$VENV/bin/pip" 2>/dev/null | grep -qF "#!$VENV/bin/python"
}

pip_quietly() {
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$@" 9>&- ||
        fail 3 "pip could not install what $VENV needs" "read its message above; is the network there?"
}

# The first interpreter that is new enough and can make environments with pip; nothing if there is none.
find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if have "$candidate" && "$candidate" -c \
            "import sys, venv, ensurepip; sys.exit(sys.version_info < (${PYTHON_MIN/./, }))" 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
}
