#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private MariaDB in a folder of its own, reached by socket only: db.sh start|stop|kill|socket|pid DIR. Called by
# clinic.sh (make run) and by the test fixtures. The system's own server and its files are never touched.
# db.sh copy DIR FROM gives DIR what the stopped server in FROM has; db.sh remove DIR takes the data of a stopped one away.
#
# DIR/data         the data, or a link to it: REGEN_DATA_DIR is where folders of data are made (tests: memory instead of a disk)
# DIR/socket       the path of the socket, one line
# DIR/password     of the account `regen`, which the module uses; it may read, and do what `regenctl grants` says (sample.sh)
# DIR/owner        password of the account `regen_owner`, which may also change tables
# DIR/mariadbd.log
# REGEN_DB_OPTIONS gives mariadbd more options (tests: less waiting for the disk).
set -eu
. "$(dirname "$0")/common.sh"

command=${1:-} dir=${2:-}
[ -n "$dir" ] || die "usage: db.sh start|stop|kill|socket|pid|copy|remove DIR"
dir=$(folder "$dir")
PATH=$PATH:/usr/sbin:/sbin

sql()
{
    mariadb --no-defaults --socket="$(cat "$dir/socket")" --user="$me" --batch --skip-column-names "$@"
}

server_pid()
{
    pid_of "$dir/mariadbd.pid" "--datadir=$dir/data"
}

# A server that starts removes what looks like its own leftovers from the temporary folder, and so the temporary tables
# of every other one that is being installed just then. So each has a folder of its own; only it may hear of that, as
# the socket may have to lie in the system's.
own_tmp()
{
    mkdir -p "$dir/tmp" && echo "TMPDIR=$dir/tmp"
}

# Installed beside its place and then renamed: a killed installation is no installation.
install_data()
{
    [ ! -d "$dir/data" ] || return 0
    new=$(new_data)
    # --force: a machine whose own name has no address will do, as nothing here goes by name.
    env "$(own_tmp)" mariadb-install-db --force --no-defaults --datadir="$new" --user="$me" --skip-test-db --skip-name-resolve \
        --auth-root-authentication-method=socket --auth-root-socket-user="$me" --innodb-log-file-size=32M \
        >"$dir/install.log" 2>&1 || die "mariadb-install-db failed; see $dir/install.log"
    take_data "$new"
}

# A folder for data that is still being made, and how it becomes that of DIR.
new_data()
{
    if [ -n "${REGEN_DATA_DIR:-}" ]; then
        mktemp -d "$REGEN_DATA_DIR/XXXXXXXX"
    else
        rm -rf "$dir/data.new"
        mkdir "$dir/data.new"
        echo "$dir/data.new"
    fi
}

take_data()
{
    chmod 700 "$1"
    if [ -n "${REGEN_DATA_DIR:-}" ]; then
        ln -sfn "$1" "$dir/data"
    else
        mv "$1" "$dir/data"
    fi
}

copy_data()
{
    [ ! -e "$dir/data" ] || die "$dir has data already"
    new=$(new_data)
    cp -a --reflink=auto "$1/data/." "$new"
    take_data "$new"
}

remove_data()
{
    server_pid >/dev/null && die "the server in $dir still runs"
    [ ! -d "$dir/data" ] || rm -rf "$(readlink -f "$dir/data")" "$dir/data"
}

# The passwords are set at every start, so that the files and the server cannot drift apart.
make_accounts()
{
    word=$(secret "$dir/password")
    owner=$(secret "$dir/owner")
    sql <<SQL
CREATE DATABASE IF NOT EXISTS regen CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS regen@localhost, regen_owner@localhost;
ALTER USER regen@localhost IDENTIFIED BY '$word', regen_owner@localhost IDENTIFIED BY '$owner';
GRANT SELECT ON regen.* TO regen@localhost;
GRANT ALL ON regen.* TO regen_owner@localhost;
GRANT ALL ON regen_verify.* TO regen_owner@localhost;
SQL
}

wait_ready()
{
    ticks=600
    until sql -e 'SELECT 1' >/dev/null 2>&1; do
        ticks=$((ticks - 1))
        if [ $ticks -le 0 ] || ! kill -0 "$1" 2>/dev/null; then
            tail -n 20 "$dir/mariadbd.log" >&2
            die "mariadbd did not come up; see $dir/mariadbd.log"
        fi
        sleep 0.05
    done
}

start()
{
    if server_pid >/dev/null; then
        return 0
    fi
    echo "$(reachable "$dir")/db.sock" >"$dir/socket"
    install_data
    rm -f "$dir/mariadbd.pid"
    # shellcheck disable=SC2086
    env "$(own_tmp)" setsid mariadbd --no-defaults --datadir="$dir/data" --socket="$(cat "$dir/socket")" --skip-networking \
        --user="$me" --pid-file="$dir/mariadbd.pid" --skip-name-resolve --innodb-log-file-size=32M \
        --character-set-server=utf8mb4 --max-connections=400 --secure-timestamp=REPLICATION ${REGEN_DB_OPTIONS:-} \
        </dev/null >>"$dir/mariadbd.log" 2>&1 &
    wait_ready $!
    make_accounts
}

stop()
{
    pid=$(server_pid) || {
        reach_remove "$dir"
        return 0
    }
    kill "$1" "$pid"
    wait_gone "$pid" 60 || die "mariadbd $pid does not end"
    [ "$1" != -TERM ] || reach_remove "$dir"
}

case $command in
start) start ;;
stop) stop -TERM ;;
kill) stop -KILL ;;
socket) cat "$dir/socket" ;;
pid) server_pid ;;
copy) copy_data "${3:?usage: db.sh copy DIR FROM}" ;;
remove) remove_data ;;
sql) shift 2; sql "$@" ;;
*) die "no such command: $command" ;;
esac
