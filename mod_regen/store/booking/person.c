/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody is at two visits at once: person_time, whose key decides between two bookings of the same
 * person. Triggers fill it when a booking is booked and empty it when that is over; this file does
 * what they cannot: moves, visits beside another one, and rebuilding. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/booking/persons.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/store/person.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

_Static_assert(RG_GRANULE_SEC == 300, "the statements of this file say 300");
enum { BITE = 500 };

/* --- who is in the way ------------------------------------------------------------------------ */

/* Whether bookings A and B were confirmed to be both right. */
#define SETTLED(a, b)                                                                              \
    "EXISTS (SELECT 1 FROM person_settled z WHERE z.low = LEAST(" a ", " b ")"                     \
    " AND z.high = GREATEST(" a ", " b "))"
#define OTHER_ROW(FIRST, COL, opened_is, asks_is)                                                  \
    FIRST(I64, booking_id, "o.id")                                                                 \
    COL(I64, site_id, "o.site_id")                                                                 \
    COL(STR, booking_uid, "o.uid")                                                                 \
    COL(STR, uid, "a.uid")                                                                         \
    COL(STR, service_name, "s.name")                                                               \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(TIME, starts_at, "a.starts_at")                                                            \
    COL(TIME, ends_at, "a.ends_at")                                                                \
    COL(STR, source, "o.source")                                                                   \
    COL(I64, made_by, "o.made_by")                                                                 \
    COL(BOOL, opened, opened_is)                                                                   \
    COL(BOOL, question, asks_is)
#define ASKING_ROW(FIRST, COL)                                                                     \
    OTHER_ROW(FIRST, COL,                                                                          \
              "EXISTS (SELECT 1 FROM visitor_booking v WHERE v.session_id = ?"                     \
              " AND v.booking_id = o.id AND v.opened = 1)",                                        \
              "NOT " SETTLED("m.booking_id", "o.id") " AS asks")
#define QUESTION_ROW(FIRST, COL) OTHER_ROW(FIRST, COL, "0", "1")
RG_ROW(asking_row, rg_other_visit_t, ASKING_ROW);
RG_ROW(question_row, rg_other_visit_t, QUESTION_ROW);

/* From the booking's own time to who else has it: the other way round, each visit of a person with
 * many is tried for each of their minutes. */
#define OTHERS_OF                                                                                  \
    RG_SQL_PART("SELECT " RG_COLUMNS(ASKING_ROW) \
                " FROM person_busy m" \
                " STRAIGHT_JOIN person_time t ON t.person = m.person AND t.granule = m.granule" \
                " AND t.booking_id <> m.booking_id" \
                " STRAIGHT_JOIN booking o ON o.id = t.booking_id" \
                " STRAIGHT_JOIN service s ON s.id = o.service_id" \
                " STRAIGHT_JOIN patient p ON p.id = o.patient_id" \
                " STRAIGHT_JOIN appointment a ON a.booking_id = o.id" \
                " AND a.starts_at DIV 300 <= t.granule AND a.ends_at > t.granule * 300" \
                " WHERE m.booking_id = ?")
#define BY_TIME " GROUP BY a.id ORDER BY a.starts_at LIMIT ?"
/* The part of person_busy (as BUSY) that is not occupied yet. */
#define NOT_TAKEN(busy)                                                                            \
    " AND NOT EXISTS (SELECT 1 FROM person_time h WHERE h.booking_id = " busy ".booking_id"        \
    " AND h.granule = " busy ".granule)"
RG_SQL(OTHERS, OTHERS_OF " GROUP BY a.id ORDER BY asks DESC, a.starts_at LIMIT ?");
RG_SQL(IN_THE_WAY, OTHERS_OF NOT_TAKEN("m") BY_TIME);
/* Each visit beside another one without confirmation. */
RG_SQL(QUESTIONS,
       "SELECT " RG_COLUMNS(QUESTION_ROW)
       " FROM person_time t"
       " JOIN booking o ON o.id = t.booking_id AND o.site_id = ?"
       " JOIN service s ON s.id = o.service_id"
       " JOIN patient p ON p.id = o.patient_id"
       " JOIN appointment a ON a.booking_id = o.id"
       " AND a.starts_at DIV 300 <= t.granule AND a.ends_at > t.granule * 300"
       " WHERE t.question = 1 AND t.granule >= ? AND t.granule < ?"
       " AND EXISTS (SELECT 1 FROM person_time f WHERE f.person = t.person"
       " AND f.granule = t.granule AND f.booking_id <> t.booking_id"
       " AND NOT " SETTLED("t.booking_id", "f.booking_id") ")"
       " GROUP BY a.id"
       " ORDER BY a.starts_at"
       " LIMIT ?");

rg_outcome_t rg_person_others(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              rg_other_visit_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, asking_row, OTHERS,
                       RG_IN(RG_I(0), RG_I(booking_id), RG_I(RG_OTHERS_MOST)));
}

rg_outcome_t rg_person_in_the_way(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                  int64_t visitor_id, rg_other_visit_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, asking_row, IN_THE_WAY,
                       RG_IN(RG_I(visitor_id), RG_I(booking_id), RG_I(RG_OTHERS_MOST)));
}

rg_outcome_t rg_person_questions(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                                 apr_time_t until, rg_other_visit_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, question_row, QUESTIONS,
                       RG_IN(RG_I(site_id), RG_I(from / RG_GRANULE), RG_I(until / RG_GRANULE),
                             RG_I(RG_OTHERS_MOST + 1)));
}

/* --- taking and giving back ------------------------------------------------------------------- */

/* In order of time, so that two requests for the same time wait for each other instead of
 * deadlocking. */
#define OF_ONE                                                                                     \
    RG_SQL_PART(" INTO person_time (person, granule, booking_id)" \
                " SELECT b.person, b.granule, b.booking_id" \
                " FROM person_busy b" \
                " WHERE b.booking_id = ?" NOT_TAKEN("b") \
                " ORDER BY b.granule")
RG_SQL(TAKE, "INSERT" OF_ONE);
RG_SQL(TAKE_FREE, "INSERT IGNORE" OF_ONE);
RG_SQL(STAND_BESIDE,
       "INSERT INTO person_time (person, granule, beside, booking_id, question)"
       " SELECT b.person, b.granule, b.booking_id, b.booking_id, 1"
       " FROM person_busy b"
       " WHERE b.booking_id = ?" NOT_TAKEN("b")
       " ORDER BY b.granule");
#define SETTLE "INSERT INTO person_settled (low, high, settled_at) "
#define ONCE   " ON DUPLICATE KEY UPDATE low = VALUES(low)"
RG_SQL(SETTLE_PAIR, SETTLE "VALUES (LEAST(?, ?), GREATEST(?, ?), ?)" ONCE);
/* With all that occupy the time that is still needed; in the order of OTHERS_OF. */
RG_SQL(SETTLE_NEW,
       SETTLE "SELECT DISTINCT LEAST(b.booking_id, t.booking_id), GREATEST(b.booking_id,"
       " t.booking_id), ?"
       " FROM person_busy b"
       " STRAIGHT_JOIN person_time t ON t.person = b.person AND t.granule = b.granule"
       " AND t.booking_id <> b.booking_id"
       " WHERE b.booking_id = ?" NOT_TAKEN("b") ONCE);
/* The booking is bound twice: so its patient is a constant of the query, whose lock comes before
 * those of person_time, as when a patient gets another name. */
RG_SQL(GIVE_BACK,
       "DELETE FROM person_time"
       " WHERE booking_id = ? AND granule NOT IN (SELECT b.granule FROM person_busy b"
       " WHERE b.booking_id = ?)");
/* Of several beside each other the first one found, as in the trigger. */
RG_SQL(MOVE_UP,
       "UPDATE IGNORE person_time"
       " SET beside = 0, question = NULL"
       " WHERE beside <> 0 AND person = (SELECT MIN(person) FROM person_busy"
       " WHERE booking_id = ?)");

rg_outcome_t rg_person_take(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    return rg_sql_exec(db, ctx, TAKE, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_person_take_beside(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, bool meant)
{
    if (meant) {
        RG_TRY(rg_sql_exec(db, ctx, SETTLE_NEW, RG_IN(RG_T(ctx->now), RG_I(booking_id)), NULL));
    }
    RG_TRY(rg_sql_exec(db, ctx, TAKE_FREE, RG_IN(RG_I(booking_id)), NULL));
    return rg_sql_exec(db, ctx, STAND_BESIDE, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_person_give_back(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    RG_TRY(rg_sql_exec(db, ctx, GIVE_BACK, RG_IN(RG_I(booking_id), RG_I(booking_id)), NULL));
    return rg_sql_exec(db, ctx, MOVE_UP, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_person_settle(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              int64_t other_id)
{
    return rg_sql_exec(
        db, ctx, SETTLE_PAIR,
        RG_IN(RG_I(booking_id), RG_I(other_id), RG_I(booking_id), RG_I(other_id), RG_T(ctx->now)),
        NULL);
}

/* --- made anew -------------------------------------------------------------------------------- */

typedef struct {
    int64_t until;
    int count;
} bite_t;

#define BITE_ROW(FIRST, COL)                                                                       \
    FIRST(I64, until, "COALESCE(MAX(x.id), 0)")                                                    \
    COL(INT, count, "COUNT(*)")
RG_ROW(bite_row, bite_t, BITE_ROW);
RG_SQL(BITE_END,
       "SELECT " RG_COLUMNS(BITE_ROW)
       " FROM (SELECT id FROM booking WHERE id > ?"
       " AND status IN ('booked', 'arrived', 'in-progress') ORDER BY id LIMIT ?) x");
RG_SQL(DROP_WRONG,
       "DELETE FROM person_time"
       " WHERE NOT EXISTS (SELECT 1 FROM person_busy b"
       " WHERE b.booking_id = person_time.booking_id AND b.granule = person_time.granule"
       " AND b.person = person_time.person AND b.status <> 'held')");
RG_SQL(MOVE_ALL_UP,
       "UPDATE IGNORE person_time"
       " SET beside = 0, question = NULL"
       " WHERE beside <> 0");
/* By id, so that of two the one that was made first has the time. */
RG_SQL(FILL,
       "INSERT IGNORE INTO person_time (person, granule, booking_id)"
       " SELECT b.person, b.granule, b.booking_id"
       " FROM person_busy b"
       " WHERE b.booking_id > ? AND b.booking_id <= ? AND b.status <> 'held'" NOT_TAKEN("b")
       " ORDER BY b.booking_id, b.granule");
RG_SQL(FILL_BESIDE,
       "INSERT INTO person_time (person, granule, beside, booking_id, question)"
       " SELECT b.person, b.granule, b.booking_id, b.booking_id, 1"
       " FROM person_busy b"
       " WHERE b.booking_id > ? AND b.booking_id <= ? AND b.status <> 'held'" NOT_TAKEN("b")
       " ORDER BY b.booking_id, b.granule");
RG_SQL(COUNT_QUESTIONS,
       "SELECT COUNT(DISTINCT booking_id)"
       " FROM person_time"
       " WHERE question = 1");

rg_outcome_t rg_persons_drop_wrong(rg_db_t *db, const rg_ctx_t *ctx, int64_t *rows)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, DROP_WRONG, RG_IN_NONE, rows);
    return rc == RG_OK && *rows > 0 ? rg_sql_exec(db, ctx, MOVE_ALL_UP, RG_IN_NONE, NULL) : rc;
}

rg_outcome_t rg_persons_fill(rg_db_t *db, const rg_ctx_t *ctx, int64_t *after, int *count,
                             int64_t *rows)
{
    bite_t bite;
    int64_t alone = 0;
    int64_t beside = 0;
    *count = 0;
    RG_TRY(rg_sql_one(db, ctx, &bite, bite_row, BITE_END, RG_IN(RG_I(*after), RG_I(BITE))));
    *count = bite.count;
    if (bite.count == 0) {
        return RG_OK;
    }
    const rg_bind_t in[] = {RG_I(*after), RG_I(bite.until)};
    RG_TRY(rg_sql_exec(db, ctx, FILL, in, 2, &alone));
    RG_TRY(rg_sql_exec(db, ctx, FILL_BESIDE, in, 2, &beside));
    *after = bite.until;
    *rows += alone + beside;
    return RG_OK;
}

rg_outcome_t rg_persons_questions(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count)
{
    return rg_sql_number(db, ctx, count, COUNT_QUESTIONS, RG_IN_NONE);
}

rg_outcome_t rg_persons_bite(rg_db_t *db, const rg_ctx_t *ctx, bool all, int64_t *after, int *count)
{
    int64_t rows = 0;
    (void)all; /* existing rows are left */
    return rg_persons_fill(db, ctx, after, count, &rows);
}

/* --- whose time is taken, made anew ----------------------------------------------------------- */

typedef struct {
    int64_t after, rows;
    int some;
} persons_t;

static rg_outcome_t persons_drop(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    persons_t *p = baton;
    return rg_persons_drop_wrong(db, ctx, &p->rows);
}

static rg_outcome_t persons_fill(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    persons_t *p = baton;
    int64_t after = p->after;
    int64_t rows = p->rows;
    rg_outcome_t rc = rg_persons_fill(db, ctx, &after, &p->some, &rows);
    p->after = rc == RG_OK ? after : p->after;
    p->rows = rc == RG_OK ? rows : p->rows;
    return rc;
}

rg_outcome_t rg_store_persons(int *repaired, const rg_ctx_t *ctx)
{
    persons_t p = {0, 0, 0};
    rg_outcome_t rc = rg_store_transact(ctx, persons_drop, &p);
    do {
        rc = rc == RG_OK ? rg_store_transact(ctx, persons_fill, &p) : rc;
    } while (rc == RG_OK && p.some > 0);
    *repaired = (int)p.rows;
    return rc;
}
