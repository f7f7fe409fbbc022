# SPDX-License-Identifier: Apache-2.0
# Shared by the starters in this folder: absolute paths, who the servers run as, and "is this process really ours".

root=$(cd "$(dirname "$0")/../.." && pwd)

die()
{
    echo "${0##*/}: $*" >&2
    exit 1
}

# The folder, made when absent, as an absolute path without symbolic links in its middle.
folder()
{
    mkdir -p "$1" && (cd "$1" && pwd -P)
}

me=$(id -un)
# httpd started by root gives its children to somebody without rights; everybody else keeps their own name.
if [ "$(id -u)" -eq 0 ]; then
    child_user=$(getent passwd www-data >/dev/null && echo www-data || echo nobody)
    child_group=$(id -gn "$child_user")
else
    child_user=$me
    child_group=$(id -gn)
fi

# True when every folder up to / lets others pass. A checkout in /root does not.
open_to_all()
{
    at=$1
    while [ "$at" != / ]; do
        case $(stat -c %A "$at") in
        *x | *t) ;;
        *) return 1 ;;
        esac
        at=$(dirname "$at")
    done
}

# A folder the children can reach, with a path short enough for a socket (sun_path holds 107 bytes): DIR itself when it
# will do, else one under the system's temporary folder, remembered in DIR/reach.
reachable()
{
    if [ -s "$1/reach" ] && [ -O "$(cat "$1/reach")" ] && [ -d "$(cat "$1/reach")" ]; then
        cat "$1/reach"
        return
    fi
    if [ ${#1} -le 90 ] && { [ "$child_user" = "$me" ] || open_to_all "$1"; }; then
        echo "$1"
        return
    fi
    short=$(mktemp -d "${TMPDIR:-/tmp}/regen.XXXXXXXX") && chmod 711 "$short" && echo "$short" >"$1/reach"
    echo "$short"
}

# Gives back what reachable() made elsewhere.
reach_remove()
{
    [ -s "$1/reach" ] || return 0
    away=$(cat "$1/reach")
    case $away in
    */regen.????????) [ -O "$away" ] && [ ! -L "$away" ] && rm -rf "$away" ;;
    esac
    rm -f "$1/reach"
}

# pid_of FILE WORD: the process named in FILE, if it lives and WORD is in its command line. A pid file outlives its
# process and the number is given to somebody else; WORD (our own folder) is what makes sure.
pid_of()
{
    [ -s "$1" ] || return 1
    pid=$(head -n 1 "$1")
    case $pid in
    '' | *[!0-9]*) return 1 ;;
    esac
    [ -r "/proc/$pid/cmdline" ] && tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -- "$2" && echo "$pid"
}

# Whether it still runs. What has ended, with all its threads, and whose parent (often process 1) has not asked for it yet does not.
runs()
{
    kill -0 "$1" 2>/dev/null || return 1
    ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null || [ "$(ls "/proc/$1/task" 2>/dev/null | wc -l)" -gt 1 ]
}

# wait_gone PID SECONDS
wait_gone()
{
    ticks=$(($2 * 20))
    while runs "$1"; do
        ticks=$((ticks - 1))
        [ $ticks -gt 0 ] || return 1
        sleep 0.05
    done
}

# A secret nobody has to type: 32 hex digits in a file only its owner reads.
secret()
{
    [ -s "$1" ] || (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$1.new" && mv "$1.new" "$1")
    cat "$1"
}
