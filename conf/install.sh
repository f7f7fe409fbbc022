#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make install and make uninstall: install.sh install|uninstall. Each file is written beside its place and renamed: a running httpd keeps
# the module that it has mapped, and nobody ever reads half a file. What is the clinic's own (/etc/regen, the database) is not touched.
#
#   DESTDIR=        before every path, for packages
#   PREFIX=/usr     programs are in PREFIX/bin, schema, templates and static files in PREFIX/share/mod_regen
#   MODULES=DIR     httpd's folder of modules (apxs -q LIBEXECDIR)
#   AVAILABLE=DIR   Debian's mods-available; left out where it is not there
#   BUILD=build     what was built
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
: "${DESTDIR:=}" "${PREFIX:=/usr}" "${MODULES:?}" "${AVAILABLE:=/etc/apache2/mods-available}" "${BUILD:=build}"
share=$PREFIX/share/mod_regen

# put FILE PATH MODE
put()
{
    mkdir -p "$DESTDIR$(dirname "$2")"
    cp "$1" "$DESTDIR$2.new"
    chmod "$3" "$DESTDIR$2.new"
    mv -f "$DESTDIR$2.new" "$DESTDIR$2"
}

# put_tree FOLDER PATH: and takes away what an older version had there.
put_tree()
{
    (cd "$1" && find . -type f ! -name README.md) | while read -r file; do
        put "$1/$file" "$2/${file#./}" 644
    done
    (cd "$DESTDIR$2" && find . -type f) | while read -r file; do
        [ -e "$1/$file" ] || rm -f "$DESTDIR$2/$file"
    done
}

install_all()
{
    for file in mod_regen.so regenctl; do
        [ -e "$BUILD/$file" ] || { echo "install.sh: $BUILD/$file is missing: make build" >&2; exit 1; }
    done
    mkdir -p "$DESTDIR$share/sql"
    put_tree "$root/conf/templates" "$share/templates"
    put_tree "$root/conf/static" "$share/static"
    for file in "$root"/sql/[0-9]*.sql; do
        put "$file" "$share/sql/${file##*/}" 644
    done
    put "$root/conf/alerts.yml" "$share/alerts.yml" 644
    put "$BUILD/regenctl" "$PREFIX/bin/regenctl" 755
    put "$BUILD/mod_regen.so" "$MODULES/mod_regen.so" 644
    [ -d "$DESTDIR$AVAILABLE" ] || {
        echo "LoadModule regen_module $MODULES/mod_regen.so"
        return 0
    }
    sed "s|/usr/lib/apache2/modules|$MODULES|" "$root/conf/regen.load" >"$DESTDIR$AVAILABLE/regen.load.new"
    mv -f "$DESTDIR$AVAILABLE/regen.load.new" "$DESTDIR$AVAILABLE/regen.load"
    # The sysadmin's own from the first day on.
    if [ ! -e "$DESTDIR$AVAILABLE/regen.conf" ]; then
        put "$root/conf/regen.conf" "$AVAILABLE/regen.conf" 644
    elif ! cmp -s "$root/conf/regen.conf" "$DESTDIR$AVAILABLE/regen.conf"; then
        put "$root/conf/regen.conf" "$share/regen.conf" 644
        echo "$AVAILABLE/regen.conf is kept; the new one is $share/regen.conf"
    fi
}

uninstall_all()
{
    if [ -e "$DESTDIR${AVAILABLE%/*}/mods-enabled/regen.load" ]; then
        echo 'install.sh: httpd still loads the module: a2dismod regen, apachectl configtest, apachectl graceful' >&2
        exit 1
    fi
    rm -f "$DESTDIR$MODULES/mod_regen.so" "$DESTDIR$PREFIX/bin/regenctl" "$DESTDIR$AVAILABLE/regen.load" "$DESTDIR$AVAILABLE/regen.conf"
    rm -rf "$DESTDIR$share"
    echo 'The database, its accounts and /etc/regen are kept. The secret in /etc/regen is needed to verify the audit log.'
}

case ${1:-} in
install) install_all ;;
uninstall) uninstall_all ;;
*) echo 'usage: install.sh install|uninstall' >&2; exit 2 ;;
esac
