#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private httpd in a folder of its own on 127.0.0.1: httpd.sh conf|start|stop|graceful|test|pid DIR. Called by
# clinic.sh (make run) and by the test fixtures; nothing under /etc is read or written.
#
#   PORT=8080      where it listens
#   MPM=event      or prefork
#   DB_DIR=DIR     the folder of db.sh whose database the module uses
#   BUILD=build    where mod_regen.so and regenctl are
#   SECRET_FILE=F  the installation's secret, made when it is not there; beside the database unless said
#   MODULE_CONF=F  instead of the sample clinic's own directives (sample.conf beside this file)
#   FHIR_SCHEMA=F  HL7's schema, against which claims are validated
#   EXTRA=F        more lines for the end of the configuration
#   SANITIZED=1    load the module that was built with AddressSanitizer and UBSan; SANITIZED=thread: with ThreadSanitizer
#   SIZING=F       instead of the small process counts below
set -eu
. "$(dirname "$0")/common.sh"

command=${1:-} dir=${2:-}
[ -n "$dir" ] || die "usage: httpd.sh conf|start|stop|graceful|test|pid DIR"
dir=$(folder "$dir")
PATH=$PATH:/usr/sbin:/sbin
conf=$dir/httpd.conf
apxs=$(command -v apxs || command -v apxs2) || die 'apxs is missing: run make deps'
program=$("$apxs" -q SBINDIR)/$("$apxs" -q PROGNAME)
modules=$("$apxs" -q LIBEXECDIR)
: "${MPM:=event}" "${BUILD:=build}" "${DB_DIR:=$dir/../db}" "${SANITIZED:=}" "${SECRET_FILE:=$DB_DIR/installation}"
case $BUILD in
/*) ;;
*) BUILD=$root/$BUILD ;;
esac
library=$BUILD/mod_regen.so
# The server itself is the distribution's, so a sanitizer's runtime must be there before it starts.
runtime=
case $SANITIZED in
'') ;;
thread)
    library=$BUILD/tsan/san/mod_regen.so
    runtime=$(gcc -print-file-name=libtsan.so)
    # A race ends the child, which nobody overlooks. Threads that httpd does not join when a child ends are its own.
    export TSAN_OPTIONS="suppressions=$root/tests/threads/suppressions.txt:halt_on_error=1:abort_on_error=1:report_thread_leaks=0"
    ;;
*)
    library=$BUILD/san/mod_regen.so
    # Its own allocations at exit are not our leaks.
    ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:quarantine_size_mb=16
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    runtime="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
    export ASAN_OPTIONS UBSAN_OPTIONS
    ;;
esac

load()
{
    for name in "$@"; do
        # Some are compiled in, depending on the distribution.
        "$program" -l | grep -qx "  mod_$name.c" || echo "LoadModule ${name}_module $modules/mod_$name.so"
    done
}

# One worker more than the 32 clients of the race tests; small enough for a laptop.
sizing()
{
    if [ -n "${SIZING:-}" ]; then
        cat "$SIZING"
    elif [ "$MPM" = prefork ]; then
        printf 'StartServers 4\nMinSpareServers 2\nMaxSpareServers 8\nServerLimit 40\nMaxRequestWorkers 40\n'
    else
        printf 'StartServers 2\nServerLimit 4\nThreadsPerChild 25\nMaxRequestWorkers 100\nMinSpareThreads 25\nMaxSpareThreads 75\n'
    fi
}

# What children read by themselves lies where they may: beside the socket of db.sh when the clone lies in a folder that
# only its owner enters. Everything else is read by the parent, before it gives its rights up.
make_pages()
{
    pages=$(reachable "$dir")/htdocs
    mkdir -p "$pages"
    [ "$pages" = "$dir/htdocs" ] || [ -e "$dir/htdocs" ] || ln -s "$pages" "$dir/htdocs"
}

write_conf()
{
    make_pages
    socket=$dir/none.sock
    [ -e "$SECRET_FILE" ] || "$BUILD/regenctl" secret make "$SECRET_FILE" >/dev/null || [ -e "$SECRET_FILE" ]
    [ ! -s "$DB_DIR/socket" ] || socket=$(cat "$DB_DIR/socket")
    {
        echo "# Made by tests/lib/httpd.sh; changes are lost at the next start."
        echo "ServerRoot \"$dir\""
        echo "DefaultRuntimeDir \"$dir\""
        echo "PidFile \"$dir/httpd.pid\""
        echo "ErrorLog \"$dir/error_log\""
        echo "Listen 127.0.0.1:${PORT:?PORT is not set}"
        echo "ServerName 127.0.0.1:$PORT"
        load "mpm_$MPM" unixd log_config authn_core authz_core authz_host authz_user auth_basic authn_file \
            setenvif headers mime alias dir status reqtimeout
        # mod_http2 does not support prefork and says so in the log.
        [ "$MPM" = prefork ] || load http2
        echo "LoadModule regen_module \"$library\""
        [ "$(id -u)" -ne 0 ] || printf 'User %s\nGroup %s\n' "$child_user" "$child_group"
        sizing
        cat <<CONF
Timeout 30
KeepAlive On
KeepAliveTimeout 5
MaxKeepAliveRequests 0
GracefulShutdownTimeout 10
ServerTokens Prod
TraceEnable Off
TypesConfig /dev/null
LogLevel warn regen:info
ErrorLogFormat "[%t] [%-m:%l] [pid %P] %M"
# The usual format on purpose: the module itself must keep links and what people typed out of it.
LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\" %D" combined
CustomLog "$dir/access_log" combined
DocumentRoot "$pages"
<Directory />
    Require all denied
    AllowOverride None
</Directory>
<Directory "$pages">
    Require all granted
</Directory>
<IfModule http2_module>
    Protocols h2c http/1.1
</IfModule>
Define REGEN_ROOT "$root"
Define REGEN_RUN "$dir"
Define REGEN_PORT "$PORT"
Define REGEN_DB_SOCKET "$socket"
Define REGEN_DB_PASSWORD_FILE "$DB_DIR/password"
Define REGEN_SECRET_FILE "$SECRET_FILE"
Include "${MODULE_CONF:-$root/tests/lib/sample.conf}"
CONF
        [ -z "${FHIR_SCHEMA:-}" ] || echo "RegenFHIRSchema \"$FHIR_SCHEMA\""
        [ -z "${EXTRA:-}" ] || echo "Include \"$EXTRA\""
    } >"$conf.new"
    mv "$conf.new" "$conf"
}

server_pid()
{
    pid_of "$dir/httpd.pid" "$conf"
}

control()
{
    if [ -n "$runtime" ]; then
        # Before what is preloaded already (a moved clock).
        LD_PRELOAD="$runtime ${LD_PRELOAD:-}" "$program" -d "$dir" -f "$conf" "$@"
    else
        "$program" -d "$dir" -f "$conf" "$@"
    fi
}

start()
{
    if server_pid >/dev/null; then
        return 0
    fi
    rm -f "$dir/httpd.pid"
    write_conf
    control -k start </dev/null || {
        [ ! -s "$dir/error_log" ] || tail -n 5 "$dir/error_log" >&2
        die "httpd did not start with $conf"
    }
    ticks=100
    until server_pid >/dev/null; do
        ticks=$((ticks - 1))
        [ $ticks -gt 0 ] || die "httpd ended at once; see $dir/error_log"
        sleep 0.05
    done
}

# Ended by its number, never through `-k stop`: that would trust the pid file.
stop()
{
    pid=$(server_pid) || {
        reach_remove "$dir"
        return 0
    }
    kill "$1" "$pid"
    wait_gone "$pid" 30 || die "httpd $pid does not end"
    rm -f "$dir/httpd.pid"
    reach_remove "$dir"
}

case $command in
conf) write_conf ;;
start) start ;;
stop) stop -TERM ;;
graceful) server_pid >/dev/null || die 'not running'; control -k graceful ;;
test) control -t ;;
pid) server_pid ;;
*) die "no such command: $command" ;;
esac
