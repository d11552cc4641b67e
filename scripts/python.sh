# shellcheck shell=bash
# The virtual environment with the locked dependencies and this checkout in it.

PYTHON_MIN=3.11
VENV=$ROOT/.venv

ensure_python() {
    local wanted
    wanted=$(cat "$ROOT/pyproject.toml" "$ROOT"/requirements*.lock | sha256sum | cut -d' ' -f1)
    if [ "$(cat "$VENV/.stamp" 2>/dev/null)" = "$wanted" ] && [ -x "$VENV/bin/toolkit" ]; then return 0; fi
    one_at_a_time
    local python
    python=$(find_python)
    [ -n "$python" ] || {
        may_install "Python >= $PYTHON_MIN with venv" "apt-get install python3 python3-venv"
        apt_install python3 python3-venv
        python=$(find_python)
        [ -n "$python" ] || fail 3 "Debian's python3 is older than $PYTHON_MIN here" "install a newer Python, then try again"
    }
    say "creating $VENV with the locked dependencies ($("$python" --version))"
    [ -x "$VENV/bin/python" ] || "$python" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --require-hashes -r "$ROOT/${1:-requirements-dev.lock}" ||
        fail 3 "pip could not install the locked dependencies" "check the network, then try again"
    "$VENV/bin/python" -m pip install --quiet --no-deps --no-build-isolation -e "$ROOT"
    printf '%s\n' "$wanted" >"$VENV/.stamp"
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
