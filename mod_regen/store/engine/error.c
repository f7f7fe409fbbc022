/* SPDX-License-Identifier: Apache-2.0 */
/* Maps MariaDB's error numbers to the few kinds this project distinguishes, and is the only place
 * that logs them. The server's own messages are never logged: some of them carry the values of a
 * row. */
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

rg_sql_error_t rg_sql_error(const rg_db_t *db)
{
    return db->error;
}

static rg_sql_error_t kind_of(unsigned errnum)
{
    switch (errnum) {
    case 0: return RG_SQL_NONE;
    case 1062: return RG_SQL_DUPLICATE;
    case 1451:
    case 1452: return RG_SQL_FK;
    case 4025: return RG_SQL_CHECK;
    case 1644: return RG_SQL_SIGNAL;
    case 1020: /* record changed since the transaction's snapshot (innodb_snapshot_isolation) */
    case 1205:
    case 1213:
    case 1467: /* deadlocked while it waited for the next number of a table */ return RG_SQL_RETRY;
    case 1047: /* a Galera node that is not ready */
    case 1053: /* shutting down */
    case 1180: /* failed in the middle of COMMIT: a node that lost its cluster just then does not
                  know */
    case 1927: /* killed */
    case 2002:
    case 2003:
    case 2005:
    case 2006:
    case 2013:
    case 2026:
    case 2027:
    case 2055: return RG_SQL_LOST;
    case 1267: /* compared with a column of other letters */
    case 1270:
    case 1271:
    case 1366: /* stored there */
    case 1977: return RG_SQL_LETTERS;
    case 1264: /* out of range */
    case 1292: /* no such day */
    case 1406: /* too long */
    case 1690: /* a sum out of range */ return RG_SQL_RANGE;
    default: return RG_SQL_OTHER;
    }
}

/* What the server's keeper does or mends, and no fault of ours: it passes, so "later" is the
 * answer. */
static bool passes(unsigned errnum)
{
    switch (errnum) {
    case 3:    /* writing a temporary file */
    case 23:   /* too many open files */
    case 24:   /* likewise */
    case 1016: /* likewise */
    case 1017: /* a table's file is missing */
    case 1021: /* disk full */
    case 1026: /* writing a file */
    case 1030: /* the engine: mostly the disk */
    case 1037: /* out of memory */
    case 1038: /* of memory for sorting */
    case 1041: /* out of memory */
    case 1114: /* table full */
    case 1142: /* the account's rights were revoked */
    case 1143: /* likewise */
    /* no such table: a restore is running, or no file can be opened (MariaDB 10.11) */
    case 1146:
    case 1153: /* larger than max_allowed_packet */
    case 1206: /* the lock table is full */
    case 1226: /* a limit of the account's */
    case 1290: /* read only */
    case 1317: /* somebody stopped the statement */
    case 1370: /* may not run a routine */
    case 1412: /* the table changed under the transaction */
    case 1449: /* the account that made a trigger is gone */
    case 1461: /* max_prepared_stmt_count */
    case 1836: /* read only */
    case 1932: /* a table's file is missing */
    case 1969: /* max_statement_time */ return true;
    default: return false;
    }
}

rg_outcome_t rg_error_outcome(const rg_db_t *db)
{
    switch (db->error) {
    case RG_SQL_NONE: return RG_OK;
    case RG_SQL_DUPLICATE: return RG_CONFLICT;
    case RG_SQL_FK:
    case RG_SQL_CHECK:
    case RG_SQL_SIGNAL: return RG_PRECONDITION;
    case RG_SQL_RETRY:
    case RG_SQL_LOST: return RG_UNAVAILABLE;
    /* Codes and ids are ASCII: a search with other characters finds nothing. */
    case RG_SQL_LETTERS:
        return db->errnum == 1366 || db->errnum == 1977 ? RG_INVALID : RG_NOT_FOUND;
    case RG_SQL_RANGE: return RG_INVALID;
    default: return passes(db->errnum) ? RG_UNAVAILABLE : RG_INTERNAL;
    }
}

rg_outcome_t rg_error_note(rg_db_t *db, const rg_ctx_t *ctx, unsigned errnum, const char *state,
                           const char *sql)
{
    db->errnum = errnum ? errnum : 2000;
    db->error = kind_of(db->errnum);
    const char *words = sql ? sql : "";
    switch (db->error) {
    case RG_SQL_LOST:
        db->broken = true;
        db->doomed = true;
        rg_log(ctx, RG_LOG_WARNING,
               RGNO(01001) "Connection to the database lost, error %u (%s): %s", db->errnum, state,
               words);
        break;
    case RG_SQL_OTHER:
        rg_log(ctx, RG_LOG_ERR, RGNO(01002) "Database error %u (%s): %s", db->errnum, state, words);
        break;
    case RG_SQL_RANGE:
        rg_log(ctx, RG_LOG_WARNING,
               RGNO(01005) "A value that passed validation does not fit, error %u (%s): %s",
               db->errnum, state, words);
        break;
    case RG_SQL_RETRY:
        db->doomed = true;
        rg_log(ctx, RG_LOG_INFO,
               RGNO(01003) "Transaction in conflict with another, error %u (%s): %s", db->errnum,
               state, words);
        break;
    default:
        rg_log(ctx, RG_LOG_DEBUG, RGNO(01004) "Refused by a key or rule, error %u (%s): %s",
               db->errnum, state, words);
    }
    return rg_error_outcome(db);
}
