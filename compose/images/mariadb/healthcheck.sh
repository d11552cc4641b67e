#!/bin/bash
# Exit 0 when every named test passes: --connect (TCP answers a query), --innodb_initialized (the engine is in use).
set -u

ACCOUNT=/var/lib/mysql/.my-healthcheck.cnf

ask() { mariadb --defaults-file="$ACCOUNT" --connect-timeout=3 --batch --skip-column-names -e "$1" 2>&1; }

connect() { [ "$(ask 'SELECT 1')" = 1 ]; }

innodb_initialized() {
    [ "$(ask "SELECT COUNT(*) FROM information_schema.ENGINES
              WHERE ENGINE = 'InnoDB' AND SUPPORT IN ('YES', 'DEFAULT')")" = 1 ]
}

[ $# -gt 0 ] || {
    echo "usage: healthcheck.sh [--connect] [--innodb_initialized]" >&2
    exit 2
}
for test in "$@"; do
    case $test in
        --connect) connect ;;
        --innodb_initialized) innodb_initialized ;;
        *)
            echo "healthcheck: unknown test $test" >&2
            exit 2
            ;;
    esac || {
        echo "healthcheck: ${test#--} failed" >&2
        exit 1
    }
done
