/* SPDX-License-Identifier: Apache-2.0 */
/* Values that several aggregates read from a row: one reader for each. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/store/store.h"

#include <string.h>

rg_address_t rg_row_address(rg_cur_t *c, int col)
{
    return (rg_address_t){.line = rg_cur_str(c, col),
                          .city = rg_cur_str(c, col + 1),
                          .state = rg_cur_str(c, col + 2),
                          .postal_code = rg_cur_str(c, col + 3),
                          .country = rg_cur_str(c, col + 4)};
}

void rg_row_patient(rg_cur_t *c, int col, rg_patient_t *out)
{
    out->id = rg_cur_i64(c, col);
    out->uid = rg_cur_str(c, col + 1);
    out->family = rg_cur_str(c, col + 2);
    out->given = rg_cur_str(c, col + 3);
    out->birth_date = rg_cur_date(c, col + 4);
    out->gender = rg_cur_str(c, col + 5);
    out->email = rg_cur_str(c, col + 6);
    out->phone = rg_cur_str(c, col + 7);
    out->address = rg_row_address(c, col + 8);
    out->given_lines = rg_cur_null(c, col + 13) ? NULL : rg_cur_str(c, col + 13);
}

void rg_row_payer(rg_cur_t *c, int col, rg_payer_t *out)
{
    out->id = rg_cur_i64(c, col);
    out->code = rg_cur_str(c, col + 1);
    out->name = rg_cur_str(c, col + 2);
    out->payer_id = rg_cur_str(c, col + 3);
    out->kind = rg_cur_str(c, col + 4);
    out->timely_days = (int)rg_cur_i64(c, col + 5);
    out->active = rg_cur_i64(c, col + 6) != 0;
}

void rg_row_coverage(rg_cur_t *c, int col, rg_coverage_t *out)
{
    out->id = rg_cur_i64(c, col);
    out->uid = rg_cur_str(c, col + 1);
    out->member_id = rg_cur_str(c, col + 2);
    out->group_no = rg_cur_str(c, col + 3);
    out->plan_name = rg_cur_str(c, col + 4);
    out->relationship = rg_cur_str(c, col + 5);
    out->subscriber_family = rg_cur_str(c, col + 6);
    out->subscriber_given = rg_cur_str(c, col + 7);
    out->subscriber_birth_date = rg_cur_date(c, col + 8);
    rg_row_payer(c, col + 9, &out->payer);
}

rg_outcome_t rg_row_end(rg_cur_t *c, bool found)
{
    rg_outcome_t rc = rg_cur_end(c);
    return rc == RG_OK && !found ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_row_zone(rg_ctx_t *ctx, const rg_zone_t *zone, int64_t site_id)
{
    if (!zone) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(02002) "site %" PRId64
                           ": this system has no time zone of the name that is stored",
               site_id);
        return RG_UNAVAILABLE;
    }
    return RG_OK;
}

typedef struct {
    const char *word;
    int count;
} count_t;

#define COUNT_ROW(FIRST, COL) RG_COUNT_ROW(FIRST, COL, "")
RG_ROW(count_row, count_t, COUNT_ROW);

rg_outcome_t rg_row_counts(rg_db_t *db, rg_ctx_t *ctx, int *counts, int many,
                           int (*parse)(const char *word), const char *sql, const rg_bind_t *in,
                           int n)
{
    count_t *rows;
    int found;
    memset(counts, 0, sizeof(*counts) * (size_t)many);
    RG_TRY(rg_sql_list(db, ctx, &rows, &found, count_row, sql, in, n));
    for (int i = 0; i < found; i++) {
        int at = parse(rows[i].word);
        if (at >= 0 && at < many) {
            counts[at] = rows[i].count;
        }
    }
    return RG_OK;
}
