/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of the day read and write of a booking: its state, its consents, the stamps and
 * the charges. The rules themselves are keys and triggers of sql/0004_care.sql. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <apr_strings.h>

static const char *const EVENTS[RG_EVENT_COUNT] = {"check-in", "harvest", "process", "inject",
                                                   "complete"};

const char *rg_event_name(rg_event_t e)
{
    return EVENTS[e];
}

/* kind + 0 is the word's place in the ENUM, which is the order of rg_step_kind_t and rg_event_t. */
static const char CARE[] =
    "SELECT b.id, b.uid, b.service_id, b.site_id, b.patient_id, b.status, b.starts_at, b.body_site,"
    " b.laterality, p.birth_date, s.time_zone, v.unit_hold_minutes,"
    " (SELECT BIT_OR(1 << (k.kind + 0 - 1)) FROM booking_step k WHERE k.booking_id = b.id),"
    " (SELECT BIT_OR(1 << (e.kind + 0 - 1)) FROM step_event e WHERE e.booking_id = b.id),"
    " v.needs_body_site FROM booking b JOIN site s ON s.id = b.site_id JOIN service v ON v.id = "
    "b.service_id"
    " LEFT JOIN patient p ON p.id = b.patient_id WHERE b.id = ?";

static void care_row(rg_care_t *care, rg_cur_t *c)
{
    care->id = rg_cur_i64(c, 0);
    care->uid = rg_cur_str(c, 1);
    care->service_id = rg_cur_i64(c, 2);
    care->site_id = rg_cur_i64(c, 3);
    care->patient_id = rg_cur_i64(c, 4);
    care->status = (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 5));
    care->starts_at = rg_cur_time(c, 6);
    care->body_site = rg_cur_str(c, 7);
    care->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 8));
    care->birth_date = rg_cur_date(c, 9);
    care->zone = rg_zone_open(NULL, rg_cur_str(c, 10));
    care->unit_hold_minutes = (int)rg_cur_i64(c, 11);
    care->kinds = (unsigned)rg_cur_u64(c, 12);
    care->done = (unsigned)rg_cur_u64(c, 13);
    care->needs_place = rg_cur_i64(c, 14) != 0;
}

rg_outcome_t rg_care_get(rg_db_t *db, rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id)
{
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, CARE, RG_IN(RG_I(booking_id)));
    bool found = false;

    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        care_row(out, c);
        found = true;
    }
    rc = rg_row_end(c, found);
    return rc == RG_OK ? rg_row_zone(ctx, out->zone, out->site_id) : rc;
}

rg_outcome_t rg_care_lock(rg_db_t *db, rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id)
{
    static const char TAKE[] = "UPDATE booking SET version = version + 1 WHERE id = ?";
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, TAKE, RG_IN(RG_I(booking_id)), &found);

    if (rc != RG_OK) {
        return rc;
    }
    return found == 0 ? RG_NOT_FOUND : rg_care_get(db, ctx, out, booking_id);
}

rg_outcome_t rg_care_move(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_booking_status_t from,
                          rg_booking_status_t to)
{
    static const char MOVE[] = "UPDATE booking SET status = ? WHERE id = ? AND status = ?";
    int64_t found = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, MOVE,
                                  RG_IN(RG_S(rg_booking_status_name(to)), RG_I(booking_id),
                                        RG_S(rg_booking_status_name(from))),
                                  &found);

    return rc == RG_OK && found == 0 ? RG_CONFLICT : rc;
}

/* --- consents --------------------------------------------------------------------------------- */

static const char MISSING[] =
    "SELECT f.name FROM booking b JOIN service_form sf ON sf.service_id = b.service_id"
    " JOIN form f ON f.id = sf.form_id WHERE b.id = ? AND NOT EXISTS ("
    "SELECT 1 FROM consent_in_force c"
    " WHERE c.booking_id = b.id AND c.form_id = sf.form_id AND c.expires_at > ?)"
    " ORDER BY sf.display_order, f.id";

rg_outcome_t rg_care_consents_missing(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, apr_time_t at,
                                      int *count, const char ***names)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(const char *));
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, MISSING, RG_IN(RG_I(booking_id), RG_T(at)));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        APR_ARRAY_PUSH(list, const char *) = rg_cur_str(c, 0);
    }
    *count = list->nelts;
    *names = (const char **)(void *)list->elts;
    return rg_cur_end(c);
}

/* --- stamps ----------------------------------------------------------------------------------- */

rg_outcome_t rg_care_event_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_event_t e)
{
    static const char ADD[] =
        "INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (?, ?, ?, ?)";

    return rg_sql_exec(
        db, ctx, ADD,
        RG_IN(RG_I(booking_id), RG_S(rg_event_name(e)), RG_T(ctx->now), RG_I(ctx->who.staff_id)),
        NULL);
}

rg_outcome_t rg_care_events(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                            rg_step_event_t **out)
{
    static const char LIST[] = "SELECT e.kind, e.at, s.name FROM step_event e"
                               " JOIN staff s ON s.id = e.staff_id WHERE e.booking_id = ?"
                               " ORDER BY e.kind";
    apr_array_header_t *list = apr_array_make(ctx->pool, RG_EVENT_COUNT, sizeof(rg_step_event_t));
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LIST, RG_IN(RG_I(booking_id)));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_step_event_t *e = apr_array_push(list);

        e->kind = rg_cur_str(c, 0);
        e->at = rg_cur_time(c, 1);
        e->staff_name = rg_cur_str(c, 2);
    }
    *count = list->nelts;
    *out = (rg_step_event_t *)(void *)list->elts;
    return rg_cur_end(c);
}

/* --- charges ---------------------------------------------------------------------------------- */

static const char FEES[] =
    "SELECT c.line_no, c.step_kind, c.code_system, c.code, c.description, c.quantity, c.unit_minor,"
    " c.currency, c.side_modifier, c.on_claim,"
    " (SELECT br.resource_id FROM booking_step bs JOIN booking_resource br"
    " ON br.booking_id = bs.booking_id AND br.step_no = bs.step_no"
    " JOIN resource r ON r.id = br.resource_id AND r.kind = 'practitioner'"
    " WHERE bs.booking_id = ? AND bs.kind = c.step_kind ORDER BY bs.step_no, br.need_no LIMIT 1)"
    " FROM service_charge c WHERE c.service_id = ? AND (? >> (c.step_kind + 0 - 1)) & 1"
    " AND NOT EXISTS (SELECT 1 FROM charge_item i WHERE i.booking_id = ? AND i.line_no = c.line_no)"
    " ORDER BY c.line_no";

static void fee_row(rg_service_charge_t *fee, rg_cur_t *c)
{
    fee->line_no = (int)rg_cur_i64(c, 0);
    fee->step_kind = (rg_step_kind_t)rg_step_kind_parse(rg_cur_str(c, 1));
    fee->code_system = rg_cur_str(c, 2);
    fee->code = rg_cur_str(c, 3);
    fee->description = rg_cur_str(c, 4);
    fee->quantity = (int)rg_cur_i64(c, 5);
    fee->unit.minor = rg_cur_i64(c, 6);
    apr_cpystrn(fee->unit.currency, rg_cur_str(c, 7), sizeof(fee->unit.currency));
    fee->side_modifier = rg_cur_i64(c, 8) != 0;
    fee->on_claim = rg_cur_i64(c, 9) != 0;
}

rg_outcome_t rg_care_fees(rg_db_t *db, rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                          int *count, rg_service_charge_t **fees, int64_t **practitioners)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_service_charge_t));
    apr_array_header_t *who = apr_array_make(ctx->pool, 4, sizeof(int64_t));
    rg_cur_t *c = NULL;
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, FEES,
                     RG_IN(RG_I(care->id), RG_I(care->service_id), RG_I(kinds), RG_I(care->id)));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        fee_row(apr_array_push(list), c);
        APR_ARRAY_PUSH(who, int64_t) = rg_cur_i64(c, 10);
    }
    *count = list->nelts;
    *fees = (rg_service_charge_t *)(void *)list->elts;
    *practitioners = (int64_t *)(void *)who->elts;
    return rg_cur_end(c);
}

rg_outcome_t rg_care_charge_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                const rg_charge_t *c)
{
    static const char ADD[] =
        "INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, modifier,"
        " description, quantity, unit_minor, total_minor, currency, on_claim, service_date,"
        " practitioner_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    return rg_sql_exec(
        db, ctx, ADD,
        RG_IN(RG_I(booking_id), RG_I(c->line_no), RG_S(rg_step_kind_name(c->step_kind)),
              RG_S(c->code_system), RG_S(c->code), RG_S(c->modifier), RG_S(c->description),
              RG_I(c->quantity), RG_I(c->unit.minor), RG_I(c->total.minor), RG_S(c->unit.currency),
              RG_I(c->on_claim), RG_S(rg_date_iso(ctx->pool, c->service_date)),
              RG_I_OR_NIL(c->practitioner_id), RG_T(ctx->now)),
        NULL);
}
