#!/usr/bin/env bash
# What `make test` runs: the gate, then the tests on a real engine with the real servers. An engine that was not running
# before is stopped again afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

began=$SECONDS
make --no-print-directory check

running=$(timeout 20 docker version --format '{{.Server.Version}}' 2>/dev/null || true)
[ -n "$running" ] || trap 'scripts/bootstrap.sh stop-engine' EXIT
scripts/bootstrap.sh engine
.venv/bin/toolkit images build

echo "gate, engine and images: $((SECONDS - began)) s"
# Without an engine these tests would be skipped; here that is a failure.
CI=true .venv/bin/python -m pytest tests/engine -q --durations=10
echo "all of it: $((SECONDS - began)) s"
