#!/usr/bin/env bash
# Watches the stack for a minute and judges it by its targets; for cron and timers (docs/schedule/).
# usage: scripts/health-check-60s.sh [OPTION of `toolkit health-check`]..., such as --project-dir and --report
set -euo pipefail
# shellcheck source=scheduled.sh
. "$(dirname "${BASH_SOURCE[0]}")/scheduled.sh"
scheduled health-check --duration 60s "$@"
