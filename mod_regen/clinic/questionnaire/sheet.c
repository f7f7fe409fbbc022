/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a booking: its questions page by page, its answers. */
#include "mod_regen/clinic/questionnaire/sheet.h"
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/questionnaire/version.h"
#include "regen/clinic/questionnaire.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/model/questionnaire.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"

#include <string.h>

/* --- pages ------------------------------------------------------------------------------------ */

/* A group of the first level is a page, and so are questions between such groups. */
static bool begins_page(const rg_questionnaire_t *q, int item)
{
    if (q->items[item].parent >= 0) {
        return false;
    }
    int before = item - 1;
    while (before >= 0 && q->items[before].parent >= 0) {
        before = q->items[before].parent;
    }
    return before < 0 || q->items[item].type == RG_QUEST_GROUP ||
           q->items[before].type == RG_QUEST_GROUP;
}

int rg_quest_page_of(const rg_questionnaire_t *q, int item)
{
    int page = 0;

    for (int i = 0; i <= item; i++) {
        page += begins_page(q, i) ? 1 : 0;
    }
    return page;
}

void rg_quest_turn(rg_quest_sheet_t *s, int page)
{
    int at = 0;
    int last = s->page_count > 1 ? s->page_count + 1 : 1;

    s->page = page < 1 ? 1 : page > last ? last : page;
    s->from = s->until = s->q->item_count;
    for (int i = 0; i < s->q->item_count; i++) {
        at += begins_page(s->q, i) ? 1 : 0;
        s->from = at == s->page && s->from > i ? i : s->from;
        s->until = at == s->page + 1 && s->until > i ? i : s->until;
    }
}

bool rg_quest_page_asks(const rg_quest_sheet_t *s)
{
    for (int i = s->from; i < s->until; i++) {
        if (s->filled->answers[i].enabled && rg_quest_asks(&s->q->items[i])) {
            return true;
        }
    }
    return false;
}

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t find_booking(rg_quest_sheet_t *s, rg_db_t *db, const rg_ctx_t *ctx,
                                 const rg_quest_in_t *in)
{
    rg_patient_t *patient = NULL;

    if (in->booking_id > 0) {
        if (!rg_booking_mine(ctx, in->booking_id, false)) {
            return RG_NOT_FOUND;
        }
    }
    else {
        RG_TRY(rg_must(ctx, RG_DEED_CHECK_IN));
    }
    RG_TRY(rg_booking_get_in(&s->booking, &patient, db, ctx, in->booking_id, in->booking_uid));
    rg_service_t *service = NULL;
    rg_site_t *site = NULL;
    RG_TRY(rg_catalogue_of_booking(&service, &site, db, ctx, s->booking));
    s->service = service;
    s->site = site;
    return rg_quest_asked_get(db, ctx, &s->asked, s->booking->id, in->request_id);
}

static rg_outcome_t read_response(const rg_quest_response_t *r)
{
    unsigned char sha256[32];

    rg_crypto_sha256(sha256, r->answers, strlen(r->answers));
    return rg_crypto_equal(sha256, r->sha256, sizeof(sha256)) ? RG_OK : RG_INTERNAL;
}

bool rg_quest_fit(const rg_ctx_t *ctx, const rg_quest_sheet_t *s, const rg_quest_version_t *version,
                  rg_quest_typed_t *typed)
{
    rg_questionnaire_t *old = NULL;

    if (version && version->id == s->version->id) {
        return false;
    }
    if (version &&
        (!rg_quest_version_whole(version) ||
         rg_quest_read(&old, ctx->pool, version->body, strlen(version->body), NULL) != RG_OK)) {
        old = NULL;
    }
    return rg_quest_carry(s->q, old, typed);
}

/* What the writer typed after the last answers were sent, else those answers. */
static rg_outcome_t put_draft(rg_quest_draft_t *kept, const rg_quest_sheet_t *s, rg_db_t *db,
                              const rg_ctx_t *ctx)
{
    rg_quest_draft_t d = {0};
    rg_outcome_t rc = rg_quest_draft_get(db, ctx, &d, s->asked->id, s->writer);

    if (rc == RG_OK && d.saved_at >= s->asked->answered_at) {
        *kept = d;
    }
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

/* Of an earlier version only what the sheet asks in the same words. */
static rg_outcome_t put_kept(rg_quest_sheet_t *s, rg_db_t *db, const rg_ctx_t *ctx,
                             const rg_quest_draft_t *kept)
{
    rg_quest_version_t *shown = NULL;

    s->typed = rg_quest_kept(ctx->pool, s->q, kept->answers);
    if (kept->answers && kept->version_id != s->version->id) {
        RG_TRY(rg_quest_version_by_id(db, ctx, &shown, kept->version_id));
        s->changed = rg_quest_fit(ctx, s, shown, s->typed);
    }
    s->filled = rg_quest_fill(ctx->pool, s->q, s->typed, 0, 0, NULL);
    return RG_OK;
}

/* The version that was answered, or the newest to answer now; what was typed, sent before, or
 * nothing. */
static rg_outcome_t read_questions(rg_quest_sheet_t *s, rg_db_t *db, const rg_ctx_t *ctx,
                                   bool answering)
{
    rg_quest_response_t *r = NULL;
    rg_quest_draft_t kept = {0};

    if (s->asked->response_id > 0) {
        RG_TRY(rg_quest_response_get(db, ctx, &r, s->asked->response_id));
        RG_TRY(read_response(r));
        kept = (rg_quest_draft_t){.version_id = r->version_id, .answers = r->answers};
    }
    RG_TRY(r && !answering ? rg_quest_version_by_id(db, ctx, &s->version, r->version_id)
                           : rg_quest_version(db, ctx, &s->version, s->asked->code, 0));
    if (!rg_quest_version_whole(s->version)) {
        return RG_INTERNAL;
    }
    if (answering) {
        RG_TRY(put_draft(&kept, s, db, ctx));
    }
    if (rg_quest_read(&s->q, ctx->pool, s->version->body, strlen(s->version->body), NULL) !=
        RG_OK) {
        return RG_INTERNAL;
    }
    return put_kept(s, db, ctx, &kept);
}

static const char *answers_digest(const rg_ctx_t *ctx, const rg_quest_sheet_t *s)
{
    unsigned char digest[32];
    const char *kept = s->filled ? rg_quest_keep(ctx->pool, s->q, s->filled) : NULL;

    if (!kept) {
        return "";
    }
    rg_crypto_sha256(digest, kept, strlen(kept));
    return rg_text_hex(ctx->pool, digest, sizeof(digest));
}

static bool visit_is_over(const rg_booking_t *b)
{
    return b->status == RG_BOOKING_COMPLETED || b->status == RG_BOOKING_CANCELLED ||
           b->status == RG_BOOKING_NO_SHOW;
}

rg_outcome_t rg_quest_sheet_in(rg_quest_sheet_t *s, rg_db_t *db, const rg_ctx_t *ctx,
                               const rg_quest_in_t *in)
{
    RG_TRY(find_booking(s, db, ctx, in));
    s->writer = in->booking_id > 0 ? RG_QUEST_WRITER_PATIENT : ctx->who.staff_id;
    RG_TRY(read_questions(s, db, ctx, in->page > 0));
    s->open = s->booking->status == RG_BOOKING_BOOKED || s->booking->status == RG_BOOKING_ARRIVED;
    s->page_count = rg_quest_page_of(s->q, s->q->item_count - 1);
    s->may_decide =
        rg_may(ctx, RG_DEED_REVIEW) && (s->asked->response_id > 0 || s->asked->stopped_by > 0);
    s->may_override = s->open && rg_may(ctx, RG_DEED_CHECK_IN) && !rg_quest_in_order(s->asked) &&
                      s->asked->state != RG_QUEST_STATE_STOP;
    s->may_close = s->may_decide && s->asked->waits && visit_is_over(s->booking);
    rg_quest_turn(s, in->page);
    s->digest = s->page > s->page_count ? answers_digest(ctx, s) : "";
    return RG_OK;
}

typedef struct {
    const rg_quest_in_t *in;
    rg_quest_sheet_t *sheet;
    int64_t booking_id;
    rg_quest_asked_t *list;
    int count;
} sheet_work_t;

static rg_outcome_t quest_sheet_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sheet_work_t *w = baton;

    return rg_quest_sheet_in(w->sheet, db, ctx, w->in);
}

rg_outcome_t rg_quest_sheet(rg_quest_sheet_t **out, const rg_ctx_t *ctx, const rg_quest_in_t *in)
{
    sheet_work_t w = {.in = in, .sheet = apr_pcalloc(ctx->pool, sizeof(rg_quest_sheet_t))};

    RG_TRY(rg_store_read(ctx, quest_sheet_work, &w));
    *out = w.sheet;
    return RG_OK;
}

static rg_outcome_t quest_mine_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sheet_work_t *w = baton;

    return rg_quest_asked_of(db, ctx, w->booking_id, &w->list, &w->count);
}

rg_outcome_t rg_quest_mine(rg_quest_asked_t **out, int *count, const rg_ctx_t *ctx,
                           int64_t booking_id)
{
    sheet_work_t w = {.booking_id = booking_id};

    *count = 0;
    if (!rg_booking_mine(ctx, booking_id, false)) {
        return RG_NOT_FOUND;
    }
    RG_TRY(rg_store_read(ctx, quest_mine_work, &w));
    *out = w.list;
    *count = w.count;
    return RG_OK;
}
