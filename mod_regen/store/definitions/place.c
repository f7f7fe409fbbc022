/* SPDX-License-Identifier: Apache-2.0 */
/* Who bills, sites and payers, as they are edited. Pages read sites with the catalogue
 * (service.c). */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/clinic_def.h"
#include "regen/store/store.h"

/* --- reading ---------------------------------------------------------------------------------- */

#define BILLER_ROW(FIRST, COL)                                                                     \
    FIRST(I64, id, "o.id")                                                                         \
    COL(STR, name, "o.name")                                                                       \
    COL(STR, npi, "o.npi")                                                                         \
    COL(STR, tin, "o.tin")                                                                         \
    COL(STR, taxonomy, "o.taxonomy")                                                               \
    COL(STR, phone, "o.phone")                                                                     \
    RG_ADDRESS_COLS(COL, address, "o.")
RG_ROW(biller_row, rg_organization_t, BILLER_ROW);
RG_SQL(BILLER,
       "SELECT " RG_COLUMNS(BILLER_ROW)
       " FROM organization o"
       " ORDER BY o.id"
       " LIMIT 1");

#define PLACE_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "s.id")                                                                         \
    COL(STR, uid, "s.uid")                                                                         \
    COL(STR, code, "s.code")                                                                       \
    COL(STR, name, "s.name")                                                                       \
    COL(STR, time_zone, "s.time_zone")                                                             \
    COL(STR, phone, "s.phone")                                                                     \
    COL(STR, place_of_service, "s.place_of_service")                                               \
    COL(STR, notice, "s.notice")                                                                   \
    RG_ADDRESS_COLS(COL, address, "s.")
RG_ROW(place_row, rg_site_t, PLACE_ROW);
RG_SQL(PLACES,
       "SELECT " RG_COLUMNS(PLACE_ROW)
       " FROM site s"
       " ORDER BY s.id");

RG_ROW(payer_line_row, rg_payer_t, RG_PAYER_ROW);
RG_SQL(ALL_PAYERS,
       "SELECT " RG_COLUMNS(RG_PAYER_ROW)
       " FROM payer y"
       " ORDER BY y.id");

rg_outcome_t rg_clinic_def_read(rg_db_t *db, const rg_ctx_t *ctx, rg_clinic_def_t *out)
{
    RG_TRY(rg_sql_list(db, ctx, &out->organization, &out->organization_count, biller_row, BILLER,
                       RG_IN_NONE));
    RG_TRY(rg_sql_list(db, ctx, &out->sites, &out->site_count, place_row, PLACES, RG_IN_NONE));
    return rg_sql_list(db, ctx, &out->payers, &out->payer_count, payer_line_row, ALL_PAYERS,
                       RG_IN_NONE);
}

rg_outcome_t rg_site_lock(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id)
{
    RG_SQL(LOCK,
           "SELECT COUNT(*)"
           " FROM site s"
           " LEFT JOIN service v ON v.site_id = s.id"
           " WHERE s.id = ?"
           " FOR UPDATE");
    int64_t count = 0;
    return rg_sql_number(db, ctx, &count, LOCK, RG_IN(RG_I(site_id)));
}

rg_outcome_t rg_site_in_use(rg_db_t *db, const rg_ctx_t *ctx, bool *out, int64_t site_id)
{
    RG_SQL(OPEN,
           "SELECT 1"
           " FROM booking"
           " WHERE site_id = ? AND status IN ('held', 'booked', 'arrived', 'in-progress')"
           " LIMIT 1");
    return rg_sql_any(db, ctx, out, OPEN, RG_IN(RG_I(site_id)));
}

/* --- writing ---------------------------------------------------------------------------------- */

#define ADDRESS_NEW(COL, from)                                                                     \
    COL(address_line, RG_S((from)->address.line))                                                  \
    COL(city, RG_S((from)->address.city))                                                          \
    COL(state, RG_S((from)->address.state))                                                        \
    COL(postal_code, RG_S((from)->address.postal_code))                                            \
    COL(country, RG_S((from)->address.country))

#define BILLER_NEW(FIRST, COL)                                                                     \
    FIRST(name, RG_S(o->name))                                                                     \
    COL(npi, RG_S(o->npi))                                                                         \
    COL(tin, RG_S(o->tin))                                                                         \
    COL(taxonomy, RG_S(o->taxonomy))                                                               \
    COL(phone, RG_S(o->phone))                                                                     \
    ADDRESS_NEW(COL, o)

rg_outcome_t rg_organization_put(rg_db_t *db, const rg_ctx_t *ctx, rg_organization_t *o)
{
    RG_SQL(ADD, RG_INSERT("organization", BILLER_NEW));
    RG_SQL(SET, "UPDATE organization SET " RG_SETS(BILLER_NEW) " WHERE id = ?");
    if (o->id != 0) {
        return rg_sql_exec(db, ctx, SET, RG_BINDS_AND(BILLER_NEW, RG_I(o->id)), NULL);
    }
    RG_TRY(rg_sql_exec(db, ctx, ADD, RG_BINDS(BILLER_NEW), NULL));
    o->id = rg_sql_insert_id(db);
    return RG_OK;
}

#define PLACE_NEW(FIRST, COL)                                                                      \
    FIRST(code, RG_S(s->code))                                                                     \
    COL(uid, RG_S(s->uid))                                                                         \
    COL(name, RG_S(s->name))                                                                       \
    COL(time_zone, RG_S(s->time_zone))                                                             \
    COL(phone, RG_S(s->phone))                                                                     \
    COL(place_of_service, RG_S(s->place_of_service))                                               \
    COL(notice, RG_S(s->notice))                                                                   \
    ADDRESS_NEW(COL, s)

rg_outcome_t rg_site_put(rg_db_t *db, const rg_ctx_t *ctx, rg_site_t *s)
{
    RG_SQL(ADD, RG_INSERT("site", PLACE_NEW));
    RG_SQL(SET, "UPDATE site SET " RG_SETS(PLACE_NEW) " WHERE id = ?");
    if (s->id != 0) {
        return rg_sql_exec(db, ctx, SET, RG_BINDS_AND(PLACE_NEW, RG_I(s->id)), NULL);
    }
    RG_TRY(rg_sql_exec(db, ctx, ADD, RG_BINDS(PLACE_NEW), NULL));
    s->id = rg_sql_insert_id(db);
    return RG_OK;
}

#define PAYER_NEW(FIRST, COL)                                                                      \
    FIRST(code, RG_S(y->code))                                                                     \
    COL(name, RG_S(y->name))                                                                       \
    COL(payer_id, RG_S(y->payer_id))                                                               \
    COL(kind, RG_S(y->kind))                                                                       \
    COL(timely_days, RG_I(y->timely_days))                                                         \
    COL(active, RG_I(y->active))

rg_outcome_t rg_payer_put(rg_db_t *db, const rg_ctx_t *ctx, rg_payer_t *y)
{
    RG_SQL(ADD, RG_INSERT("payer", PAYER_NEW));
    RG_SQL(SET, "UPDATE payer SET " RG_SETS(PAYER_NEW) " WHERE id = ?");
    if (y->id != 0) {
        return rg_sql_exec(db, ctx, SET, RG_BINDS_AND(PAYER_NEW, RG_I(y->id)), NULL);
    }
    RG_TRY(rg_sql_exec(db, ctx, ADD, RG_BINDS(PAYER_NEW), NULL));
    y->id = rg_sql_insert_id(db);
    return RG_OK;
}
