#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One node of a MariaDB Galera cluster on 127.0.0.1: galera.sh first|join DIR. DIR is a folder of db.sh, whose other commands
# (stop, kill, pid, socket, sql) do for a node, too. Called by tests/faults/galera.py.
#
#   GALERA_NAME=a      the node's name
#   GALERA_PORT=N      replication listens there, state transfer at the next number
#   GALERA_PEERS=LIST  host:port of all nodes, with commas
#   GALERA_WEIGHT=1    the node's vote
#
# first: begins a cluster with what DIR/data holds. join: enters the cluster of the peers; a node that was killed first finds out
# how far it came (mariadbd --wsrep-recover), as the units of a distribution do.
set -eu
. "$(dirname "$0")/common.sh"

command=${1:-} dir=${2:-}
[ -n "$dir" ] || die "usage: galera.sh first|join DIR"
dir=$(folder "$dir")
: "${GALERA_NAME:?}" "${GALERA_PORT:?}" "${GALERA_PEERS:?}" "${GALERA_WEIGHT:=1}"
PATH=$root/tests/lib/galera:$PATH:/usr/sbin:/sbin
provider=
for at in /usr/lib/galera/libgalera_smm.so /usr/lib/libgalera_smm.so /usr/lib64/galera-4/libgalera_smm.so; do
    [ ! -e "$at" ] || { provider=$at; break; }
done
[ -n "$provider" ] || die 'libgalera_smm.so is missing: run make check, or install galera-4'

# A dead node is missed after a second (the default is five): a test must not wait.
options="gmcast.listen_addr=tcp://127.0.0.1:$GALERA_PORT;ist.recv_addr=127.0.0.1:$((GALERA_PORT + 1));pc.weight=$GALERA_WEIGHT"
options="$options;gcache.size=64M;evs.keepalive_period=PT0.3S;evs.suspect_timeout=PT1S;evs.inactive_check_period=PT0.3S"
options="$options;evs.inactive_timeout=PT3S"

# Becomes the server: to be called in a shell of its own.
node()
{
    # shellcheck disable=SC2086
    exec env "TMPDIR=$dir/tmp" setsid mariadbd --no-defaults --datadir="$dir/data" --socket="$(cat "$dir/socket")" --skip-networking \
        --user="$me" --pid-file="$dir/mariadbd.pid" --skip-name-resolve --innodb-log-file-size=32M \
        --character-set-server=utf8mb4 --max-connections=400 --secure-timestamp=REPLICATION ${REGEN_DB_OPTIONS:-} \
        --binlog-format=ROW --log-bin-trust-function-creators=1 --innodb-autoinc-lock-mode=2 --wsrep-on=ON --wsrep-provider="$provider" \
        --wsrep-provider-options="$options" --wsrep-cluster-name=regen --wsrep-node-name="$GALERA_NAME" \
        --wsrep-node-address="127.0.0.1:$GALERA_PORT" --wsrep-sst-method=handover --wsrep-sst-receive-address=127.0.0.1:1 \
        --wsrep-slave-threads=4 "$@" </dev/null
}

# Of a node that was not stopped in order: UUID:NUMBER of the last transaction it has.
recovered()
{
    grep -q '^seqno: *-1' "$dir/data/grastate.dat" 2>/dev/null || return 0
    (node --wsrep-recover --wsrep-cluster-address="gcomm://$GALERA_PEERS") >"$dir/recover.log" 2>&1 || true
    sed -n 's/.*WSREP: Recovered position:* *//p' "$dir/recover.log" | tail -n 1
}

wait_synced()
{
    ticks=600
    until mariadb --no-defaults --socket="$(cat "$dir/socket")" --user="$me" -BNe "SHOW STATUS LIKE 'wsrep_ready'" 2>/dev/null | grep -qw ON; do
        ticks=$((ticks - 1))
        if [ $ticks -le 0 ] || ! kill -0 "$1" 2>/dev/null; then
            tail -n 20 "$dir/mariadbd.log" >&2
            die "the node did not get ready; see $dir/mariadbd.log"
        fi
        sleep 0.05
    done
}

mkdir -p "$dir/tmp"
rm -f "$dir/mariadbd.pid"
echo "$(reachable "$dir")/db.sock" >"$dir/socket"
case $command in
first)
    # Whoever says `first` knows that this node has the newest data.
    [ ! -e "$dir/data/grastate.dat" ] || sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$dir/data/grastate.dat"
    set -- --wsrep-new-cluster --wsrep-cluster-address="gcomm://"
    ;;
join)
    position=$(recovered)
    set -- --wsrep-cluster-address="gcomm://$GALERA_PEERS"
    [ -z "$position" ] || set -- "$@" --wsrep-start-position="$position"
    ;;
*) die "no such command: $command" ;;
esac
node "$@" >>"$dir/mariadbd.log" 2>&1 &
wait_synced $!
