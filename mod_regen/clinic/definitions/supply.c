/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of supplies: entered once, recalled and taken back by adding, and never changed. */
#include "regen/clinic/supply.h"
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/definitions/supply.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/store/store.h"
#include "regen/store/supply.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct {
    rg_supplies_t *out;
    int64_t id;
} look_t;

/* One more than a list holds is read, and not shown. */
static bool cut_to_most(int *count)
{
    bool more = *count > RG_SUPPLY_LIST_MOST;

    *count = more ? RG_SUPPLY_LIST_MOST : *count;
    return more;
}

static rg_outcome_t supplies_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    look_t *w = baton;
    rg_supplies_t *s = w->out;
    const rg_clinic_t *k = NULL;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);

    if (rc != RG_OK) {
        return rc;
    }
    s->site = rg_clinic_site_asked(k, NULL);
    if (!s->site) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    s->today = rg_zone_local(s->site->zone, ctx->now).date;
    s->may_restore = rg_may(ctx, RG_DEED_SUPPLY_RESTORE);
    if (w->id == 0) {
        rc = rg_supply_lots(db, ctx, s->find, &s->count, &s->lots);
        s->more = cut_to_most(&s->count);
        return rc;
    }
    rc = rg_supply_get(db, ctx, &s->lots, w->id);
    s->count = rc == RG_OK ? 1 : 0;
    rc = rc == RG_OK ? rg_supply_uses(db, ctx, w->id, s->page, &s->use_count, &s->uses) : rc;
    s->more = cut_to_most(&s->use_count);
    return rc;
}

static rg_outcome_t read_supplies(rg_supplies_t **out, const rg_ctx_t *ctx, int64_t id,
                                  const char *find, int page)
{
    look_t w = {apr_pcalloc(ctx->pool, sizeof(rg_supplies_t)), id};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_SUPPLY);

    w.out->find = find;
    w.out->page = page;
    rc = rc == RG_OK ? rg_store_read(ctx, supplies_work, &w) : rc;
    *out = rc == RG_OK ? w.out : NULL;
    return rc;
}

rg_outcome_t rg_supplies(rg_supplies_t **out, const rg_ctx_t *ctx, const char *find)
{
    return read_supplies(out, ctx, 0, rg_text_tidy(ctx->pool, find ? find : ""), 1);
}

rg_outcome_t rg_supply_look(rg_supplies_t **out, const rg_ctx_t *ctx, int64_t id, int page)
{
    return id > 0 && page > 0 ? read_supplies(out, ctx, id, "", page) : RG_NOT_FOUND;
}

/* --- entering --------------------------------------------------------------------------------- */

static const char *read_word(const rg_ctx_t *ctx, const char *field, const char *typed, int most,
                             bool must)
{
    const char *text = rg_text_tidy(ctx->pool, typed ? typed : "");

    if ((must && *text == '\0') || !rg_text_clean(text, strlen(text)) ||
        rg_text_length(text) > (size_t)most) {
        rg_problem_add(ctx->problems, field, "Enter at most %d characters, as printed on it.",
                       most);
    }
    return text;
}

bool rg_supply_read(const rg_ctx_t *ctx, rg_supply_lot_t *out, const rg_supply_in_t *in,
                    const char *lot_field, const char *expires_field)
{
    const char *expires = rg_text_tidy(ctx->pool, in->expires ? in->expires : "");
    int before = ctx->problems->list->nelts;

    out->kit = in->kind && strcmp(in->kind, "kit") == 0;
    if (!out->kit && (!in->kind || strcmp(in->kind, "other") != 0)) {
        rg_problem_add(ctx->problems, "kind", "Choose whether units are processed with it.");
    }
    out->item = read_word(ctx, "item", in->item, RG_SUPPLY_ITEM_MOST, true);
    out->lot = read_word(ctx, lot_field, in->lot, RG_SUPPLY_LOT_MOST, true);
    out->udi = read_word(ctx, "udi", in->udi, RG_SUPPLY_UDI_MOST, false);
    if (!rg_date_parse(&out->expires, expires)) {
        rg_problem_add(ctx->problems, expires_field,
                       "Enter the expiry day as printed, such as 2027-03-31. If only a month is "
                       "printed, its last day.");
    }
    return ctx->problems->list->nelts == before;
}

static rg_outcome_t enter_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_supply_lot_t *l = baton;
    int count = 0;
    rg_supply_lot_t *list = NULL;
    rg_outcome_t rc = rg_supply_named(db, ctx, l->lot, &count, &list);

    for (int i = 0; rc == RG_OK && list && i < count; i++) {
        if (l->kit && !list[i].recalled && strcasecmp(list[i].item, l->item) == 0 &&
            rg_date_compare(list[i].expires, l->expires) != 0) {
            rg_problem_add(ctx->problems, "expires",
                           "This item has this lot with the expiry %s. Read both again; if the "
                           "file is wrong, recall that lot first.",
                           rg_date_us(ctx->pool, list[i].expires));
            return RG_CONFLICT;
        }
    }
    rc = rc == RG_OK ? rg_supply_add(db, ctx, l) : rc;
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, "lot", "This item has this lot already.");
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "supply.add", "supply_lot", l->id, "") : rc;
}

rg_outcome_t rg_supply_enter(int64_t *id, const rg_ctx_t *ctx, const rg_supply_in_t *in)
{
    rg_supply_lot_t l = {0};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_SUPPLY);

    if (rc != RG_OK) {
        return rc;
    }
    if (!rg_supply_read(ctx, &l, in, "lot", "expires")) {
        return RG_INVALID;
    }
    rc = rg_store_once(ctx, enter_work, &l);
    *id = l.id;
    return rc;
}

/* --- recalling -------------------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    bool recalled;
    const char *reason;
} recall_t;

static rg_outcome_t supply_recall_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const recall_t *w = baton;
    rg_supply_lot_t *l = NULL;
    rg_outcome_t rc = rg_supply_get(db, ctx, &l, w->id);

    rc = rc == RG_OK ? rg_supply_recall_add(db, ctx, w->id, w->recalled, w->reason) : rc;
    if (rc == RG_PRECONDITION || rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL,
                       w->recalled ? "This lot is recalled already." : "This lot is not recalled.");
        return RG_CONFLICT;
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, w->recalled ? "supply.recall" : "supply.restore",
                                      "supply_lot", w->id, "")
                       : rc;
}

rg_outcome_t rg_supply_recall(const rg_ctx_t *ctx, int64_t id, bool recalled, const char *reason)
{
    recall_t w = {id, recalled, ""};
    rg_outcome_t rc = rg_must(ctx, recalled ? RG_DEED_SUPPLY : RG_DEED_SUPPLY_RESTORE);

    if (rc != RG_OK) {
        return rc;
    }
    int before = ctx->problems->list->nelts;
    w.reason = read_word(ctx, "reason", reason, RG_SUPPLY_WHY_MOST, true);
    return ctx->problems->list->nelts > before ? RG_INVALID
                                               : rg_store_once(ctx, supply_recall_work, &w);
}
