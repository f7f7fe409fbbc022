/* SPDX-License-Identifier: Apache-2.0 */
/* Records of one person: which look alike, which were merged. A merge is a row more; what follows
 * from it is kept by triggers (sql/0048). */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/patient/face_row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/record.h"
#include "regen/store/record.h"
#include "regen/store/store.h"

typedef struct {
    rg_face_t face;
} face_row_t;
#define FACE_ROW(FIRST, COL) FACE_COLS(FIRST, COL, face, "p.")
RG_ROW(face_row, face_row_t, FACE_ROW);

rg_outcome_t rg_face_read(rg_db_t *db, const rg_ctx_t *ctx, rg_face_t **out, const char *uid)
{
    RG_SQL(BY_UID,
           "SELECT " RG_COLUMNS(FACE_ROW)
           " FROM patient p"
           " WHERE p.uid = ?");
    face_row_t *row;
    rg_outcome_t rc = rg_sql_new(db, ctx, &row, face_row, BY_UID, RG_IN(RG_S(uid)));
    *out = row ? &row->face : NULL;
    return rc;
}

/* --- who looks alike -------------------------------------------------------------------------- */

#define SAME_NAME   "(a.family_key = b.family_key AND a.given_key = b.given_key)"
#define SAME_BORN   "(a.birth_date = b.birth_date)"
#define SAME_PHONE  "(a.phone_key = b.phone_key AND a.phone_key <> '')"
#define SAME_EMAIL  "(a.email_key = b.email_key AND a.email_key <> '')"
#define WORTH(what) "(SELECT points FROM duplicate_rule WHERE name = '" what "')"
#define POINTS                                                                                     \
    "COALESCE(" SAME_NAME ", 0) * " WORTH("name") " + " SAME_BORN " * " WORTH(                     \
        "birth-date") " + COALESCE(" SAME_PHONE ", 0) * " WORTH("phone") " + COALESCE(" SAME_EMAIL \
                                                                         ", 0) * " WORTH("email")
#define ALIKE_ROW(FIRST, COL)                                                                      \
    FACE_COLS(FIRST, COL, one, "a.")                                                               \
    FACE_COLS(COL, COL, other, "b.")                                                               \
    COL(BOOL, same_name, "COALESCE(" SAME_NAME ", 0)")                                             \
    COL(BOOL, same_born, SAME_BORN)                                                                \
    COL(BOOL, same_phone, "COALESCE(" SAME_PHONE ", 0)")                                           \
    COL(BOOL, same_email, "COALESCE(" SAME_EMAIL ", 0)")                                           \
    COL(INT, points, POINTS " AS points")
RG_ROW(alike_row, rg_alike_t, ALIKE_ROW);

/* Of pairs (LOW, HIGH): those that are likely, and that nobody said are two people. */
#define OF_PAIRS                                                                                   \
    RG_SQL_PART(" STRAIGHT_JOIN patient a ON a.id = c.low AND a.merged_into IS NULL" \
                " STRAIGHT_JOIN patient b ON b.id = c.high AND b.merged_into IS NULL" \
                " WHERE NOT EXISTS (SELECT 1 FROM patient_distinct d" \
                " WHERE d.low = c.low AND d.high = c.high)" \
                " HAVING points >= (SELECT points FROM duplicate_rule WHERE name = 'shown')" \
                " ORDER BY points DESC, b.id DESC" \
                " LIMIT ?")
/* As many of one kind as anybody would look at: a telephone that a whole home shares. */
#define SOME " LIMIT 200)"

rg_outcome_t rg_alike_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int limit, rg_alike_t **out,
                         int *count)
{
    RG_SQL(OF_ONE,
           "SELECT " RG_COLUMNS(ALIKE_ROW)
           " FROM (SELECT LEAST(x.id, x.own) AS low, GREATEST(x.id, x.own) AS high FROM ("
           "(SELECT q.id, o.id AS own FROM patient o STRAIGHT_JOIN patient q"
           " ON q.family_key = o.family_key AND q.given_key = o.given_key"
           " WHERE o.id = ? AND q.id <> o.id" SOME
           " UNION (SELECT q.id, o.id FROM patient o STRAIGHT_JOIN patient q"
           " ON q.phone_key = o.phone_key"
           " WHERE o.id = ? AND q.id <> o.id AND o.phone_key <> ''" SOME
           " UNION (SELECT q.id, o.id FROM patient o STRAIGHT_JOIN patient q"
           " ON q.email_key = o.email_key"
           " WHERE o.id = ? AND q.id <> o.id AND o.email_key <> ''" SOME ") x) c" OF_PAIRS);
    return rg_sql_list(db, ctx, out, count, alike_row, OF_ONE,
                       RG_IN(RG_I(id), RG_I(id), RG_I(id), RG_I(limit)));
}

/* The oldest record with these values, and each later one. */
#define GROUP_OF(columns, same, not_empty)                                                         \
    RG_SQL_PART("(SELECT f.low, p.id AS high FROM (SELECT " columns ", MIN(id) AS low" \
                " FROM patient WHERE merged_into IS NULL" not_empty \
                " GROUP BY " columns " HAVING COUNT(*) > 1 LIMIT 2000) f" \
                " STRAIGHT_JOIN patient p ON " same \
                " AND p.id > f.low AND p.merged_into IS NULL LIMIT 5000)")

#define WITH_PHONE " AND phone_key <> ''"
#define WITH_EMAIL " AND email_key <> ''"
#define NAMED_AND_BORN                                                                             \
    GROUP_OF("family_key, given_key, birth_date",                                                  \
             "p.family_key = f.family_key AND p.given_key = f.given_key"                           \
             " AND p.birth_date = f.birth_date",                                                   \
             "")
#define PHONE_AND_BORN                                                                             \
    GROUP_OF("phone_key, birth_date", "p.phone_key = f.phone_key AND p.birth_date = f.birth_date", \
             WITH_PHONE)
#define EMAIL_AND_BORN                                                                             \
    GROUP_OF("email_key, birth_date", "p.email_key = f.email_key AND p.birth_date = f.birth_date", \
             WITH_EMAIL)
#define PHONE_AND_NAMED                                                                            \
    GROUP_OF("phone_key, family_key, given_key",                                                   \
             "p.phone_key = f.phone_key AND p.family_key = f.family_key"                           \
             " AND p.given_key = f.given_key",                                                     \
             WITH_PHONE)
#define EMAIL_AND_NAMED                                                                            \
    GROUP_OF("email_key, family_key, given_key",                                                   \
             "p.email_key = f.email_key AND p.family_key = f.family_key"                           \
             " AND p.given_key = f.given_key",                                                     \
             WITH_EMAIL)

rg_outcome_t rg_alike_all(rg_db_t *db, const rg_ctx_t *ctx, int limit, rg_alike_t **out, int *count)
{
    RG_SQL(ALL,
           "SELECT " RG_COLUMNS(ALIKE_ROW)
           " FROM (" NAMED_AND_BORN
           " UNION " PHONE_AND_BORN
           " UNION " EMAIL_AND_BORN
           " UNION " PHONE_AND_NAMED
           " UNION " EMAIL_AND_NAMED ") c" OF_PAIRS);
    return rg_sql_list(db, ctx, out, count, alike_row, ALL, RG_IN(RG_I(limit)));
}

/* --- merged ----------------------------------------------------------------------------------- */

#define MERGED_ROW(FIRST, COL)                                                                     \
    FIRST(I64, merge_id, "m.id")                                                                   \
    FACE_COLS(COL, COL, face, "p.")                                                                \
    COL(TIME, at, "m.at")                                                                          \
    COL(TIME, apart_at, "u.at")                                                                    \
    COL(STR, reason, "m.reason")                                                                   \
    COL(STR, apart_reason, "u.reason")                                                             \
    COL(STR_OR_NULL, staff, "s.name")                                                              \
    COL(STR_OR_NULL, apart_staff, "t.name")
RG_ROW(merged_row, rg_merged_t, MERGED_ROW);

rg_outcome_t rg_merged_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_merged_t **out,
                            int *count)
{
    RG_SQL(OF_ONE,
           "SELECT " RG_COLUMNS(MERGED_ROW)
           " FROM patient_merge m"
           " JOIN patient p ON p.id = m.merged_id"
           " LEFT JOIN staff s ON s.id = m.staff_id"
           " LEFT JOIN patient_unmerge u ON u.merge_id = m.id"
           " LEFT JOIN staff t ON t.id = u.staff_id"
           " WHERE m.kept_id = ?"
           " ORDER BY m.id DESC"
           " LIMIT 200");
    return rg_sql_list(db, ctx, out, count, merged_row, OF_ONE, RG_IN(RG_I(id)));
}

#define FACTS_ROW(FIRST, COL)                                                                      \
    FIRST(BOOL, merged, "COUNT(p.merged_into) > 0")                                                \
    COL(BOOL, born, "COUNT(DISTINCT p.birth_date) > 1")                                            \
    COL(BOOL, stands, "EXISTS (SELECT 1 FROM patient c WHERE c.merged_into = ?)")                  \
    COL(BOOL, treated,                                                                             \
        "EXISTS (SELECT 1 FROM unit u JOIN booking b ON b.id = u.booking_id"                       \
        " WHERE b.patient_id IN (?, ?) AND b.status IN ('arrived', 'in-progress')"                 \
        " AND NOT EXISTS (SELECT 1 FROM unit_end z WHERE z.unit_id = u.id))")                      \
    COL(BOOL, were_two,                                                                            \
        "EXISTS (SELECT 1 FROM patient_distinct d"                                                 \
        " WHERE d.low = LEAST(?, ?) AND d.high = GREATEST(?, ?))")
RG_ROW(facts_row, rg_merge_facts_t, FACTS_ROW);

rg_outcome_t rg_merge_facts(rg_db_t *db, const rg_ctx_t *ctx, rg_merge_facts_t *out, int64_t kept,
                            int64_t merged)
{
    RG_SQL(FACTS,
           "SELECT " RG_COLUMNS(FACTS_ROW)
           " FROM patient p"
           " WHERE p.id IN (?, ?)");
    return rg_sql_one(db, ctx, out, facts_row, FACTS,
                      RG_IN(RG_I(merged), RG_I(kept), RG_I(merged), RG_I(kept), RG_I(merged),
                            RG_I(kept), RG_I(merged), RG_I(kept), RG_I(merged)));
}

rg_outcome_t rg_merge_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t kept, int64_t merged,
                             const char *reason)
{
#define MERGE_NEW(FIRST, COL)                                                                      \
    FIRST(kept_id, RG_I(kept))                                                                     \
    COL(merged_id, RG_I(merged))                                                                   \
    COL(reason, RG_S(reason))                                                                      \
    COL(at, RG_T(ctx->now))                                                                        \
    COL(staff_id, RG_I_OR_NIL(ctx->who.staff_id))
    RG_SQL(MERGE, RG_INSERT("patient_merge", MERGE_NEW));
    return rg_sql_exec(db, ctx, MERGE, RG_BINDS(MERGE_NEW), NULL);
}

rg_outcome_t rg_unmerge_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t merge_id,
                               const char *reason)
{
#define APART_NEW(FIRST, COL)                                                                      \
    FIRST(merge_id, RG_I(merge_id))                                                                \
    COL(reason, RG_S(reason))                                                                      \
    COL(at, RG_T(ctx->now))                                                                        \
    COL(staff_id, RG_I_OR_NIL(ctx->who.staff_id))
    RG_SQL(APART, RG_INSERT("patient_unmerge", APART_NEW));
    return rg_sql_exec(db, ctx, APART, RG_BINDS(APART_NEW), NULL);
}

rg_outcome_t rg_distinct_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t one, int64_t other)
{
#define TWO_NEW(FIRST, COL)                                                                        \
    FIRST(low, RG_I(one < other ? one : other))                                                    \
    COL(high, RG_I(one < other ? other : one))                                                     \
    COL(at, RG_T(ctx->now))                                                                        \
    COL(staff_id, RG_I_OR_NIL(ctx->who.staff_id))
    RG_SQL(TWO, RG_INSERT("patient_distinct", TWO_NEW));
    rg_outcome_t rc = rg_sql_exec(db, ctx, TWO, RG_BINDS(TWO_NEW), NULL);
    return rc == RG_CONFLICT && rg_sql_error(db) == RG_SQL_DUPLICATE ? RG_OK : rc;
}
