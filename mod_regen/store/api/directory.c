/* SPDX-License-Identifier: Apache-2.0 */
/* Lists for API clients: visits, people and occupied time, in pages of one statement each. A page
 * starts after a key, never at an offset, so that its cost does not grow with the page number. */
#include "mod_regen/store/patient/names.h"
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/visit.h"
#include "regen/store/api.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* --- definitions ------------------------------------------------------------------------------ */

typedef struct {
    uint64_t version;
    apr_time_t changed;
    int schema;
    const char *names;
} version_t;

#define VERSION_ROW(FIRST, COL)                                                                    \
    FIRST(U64, version, "version")                                                                 \
    COL(TIME, changed, "changed_at")                                                               \
    COL(INT, schema, "(SELECT MAX(version) FROM schema_migration)")                                \
    COL(STR_OR_NULL, names, "(SELECT names FROM naming WHERE id = 1)")
RG_ROW(version_row, version_t, VERSION_ROW);
RG_SQL(VERSION,
       "SELECT " RG_COLUMNS(VERSION_ROW)
       " FROM catalogue_version"
       " WHERE id = 1");

rg_outcome_t rg_directory_version(rg_db_t *db, const rg_ctx_t *ctx, uint64_t *version,
                                  apr_time_t *changed, const char **names)
{
    version_t v;
    rg_outcome_t rc = rg_sql_one(db, ctx, &v, version_row, VERSION, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc == RG_NOT_FOUND ? RG_OK : rc;
    }
    *version = v.version;
    *changed = v.changed;
    *names = v.names;
    return rg_schema_seen(db, ctx, v.schema);
}

/* --- visits ----------------------------------------------------------------------------------- */

/* A visit of a begun course without occupied time was cancelled alone. */
#define CALLED_OFF                                                                                 \
    "b.status IN ('arrived', 'in-progress', 'completed') AND a.visit_no > 1"                       \
    " AND (SELECT COUNT(*) > 0 AND COUNT(cr.resource_id) = 0 FROM booking_step cs"                 \
    " LEFT JOIN booking_resource cr ON cr.booking_id = cs.booking_id AND cr.step_no = cs.step_no"  \
    " WHERE cs.booking_id = a.booking_id AND cs.visit_no = a.visit_no)"
/* Each visit has its own status: what is to come of a course is still booked, what is behind it
 * was fulfilled. Takes the time of the question three times. */
#define STATUS                                                                                     \
    "CASE WHEN " CALLED_OFF " THEN 'cancelled' ELSE CASE b.status"                                 \
    " WHEN 'held' THEN IF(b.hold_expires_at > ?, 'pending', 'cancelled')"                          \
    " WHEN 'booked' THEN 'booked' WHEN 'completed' THEN 'fulfilled'"                               \
    " WHEN 'no-show' THEN 'noshow' WHEN 'expired' THEN 'cancelled' WHEN 'cancelled' THEN "         \
    "'cancelled'"                                                                                  \
    " ELSE CASE WHEN a.visit_no > 1 AND a.starts_at > ? THEN 'booked'"                             \
    " WHEN EXISTS (SELECT 1 FROM appointment l WHERE l.booking_id = a.booking_id"                  \
    " AND l.visit_no > a.visit_no AND l.starts_at <= ?) THEN 'fulfilled'"                          \
    " WHEN b.status = 'arrived' THEN 'arrived' ELSE 'checked-in' END END END"

/* The resources of one visit. */
#define OF_VISIT                                                                                   \
    RG_SQL_PART(" FROM booking_step s" \
                " JOIN booking_resource r ON r.booking_id = s.booking_id" \
                " AND r.step_no = s.step_no" \
                " WHERE s.booking_id = a.booking_id AND s.visit_no = a.visit_no")

RG_ROW(patient_row, rg_patient_t, RG_PATIENT_ROW);

#define REPLACED_BY "(SELECT k.uid FROM patient k WHERE k.id = p.merged_into)"
#define REPLACES                                                                                   \
    "(SELECT GROUP_CONCAT(k.uid ORDER BY k.id SEPARATOR ' ') FROM patient k"                       \
    " WHERE k.merged_into = p.id)"
#define PERSON_ROW(FIRST, COL)                                                                     \
    FIRST(PART, patient, RG_PART(RG_PATIENT_ROW), patient_row)                                     \
    COL(INT, version, "p.version")                                                                 \
    COL(TIME, changed_at, "IF(p.changed_at = 0, p.created_at, p.changed_at)")                      \
    COL(STR, replaced_by, REPLACED_BY)                                                             \
    COL(STR, replaces, REPLACES)
RG_ROW(person_row, rg_person_t, PERSON_ROW);
#define PERSON "SELECT " RG_COLUMNS(PERSON_ROW)

typedef struct {
    rg_visit_t visit;
    bool not_cancelled;
    const char *resources; /* "3,5,12" */
} visit_row_t;

#define VISIT_ROW(FIRST, COL)                                                                      \
    FIRST(I64, visit.id, "a.id")                                                                   \
    COL(STR, visit.uid, "a.uid")                                                                   \
    COL(I64, visit.booking_id, "a.booking_id")                                                     \
    COL(STR, visit.booking_uid, "b.uid")                                                           \
    COL(INT, visit.visit_no, "a.visit_no")                                                         \
    COL(ENUM, visit.status, STATUS, visit_status)                                                  \
    COL(BOOL, not_cancelled, "b.status <> 'cancelled'")                                            \
    COL(INT, visit.version, "b.version")                                                           \
    COL(TIME, visit.changed_at, "b.changed_at")                                                    \
    COL(TIME, visit.created_at, "b.created_at")                                                    \
    COL(TIME, visit.starts_at, "a.starts_at")                                                      \
    COL(TIME, visit.ends_at, "a.ends_at")                                                          \
    COL(TIME, visit.hold_expires_at, "b.hold_expires_at")                                          \
    COL(I64, visit.service_id, "b.service_id")                                                     \
    COL(STR, visit.body_site, "b.body_site")                                                       \
    COL(ENUM, visit.side, "b.laterality", rg_side_parse)                                           \
    COL(STR, visit.further, RG_FURTHER_OF("b"))                                                    \
    COL(STR, visit.order_uid, "(SELECT o.uid FROM treatment_order o WHERE o.id = b.order_id)")     \
    COL(STR, visit.note.comment, "b.comment")                                                      \
    COL(STR, visit.note.cancel_system, "b.cancel_system")                                          \
    COL(STR, visit.note.cancel_code, "b.cancel_code")                                              \
    COL(STR, visit.note.cancel_text, "b.cancel_text")                                              \
    COL(TIME, visit.cancel_before, "b.cancel_before")                                              \
    COL(STR, resources,                                                                            \
        "(SELECT GROUP_CONCAT(DISTINCT r.resource_id ORDER BY r.resource_id)" OF_VISIT ")")        \
    COL(PART, visit.person.patient, RG_PART(RG_PATIENT_ROW), patient_row)                          \
    COL(INT, visit.person.version, "p.version")                                                    \
    COL(TIME, visit.person.changed_at, "IF(p.changed_at = 0, p.created_at, p.changed_at)")         \
    COL(STR, visit.person.replaced_by, REPLACED_BY)                                                \
    COL(STR, visit.person.replaces, REPLACES)

static rg_visit_status_t visit_status(const char *word)
{
    int status = rg_visit_status_parse(word);
    return status < 0 ? RG_VISIT_CANCELLED : (rg_visit_status_t)status;
}

RG_ROW(visit_row, visit_row_t, VISIT_ROW);
#define VISIT "SELECT " RG_COLUMNS(VISIT_ROW)

#define OF_PATIENT " LEFT JOIN patient p ON p.id = b.patient_id WHERE "
/* Read in the order of an index up to the page's end, so the joins must come in this order. */
#define VISITS_BY_START                                                                            \
    RG_SQL_PART(" FROM appointment a FORCE INDEX (appointment_when)" \
                " STRAIGHT_JOIN booking b ON b.id = a.booking_id" OF_PATIENT)
#define VISITS_BY_CHANGE                                                                           \
    RG_SQL_PART(" FROM booking b FORCE INDEX (booking_changed)" \
                " STRAIGHT_JOIN appointment a ON a.booking_id = b.id" OF_PATIENT)
#define VISITS " FROM appointment a JOIN booking b ON b.id = a.booking_id" OF_PATIENT

#define ONE_OF                                                                                     \
    " AND (? = '' OR EXISTS (SELECT 1" OF_VISIT " AND FIND_IN_SET(r.resource_id, ?) > 0))"
#define NARROWED                                                                                   \
    " (? = '' OR FIND_IN_SET(" STATUS ", ?) > 0)"                                                  \
    " AND (? = '' OR FIND_IN_SET(b.service_id, ?) > 0)"                                            \
    " AND ((? = '' AND ? = '') OR FIND_IN_SET(b.site_id, ?) > 0"                                   \
    " OR EXISTS (SELECT 1" OF_VISIT                                                                \
    " AND FIND_IN_SET(r.resource_id, ?) > 0))" ONE_OF ONE_OF ONE_OF ONE_OF                         \
    " AND a.starts_at >= ? AND a.starts_at < ? AND b.changed_at >= ? AND b.changed_at < ?"         \
    " AND (? = 0 OR (b.source = 'machine' AND b.made_by = ?))"

#define PAGE_BY_START                                                                              \
    RG_SQL_PART(" AND a.starts_at >= ? AND (a.starts_at > ? OR a.id > ?)" \
                " ORDER BY a.starts_at, a.id" \
                " LIMIT ?")
/* By bookings: a page never ends between two visits of one. */
#define PAGE_BY_CHANGE                                                                             \
    RG_SQL_PART(" AND b.changed_at >= ? AND (b.changed_at > ? OR b.id > ?)" \
                " ORDER BY b.changed_at, b.id" \
                " LIMIT ?")

/* A page of visits, and their number; the second uses a filter without a limit. */
#define PAGE_AND_COUNT(what)                                                                       \
    {                                                                                              \
        VISIT what, "SELECT COUNT(*)" what                                                         \
    }
static const char *const BY_START[] = PAGE_AND_COUNT(VISITS_BY_START NARROWED PAGE_BY_START);
static const char *const BY_CHANGE[] = PAGE_AND_COUNT(VISITS_BY_CHANGE NARROWED PAGE_BY_CHANGE);
/* What one program made may be little among much. */
#define VISITS_BY_MAKER                                                                            \
    RG_SQL_PART(" FROM booking b FORCE INDEX (booking_made_by)" \
                " STRAIGHT_JOIN appointment a ON a.booking_id = b.id" OF_PATIENT \
                "b.source = 'machine' AND b.made_by = ? AND")
static const char *const MADE_BY_START[] = PAGE_AND_COUNT(VISITS_BY_MAKER NARROWED PAGE_BY_START);
static const char *const MADE_BY_CHANGE[] = PAGE_AND_COUNT(VISITS_BY_MAKER NARROWED PAGE_BY_CHANGE);
/* Of a record, those of the records that it stands for, too. */
#define OF_ONE                                                                                     \
    "b.patient_id IN (SELECT y.id FROM patient x JOIN patient y"                                   \
    " ON y.id = x.id OR y.merged_into = x.id WHERE x.uid = ?)"
#define OF_ONE_OR_ANY " (? = '' OR " OF_ONE ") AND"
static const char *const BY_PATIENT[] = PAGE_AND_COUNT(VISITS OF_ONE " AND" NARROWED PAGE_BY_START);
static const char *const BY_BOOKING[] = PAGE_AND_COUNT(
    VISITS
    "b.id = (SELECT x.id FROM booking x WHERE x.uid = ?) AND" OF_ONE_OR_ANY NARROWED PAGE_BY_START);
static const char *const BY_UIDS[] = PAGE_AND_COUNT(
    VISITS "a.uid IN (?, ?, ?, ?, ?, ?, ?, ?) AND (? = '' OR b.uid = ?) AND" OF_ONE_OR_ANY NARROWED
        PAGE_BY_START);

enum { BINDS_MAX = 56 };

typedef struct {
    rg_bind_t in[BINDS_MAX];
    int n;
} binds_t;

static void put(binds_t *b, rg_bind_t one)
{
    b->in[b->n++] = one;
}

static void put_twice(binds_t *b, const char *list)
{
    put(b, RG_S(list));
    put(b, RG_S(list));
}

static void put_now(binds_t *b, const rg_ctx_t *ctx)
{
    for (int i = 0; i < 3; i++) {
        put(b, RG_T(ctx->now));
    }
}

/* Every placeholder has a value: unused ones repeat the first. */
static void put_uids(binds_t *b, const char *const uids[RG_VISIT_UIDS])
{
    for (int i = 0; i < RG_VISIT_UIDS; i++) {
        put(b, RG_S(uids[i] ? uids[i] : uids[0]));
    }
}

/* The parameters of NARROWED and of the page. */
static void put_narrowed(binds_t *b, const rg_ctx_t *ctx, const rg_visit_filter_t *f)
{
    put(b, RG_S(f->statuses));
    put_now(b, ctx);
    put(b, RG_S(f->statuses));
    put_twice(b, f->services);
    put(b, RG_S(f->sites));
    put(b, RG_S(f->rooms));
    put(b, RG_S(f->sites));
    put(b, RG_S(f->rooms));
    for (int i = 0; i < RG_VISIT_WITH; i++) {
        put_twice(b, f->with[i]);
    }
    put(b, RG_T(f->from));
    put(b, RG_T(f->until));
    put(b, RG_T(f->changed_from));
    put(b, RG_T(f->changed_until));
    put(b, RG_I(f->made_by));
    put(b, RG_I(f->made_by));
    put(b, RG_I(f->after_key));
    put(b, RG_I(f->after_key));
    put(b, RG_I(f->after_id));
    put(b, RG_I(f->limit));
}

/* "3,5,12" as the database joined them. */
static void fill_resources(apr_pool_t *p, const char *list, rg_visit_t *v)
{
    size_t n = 1;
    for (const char *s = list; *s; s++) {
        n += *s == ',';
    }
    v->resources = apr_palloc(p, sizeof(*v->resources) * n);
    while (*list) {
        int64_t id = 0;
        for (; *list >= '0' && *list <= '9'; list++) {
            id = id * 10 + (*list - '0');
        }
        v->resources[v->resource_count++] = id;
        list += *list == ',';
    }
}

static rg_visit_t *visit_of_row(apr_pool_t *p, visit_row_t *row)
{
    rg_visit_t *v = &row->visit;
    v->expired = v->status == RG_VISIT_CANCELLED && row->not_cancelled;
    v->hold_expires_at = v->status == RG_VISIT_PENDING ? v->hold_expires_at : 0;
    fill_resources(p, row->resources, v);
    return v;
}

/* The statement that reads least, with the parameters that come before NARROWED's. */
static const char *const *visits_sql(binds_t *b, const rg_visit_filter_t *f)
{
    if (f->uids[0]) {
        put_uids(b, f->uids);
        put_twice(b, f->booking_uid);
        put_twice(b, f->patient_uid);
        return BY_UIDS;
    }
    if (f->booking_uid[0]) {
        put(b, RG_S(f->booking_uid));
        put_twice(b, f->patient_uid);
        return BY_BOOKING;
    }
    if (f->patient_uid[0]) {
        put(b, RG_S(f->patient_uid));
        return BY_PATIENT;
    }
    if (f->made_by != 0) {
        put(b, RG_I(f->made_by));
        return f->by_change ? MADE_BY_CHANGE : MADE_BY_START;
    }
    return f->by_change ? BY_CHANGE : BY_START;
}

rg_outcome_t rg_visits_read(rg_db_t *db, const rg_ctx_t *ctx, const rg_visit_filter_t *f,
                            apr_array_header_t *out)
{
    rg_cur_t *c;
    visit_row_t row;
    binds_t b = {.n = 0};
    put_now(&b, ctx);
    const char *const *sql = visits_sql(&b, f);
    put_narrowed(&b, ctx, f);
    RG_TRY(rg_sql_query(db, ctx, &c, sql[0], b.in, b.n));
    while (rg_cur_row(c, visit_row, &row)) {
        APR_ARRAY_PUSH(out, rg_visit_t) = *visit_of_row(ctx->pool, &row);
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_visits_count(rg_db_t *db, const rg_ctx_t *ctx, const rg_visit_filter_t *f,
                             int64_t *out)
{
    binds_t b = {.n = 0};
    const char *const *sql = visits_sql(&b, f);
    put_narrowed(&b, ctx, f);
    return rg_sql_number(db, ctx, out, sql[1], b.in, b.n);
}

/* --- people ----------------------------------------------------------------------------------- */

/* A row that something else wrote has no keys, and is in the list of all people nevertheless. */
#define NARROWED_PEOPLE                                                                            \
    RG_SQL_PART(" COALESCE(p.family_key, '') LIKE ? ESCAPE '!'" \
                " AND (? = '' OR BINARY p.family = ?)" \
                " AND COALESCE(p.given_key, '') LIKE ? ESCAPE '!'" \
                " AND (? = '' OR BINARY p.given = ?)" \
                " AND (COALESCE(p.family_key, '') LIKE ? ESCAPE '!'" \
                " OR COALESCE(p.given_key, '') LIKE ? ESCAPE '!')" \
                " AND (? = '' OR BINARY p.family = ? OR BINARY p.given = ?)" \
                " AND (? = '' OR p.email_key = ?) AND (? = '' OR p.phone_key = ?)" \
                " AND p.birth_date BETWEEN ? AND ?" \
                " AND IF(p.changed_at = 0, p.created_at, p.changed_at) >= ?" \
                " AND IF(p.changed_at = 0, p.created_at, p.changed_at) < ?" \
                " AND (? = 0 OR EXISTS (SELECT 1 FROM booking o WHERE o.patient_id = p.id" \
                " AND o.source = 'machine' AND o.made_by = ?))" \
                " AND p.id > ?" \
                " ORDER BY p.id" \
                " LIMIT ?")

#define PEOPLE_AND_COUNT(what)                                                                     \
    {                                                                                              \
        PERSON what, "SELECT COUNT(*)" what                                                        \
    }
static const char *const PEOPLE[] = PEOPLE_AND_COUNT(" FROM patient p WHERE" NARROWED_PEOPLE);
static const char *const PEOPLE_BY_UIDS[] =
    PEOPLE_AND_COUNT(" FROM patient p WHERE p.uid IN (?, ?, ?, ?, ?, ?, ?, ?) AND" NARROWED_PEOPLE);

/* Pages are in order of id, and the server would read all people in that order to find one. So the
 * filter decides which key is used. */
#define PEOPLE_WHERE(key, what)                                                                    \
    PEOPLE_AND_COUNT(" FROM patient p FORCE INDEX (" key ") WHERE " what " AND" NARROWED_PEOPLE)
#define PEOPLE_OF(ids)                                                                             \
    PEOPLE_AND_COUNT(" FROM (" ids ") n STRAIGHT_JOIN patient p ON p.id = n.id "                   \
                     "WHERE" NARROWED_PEOPLE)
static const char *const PEOPLE_BY_EMAIL[] = PEOPLE_WHERE("patient_email_key", "p.email_key = ?");
static const char *const PEOPLE_BY_PHONE[] = PEOPLE_WHERE("patient_phone_key", "p.phone_key = ?");
static const char *const PEOPLE_BY_FAMILY[] =
    PEOPLE_WHERE("patient_family_key", "p.family_key LIKE ? ESCAPE '!'");
static const char *const PEOPLE_BY_GIVEN[] =
    PEOPLE_WHERE("patient_given_key", "p.given_key LIKE ? ESCAPE '!'");
static const char *const PEOPLE_BY_NAME[] =
    PEOPLE_OF("SELECT id FROM patient FORCE INDEX (patient_family_key)"
              " WHERE family_key LIKE ? ESCAPE '!' UNION"
              " SELECT id FROM patient FORCE INDEX (patient_given_key)"
              " WHERE given_key LIKE ? ESCAPE '!'");
static const char *const PEOPLE_BY_CHANGE[] =
    PEOPLE_OF("SELECT id FROM patient FORCE INDEX (patient_changed) WHERE changed_at >= ? UNION"
              " SELECT id FROM patient FORCE INDEX (patient_created) WHERE created_at >= ?");
static const char *const PEOPLE_BY_MAKER[] =
    PEOPLE_OF("SELECT DISTINCT patient_id AS id FROM booking FORCE INDEX (booking_made_by)"
              " WHERE source = 'machine' AND made_by = ? AND patient_id IS NOT NULL");
/* What changed since yesterday is few, and since years nearly all: then the order of ids is
 * better. */
#define UP_TO(what)                                                                                \
    "(SELECT COUNT(*) FROM (SELECT 1 FROM patient FORCE INDEX " what " LIMIT 1000) x)"
RG_SQL(CHANGED,
       "SELECT " UP_TO("(patient_changed) WHERE changed_at >= ?")
       " + " UP_TO("(patient_created) WHERE created_at >= ?"));

/* A filter without a key matches nothing: no stored key is a space. */
static const char *key_or_nobody(const char *typed, const char *key)
{
    return *typed && !*key ? " " : key;
}

static const char *email_key_asked(const rg_ctx_t *ctx, const rg_person_filter_t *f)
{
    return key_or_nobody(f->email, rg_name_keys(ctx->pool, "", "", f->email, "").email);
}

static const char *phone_key(const rg_ctx_t *ctx, const rg_person_filter_t *f)
{
    return key_or_nobody(f->phone, rg_phone_key(ctx->pool, f->phone));
}

/* What begins like this, or has it somewhere. */
static const char *pattern(apr_pool_t *p, const rg_word_t *word)
{
    const char *key = key_or_nobody(word->text, rg_fold_name(p, word->text));
    return word->how == RG_WORD_CONTAINS ? rg_like_part(p, key) : rg_like_prefix(p, key);
}

static const char *exact(const rg_word_t *word)
{
    return word->how == RG_WORD_EXACT ? word->text : "";
}

/* The statement that reads the fewest rows, with its own parameters. A match in the middle of a
 * name has no key. */
static const char *const *people_sql(binds_t *b, const rg_ctx_t *ctx, const rg_person_filter_t *f)
{
    const struct {
        const rg_word_t *word; /* or */
        const char *value;
        const char *const *sql;
        int times;
    } ways[] = {{NULL, email_key_asked(ctx, f), PEOPLE_BY_EMAIL, 1},
                {NULL, phone_key(ctx, f), PEOPLE_BY_PHONE, 1},
                {&f->family, NULL, PEOPLE_BY_FAMILY, 1},
                {&f->given, NULL, PEOPLE_BY_GIVEN, 1},
                {&f->name, NULL, PEOPLE_BY_NAME, 2}};
    if (f->uids[0]) {
        put_uids(b, f->uids);
        return PEOPLE_BY_UIDS;
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const rg_word_t *word = ways[i].word;
        const char *value = word ? word->text : ways[i].value;
        if (value[0] != '\0' && (!word || word->how != RG_WORD_CONTAINS)) {
            for (int t = 0; t < ways[i].times; t++) {
                put(b, RG_S(word ? pattern(ctx->pool, word) : value));
            }
            return ways[i].sql;
        }
    }
    if (f->made_by != 0) {
        put(b, RG_I(f->made_by));
        return PEOPLE_BY_MAKER;
    }
    return PEOPLE;
}

static rg_outcome_t by_change(const char *const **sql, binds_t *b, rg_db_t *db, const rg_ctx_t *ctx,
                              const rg_person_filter_t *f)
{
    int64_t changed = 0;
    const rg_bind_t since = RG_T(f->changed_from);
    rg_outcome_t rc = rg_sql_number(db, ctx, &changed, CHANGED, RG_IN(since, since));
    if (rc == RG_OK && changed < 1000) {
        put(b, since);
        put(b, since);
        *sql = PEOPLE_BY_CHANGE;
    }
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

static void put_names(binds_t *b, const rg_ctx_t *ctx, const rg_person_filter_t *f)
{
    put(b, RG_S(pattern(ctx->pool, &f->family)));
    put_twice(b, exact(&f->family));
    put(b, RG_S(pattern(ctx->pool, &f->given)));
    put_twice(b, exact(&f->given));
    put_twice(b, pattern(ctx->pool, &f->name));
    put_twice(b, exact(&f->name));
    put(b, RG_S(exact(&f->name)));
}

static rg_outcome_t people_asked(const char *const **sql, binds_t *b, rg_db_t *db,
                                 const rg_ctx_t *ctx, const rg_person_filter_t *f)
{
    rg_outcome_t rc = RG_OK;
    *sql = people_sql(b, ctx, f);
    if (*sql == PEOPLE && f->changed_from > 0) {
        rc = by_change(sql, b, db, ctx, f);
    }
    put_names(b, ctx, f);
    put_twice(b, email_key_asked(ctx, f));
    put_twice(b, phone_key(ctx, f));
    put(b, RG_S(rg_date_iso(ctx->pool, f->born_from)));
    put(b, RG_S(rg_date_iso(ctx->pool, f->born_to)));
    put(b, RG_T(f->changed_from));
    put(b, RG_T(f->changed_until));
    put(b, RG_I(f->made_by));
    put(b, RG_I(f->made_by));
    put(b, RG_I(f->after_id));
    put(b, RG_I(f->limit));
    return rc;
}

rg_outcome_t rg_people_read(rg_db_t *db, const rg_ctx_t *ctx, const rg_person_filter_t *f,
                            apr_array_header_t *out)
{
    binds_t b = {.n = 0};
    const char *const *sql;
    RG_TRY(people_asked(&sql, &b, db, ctx, f));
    return rg_sql_push(db, ctx, out, person_row, sql[0], b.in, b.n);
}

rg_outcome_t rg_people_count(rg_db_t *db, const rg_ctx_t *ctx, const rg_person_filter_t *f,
                             int64_t *out)
{
    binds_t b = {.n = 0};
    const char *const *sql;
    RG_TRY(people_asked(&sql, &b, db, ctx, f));
    return rg_sql_number(db, ctx, out, sql[1], b.in, b.n);
}

/* --- taken time ------------------------------------------------------------------------------- */

#define BUSY_ROW(FIRST, COL)                                                                       \
    FIRST(TIME, from, "r.busy_from")                                                               \
    COL(TIME, until, "MAX(r.busy_until)")                                                          \
    COL(BOOL, held, "MAX(b.status = 'held')")                                                      \
    COL(INT, version, "MAX(b.version)")                                                            \
    COL(TIME, changed_at, "MAX(b.changed_at)")
RG_ROW(busy_row, rg_busy_t, BUSY_ROW);

/* The time of a cancelled, missed or expired booking is free again. Two steps that begin together
 * are one. */
RG_SQL(BUSY,
       "SELECT " RG_COLUMNS(BUSY_ROW)
       " FROM booking_resource r"
       " JOIN booking b ON b.id = r.booking_id"
       " WHERE r.resource_id = ? AND r.busy_from >= ? AND r.busy_from < ?"
       " AND b.status NOT IN ('cancelled', 'expired', 'no-show')"
       " AND (b.hold_expires_at IS NULL OR b.hold_expires_at > ?)"
       " GROUP BY r.busy_from"
       " ORDER BY r.busy_from"
       " LIMIT ?");

rg_outcome_t rg_busy_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t resource_id, apr_time_t from,
                          apr_time_t until, int limit, apr_array_header_t *out)
{
    int first = out->nelts;
    RG_TRY(rg_sql_push(
        db, ctx, out, busy_row, BUSY,
        RG_IN(RG_I(resource_id), RG_T(from), RG_T(until), RG_T(ctx->now), RG_I(limit))));
    for (int i = first; i < out->nelts; i++) {
        APR_ARRAY_IDX(out, i, rg_busy_t).resource_id = resource_id;
    }
    return RG_OK;
}
