#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that are missing: `deps.sh run` for what make run needs, `deps.sh run check` for the tests
# too, `deps.sh serve` for what a web server needs. Called by the Makefile before everything else, so a second call must cost next to nothing. Only packages that
# carry programs are named, never one that would start a service of its own.
set -eu

RUN='gcc libc6-dev make pkg-config binutils apache2-bin apache2-dev mariadb-server-core mariadb-client-core
libapr1-dev libaprutil1-dev libmariadb-dev libxml2-dev libjansson-dev libglib2.0-dev libical-dev libsodium-dev
libzxcvbn-dev libzint-dev libicu-dev libcurl4-openssl-dev tzdata python3 python3-httpx python3-lxml'
# What httpd with the module and regenctl load: for a web server where nothing is built. tests/http/setup/test_install.py compares it.
SERVE='apache2-bin mariadb-client-core libapr1 libaprutil1 libmariadb3 libxml2 libjansson4 libglib2.0-0 libical3 libsodium23
libzxcvbn0 libzint2.11 libicu72 libcurl4 tzdata'
CHECK='clang clang-format clang-tidy cppcheck libclang-rt-dev libcmocka-dev python3-pytest python3-pytest-xdist
python3-h2 python3-hypothesis python3-icalendar python3-selenium python3-pymysql python3-aiosmtpd openssl
chromium chromium-headless-shell chromium-driver procps curl apache2-utils galera-4 mariadb-client zbar-tools dmtx-utils poppler-utils
python3-prometheus-client python3-yaml'

wanted=
for set in "$@"; do
    case $set in
    run) wanted="$wanted $RUN" ;;
    serve) wanted="$wanted $SERVE" ;;
    check) wanted="$wanted $CHECK" ;;
    *) echo "deps.sh: no such set: $set" >&2; exit 2 ;;
    esac
done

# A virtual or half-installed package is reported as anything but "installed".
missing=$(for p in $wanted; do
    dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || echo "$p"
done)
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "missing packages:" $missing >&2
        echo "install them as root: apt-get install --no-install-recommends" $missing >&2
        exit 1
    }
    as_root=sudo
fi
echo "installing:" $missing
# The index is only fetched when something is missing; an old one may name files that are gone.
$as_root apt-get -q update
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $missing </dev/null
