#!/bin/bash
# Initialises the data directory on the first start, then becomes the server. Never runs as root.
set -euo pipefail

FINAL=$PGDATA
# The first initialisation happens in here, and PG_VERSION, by which everybody knows a data directory, is the last to
# leave it. A start that finds this directory, but no PG_VERSION beside it, knows that no server ever served from what
# is there, so that throwing it away loses nothing.
UNFINISHED=$PGDATA/.initialisation-unfinished
SCRIPTS=/docker-entrypoint-initdb.d
SOCKET_DIR=/var/run/postgresql

note() { printf 'entrypoint: %s\n' "$*"; }
die() {
    printf 'entrypoint: ERROR: %s\n' "$*" >&2
    exit 1
}

# secret NAME: the content of the file that NAME_FILE names, else the value of NAME.
secret() {
    local file_name=${1}_FILE
    if [ -n "${!file_name:-}" ]; then
        [ -r "${!file_name}" ] || die "$file_name=${!file_name} cannot be read"
        cat "${!file_name}"
    else
        printf '%s' "${!1:-}"
    fi
}

prepare_directories() {
    [ "$(id -u)" != 0 ] || die "PostgreSQL refuses to run as root: start the container as user 999:999"
    mkdir -p "$FINAL" "$SOCKET_DIR"
    [ -O "$FINAL" ] || die "$FINAL belongs to user $(stat -c %u "$FINAL"), and this is user $(id -u)"
    chmod 700 "$FINAL"
}

is_initialised() { [ -s "$FINAL/PG_VERSION" ]; }

start_clean() {
    if [ -d "$UNFINISHED" ]; then
        note "an earlier initialisation was cut short; starting it again from nothing"
    elif [ -n "$(find "$FINAL" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ]; then
        die "$FINAL is neither empty nor a PostgreSQL data directory"
    fi
    mkdir -p "$UNFINISHED"
    sync "$FINAL"
    find "$FINAL" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$UNFINISHED" -exec rm -rf {} +
    find "$UNFINISHED" -mindepth 1 -delete
}

# with_a_name COMMAND...: run it so that the user has a name, also a number that the image does not know.
with_a_name() {
    local names
    if getent passwd "$(id -u)" >/dev/null; then
        "$@"
        return
    fi
    names=$(mktemp -d)
    printf 'postgres:x:%s:%s::%s:/bin/false\n' "$(id -u)" "$(id -g)" "$FINAL" >"$names/passwd"
    printf 'postgres:x:%s:\n' "$(id -g)" >"$names/group"
    LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=$names/passwd NSS_WRAPPER_GROUP=$names/group "$@"
    rm -r "$names"
}

make_cluster() {
    local more
    read -ra more <<<"${POSTGRES_INITDB_ARGS:-}"
    # the password comes in by a pipe, so that it is never in an argument or a file; what was written is synced at the end
    with_a_name initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
        --auth-local=trust --auth-host=scram-sha-256 --no-sync "${more[@]}" >/dev/null
    printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
}

# start_alone postgres ARGUMENT...: the server with its own arguments, but reached by nobody outside of the container.
start_alone() {
    shift
    pg_ctl --pgdata="$PGDATA" --wait --silent start \
        --options="$(printf '%q ' "$@" -c data_directory="$PGDATA" -c listen_addresses= -p 5432)"
}

# docker_process_sql ARGUMENT...: psql as the first user; the official image has it under this name for sourced scripts.
docker_process_sql() {
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --quiet \
        --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"
}

make_database() {
    docker_process_sql --dbname=postgres --set=db="$POSTGRES_DB" <<'SQL'
SELECT format('CREATE DATABASE %I', :'db') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db') \gexec
SQL
}

run_scripts() {
    local script
    for script in "$SCRIPTS"/*; do
        case $script in
            "$SCRIPTS/*") continue ;;
            *.sh | *.sql) note "running $script" ;;
            *) die "$script is neither .sh nor .sql" ;;
        esac
        case $script in
            *.sql) docker_process_sql --file="$script" ;;
            *) run_shell_script "$script" ;;
        esac
    done
}

# run_shell_script FILE: as a program where it is one, else as a part of this script, but for the care with unset names.
run_shell_script() {
    if [ -x "$1" ]; then
        "$1"
    else
        set +u
        # shellcheck disable=SC1090
        . "$1"
        set -u
    fi
}

move_into_place() {
    find "$UNFINISHED" -exec sync {} +
    find "$UNFINISHED" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$FINAL" {} +
    sync "$UNFINISHED" "$FINAL"
    mv "$UNFINISHED/PG_VERSION" "$FINAL"
    sync "$UNFINISHED" "$FINAL"
}

initialise() {
    POSTGRES_PASSWORD=$(secret POSTGRES_PASSWORD)
    POSTGRES_USER=$(secret POSTGRES_USER)
    POSTGRES_DB=$(secret POSTGRES_DB)
    : "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"
    [ -n "$POSTGRES_PASSWORD" ] || die "the data directory is new and no password is given: set POSTGRES_PASSWORD_FILE"
    export POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD PGPASSWORD=$POSTGRES_PASSWORD
    start_clean
    note "initialising $FINAL"
    PGDATA=$UNFINISHED
    make_cluster
    start_alone "$@"
    make_database
    run_scripts
    pg_ctl --pgdata="$PGDATA" --mode=fast --wait --silent stop
    move_into_place
    PGDATA=$FINAL
    note "initialised"
}

main() {
    # anything but the server, such as `psql --version`, runs as it is
    case ${1:-} in
        -*) set -- postgres "$@" ;;
        postgres) ;;
        *) exec "$@" ;;
    esac
    case " $* " in
        *" --help "* | *" -? "* | *" --version "* | *" -V "* | *" --describe-config "*) exec "$@" ;;
    esac
    prepare_directories
    is_initialised || initialise "$@"
    # empty by now
    [ ! -d "$UNFINISHED" ] || rmdir "$UNFINISHED"
    unset POSTGRES_PASSWORD PGPASSWORD
    exec "$@"
}

main "$@"
