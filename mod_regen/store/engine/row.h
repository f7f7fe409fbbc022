/* SPDX-License-Identifier: Apache-2.0 */
/* Rows by name: each column is said once, with its kind and the field it goes to. From that one
 * list the compiler makes the columns of the statement, which stays one literal with one address,
 * and the reader, whose positions are constants. A column more is a line more.
 *
 *   #define STEP_ROW(FIRST, COL)
 *       FIRST(INT, step_no, "s.step_no")
 *       COL(ENUM, kind, "s.kind", rg_step_kind_parse)
 *       COL(TIME, starts_at, "s.starts_at")
 *   RG_ROW(step_row, rg_booking_step_t, STEP_ROW);
 *
 *   RG_SQL(STEPS,
 *          "SELECT " RG_COLUMNS(STEP_ROW)
 *          " FROM booking_step s"
 *          " WHERE s.booking_id = ?");
 *
 *   rg_sql_list(db, ctx, &b->steps, &b->step_count, step_row, STEPS, RG_IN(RG_I(b->id)))
 *
 * The formatter leaves RG_SQL alone: one clause a line. Private to the store room. */
#ifndef RG_STORE_ROW_H
#define RG_STORE_ROW_H

#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/patient.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

#include <stddef.h>

#include <apr_strings.h>
#include <apr_tables.h>

/* --- the kinds of columns --------------------------------------------------------------------- */

/* NULL gives 0, "" and year 0, but where the kind says otherwise. */
#define RG_READ_I64(to, sql) to = rg_cur_i64(c, at++)
#define RG_READ_INT(to, sql) to = (int)rg_cur_i64(c, at++)
#define RG_READ_INT_OR(to, sql, nil)                                                               \
    to = (int)(rg_cur_null(c, at) ? (nil) : rg_cur_i64(c, at)), at++
#define RG_READ_U64(to, sql)         to = rg_cur_u64(c, at++)
#define RG_READ_BITS(to, sql)        to = (unsigned)rg_cur_u64(c, at++)
#define RG_READ_BOOL(to, sql)        to = rg_cur_i64(c, at++) != 0
#define RG_READ_THERE(to, sql)       to = !rg_cur_null(c, at++) /* not NULL */
#define RG_READ_STR(to, sql)         to = rg_cur_str(c, at++)
#define RG_READ_STR_OR_NULL(to, sql) to = rg_cur_null(c, at) ? NULL : rg_cur_str(c, at), at++
#define RG_READ_TIME(to, sql)        to = rg_cur_time(c, at++) /* unix seconds */
#define RG_READ_DATE(to, sql)        to = rg_cur_date(c, at++)
#define RG_READ_DAY(to, sql)         to = rg_date_days(rg_cur_date(c, at++)) /* since 1970 */
/* A word of an enum: PARSE takes the word; what it does not know is -1. */
#define RG_READ_ENUM(to, sql, parse) to = (__typeof__(to))parse(rg_cur_str(c, at++))
/* A word that is worth something else: MAKE takes the pool of the row and the word. */
#define RG_READ_MADE(to, sql, make) to = make(rg_cur_pool(c), rg_cur_str(c, at++))
/* The letters of a currency, into an array. */
#define RG_READ_CURRENCY(to, sql) apr_cpystrn(to, rg_cur_str(c, at++), sizeof(to))
/* rg_money_t of two columns: "x.price_minor, x.currency". */
#define RG_READ_MONEY(to, sql)                                                                     \
    RG_READ_I64(to.minor, sql);                                                                    \
    RG_READ_CURRENCY(to.currency, sql)
/* A hash, into an array of that length. */
#define RG_READ_HASH(to, sql) rg_cur_hash(c, at++, to, sizeof(to))
/* Bytes, with their number in the field LEN of the same row. */
#define RG_READ_BYTES(to, sql, len) to = (const char *)rg_cur_bytes(c, at++, &out->len)
/* A row within the row: COL(PART, patient, RG_PART(RG_PATIENT_ROW), patient_row). */
#define RG_READ_PART(to, sql, name) at = rg_cur_part(c, at, name, &(to))

/* --- what is made of a list of columns -------------------------------------------------------- */

#define RG_HEAD_(sql, ...)                 sql
#define RG_COLUMN_FIRST_(kind, field, ...) RG_HEAD_(__VA_ARGS__, )
#define RG_COLUMN_NEXT_(kind, field, ...)  ", " RG_HEAD_(__VA_ARGS__, )
#define RG_PART_FIRST_(kind, field, ...)   RG_HEAD_(__VA_ARGS__, )
#define RG_PART_NEXT_(kind, field, ...)    ", " RG_HEAD_(__VA_ARGS__, )
#define RG_READ_(kind, field, ...)         RG_READ_##kind(out->field, __VA_ARGS__);

/* The columns as a SELECT names them; RG_PART: those of a row within a row. */
#define RG_COLUMNS(ROW) ROW(RG_COLUMN_FIRST_, RG_COLUMN_NEXT_)
#define RG_PART(ROW)    ROW(RG_PART_FIRST_, RG_PART_NEXT_)
/* A statement with its name, and a part of one; both laid out by hand. */
#define RG_SQL(name, ...) static const char name[] = __VA_ARGS__
#define RG_SQL_PART(...)  __VA_ARGS__

/* Reads the columns from AT on into a value of its type; returns the column after them. */
typedef struct {
    int (*read)(rg_cur_t *c, int at, void *row);
    size_t size;
} rg_row_t;

/* NAME reads ROW's columns into a TYPE. */
#define RG_ROW(name, type, ROW)                                                                    \
    static int name##_read(rg_cur_t *c, int at, void *row)                                         \
    {                                                                                              \
        type *out = row;                                                                           \
        ROW(RG_READ_, RG_READ_)                                                                    \
        return at;                                                                                 \
    }                                                                                              \
    static const struct {                                                                          \
        rg_row_t row;                                                                              \
        type *of;                                                                                  \
    } name = {{name##_read, sizeof(type)}, NULL}

/* Does not compile unless TO points at what NAME reads. */
#define RG_FITS_(to, name) ((void)sizeof((to) == (name).of))

/* --- rows that are written -------------------------------------------------------------------- */

/* Each column of a new row is said once, with what it gets:
 *
 *   #define COVERAGE_NEW(FIRST, COL)
 *       FIRST(uid, RG_S(c->uid))
 *       COL(patient_id, RG_I(patient_id))
 *
 *   RG_SQL(COVERAGE_INSERT, RG_INSERT("coverage", COVERAGE_NEW));
 *
 *   rg_sql_exec(db, ctx, COVERAGE_INSERT, RG_BINDS(COVERAGE_NEW), NULL)
 *
 * The names in it are those of the function that binds. */
#define RG_NEW_FIRST_(column, bind)  #column
#define RG_NEW_NEXT_(column, bind)   ", " #column
#define RG_MARK_FIRST_(column, bind) "?"
#define RG_MARK_NEXT_(column, bind)  ", ?"
#define RG_BIND_FIRST_(column, bind) bind
#define RG_BIND_NEXT_(column, bind)  , bind
#define RG_INSERT(table, NEW)                                                                      \
    "INSERT INTO " table                                                                           \
    " (" NEW(RG_NEW_FIRST_, RG_NEW_NEXT_) ") VALUES (" NEW(RG_MARK_FIRST_, RG_MARK_NEXT_) ")"
#define RG_BINDS(NEW) RG_IN(NEW(RG_BIND_FIRST_, RG_BIND_NEXT_))
/* Where a list of columns is read back as it is written, the row's own list will do: its marks, and
 * the binds of ROW, which points at such a value (dates are made in ctx->pool). */
#define RG_MARK_OF_FIRST_(kind, field, ...) "?"
#define RG_MARK_OF_NEXT_(kind, field, ...)  ", ?"
#define RG_MARKS(ROW)                       ROW(RG_MARK_OF_FIRST_, RG_MARK_OF_NEXT_)
#define RG_WRITE_FIRST_(kind, field, ...)   RG_WRITE_##kind(row->field)
#define RG_WRITE_NEXT_(kind, field, ...)    , RG_WRITE_##kind(row->field)
#define RG_WRITES(ROW)                      ROW(RG_WRITE_FIRST_, RG_WRITE_NEXT_)
#define RG_WRITE_I64(from)                  RG_I(from)
#define RG_WRITE_INT(from)                  RG_I(from)
#define RG_WRITE_BOOL(from)                 RG_I(from)
#define RG_WRITE_STR(from)                  RG_S(from)
#define RG_WRITE_TIME(from)                 RG_T(from)
#define RG_WRITE_DATE(from)                 RG_S(rg_date_iso(ctx->pool, from))
/* The same for an UPDATE: "a = ?, b = ?", and what its WHERE gets behind them. */
#define RG_SET_FIRST_(column, bind) #column " = ?"
#define RG_SET_NEXT_(column, bind)  ", " #column " = ?"
#define RG_SETS(NEW)                NEW(RG_SET_FIRST_, RG_SET_NEXT_)
#define RG_BINDS_AND(NEW, ...)      RG_IN(NEW(RG_BIND_FIRST_, RG_BIND_NEXT_), __VA_ARGS__)

/* --- reading ---------------------------------------------------------------------------------- */

/* All rows of a statement, zeroed before they are read: *OUT is an array in ctx->pool. */
#define rg_sql_list(db, ctx, out, count, name, ...)                                                \
    (RG_FITS_(*(out), name), rg_list_read((db), (ctx), (out), (count), &(name).row, __VA_ARGS__))
/* Adds all rows to the array OUT. */
#define rg_sql_push(db, ctx, out, name, ...)                                                       \
    rg_list_push((db), (ctx), (out), &(name).row, __VA_ARGS__)
/* The only row into *OUT, whose other fields stay; RG_NOT_FOUND when there is none. */
#define rg_sql_one(db, ctx, out, name, ...)                                                        \
    (RG_FITS_((out), name), rg_list_one((db), (ctx), (out), &(name).row, __VA_ARGS__))
/* The same into a new value in ctx->pool; *OUT is NULL when there is none. */
#define rg_sql_new(db, ctx, out, name, ...)                                                        \
    (RG_FITS_(*(out), name), rg_list_new((db), (ctx), (out), &(name).row, __VA_ARGS__))
/* The next row of a cursor into *OUT, zeroed; false after the last one. */
#define rg_cur_row(c, name, out) (RG_FITS_((out), name), rg_list_next((c), &(name).row, (out)))
/* The columns from AT on of the current row into *OUT; the column after them. */
#define rg_cur_part(c, at, name, out) (RG_FITS_((out), name), (name).row.read((c), (at), (out)))

/* The numbers in the only column, LIMIT at most. */
rg_outcome_t rg_sql_ids(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count, int limit,
                        const char *sql, const rg_bind_t *in, int n);
/* The number in the first column of the only row; without a row 0 and RG_NOT_FOUND. */
rg_outcome_t rg_sql_number(rg_db_t *db, const rg_ctx_t *ctx, int64_t *out, const char *sql,
                           const rg_bind_t *in, int n);
/* Whether there is a row. */
rg_outcome_t rg_sql_any(rg_db_t *db, const rg_ctx_t *ctx, bool *any, const char *sql,
                        const rg_bind_t *in, int n);

/* What the macros above stand for. */
rg_outcome_t rg_list_read(rg_db_t *db, const rg_ctx_t *ctx, void *out, int *count,
                          const rg_row_t *row, const char *sql, const rg_bind_t *in, int n);
rg_outcome_t rg_list_push(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out,
                          const rg_row_t *row, const char *sql, const rg_bind_t *in, int n);
rg_outcome_t rg_list_one(rg_db_t *db, const rg_ctx_t *ctx, void *out, const rg_row_t *row,
                         const char *sql, const rg_bind_t *in, int n);
rg_outcome_t rg_list_new(rg_db_t *db, const rg_ctx_t *ctx, void *out, const rg_row_t *row,
                         const char *sql, const rg_bind_t *in, int n);
bool rg_list_next(rg_cur_t *c, const rg_row_t *row, void *out);

/* --- rows that several aggregates read -------------------------------------------------------- */

/* The columns of an address in table OF ("s."), into field TO. */
#define RG_ADDRESS_COLS(COL, to, of)                                                               \
    COL(STR, to.line, of "address_line")                                                           \
    COL(STR, to.city, of "city")                                                                   \
    COL(STR, to.state, of "state")                                                                 \
    COL(STR, to.postal_code, of "postal_code")                                                     \
    COL(STR, to.country, of "country")

/* Columns of RG_PERSON_FIELDS, as FIRST and COL of a row make them. */
#define RG_COLUMN_NEXT_PERSON_(name, member, path) ", p." #name
#define RG_PART_NEXT_PERSON_(name, member, path)   ", p." #name
#define RG_READ_PERSON_(name, member, path)        RG_READ_STR(out->member, );

/* Targets of booking OF ("b") after the first, as rg_targets_of reads them; NULL: none. */
#define RG_FURTHER_OF(of)                                                                          \
    "(SELECT GROUP_CONCAT(g.body_site, ' ', g.laterality ORDER BY g.target_no)"                    \
    " FROM booking_target g WHERE g.booking_id = " of ".id AND g.target_no > 1)"

/* rg_patient_t of patient p. */
#define RG_PATIENT_ROW(FIRST, COL)                                                                 \
    FIRST(I64, id, "p.id")                                                                         \
    COL(STR, uid, "p.uid")                                                                         \
    COL(DATE, birth_date, "p.birth_date")                                                          \
    COL(STR_OR_NULL, given_lines, "p.given_lines")                                                 \
    RG_PERSON_FIELDS(COL##PERSON_)

/* rg_payer_t of payer y. */
#define RG_PAYER_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "y.id")                                                                         \
    COL(STR, code, "y.code")                                                                       \
    COL(STR, name, "y.name")                                                                       \
    COL(STR, payer_id, "y.payer_id")                                                               \
    COL(STR, kind, "y.kind")                                                                       \
    COL(INT, timely_days, "y.timely_days")                                                         \
    COL(ENUM, bilateral, "y.bilateral", rg_bilateral_parse)                                        \
    COL(STR, filing, "y.filing")                                                                   \
    COL(STR, assignment, "y.assignment")                                                           \
    COL(BOOL, active, "y.active")

/* rg_coverage_t of coverage c and payer y; takes a payer_row. */
#define RG_COVERAGE_ROW(FIRST, COL)                                                                \
    FIRST(I64, id, "c.id")                                                                         \
    COL(STR, uid, "c.uid")                                                                         \
    COL(STR, member_id, "c.member_id")                                                             \
    COL(STR, group_no, "c.group_no")                                                               \
    COL(STR, plan_name, "c.plan_name")                                                             \
    COL(STR, relationship, "c.relationship")                                                       \
    COL(STR, subscriber_family, "c.subscriber_family")                                             \
    COL(STR, subscriber_given, "c.subscriber_given")                                               \
    COL(DATE, subscriber_birth_date, "c.subscriber_birth_date")                                    \
    COL(PART, payer, RG_PART(RG_PAYER_ROW), payer_row)

/* How many rows there are of what WORD names, for rg_row_counts. */
#define RG_COUNT_ROW(FIRST, COL, word_is)                                                          \
    FIRST(STR, word, "'" word_is "'")                                                              \
    COL(INT, count, "COUNT(*)")
#define RG_COUNT_COLS(word_is) RG_COUNT_ROW(RG_COLUMN_FIRST_, RG_COLUMN_NEXT_, word_is)
/* Rows of RG_COUNT_COLS into COUNTS, each in the place that PARSE gives its word; the other ones of
 * MANY are 0. */
rg_outcome_t rg_row_counts(rg_db_t *db, const rg_ctx_t *ctx, int *counts, int many,
                           int (*parse)(const char *word), const char *sql, const rg_bind_t *in,
                           int n);

/* Sites by id, with the time zone that is stored. */
typedef struct {
    const char *code, *time_zone;
} rg_site_zone_t;
rg_outcome_t rg_row_zones(rg_db_t *db, const rg_ctx_t *ctx, rg_site_zone_t **out, int *count);
/* RG_UNAVAILABLE, with a line, when the zone of a site could not be opened. */
rg_outcome_t rg_row_zone(const rg_ctx_t *ctx, const rg_zone_t *zone, int64_t site_id);
/* definitions/service_usable.c: takes out of K what cannot be worked with, as rg_clinic_t tells.
 * RG_UNAVAILABLE, with a line, when that cannot be known now. */
rg_outcome_t rg_clinic_keep_usable(rg_clinic_t *k, const rg_ctx_t *ctx);

#endif
