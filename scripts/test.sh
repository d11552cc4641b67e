#!/usr/bin/env bash
# Proves this checkout: `check` without an engine, `all` also on a real engine with the real servers. Every part runs,
# whatever became of those before it; the last line sums all of them up. An engine that was not running before is
# stopped again afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PYTHON=.venv/bin/python
RESULTS=test-artifacts/results
ENDS=()
OUR_ENGINE=no
# The tests start the command hundreds of times: where byte code is not kept, each of them compiles all of it.
unset PYTHONDONTWRITEBYTECODE
rm -rf "$RESULTS"

# part NAME COMMAND...: runs it, and notes how it ended.
part() {
    local name=$1 code=0
    shift
    printf '== %s\n' "$name"
    "$@" || code=$?
    ENDS+=("$name=$code")
    return "$code"
}

# tests NAME WORDS...: a part whose sums come from pytest, with two workers: while one waits, the other works.
tests() {
    local name=$1
    shift
    part "$name" "$PYTHON" -m pytest -q --numprocesses=2 --durations=5 --junitxml="$RESULTS/$name.xml" "$@"
}

gate() {
    part ruff-check "$PYTHON" -m ruff check . || true
    part ruff-format "$PYTHON" -m ruff format --check . || true
    part mypy "$PYTHON" -m mypy || true
    part import-rules .venv/bin/lint-imports --no-cache --no-logo || true
    tests no-engine --dist=worksteal tests/unit tests/golden tests/compose || true
}

start_engine() {
    timeout 20 docker version >/dev/null 2>&1 || OUR_ENGINE=yes
    part engine scripts/bootstrap.sh engine
}

stop_our_engine() {
    [ "$OUR_ENGINE" = no ] || scripts/bootstrap.sh stop-engine
    OUR_ENGINE=no
}
trap stop_our_engine EXIT

on_the_engine() {
    part lab scripts/bootstrap.sh lab || return 0
    CI=true tests lab-tests tests/lab || true
    part images .venv/bin/toolkit images build || return 0
    # Without an engine these tests would be skipped; here that is a failure.
    CI=true tests engine-tests --dist=loadgroup --no-loadscope-reorder -m 'not quiet' tests/engine ||
        try_again engine-tests
    # What measures takes the machine for itself.
    CI=true tests quiet-tests --numprocesses=0 -m quiet tests/engine || try_again quiet-tests
}

# A busy machine can come between a kill and the look at what it did. What failed of the tests on the engine, if it is
# little, is tried once more by itself; the sums name what passed only then. What fails twice has failed.
try_again() {
    local few failed
    # Not pytest's --last-failed: the names that workers give to tests are known to workers only.
    few=$("$PYTHON" -m tests.support.tally --few "$RESULTS/$1.xml") || return 0
    mapfile -t failed <<<"$few"
    CI=true tests "$1-again" --numprocesses=0 "${failed[@]}" || true
}

case ${1:-all} in
    check) gate ;;
    all)
        # First of all: the gate's tests of Compose need what this installs.
        started=yes
        start_engine || started=no
        gate
        [ "$started" = no ] || on_the_engine
        ;;
    *)
        echo "usage: scripts/test.sh [check|all]" >&2
        exit 2
        ;;
esac
stop_our_engine
"$PYTHON" -m tests.support.tally "$RESULTS" "${ENDS[@]}"
