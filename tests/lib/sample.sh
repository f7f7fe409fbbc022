#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The sample clinic in a private database: sample.sh DIR migrates, loads, gives the staff passwords and a machine its
# token, and writes DIR/sample.txt. Called by clinic.sh (make run) and by the test fixtures; a second call keeps the
# data and the words people already have.
#
#   DB_DIR=DIR   the folder of db.sh; the installation's secret lies in it, too, made when it is not there
#   BASE=URL     where the pages are      FHIR=URL   where the FHIR API is
set -eu
. "$(dirname "$0")/common.sh"

dir=$(folder "${1:?usage: sample.sh DIR}")
: "${BUILD:=build}" "${DB_DIR:?}" "${BASE:?}" "${FHIR:=$BASE/fhir}"
case $BUILD in
/*) ;;
*) BUILD=$root/$BUILD ;;
esac

regenctl()
{
    as regen "$DB_DIR/password" "$@"
}

# as ACCOUNT PASSWORDFILE COMMAND...
as()
{
    account=$1 file=$2
    shift 2
    "$BUILD/regenctl" --socket "$(cat "$DB_DIR/socket")" --user "$account" --password-file "$file" --database regen \
        --secret-file "$DB_DIR/installation" "$@"
}

[ -e "$DB_DIR/installation" ] || "$BUILD/regenctl" secret make "$DB_DIR/installation" >/dev/null

# One line a file for people; every statement is in migrate.log.
as regen_owner "$DB_DIR/owner" migrate "$root/sql" >"$dir/migrate.log" || {
    tail -n 5 "$dir/migrate.log" >&2
    die "the migration is not complete; see $dir/migrate.log"
}
grep -v ': statement ' "$dir/migrate.log" || true
as regen_owner "$DB_DIR/owner" grants regen@localhost >"$dir/grants.sql"
sh "$root/tests/lib/db.sh" sql "$DB_DIR" <"$dir/grants.sql"
(cd "$root" && regenctl load sql/sample/clinic.sql sql/sample/forms.sql sql/sample/icd10cm.sql sql/sample/questionnaires.sql)

# In a clinic that was loaded before there was one.
regenctl staff list | grep -q '^nurse ' ||
    regenctl staff add nurse 'Nils Lindqvist, RN' --role clinician --practitioner rn-lindqvist >/dev/null

# Made once: whoever wrote one down can go on using it.
mkdir -p "$dir/secrets"
chmod 700 "$dir/secrets"
for who in front_desk:frontdesk clinician:clinician billing:billing admin:admin nurse:nurse; do
    login=${who#*:}
    [ -s "$dir/secrets/$login" ] || {
        secret "$dir/secrets/$login" >/dev/null
        regenctl staff password "$login" --password-file "$dir/secrets/$login"
    }
done
[ -s "$dir/secrets/token" ] || {
    (umask 077 && regenctl token create sample --scopes 'system/*.rs system/Appointment.cruds regen/all' --days 365 >"$dir/secrets/token.new")
    mv "$dir/secrets/token.new" "$dir/secrets/token"
}

(
    umask 077
    cat >"$dir/sample.txt.new" <<VALUES
base=$BASE
fhir=$FHIR
socket=$(cat "$DB_DIR/socket")
db_user=regen
db_name=regen
db_password=$(cat "$DB_DIR/password")
db_password_file=$DB_DIR/password
front_desk_login=frontdesk
front_desk_password=$(cat "$dir/secrets/frontdesk")
clinician_login=clinician
clinician_password=$(cat "$dir/secrets/clinician")
billing_login=billing
billing_password=$(cat "$dir/secrets/billing")
admin_login=admin
admin_password=$(cat "$dir/secrets/admin")
nurse_login=nurse
nurse_password=$(cat "$dir/secrets/nurse")
token=$(cat "$dir/secrets/token")
VALUES
)
mv "$dir/sample.txt.new" "$dir/sample.txt"
