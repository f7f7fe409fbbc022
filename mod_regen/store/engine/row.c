/* SPDX-License-Identifier: Apache-2.0 */
/* What several aggregates read, and say of it. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/store/store.h"

#include <string.h>

#define ZONE_ROW(FIRST, COL)                                                                       \
    FIRST(STR, code, "code")                                                                       \
    COL(STR, time_zone, "time_zone")
RG_ROW(zone_row, rg_site_zone_t, ZONE_ROW);

rg_outcome_t rg_row_zones(rg_db_t *db, rg_ctx_t *ctx, rg_site_zone_t **out, int *count)
{
    RG_SQL(SITES, "SELECT " RG_COLUMNS(ZONE_ROW) " FROM site ORDER BY id");
    return rg_sql_list(db, ctx, out, count, zone_row, SITES, RG_IN_NONE);
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
