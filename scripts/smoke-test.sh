#!/usr/bin/env bash
# Tries everything that a user of the stack can do, once; for cron and timers (docs/schedule/).
# usage: scripts/smoke-test.sh [OPTION of `toolkit smoke-test`]..., such as --project-dir and --report
set -euo pipefail
# shellcheck source=scheduled.sh
. "$(dirname "${BASH_SOURCE[0]}")/scheduled.sh"
scheduled smoke-test "$@"
