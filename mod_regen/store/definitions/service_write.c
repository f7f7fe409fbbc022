/* SPDX-License-Identifier: Apache-2.0 */
/* A service written as one value, and what the catalogue does not contain: recalls, forms,
 * its position in the list. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* --- one editor at a time --------------------------------------------------------------------- */

RG_SQL(LOCK, "SELECT version FROM catalogue_version WHERE id = 1 FOR UPDATE");

/* On this node the row makes others wait; on another node of a cluster the triggers' change of the
 * same row is certified, so that whoever comes second runs again and sees what was written. */

rg_outcome_t rg_clinic_lock(rg_db_t *db, const rg_ctx_t *ctx)
{
    int64_t version;
    rg_outcome_t rc = rg_sql_number(db, ctx, &version, LOCK, RG_IN_NONE);
    return rc == RG_NOT_FOUND ? RG_INTERNAL : rc;
}

/* --- what the catalogue does not keep --------------------------------------------------------- */

/* A row of one of the lists, with its parent. */
typedef struct {
    int64_t service_id;
    int display_order;
    rg_service_recall_t recall;
    const char *form;
    rg_service_screening_t screening;
} extra_t;

#define ORDER_ROW(FIRST, COL)                                                                      \
    FIRST(I64, service_id, "id")                                                                   \
    COL(INT, display_order, "display_order")
RG_ROW(order_row, extra_t, ORDER_ROW);
RG_SQL(ORDER, "SELECT " RG_COLUMNS(ORDER_ROW) " FROM service");

#define RECALL_ROW(FIRST, COL)                                                                     \
    FIRST(I64, service_id, "service_id")                                                           \
    COL(INT, recall.seq, "seq")                                                                    \
    COL(STR, recall.kind, "kind")                                                                  \
    COL(INT, recall.after_min_days, "after_min_days")                                              \
    COL(INT, recall.after_max_days, "after_max_days")                                              \
    COL(STR, recall.reason, "reason")                                                              \
    COL(STR, recall.title, "title")
RG_ROW(recall_row, extra_t, RECALL_ROW);
RG_SQL(RECALLS,
       "SELECT " RG_COLUMNS(RECALL_ROW)
       " FROM service_recall"
       " ORDER BY service_id, seq");

#define FORM_ROW(FIRST, COL)                                                                       \
    FIRST(I64, service_id, "sf.service_id")                                                        \
    COL(STR, form, "f.code")
RG_ROW(form_row, extra_t, FORM_ROW);
RG_SQL(FORMS,
       "SELECT " RG_COLUMNS(FORM_ROW)
       " FROM service_form sf"
       " JOIN form f ON f.id = sf.form_id"
       " ORDER BY sf.service_id, sf.display_order, f.code");

#define SCREENING_ROW(FIRST, COL)                                                                  \
    FIRST(I64, service_id, "ss.service_id")                                                        \
    COL(STR, screening.questionnaire, "q.code")                                                    \
    COL(STR, screening.check_in, "ss.check_in")
RG_ROW(screening_row, extra_t, SCREENING_ROW);
RG_SQL(SCREENINGS,
       "SELECT " RG_COLUMNS(SCREENING_ROW)
       " FROM service_screening ss"
       " JOIN questionnaire q ON q.id = ss.questionnaire_id"
       " ORDER BY ss.service_id, ss.seq");

#define FORM_CODE_ROW(FIRST, COL)                                                                  \
    FIRST(I64, id, "id")                                                                           \
    COL(STR, code, "code")
RG_ROW(form_code_row, rg_form_code_t, FORM_CODE_ROW);
RG_SQL(FORM_CODES, "SELECT " RG_COLUMNS(FORM_CODE_ROW) " FROM form ORDER BY code");

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
static void *grow(const rg_ctx_t *ctx, void *list, int count, size_t size)
{
    char *grown = apr_pcalloc(ctx->pool, size * (size_t)(count + 1));
    if (count > 0) {
        memcpy(grown, list, size * (size_t)count);
    }
    return grown;
}

static void take_order(rg_service_def_t *d, const rg_ctx_t *ctx, const extra_t *row)
{
    (void)ctx;
    d->display_order = row->display_order;
}

static void take_recall(rg_service_def_t *d, const rg_ctx_t *ctx, const extra_t *row)
{
    d->recalls = grow(ctx, d->recalls, d->recall_count, sizeof(*d->recalls));
    d->recalls[d->recall_count++] = row->recall;
}

static void take_form(rg_service_def_t *d, const rg_ctx_t *ctx, const extra_t *row)
{
    d->forms = grow(ctx, d->forms, d->form_count, sizeof(*d->forms));
    d->forms[d->form_count++] = row->form;
}

static void take_screening(rg_service_def_t *d, const rg_ctx_t *ctx, const extra_t *row)
{
    d->screenings = grow(ctx, d->screenings, d->screening_count, sizeof(*d->screenings));
    d->screenings[d->screening_count++] = row->screening;
}

rg_outcome_t rg_service_extras(rg_db_t *db, const rg_ctx_t *ctx, rg_service_def_t *defs, int count)
{
    static const struct {
        const char *sql;
        const rg_row_t *row;
        void (*take)(rg_service_def_t *d, const rg_ctx_t *ctx, const extra_t *row);
    } parts[] = {{ORDER, &order_row.row, take_order},
                 {RECALLS, &recall_row.row, take_recall},
                 {FORMS, &form_row.row, take_form},
                 {SCREENINGS, &screening_row.row, take_screening}};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        rg_cur_t *c;
        extra_t row;
        RG_TRY(rg_sql_query(db, ctx, &c, parts[i].sql, RG_IN_NONE));
        while (rg_list_next(c, parts[i].row, &row)) {
            rg_service_def_t *d = def_of(defs, count, row.service_id);
            if (d) {
                parts[i].take(d, ctx, &row);
            }
        }
        RG_TRY(rg_cur_end(c));
    }
    return RG_OK;
}

rg_outcome_t rg_form_codes(rg_db_t *db, const rg_ctx_t *ctx, rg_form_code_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, form_code_row, FORM_CODES, RG_IN_NONE);
}

/* --- bookings that stand on a service --------------------------------------------------------- */

#define LIVE_OF_SERVICE                                                                            \
    " b.service_id = ? AND (b.status IN ('booked', 'arrived', 'in-progress')"                      \
    " OR (b.status = 'held' AND b.hold_expires_at > ?)) AND b.ends_at > ?"
#define USE_ROW(FIRST, COL)                                                                        \
    FIRST(INT, live, "COUNT(*)")                                                                   \
    COL(INT, too_late,                                                                             \
        "COALESCE(SUM(EXISTS (SELECT 1 FROM booking_step h JOIN booking_step i"                    \
        " ON i.booking_id = h.booking_id WHERE h.booking_id = b.id AND h.kind = 'harvest'"         \
        " AND i.kind = 'inject' AND i.starts_at - h.ends_at > ?)), 0)")                            \
    COL(INT, units, "(SELECT COUNT(*) FROM unit u WHERE u.service_id = ?)")
RG_ROW(use_row, rg_service_use_t, USE_ROW);
RG_SQL(USE,
       "SELECT " RG_COLUMNS(USE_ROW)
       " FROM booking b"
       " WHERE" LIVE_OF_SERVICE);

rg_outcome_t rg_service_use(rg_db_t *db, const rg_ctx_t *ctx, rg_service_use_t *out,
                            int64_t service_id, int hold_minutes)
{
    *out = (rg_service_use_t){0, 0, 0};
    return rg_sql_one(db, ctx, out, use_row, USE,
                      RG_IN(RG_I((int64_t)hold_minutes * RG_MINUTE_SEC), RG_I(service_id),
                            RG_I(service_id), RG_T(ctx->now), RG_T(ctx->now)));
}

/* --- writing ---------------------------------------------------------------------------------- */

RG_SQL(INSERT,
       "INSERT INTO service (uid, site_id, code, name, summary)"
       " VALUES (?, ?, ?, ?, ?)");
#define SERVICE_SET(FIRST, COL)                                                                    \
    FIRST(site_id, RG_I(s->site_id))                                                               \
    COL(name, RG_S(s->name))                                                                       \
    COL(summary, RG_S(s->summary))                                                                 \
    COL(not_for, RG_S(s->not_for))                                                                 \
    COL(preparation, RG_S(s->preparation))                                                         \
    COL(active, RG_I(d->active))                                                                   \
    COL(audience, RG_S(s->staff_only ? "staff" : "public"))                                        \
    COL(booked_by, RG_S(s->booked_by))                                                             \
    COL(display_order, RG_I(d->display_order))                                                     \
    COL(start_grid, RG_I(s->start_grid))                                                           \
    COL(notice_minutes, RG_I(s->notice_minutes))                                                   \
    COL(horizon_days, RG_I(s->horizon_days))                                                       \
    COL(max_per_day, RG_I(s->max_per_day))                                                         \
    COL(remind_hours, RG_I(s->remind_hours))                                                       \
    COL(remind_again_hours, RG_I(s->remind_again_hours))                                           \
    COL(cancel_notice_minutes, RG_I(s->cancel_notice_minutes))                                     \
    COL(move_notice_minutes, RG_I(s->move_notice_minutes))                                         \
    COL(regulatory_path, RG_S(s->regulatory_path))                                                 \
    COL(unit_hold_minutes, RG_I(s->unit_hold_minutes))                                             \
    COL(needs_body_site, RG_I(s->needs_body_site))                                                 \
    COL(targets_most, RG_I(s->targets_most))                                                       \
    COL(second_harvest, RG_I(s->second_harvest))                                                   \
    COL(second_inject, RG_I(s->second_inject))                                                     \
    COL(timeout_harvest, RG_I(s->timeout_harvest))                                                 \
    COL(timeout_inject, RG_I(s->timeout_inject))
RG_SQL(UPDATE,
       "UPDATE service"
       " SET " RG_SETS(SERVICE_SET)
       " WHERE id = ?");
RG_SQL(FALLBACK, "UPDATE service SET fallback_service_id = ? WHERE id = ?");

static rg_outcome_t store_service(rg_db_t *db, const rg_ctx_t *ctx, rg_service_def_t *d)
{
    rg_service_t *s = &d->service;
    rg_outcome_t rc = RG_OK;
    if (s->id == 0) {
        s->uid = rg_uid_make(ctx);
        rc = rg_sql_exec(
            db, ctx, INSERT,
            RG_IN(RG_S(s->uid), RG_I(s->site_id), RG_S(s->code), RG_S(s->name), RG_S(s->summary)),
            NULL);
        s->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    }
    if (rc != RG_OK) {
        return rc;
    }
    return rg_sql_exec(db, ctx, UPDATE, RG_BINDS_AND(SERVICE_SET, RG_I(s->id)), NULL);
}

RG_SQL(NO_ANY, "DELETE FROM service_need_any WHERE service_id = ?");
RG_SQL(NO_NEEDS, "DELETE FROM service_need WHERE service_id = ?");
RG_SQL(NO_STEPS, "DELETE FROM service_step WHERE service_id = ?");
RG_SQL(NO_SITES, "DELETE FROM service_body_site WHERE service_id = ?");
RG_SQL(NO_FORMS, "DELETE FROM service_form WHERE service_id = ?");
RG_SQL(NO_SCREENINGS, "DELETE FROM service_screening WHERE service_id = ?");
RG_SQL(NO_PREPARING, "DELETE FROM service_preparing WHERE service_id = ?");

/* Dependent rows are deleted first. Bookings have their own copies of steps. */
static rg_outcome_t clear_parts(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    static const char *const PARTS[] = {NO_ANY,   NO_NEEDS,     NO_STEPS,     NO_SITES,
                                        NO_FORMS, NO_PREPARING, NO_SCREENINGS};
    rg_outcome_t rc = RG_OK;
    for (size_t i = 0; rc == RG_OK && i < sizeof(PARTS) / sizeof(*PARTS); i++) {
        rc = rg_sql_exec(db, ctx, PARTS[i], RG_IN(RG_I(id)), NULL);
    }
    return rc;
}

#define STEP_NEW(FIRST, COL)                                                                       \
    FIRST(service_id, RG_I(s->id))                                                                 \
    COL(step_no, RG_I(i + 1))                                                                      \
    COL(kind, RG_S(rg_step_kind_name(t->kind)))                                                    \
    COL(name, RG_S(t->name))                                                                       \
    COL(minutes, RG_I(t->minutes))                                                                 \
    COL(further_minutes, RG_I(t->further_minutes))                                                 \
    COL(gap_min, RG_I(t->gap_min))                                                                 \
    COL(gap_max, RG_I(t->gap_max))                                                                 \
    COL(gap_days_min, RG_I_OR_NIL(t->gap_days_min))                                                \
    COL(gap_days_max, RG_I_OR_NIL(t->gap_days_max))                                                \
    COL(visit_no, RG_I(t->visit_no))                                                               \
    COL(patient_present, RG_I(t->patient_present))
RG_SQL(STEP, RG_INSERT("service_step", STEP_NEW));
RG_SQL(NEED,
       "INSERT INTO service_need (service_id, step_no, need_no, capability, quantity,"
       " setup_minutes, turnover_minutes, bind)"
       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
RG_SQL(ANY,
       "INSERT INTO service_need_any (service_id, step_no, need_no, capability)"
       " VALUES (?, ?, ?, ?)");

static rg_outcome_t store_need(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int step_no,
                               int need_no, const rg_need_t *n)
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

static rg_outcome_t store_steps(rg_db_t *db, const rg_ctx_t *ctx, const rg_service_t *s)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < s->step_count; i++) {
        const rg_step_t *t = &s->steps[i];
        rc = rg_sql_exec(db, ctx, STEP, RG_BINDS(STEP_NEW), NULL);
        for (int k = 0; rc == RG_OK && k < t->need_count; k++) {
            rc = store_need(db, ctx, s->id, i + 1, k + 1, &t->needs[k]);
        }
    }
    return rc;
}

RG_SQL(BODY_SITE,
       "INSERT INTO service_body_site (service_id, body_site, display_order)"
       " VALUES (?, ?, ?)");
RG_SQL(FORM,
       "INSERT INTO service_form (service_id, form_id, display_order)"
       " SELECT ?, id, ?"
       " FROM form"
       " WHERE code = ?");

static rg_outcome_t put_lists(rg_db_t *db, const rg_ctx_t *ctx, const rg_service_def_t *d)
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

/* The rules saw that there is such a questionnaire. */
RG_SQL(SCREENING,
       "INSERT INTO service_screening (service_id, seq, questionnaire_id, check_in)"
       " SELECT ?, ?, id, ?"
       " FROM questionnaire"
       " WHERE code = ?");

static rg_outcome_t store_screenings(rg_db_t *db, const rg_ctx_t *ctx, const rg_service_def_t *d)
{
    for (int i = 0; i < d->screening_count; i++) {
        const rg_service_screening_t *s = &d->screenings[i];
        RG_TRY(rg_sql_exec(
            db, ctx, SCREENING,
            RG_IN(RG_I(d->service.id), RG_I(i + 1), RG_S(s->check_in), RG_S(s->questionnaire)),
            NULL));
    }
    return RG_OK;
}

#define PREPARING_NEW(FIRST, COL)                                                                  \
    FIRST(service_id, RG_I(s->id))                                                                 \
    COL(seq, RG_I(i + 1))                                                                          \
    COL(code, RG_S(p->code))                                                                       \
    COL(words, RG_S(p->words))                                                                     \
    COL(applies, RG_S(p->applies))                                                                 \
    COL(from_days, RG_I(p->from_days))                                                             \
    COL(until_days, RG_I(p->until_days))                                                           \
    COL(too_late, RG_S(p->too_late))
RG_SQL(PREPARING, RG_INSERT("service_preparing", PREPARING_NEW));

static rg_outcome_t store_preparing(rg_db_t *db, const rg_ctx_t *ctx, const rg_service_t *s)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < s->preparing_count; i++) {
        const rg_preparing_t *p = &s->preparing[i];
        rc = rg_sql_exec(db, ctx, PREPARING, RG_BINDS(PREPARING_NEW), NULL);
    }
    return rc;
}

/* Changed in place: units name their product, and a trigger keeps what it is made of. */
#define PRODUCT_NEW(FIRST, COL)                                                                    \
    FIRST(service_id, RG_I(s->id))                                                                 \
    COL(product_no, RG_I(i + 1))                                                                   \
    COL(name, RG_S(m->name))                                                                       \
    COL(material, RG_S(m->material))                                                               \
    COL(method, RG_S(m->method))                                                                   \
    COL(additives, RG_S(m->additives))                                                             \
    COL(trial, RG_S(m->trial))                                                                     \
    COL(spin_min_minutes, RG_I_OR_NIL(m->spin_min_minutes))                                        \
    COL(spin_max_minutes, RG_I_OR_NIL(m->spin_max_minutes))
RG_SQL(PRODUCT,
       RG_INSERT("service_product", PRODUCT_NEW) " ON DUPLICATE KEY UPDATE name = VALUES(name),"
                                                 " material = VALUES(material),"
                                                 " method = VALUES(method),"
                                                 " additives = VALUES(additives),"
                                                 " trial = VALUES(trial),"
 " spin_min_minutes = VALUES(spin_min_minutes),"
 " spin_max_minutes = VALUES(spin_max_minutes)");
RG_SQL(NO_PRODUCTS, "DELETE FROM service_product WHERE service_id = ? AND product_no > ?");

static rg_outcome_t store_products(rg_db_t *db, const rg_ctx_t *ctx, const rg_service_t *s)
{
    RG_TRY(rg_sql_exec(db, ctx, NO_PRODUCTS, RG_IN(RG_I(s->id), RG_I(s->product_count)), NULL));
    for (int i = 0; i < s->product_count; i++) {
        const rg_product_t *m = &s->products[i];
        RG_TRY(rg_sql_exec(db, ctx, PRODUCT, RG_BINDS(PRODUCT_NEW), NULL));
    }
    return RG_OK;
}

rg_outcome_t rg_service_put(rg_db_t *db, const rg_ctx_t *ctx, rg_service_def_t *d)
{
    RG_TRY(store_service(db, ctx, d));
    RG_TRY(clear_parts(db, ctx, d->service.id));
    RG_TRY(store_steps(db, ctx, &d->service));
    RG_TRY(put_lists(db, ctx, d));
    RG_TRY(store_screenings(db, ctx, d));
    RG_TRY(store_preparing(db, ctx, &d->service));
    RG_TRY(store_products(db, ctx, &d->service));
    return rg_service_recalls_write(db, ctx, d->service.id, d->recalls, d->recall_count);
}

rg_outcome_t rg_service_put_fallback(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                     int64_t fallback_id)
{
    return rg_sql_exec(db, ctx, FALLBACK, RG_IN(RG_I_OR_NIL(fallback_id), RG_I(id)), NULL);
}
