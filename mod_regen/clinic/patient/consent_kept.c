/* SPDX-License-Identifier: Apache-2.0 */
/* What was signed: reading it again, which verifies the stored text first, and withdrawing it. */
#include "forms.h"
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "people.h"
#include "regen/clinic/patient.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/consent.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

enum { SAID_MAX = 255 };

/* --- reading ---------------------------------------------------------------------------------- */

/* Whether the stored text is the one that was signed. What was changed behind the application's
 * back is no consent. */
static bool text_is_whole(const rg_ctx_t *ctx, const rg_consent_t *c)
{
    unsigned char hash[sizeof(c->sha256)];
    rg_crypto_sha256(hash, c->text, strlen(c->text));
    if (memcmp(hash, c->sha256, sizeof(hash)) == 0) {
        return true;
    }
    rg_log(ctx, RG_LOG_ERR,
           RGNO(05003) "Consent %lld: its stored text is not the one that was signed (SHA-256).",
           (long long)c->id);
    return false;
}

static rg_outcome_t say_broken(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, NULL,
                   "The stored text of this consent is not the one that was signed, so it is not "
                   "shown. Have the form signed again, and tell your system administrator.");
    return RG_PRECONDITION;
}

typedef struct {
    const char *uid;
    rg_consent_t *consent;
} copy_t;

static rg_outcome_t read_copy(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    copy_t *c = baton;
    return rg_consent_read(db, ctx, &c->consent, c->uid);
}

rg_outcome_t rg_consent_get(rg_consent_t **out, const rg_ctx_t *ctx, const char *consent_uid)
{
    copy_t c = {.uid = consent_uid};
    if (!consent_uid || !rg_uid_valid(consent_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, read_copy, &c);
    if (rc == RG_OK && !rg_people_may(ctx, c.consent->booking_id)) {
        return RG_NOT_FOUND;
    }
    if (rc == RG_OK && !text_is_whole(ctx, c.consent)) {
        return say_broken(ctx);
    }
    *out = c.consent;
    return rc;
}

typedef struct {
    const char *booking_uid, *uid;
    rg_consent_look_t *look;
    bool whole;
} look_t;

static const rg_consent_t *listed(const rg_forms_t *w, const char *uid)
{
    for (int i = 0; i < w->signed_count; i++) {
        if (strcmp(w->consents[i].uid, uid) == 0) {
            return &w->consents[i];
        }
    }
    return NULL;
}

static rg_outcome_t look_case(rg_forms_t *w, rg_db_t *db, const rg_ctx_t *ctx, const char *uid)
{
    rg_outcome_t rc = rg_booking_get_in(&w->booking, &w->patient, db, ctx, 0, uid);
    if (rc == RG_OK) {
        w->booking_id = w->booking->id;
        rc = rg_catalogue_of_booking(&w->service, &w->site, db, ctx, w->booking);
    }
    return rc == RG_OK ? rg_forms_read(db, ctx, w) : rc;
}

static rg_outcome_t look_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    look_t *look = baton;
    rg_forms_t w = {0};
    rg_consent_t *c = NULL;
    rg_outcome_t rc = look_case(&w, db, ctx, look->booking_uid);
    if (rc == RG_OK) {
        rc = listed(&w, look->uid) ? rg_consent_read(db, ctx, &c, look->uid) : RG_NOT_FOUND;
    }
    if (rc != RG_OK) {
        return rc;
    }
    look->whole = text_is_whole(ctx, c);
    *look->look = (rg_consent_look_t){.booking = w.booking,
                                      .site = w.site,
                                      .consent = c,
                                      .why = rg_consent_why_not(&w, ctx->pool, c, ctx->now)};
    return rg_audit_add(db, ctx, look->whole ? "consent.view" : "consent.altered", "consent", c->id,
                        apr_psprintf(ctx->pool, "booking:%" APR_INT64_T_FMT, w.booking_id));
}

rg_outcome_t rg_consent_look(rg_consent_look_t **out, const rg_ctx_t *ctx, const char *booking_uid,
                             const char *consent_uid)
{
    look_t look = {booking_uid, consent_uid, apr_pcalloc(ctx->pool, sizeof(**out)), false};
    if (!rg_may(ctx, RG_DEED_CONSENT)) {
        return RG_FORBIDDEN;
    }
    if (!booking_uid || !consent_uid || !rg_uid_valid(consent_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_transact(ctx, look_work, &look);
    if (rc == RG_OK && !look.whole) {
        return say_broken(ctx);
    }
    *out = look.look;
    return rc;
}

/* --- explained by a clinician ----------------------------------------------------------------- */

static rg_outcome_t confirm_explained(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const look_t *look = baton;
    rg_forms_t w = {0};
    rg_outcome_t rc = look_case(&w, db, ctx, look->booking_uid);
    const rg_consent_t *c = rc == RG_OK ? listed(&w, look->uid) : NULL;
    const rg_required_form_t *form = c ? rg_form_required(&w, c->form_code) : NULL;
    if (rc != RG_OK || !c) {
        return rc == RG_OK ? RG_NOT_FOUND : rc;
    }
    if (c->explained_at != 0) {
        rg_problem_add(ctx->problems, NULL, "A clinician has confirmed this form already.");
        return RG_CONFLICT;
    }
    if (!form || !rg_consent_awaits(c) || rg_form_signed(&w, form, ctx->now) != c) {
        rg_problem_add(ctx->problems, NULL,
                       "Only a valid signature of a form that asks for it is confirmed.");
        return RG_PRECONDITION;
    }
    rc = rg_consent_explained_insert(db, ctx, c);
    return rc == RG_OK
               ? rg_audit_add(db, ctx, "consent.explain", "consent", c->id,
                              apr_psprintf(ctx->pool, "booking:%" APR_INT64_T_FMT, c->booking_id))
               : rc;
}

rg_outcome_t rg_consent_explain(const rg_ctx_t *ctx, const char *booking_uid,
                                const char *consent_uid, const char *explained)
{
    look_t look = {.booking_uid = booking_uid, .uid = consent_uid};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);
    if (rc != RG_OK) {
        return rc;
    }
    if (!explained || strcmp(explained, "yes") != 0) {
        rg_problem_add(ctx->problems, "explained",
                       "Check the box to confirm that you explained it.");
        return RG_INVALID;
    }
    return rg_store_once(ctx, confirm_explained, &look);
}

/* --- withdrawing ------------------------------------------------------------------------------ */

typedef struct {
    const rg_withdraw_in_t *in;
    rg_withdrawal_t what;
} withdraw_t;

/* The patient online, or a person of the staff to whom it was told. */
static bool may_withdraw(const rg_ctx_t *ctx, const rg_consent_t *c)
{
    return rg_people_may(ctx, c->booking_id) &&
           (rg_is_patient(ctx) || rg_may(ctx, RG_DEED_CONSENT));
}

static bool is_of(const rg_consent_t *c, const char *booking_uid)
{
    return !booking_uid || strcmp(c->booking_uid, booking_uid) == 0;
}

static rg_outcome_t withdraw(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    withdraw_t *w = baton;
    rg_consent_t *c;
    rg_outcome_t rc = rg_consent_read(db, ctx, &c, w->in->consent_uid);
    if (rc == RG_OK && (!may_withdraw(ctx, c) || !is_of(c, w->in->booking_uid))) {
        return RG_NOT_FOUND;
    }
    if (rc == RG_OK) {
        rc = rg_consent_withdrawal_insert(db, ctx, c, &w->what);
    }
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL, "This consent is already withdrawn.");
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "consent.withdraw", "consent", c->id,
                          apr_psprintf(ctx->pool, "booking:%" APR_INT64_T_FMT " %s", c->booking_id,
                                       rg_channel_name(w->what.channel)));
    }
    return rc;
}

/* How it was told, and in which words: a later reader has nothing else. */
static void check_told(const rg_ctx_t *ctx, withdraw_t *w)
{
    int channel = rg_channel_parse(w->in->channel);
    if (channel <= RG_CHANNEL_ONLINE) {
        rg_problem_add(ctx->problems, "channel", "Choose how you were told.");
    }
    else {
        w->what.channel = (rg_channel_t)channel;
    }
    if (*w->what.reason == '\0') {
        rg_problem_add(ctx->problems, "reason", "Write down what you were told, and by whom.");
    }
    if (!w->in->confirmed || strcmp(w->in->confirmed, "yes") != 0) {
        rg_problem_add(ctx->problems, "confirmed",
                       "Check the box to confirm that you asked and understood it this way.");
    }
}

rg_outcome_t rg_consent_withdraw(const rg_ctx_t *ctx, const rg_withdraw_in_t *in)
{
    const char *said = rg_text_tidy(ctx->pool, in->reason);
    withdraw_t w = {.in = in, .what = {.channel = RG_CHANNEL_ONLINE, .reason = said ? said : ""}};
    if (!in->consent_uid || !rg_uid_valid(in->consent_uid)) {
        return RG_NOT_FOUND;
    }
    if (!rg_is_patient(ctx)) {
        check_told(ctx, &w);
    }
    if (rg_text_length(w.what.reason) > SAID_MAX) {
        rg_problem_add(ctx->problems, "reason", "Use at most %d characters.", SAID_MAX);
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : rg_store_once(ctx, withdraw, &w);
}
