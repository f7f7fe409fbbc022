#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make run` and `make stop` do after building: the sample clinic on 127.0.0.1:PORT with everything it needs under
# RUN_DIR, and one patient's way through it. Called by the Makefile with PORT, RUN_DIR and BUILD.
set -eu
. "$(dirname "$0")/common.sh"

: "${PORT:=8080}" "${RUN_DIR:=build/run}" "${BUILD:=build}" "${PYTHON:=/usr/bin/python3}"
cd "$root"
lib=$root/tests/lib

# Our own server answers under our own folder; anybody else on the port must not be mistaken for it.
port_taken()
{
    "$PYTHON" - "$PORT" <<'PROBE'
import socket, sys
with socket.socket() as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(('127.0.0.1', int(sys.argv[1])))
    except OSError:
        sys.exit(0)
sys.exit(1)
PROBE
}

# A server that runs keeps running the code it was started with; newer code means a new server.
fresh()
{
    pid=$(sh "$lib/httpd.sh" pid "$run/httpd") || return 1
    [ ! "$BUILD/mod_regen.so" -nt "$run/httpd/httpd.pid" ] && grep -qx "Listen 127.0.0.1:$PORT" "$run/httpd/httpd.conf"
}

# Letters are files of a maildir, which httpd's children write: no mail server is needed.
make_mailbox()
{
    mail=$(reachable "$run")/mail
    mkdir -p "$mail"
    if [ "$mail" != "$run/mail" ] && [ -d "$run/mail" ] && [ ! -L "$run/mail" ]; then
        cp -R "$run/mail/." "$mail" && rm -r "$run/mail" # from the run before
        chown -R "$child_user:$child_group" "$mail"
    fi
    [ "$child_user" = "$me" ] || chown "$child_user:$child_group" "$mail"
    chmod 700 "$mail"
    [ "$mail" = "$run/mail" ] || ln -sfn "$mail" "$run/mail"
    cat >"$run/mail.conf" <<CONF
RegenMailTransport maildir
RegenMailFolder "$mail"
RegenMailFrom "Harbor Joint Clinic <letters@harbor.example>"
RegenMailDetail full
CONF
    export EXTRA="$run/mail.conf"
}

start()
{
    run=$(folder "$RUN_DIR")
    export PORT BUILD DB_DIR="$run/db"
    base=http://127.0.0.1:$PORT/clinic
    echo "[1/4] private MariaDB under $run/db"
    sh "$lib/db.sh" start "$run/db"
    echo "[2/4] tables and sample clinic"
    BASE=$base FHIR=$base/fhir sh "$lib/sample.sh" "$run"
    make_mailbox
    echo "[3/4] private httpd on 127.0.0.1:$PORT"
    if ! fresh; then
        sh "$lib/httpd.sh" stop "$run/httpd"
        ! port_taken || die "port $PORT is taken by somebody else; choose another: make run PORT=8081 RUN_DIR=build/run2"
        sh "$lib/httpd.sh" start "$run/httpd"
    fi
    echo "[4/4] one patient's way, from a consultation to the claim"
    walked=0
    "$PYTHON" tests/journey/walk.py --base "$base" --run-dir "$run" || walked=$?
    describe
    return $walked
}

value()
{
    sed -n "s/^$1=//p" "$run/sample.txt"
}

describe()
{
    cat <<TEXT

The clinic is open (make stop RUN_DIR=$RUN_DIR ends it):
  patients     $base/
  staff        $base/staff/
  FHIR API     $base/fhir/
  front desk   $(value front_desk_login) / $(value front_desk_password)
  clinician    $(value clinician_login) / $(value clinician_password)
  nurse        $(value nurse_login) / $(value nurse_password)   (second person at an injection)
  billing      $(value billing_login) / $(value billing_password)
  admin        $(value admin_login) / $(value admin_password)
  the same as name=value lines, and the API's token: $run/sample.txt
  letters      $run/mail/new   (a maildir; every letter to a patient is a file)
  logs         $run/httpd/error_log
TEXT
    [ ! -s "$run/claim.xml" ] || echo "  claim        $run/claim.xml"
}

stop()
{
    [ -d "$RUN_DIR" ] || return 0
    run=$(folder "$RUN_DIR")
    sh "$lib/httpd.sh" stop "$run/httpd"
    sh "$lib/db.sh" stop "$run/db"
    # Letters that had to lie elsewhere come home with the rest.
    if [ -s "$run/reach" ] && [ -L "$run/mail" ]; then
        away=$(cat "$run/reach")
        rm "$run/mail" && cp -R "$away/mail" "$run/mail"
    fi
    reach_remove "$run"
    echo "nothing of $run runs any more; its data is kept"
}

case ${1:-} in
run) start ;;
stop) stop ;;
*) die 'usage: clinic.sh run|stop' ;;
esac
