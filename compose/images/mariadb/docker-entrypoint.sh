#!/bin/bash
# Prepares the data directory, initialises it on the first start, then becomes the server as user mysql.
set -euo pipefail

DATADIR=/var/lib/mysql
# Lies there from the first to the last moment of the first initialisation. A start that finds it knows that no server
# ever ran on what is in the directory, so that throwing it away loses nothing.
UNFINISHED=$DATADIR/.initialisation-unfinished
SOCKET_DIR=/run/mysqld
HEALTH_FILE=$DATADIR/.my-healthcheck.cnf

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

# quoted TEXT: an SQL string literal.
quoted() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}

# identifier TEXT: a quoted SQL name.
# shellcheck disable=SC2016  # backticks are SQL's
identifier() { printf '`%s`' "${1//\`/\`\`}"; }

if [ "$(id -u)" = 0 ]; then
    as_mysql() { setpriv --reuid=mysql --regid=mysql --clear-groups -- "$@"; }
    become() { exec setpriv --reuid=mysql --regid=mysql --clear-groups -- "$@"; }
else
    as_mysql() { "$@"; }
    become() { exec "$@"; }
fi

prepare_directories() {
    mkdir -p "$SOCKET_DIR"
    [ "$(id -u)" = 0 ] || return 0
    chown mysql:mysql "$SOCKET_DIR" "$DATADIR"
    # a restored backup may belong to root
    find "$DATADIR" -mindepth 1 ! -user mysql -exec chown mysql:mysql {} +
}

is_initialised() { [ -d "$DATADIR/mysql" ] && ! [ -e "$UNFINISHED" ]; }

start_clean() {
    if [ -e "$UNFINISHED" ]; then
        note "an earlier initialisation was cut short; starting it again from nothing"
    elif [ -n "$(find "$DATADIR" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ]; then
        die "$DATADIR is neither empty nor a MariaDB data directory"
    fi
    as_mysql touch "$UNFINISHED"
    sync "$UNFINISHED" "$DATADIR"
    as_mysql find "$DATADIR" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$UNFINISHED" -exec rm -rf {} +
}

# accounts_sql ROOT_PASSWORD HEALTH_PASSWORD: what the first start puts into the grant tables.
accounts_sql() {
    local database=${MARIADB_DATABASE:-} user=${MARIADB_USER:-} password host
    password=$(secret MARIADB_PASSWORD)
    echo "FLUSH PRIVILEGES;"
    echo "DELETE FROM mysql.global_priv WHERE User IN ('', 'root', 'PUBLIC');"
    echo "DELETE FROM mysql.proxies_priv;"
    echo "FLUSH PRIVILEGES;"
    for host in localhost "${MARIADB_ROOT_HOST-%}"; do
        [ -n "$host" ] || continue
        echo "CREATE USER IF NOT EXISTS root@$(quoted "$host") IDENTIFIED BY $(quoted "$1");"
        echo "GRANT ALL ON *.* TO root@$(quoted "$host") WITH GRANT OPTION;"
    done
    for host in localhost 127.0.0.1 ::1; do
        echo "CREATE USER healthcheck@$(quoted "$host") IDENTIFIED BY $(quoted "$2");"
        echo "GRANT USAGE ON *.* TO healthcheck@$(quoted "$host");"
    done
    [ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS $(identifier "$database");"
    [ -n "$user" ] || return 0
    echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password");"
    [ -z "$database" ] || echo "GRANT ALL ON $(identifier "${database//_/\\_}").* TO $(quoted "$user")@'%';"
}

write_health_file() {
    as_mysql install -m 600 /dev/null "$HEALTH_FILE"
    printf '[mariadb-client]\nuser=healthcheck\npassword=%s\nprotocol=tcp\nhost=127.0.0.1\nport=3306\n' "$1" |
        as_mysql tee "$HEALTH_FILE" >/dev/null
}

initialise() {
    local root_password health_password
    root_password=$(secret MARIADB_ROOT_PASSWORD)
    [ -n "$root_password" ] || die "the data directory is new and no root password is given: set MARIADB_ROOT_PASSWORD_FILE"
    [ -z "${MARIADB_USER:-}" ] || [ -n "$(secret MARIADB_PASSWORD)" ] ||
        die "MARIADB_USER is given without its password: set MARIADB_PASSWORD_FILE"
    start_clean
    note "initialising $DATADIR"
    as_mysql mariadb-install-db --datadir="$DATADIR" --auth-root-authentication-method=normal --skip-test-db >/dev/null
    health_password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    # SQL comes in by a pipe, so that no password is ever in an argument or a file
    accounts_sql "$root_password" "$health_password" | as_mysql mariadbd --datadir="$DATADIR" --bootstrap
    write_health_file "$health_password"
    # before the mark goes; file by file, since the whole file system may be busy with other things
    find "$DATADIR" -exec sync {} +
    as_mysql rm "$UNFINISHED"
    note "initialised"
}

main() {
    # anything but the server, such as `mariadb --version`, runs as it is
    case ${1:-} in
        -*) set -- mariadbd "$@" ;;
        mariadbd | mysqld) ;;
        *) exec "$@" ;;
    esac
    case " $* " in
        *" --help "* | *" --version "* | *" -V "* | *" -? "*) become "$@" ;;
    esac
    prepare_directories
    is_initialised || initialise
    unset MARIADB_ROOT_PASSWORD MARIADB_PASSWORD
    become "$@"
}

main "$@"
