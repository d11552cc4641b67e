#!/usr/bin/env bash
# Makes a machine ready for the toolkit: Python environment, Docker Engine, Compose. Each step acts only where
# something is missing, and says first what it will do.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=common.sh
. "$ROOT/scripts/common.sh"
# shellcheck source=python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=packages.sh
. "$ROOT/scripts/packages.sh"
# shellcheck source=daemon.sh
. "$ROOT/scripts/daemon.sh"
# shellcheck source=compose_plugin.sh
. "$ROOT/scripts/compose_plugin.sh"

usage() {
    cat <<END
usage: scripts/bootstrap.sh python        the virtual environment .venv with the locked dependencies
       scripts/bootstrap.sh dev           the same, with what the tests and checks need
       scripts/bootstrap.sh engine        Docker Engine and Compose >= $COMPOSE_MIN, running
       scripts/bootstrap.sh lab           what tests and bench use beside an engine: curl, iproute2, Chromium, shellcheck
       scripts/bootstrap.sh stop-engine   stop the engine, if this script started it

environment: TOOLKIT_NO_INSTALL=1     install nothing; say what is missing and exit 3
             TOOLKIT_DEBIAN_MIRROR    where Debian's packages come from (default $DEBIAN_MIRROR)
END
}

case ${1:-} in
    python) ensure_python requirements.lock ;;
    dev) ensure_python requirements-dev.lock ;;
    engine)
        ensure_engine
        ensure_compose
        ;;
    lab) ensure_lab ;;
    stop-engine) stop_engine ;;
    -h | --help | help) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
