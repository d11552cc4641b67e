#!/usr/bin/env bash
# Finds out what is wrong with the stack, and why; for cron and timers (docs/schedule/).
# usage: scripts/diagnose-issues.sh [OPTION of `toolkit diagnose`]..., such as --project-dir and --report
set -euo pipefail
# shellcheck source=scheduled.sh
. "$(dirname "${BASH_SOURCE[0]}")/scheduled.sh"
scheduled diagnose "$@"
