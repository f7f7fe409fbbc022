/* SPDX-License-Identifier: Apache-2.0 */
/* A service written as one value, and what the catalogue does not keep of it: charges, recalls,
 * forms, its place in the list. */
#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* --- one editor at a time --------------------------------------------------------------------- */

static const char LOCK[] = "SELECT version FROM catalogue_version WHERE id = 1 FOR UPDATE";

/* On this node the row makes others wait; on another node of a cluster the triggers' change of the
 * same row is certified, so that whoever comes second runs again and sees what was written. */
rg_outcome_t rg_clinic_lock(rg_db_t *db, rg_ctx_t *ctx)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LOCK, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    bool there = rg_cur_next(c);
    rc = rg_cur_end(c);
    return rc == RG_OK && !there ? RG_INTERNAL : rc;
}

/* --- what the catalogue does not keep --------------------------------------------------------- */

static const char ORDER[] = "SELECT id, display_order FROM service";
static const char CHARGES[] =
    "SELECT service_id, line_no, step_kind, code_system, code, description, quantity, unit_minor,"
    " currency, side_modifier, on_claim FROM service_charge ORDER BY service_id, line_no";
static const char RECALLS[] =
    "SELECT service_id, seq, kind, after_min_days, after_max_days, reason, title"
    " FROM service_recall ORDER BY service_id, seq";
static const char FORMS[] = "SELECT sf.service_id, f.code FROM service_form sf"
                            " JOIN form f ON f.id = sf.form_id"
                            " ORDER BY sf.service_id, sf.display_order, f.code";
static const char FORM_CODES[] = "SELECT id, code FROM form ORDER BY code";

static rg_service_def_t *def_of(rg_service_def_t *defs, int count, int64_t id)
{
    for (int i = 0; i < count; i++) {
        if (defs[i].service.id == id) {
            return &defs[i];
        }
    }
    return NULL;
}

/* A list that grows while rows of its service come. */
static void *grow(rg_ctx_t *ctx, void *list, int count, size_t size)
{
    char *grown = apr_pcalloc(ctx->pool, size * (size_t)(count + 1));
    if (count > 0) {
        memcpy(grown, list, size * (size_t)count);
    }
    return grown;
}

static void order_row(rg_service_def_t *d, rg_ctx_t *ctx, rg_cur_t *c)
{
    (void)ctx;
    d->display_order = (int)rg_cur_i64(c, 1);
}

static void charge_row(rg_service_def_t *d, rg_ctx_t *ctx, rg_cur_t *c)
{
    d->charges = grow(ctx, d->charges, d->charge_count, sizeof(*d->charges));
    rg_service_charge_t *to = &d->charges[d->charge_count++];
    to->line_no = (int)rg_cur_i64(c, 1);
    to->step_kind = (rg_step_kind_t)rg_step_kind_parse(rg_cur_str(c, 2));
    to->code_system = rg_cur_str(c, 3);
    to->code = rg_cur_str(c, 4);
    to->description = rg_cur_str(c, 5);
    to->quantity = (int)rg_cur_i64(c, 6);
    to->unit.minor = rg_cur_i64(c, 7);
    apr_cpystrn(to->unit.currency, rg_cur_str(c, 8), sizeof(to->unit.currency));
    to->side_modifier = rg_cur_i64(c, 9) != 0;
    to->on_claim = rg_cur_i64(c, 10) != 0;
}

static void recall_row(rg_service_def_t *d, rg_ctx_t *ctx, rg_cur_t *c)
{
    d->recalls = grow(ctx, d->recalls, d->recall_count, sizeof(*d->recalls));
    d->recalls[d->recall_count++] = (rg_service_recall_t){.seq = (int)rg_cur_i64(c, 1),
                                                          .kind = rg_cur_str(c, 2),
                                                          .after_min_days = (int)rg_cur_i64(c, 3),
                                                          .after_max_days = (int)rg_cur_i64(c, 4),
                                                          .reason = rg_cur_str(c, 5),
                                                          .title = rg_cur_str(c, 6)};
}

static void form_row(rg_service_def_t *d, rg_ctx_t *ctx, rg_cur_t *c)
{
    d->forms = grow(ctx, d->forms, d->form_count, sizeof(*d->forms));
    d->forms[d->form_count++] = rg_cur_str(c, 1);
}

rg_outcome_t rg_service_extras(rg_db_t *db, rg_ctx_t *ctx, rg_service_def_t *defs, int count)
{
    /* The service comes first in every row; the rest is its reader's. */
    static const struct {
        const char *sql;
        void (*row)(rg_service_def_t *d, rg_ctx_t *ctx, rg_cur_t *c);
    } parts[] = {
        {ORDER, order_row}, {CHARGES, charge_row}, {RECALLS, recall_row}, {FORMS, form_row}};
    rg_outcome_t rc = RG_OK;
    for (size_t i = 0; rc == RG_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
        rg_cur_t *c;
        rc = rg_sql_query(db, ctx, &c, parts[i].sql, RG_IN_NONE);
        while (rc == RG_OK && rg_cur_next(c)) {
            rg_service_def_t *d = def_of(defs, count, rg_cur_i64(c, 0));
            if (d) {
                parts[i].row(d, ctx, c);
            }
        }
        rc = rc == RG_OK ? rg_cur_end(c) : rc;
    }
    return rc;
}

rg_outcome_t rg_form_codes(rg_db_t *db, rg_ctx_t *ctx, rg_form_code_t **out, int *count)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FORM_CODES, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, sizeof(rg_form_code_t));
    while (rg_cur_next(c)) {
        APR_ARRAY_PUSH(list, rg_form_code_t) = (rg_form_code_t){rg_cur_i64(c, 0), rg_cur_str(c, 1)};
    }
    *out = (rg_form_code_t *)(void *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

/* --- bookings that stand on a service --------------------------------------------------------- */

#define LIVE_OF_SERVICE                                                                            \
    " b.service_id = ? AND (b.status IN ('booked', 'arrived', 'in-progress')"                      \
    " OR (b.status = 'held' AND b.hold_expires_at > ?)) AND b.ends_at > ?"
static const char USE[] =
    "SELECT COUNT(*), COALESCE(SUM(EXISTS (SELECT 1 FROM booking_step h JOIN booking_step i"
    " ON i.booking_id = h.booking_id WHERE h.booking_id = b.id AND h.kind = 'harvest'"
    " AND i.kind = 'inject' AND i.starts_at - h.ends_at > ?)), 0)"
    " FROM booking b WHERE" LIVE_OF_SERVICE;

rg_outcome_t rg_service_use(rg_db_t *db, rg_ctx_t *ctx, rg_service_use_t *out, int64_t service_id,
                            int hold_minutes)
{
    rg_cur_t *c;
    *out = (rg_service_use_t){0, 0};
    rg_outcome_t rc = rg_sql_query(
        db, ctx, &c, USE,
        RG_IN(RG_I((int64_t)hold_minutes * 60), RG_I(service_id), RG_T(ctx->now), RG_T(ctx->now)));
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        const char *late = rg_cur_str(c, 1); /* a SUM is a decimal */
        int64_t n = 0;
        out->live = (int)rg_cur_i64(c, 0);
        out->too_late = rg_text_i64(&n, late, 0, INT32_MAX) ? (int)n : 0;
    }
    return rg_cur_end(c);
}

/* --- writing ---------------------------------------------------------------------------------- */

static const char INSERT[] = "INSERT INTO service (uid, site_id, code, name, summary, price_minor)"
                             " VALUES (?, ?, ?, ?, ?, ?)";
static const char UPDATE[] =
    "UPDATE service SET site_id = ?, name = ?, summary = ?, not_for = ?, preparation = ?,"
    " active = ?, audience = ?, display_order = ?, start_grid = ?, notice_minutes = ?,"
    " horizon_days = ?, max_per_day = ?, cancel_notice_minutes = ?, move_notice_minutes = ?,"
    " regulatory_path = ?, unit_hold_minutes = ?, needs_body_site = ?, price_minor = ?,"
    " currency = ? WHERE id = ?";
static const char FALLBACK[] = "UPDATE service SET fallback_service_id = ? WHERE id = ?";

static rg_outcome_t put_row(rg_db_t *db, rg_ctx_t *ctx, rg_service_def_t *d)
{
    rg_service_t *s = &d->service;
    rg_outcome_t rc = RG_OK;
    if (s->id == 0) {
        s->uid = rg_uid_make(ctx);
        rc = rg_sql_exec(db, ctx, INSERT,
                         RG_IN(RG_S(s->uid), RG_I(s->site_id), RG_S(s->code), RG_S(s->name),
                               RG_S(s->summary), RG_I(s->price.minor)),
                         NULL);
        s->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    }
    if (rc != RG_OK) {
        return rc;
    }
    return rg_sql_exec(
        db, ctx, UPDATE,
        RG_IN(RG_I(s->site_id), RG_S(s->name), RG_S(s->summary), RG_S(s->not_for),
              RG_S(s->preparation), RG_I(d->active), RG_S(s->staff_only ? "staff" : "public"),
              RG_I(d->display_order), RG_I(s->start_grid), RG_I(s->notice_minutes),
              RG_I(s->horizon_days), RG_I(s->max_per_day), RG_I(s->cancel_notice_minutes),
              RG_I(s->move_notice_minutes), RG_S(s->regulatory_path), RG_I(s->unit_hold_minutes),
              RG_I(s->needs_body_site), RG_I(s->price.minor), RG_S(s->price.currency), RG_I(s->id)),
        NULL);
}

static const char NO_ANY[] = "DELETE FROM service_need_any WHERE service_id = ?";
static const char NO_NEEDS[] = "DELETE FROM service_need WHERE service_id = ?";
static const char NO_STEPS[] = "DELETE FROM service_step WHERE service_id = ?";
static const char NO_SITES[] = "DELETE FROM service_body_site WHERE service_id = ?";
static const char NO_FORMS[] = "DELETE FROM service_form WHERE service_id = ?";
static const char NO_CHARGES[] = "DELETE FROM service_charge WHERE service_id = ?";
static const char NO_PREPARING[] = "DELETE FROM service_preparing WHERE service_id = ?";

/* What stands on a part goes before it. Bookings keep copies of their own steps. */
static rg_outcome_t clear_parts(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    static const char *const PARTS[] = {NO_ANY,   NO_NEEDS,   NO_STEPS,    NO_SITES,
                                        NO_FORMS, NO_CHARGES, NO_PREPARING};
    rg_outcome_t rc = RG_OK;
    for (size_t i = 0; rc == RG_OK && i < sizeof(PARTS) / sizeof(*PARTS); i++) {
        rc = rg_sql_exec(db, ctx, PARTS[i], RG_IN(RG_I(id)), NULL);
    }
    return rc;
}

static const char STEP[] =
    "INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max,"
    " gap_days_min, gap_days_max, visit_no, patient_present)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char NEED[] =
    "INSERT INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes,"
    " turnover_minutes, bind) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
static const char ANY[] =
    "INSERT INTO service_need_any (service_id, step_no, need_no, capability) VALUES (?, ?, ?, ?)";

static rg_outcome_t put_need(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int step_no, int need_no,
                             const rg_need_t *n)
{
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, NEED,
                    RG_IN(RG_I(id), RG_I(step_no), RG_I(need_no), RG_S(n->capability),
                          RG_I(n->quantity), RG_I(n->setup), RG_I(n->turnover), RG_S(n->bind)),
                    NULL);
    for (int i = 0; rc == RG_OK && i < n->any_count; i++) {
        rc = rg_sql_exec(db, ctx, ANY,
                         RG_IN(RG_I(id), RG_I(step_no), RG_I(need_no), RG_S(n->any[i])), NULL);
    }
    return rc;
}

static rg_outcome_t put_steps(rg_db_t *db, rg_ctx_t *ctx, const rg_service_t *s)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < s->step_count; i++) {
        const rg_step_t *t = &s->steps[i];
        rc = rg_sql_exec(db, ctx, STEP,
                         RG_IN(RG_I(s->id), RG_I(i + 1), RG_S(rg_step_kind_name(t->kind)),
                               RG_S(t->name), RG_I(t->minutes), RG_I(t->gap_min), RG_I(t->gap_max),
                               RG_I_OR_NIL(t->gap_days_min), RG_I_OR_NIL(t->gap_days_max),
                               RG_I(t->visit_no), RG_I(t->patient_present)),
                         NULL);
        for (int k = 0; rc == RG_OK && k < t->need_count; k++) {
            rc = put_need(db, ctx, s->id, i + 1, k + 1, &t->needs[k]);
        }
    }
    return rc;
}

static const char BODY_SITE[] =
    "INSERT INTO service_body_site (service_id, body_site, display_order) VALUES (?, ?, ?)";
static const char FORM[] = "INSERT INTO service_form (service_id, form_id, display_order)"
                           " SELECT ?, id, ? FROM form WHERE code = ?";

static rg_outcome_t put_lists(rg_db_t *db, rg_ctx_t *ctx, const rg_service_def_t *d)
{
    const rg_service_t *s = &d->service;
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < s->body_site_count; i++) {
        rc = rg_sql_exec(db, ctx, BODY_SITE,
                         RG_IN(RG_I(s->id), RG_S(s->body_sites[i]), RG_I(i + 1)), NULL);
    }
    for (int i = 0; rc == RG_OK && i < d->form_count; i++) {
        rc = rg_sql_exec(db, ctx, FORM, RG_IN(RG_I(s->id), RG_I(i + 1), RG_S(d->forms[i])), NULL);
    }
    return rc;
}

static const char CHARGE[] =
    "INSERT INTO service_charge (service_id, line_no, step_kind, code_system, code, description,"
    " quantity, unit_minor, currency, side_modifier, on_claim)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static rg_outcome_t put_charges(rg_db_t *db, rg_ctx_t *ctx, const rg_service_def_t *d)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < d->charge_count; i++) {
        const rg_service_charge_t *c = &d->charges[i];
        rc = rg_sql_exec(db, ctx, CHARGE,
                         RG_IN(RG_I(d->service.id), RG_I(c->line_no),
                               RG_S(rg_step_kind_name(c->step_kind)), RG_S(c->code_system),
                               RG_S(c->code), RG_S(c->description), RG_I(c->quantity),
                               RG_I(c->unit.minor), RG_S(c->unit.currency), RG_I(c->side_modifier),
                               RG_I(c->on_claim)),
                         NULL);
    }
    return rc;
}

static const char PREPARING[] =
    "INSERT INTO service_preparing (service_id, seq, code, words, applies, from_days, until_days,"
    " too_late) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

static rg_outcome_t put_preparing(rg_db_t *db, rg_ctx_t *ctx, const rg_service_t *s)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < s->preparing_count; i++) {
        const rg_preparing_t *p = &s->preparing[i];
        rc = rg_sql_exec(db, ctx, PREPARING,
                         RG_IN(RG_I(s->id), RG_I(i + 1), RG_S(p->code), RG_S(p->words),
                               RG_S(p->applies), RG_I(p->from_days), RG_I(p->until_days),
                               RG_S(p->too_late)),
                         NULL);
    }
    return rc;
}

rg_outcome_t rg_service_put(rg_db_t *db, rg_ctx_t *ctx, rg_service_def_t *d)
{
    rg_outcome_t rc = put_row(db, ctx, d);
    if (rc == RG_OK) {
        rc = clear_parts(db, ctx, d->service.id);
    }
    if (rc == RG_OK) {
        rc = put_steps(db, ctx, &d->service);
    }
    if (rc == RG_OK) {
        rc = put_lists(db, ctx, d);
    }
    if (rc == RG_OK) {
        rc = put_charges(db, ctx, d);
    }
    if (rc == RG_OK) {
        rc = put_preparing(db, ctx, &d->service);
    }
    return rc == RG_OK
               ? rg_service_recalls_write(db, ctx, d->service.id, d->recalls, d->recall_count)
               : rc;
}

rg_outcome_t rg_service_put_fallback(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t fallback_id)
{
    return rg_sql_exec(db, ctx, FALLBACK, RG_IN(RG_I_OR_NIL(fallback_id), RG_I(id)), NULL);
}

static const char LINES_USED[] =
    "SELECT DISTINCT c.line_no FROM charge_item c JOIN booking b ON b.id = c.booking_id"
    " WHERE b.service_id = ?";

rg_outcome_t rg_service_lines_used(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id, bool used[256])
{
    rg_cur_t *c;
    memset(used, 0, 256 * sizeof(bool));
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LINES_USED, RG_IN(RG_I(service_id)));
    while (rc == RG_OK && rg_cur_next(c)) {
        used[rg_cur_u64(c, 0) & 255] = true;
    }
    return rc == RG_OK ? rg_cur_end(c) : rc;
}
