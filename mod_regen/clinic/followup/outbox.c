/* SPDX-License-Identifier: Apache-2.0 */
/* Letters leave: what is due is leased, handed over and noted, one after the other. Between the
 * hand-over and the note lies the one gap that nobody can close: a sender that is killed there, or
 * that cannot reach the database, leaves a letter that is sent again when its lease is over, with
 * the same Message-ID. So nothing else happens in between, and the note is tried again and again
 * while the lease lasts. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/identity/secret.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/followup.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/keys.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/followup.h"
#include "regen/store/booking.h"
#include "regen/store/definitions.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

enum { DUE_ONCE = 20, NOTE_TRIES = 20 };
/* So many tries of a letter may end without a note, or without knowing whether it was taken: it may
 * have arrived each time. */
enum { UNNOTED = 3 };

/* A try takes at most the way's own time; what is left is for the notes around it. */
#define LEASE_MORE (2 * RG_MINUTE)
#define NOTE_PAUSE (RG_SECOND / 2)
/* So long when the program wants to end. */
#define NOTE_LAST  (10 * RG_SECOND)
#define BACK_FIRST RG_MINUTE
#define BACK_MOST  (4 * RG_HOUR)
/* An offer ends soon, and somebody waits for a link. */
#define BACK_URGENT (2 * RG_MINUTE)

typedef struct {
    const rg_outbox_run_t *how;
    rg_post_t *post;
    int64_t id;
    const char *lease;
    bool got;           /* the lease is ours */
    bool slow;          /* the rate is used up */
    const char *closed; /* why it is not sent at all; NULL: it is */
    rg_try_t closed_as; /* withdrawn, or failed: the desk sees that */
    rg_letter_facts_t facts;
} sending_t;

/* --- links ------------------------------------------------------------------------------------ */

/* The same at every try, and stored as a hash only; another one once the desk made a new private
 * link, so that the letters before stay without. */
static const char *letter_token(const rg_ctx_t *ctx, unsigned char hash[32], const rg_message_t *m,
                                rg_link_t purpose, const unsigned char *of_link)
{
    unsigned char bytes[32];
    const char *what = apr_pstrcat(ctx->pool, "letter:", rg_link_name(purpose), NULL);
    const char *of = of_link ? rg_text_hex(ctx->pool, of_link, 32) : "";
    const char *from = apr_pstrcat(ctx->pool, m->uid, ":", of, NULL);
    rg_key_derive(bytes, &ctx->policy->keys->key[0], what, from, strlen(from));
    rg_crypto_sha256(hash, bytes, sizeof(bytes));
    return rg_text_base64url(ctx->pool, bytes, sizeof(bytes));
}

static rg_outcome_t put_link(const char **out, rg_db_t *db, const rg_ctx_t *ctx,
                             const rg_message_t *m, rg_link_t purpose, const unsigned char *of_link)
{
    static const char *const paths[] = {
        [RG_LINK_BOOKING] = "/b/", [RG_LINK_WAITLIST] = "/w/", [RG_LINK_STOP] = "/stop/"};
    RG_WORDS_ALL(paths, RG_LINK_COUNT);
    unsigned char hash[32];
    const char *token = letter_token(ctx, hash, m, purpose, of_link);
    *out = apr_pstrcat(ctx->pool, ctx->policy->public_base, paths[purpose], token, NULL);
    return rg_outbox_link(db, ctx, m->id, purpose, hash, of_link);
}

static rg_outcome_t put_links(rg_db_t *db, const rg_ctx_t *ctx, sending_t *s,
                              const rg_outbox_now_t *now)
{
    const rg_message_t *m = s->facts.message;
    const rg_letter_kind_t *kind = rg_letter_kind(m->kind);
    /* Without the secret or the address there are letters, but no links. */
    if (!ctx->policy->keys || !ctx->policy->public_base) {
        return RG_OK;
    }
    s->facts.home = ctx->policy->public_base;
    if (kind->link >= 0 && now->linked) {
        RG_TRY(put_link(&s->facts.link, db, ctx, m, (rg_link_t)kind->link, now->of_link));
    }
    return kind->stops ? put_link(&s->facts.stop, db, ctx, m, RG_LINK_STOP, NULL) : RG_OK;
}

/* --- what it is made of ----------------------------------------------------------------------- */

/* As the page of the booking says it: by the definitions that are in force now. */
static rg_outcome_t put_visit(rg_db_t *db, const rg_ctx_t *ctx, sending_t *s, int64_t booking_id)
{
    rg_booking_t *b;
    const rg_clinic_t *k;
    RG_TRY(rg_booking_row(db, ctx, &b, booking_id, false));
    RG_TRY(rg_booking_parts(db, ctx, b));
    RG_TRY(rg_clinic_get_version(&k, db, ctx, b->definitions));
    const rg_clinic_service_t *service = rg_clinic_service(k, b->service_id);
    const rg_site_t *site = rg_clinic_site(k, b->site_id);
    if (!site || !site->zone) {
        return RG_OK;
    }
    s->facts.booking = b;
    s->facts.site = site;
    if (service) {
        s->facts.last = rg_deadlines(b, &service->service, ctx->now);
        s->facts.preparing = rg_preparing(&s->facts.preparing_count, ctx->pool, &service->service,
                                          site->zone, b->starts_at, ctx->now);
    }
    return RG_OK;
}

static bool was_asked_again(const rg_message_t *m)
{
    return m->since != 0;
}

static bool is_too_old(const sending_t *s, const rg_ctx_t *ctx, const rg_message_t *m)
{
    return m->tries <= 1 && !was_asked_again(m) && m->created_at < ctx->now - s->how->give_up;
}

/* A letter whose only sense is where it leads. An estimate is found with a booking number, too. */
static bool leads_nowhere(const sending_t *s, const rg_outbox_now_t *now)
{
    const rg_message_t *m = s->facts.message;
    return m->kind == RG_MESSAGE_ESTIMATE ? !now->linked && m->booking_number[0] == '\0'
                                          : m->kind == RG_MESSAGE_LOST_LINK && !s->facts.link;
}

static rg_outcome_t load_facts(rg_db_t *db, const rg_ctx_t *ctx, sending_t *s)
{
    rg_message_t *m;
    rg_outbox_now_t now = {.code = ""};
    RG_TRY(rg_message_read(db, ctx, &m, s->id, NULL));
    RG_TRY(rg_outbox_now(db, ctx, &now, s->id));
    s->facts = (rg_letter_facts_t){
        .message = m, .detail = s->how->detail, .sender = s->how->mail->from, .now = ctx->now};
    s->closed_as = now.code[0] != '\0' ? RG_TRY_WITHDRAWN : RG_TRY_FAILED;
    s->closed = now.code[0] != '\0'              ? now.code
                : is_too_old(s, ctx, m)          ? rg_mail_code_name(RG_MAIL_TOO_OLD)
                : m->tries > now.noted + UNNOTED ? rg_mail_code_name(RG_MAIL_UNSURE)
                                                 : NULL;
    if (s->closed) {
        return RG_OK;
    }
    RG_TRY(put_links(db, ctx, s, &now));
    if (leads_nowhere(s, &now)) {
        s->closed =
            rg_mail_code_name(m->kind == RG_MESSAGE_ESTIMATE ? RG_MAIL_NO_LINK : RG_MAIL_TEMPLATE);
        return RG_OK;
    }
    return now.booking_id > 0 && m->patient_uid[0] != '\0' && m->kind != RG_MESSAGE_RECALL
               ? put_visit(db, ctx, s, now.booking_id)
               : RG_OK;
}

/* --- taking one ------------------------------------------------------------------------------- */

static rg_outcome_t mind_rate(rg_db_t *db, const rg_ctx_t *ctx, sending_t *s)
{
    int64_t handed = 0;
    if (s->how->rate_count > 0) {
        RG_TRY(rg_outbox_handed(db, ctx, &handed, ctx->now - s->how->rate_time));
        s->slow = handed >= s->how->rate_count;
    }
    return RG_OK;
}

static rg_outcome_t take_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sending_t *s = baton;
    const rg_mail_conf_t *mail = s->how->mail;
    s->got = false;
    s->slow = false;
    s->closed = NULL;
    RG_TRY(mind_rate(db, ctx, s));
    if (s->slow) {
        return RG_OK;
    }
    const char *mail_id = apr_pstrcat(ctx->pool, rg_uid_make(ctx), strrchr(mail->from, '@'), NULL);
    RG_TRY(rg_outbox_lease(db, ctx, &s->got, s->id, s->lease, ctx->now + mail->timeout + LEASE_MORE,
                           mail_id));
    if (!s->got) {
        return RG_OK;
    }
    RG_TRY(rg_outbox_readdress(db, ctx, s->id));
    RG_TRY(load_facts(db, ctx, s));
    const rg_outbox_end_t end = {.what = s->closed_as, .way = "", .code = s->closed, .answer = ""};
    return s->closed ? rg_outbox_ended(db, ctx, s->id, s->lease, &end) : RG_OK;
}

/* A row that cannot be read must not be the first one for ever. */
static rg_outcome_t put_aside_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const sending_t *s = baton;
    const rg_outbox_end_t end = {.what = RG_TRY_FAILED,
                                 .way = "",
                                 .code = rg_mail_code_name(RG_MAIL_TEMPLATE),
                                 .answer = ""};
    bool got = false;
    RG_TRY(rg_outbox_lease(db, ctx, &got, s->id, s->lease, ctx->now + LEASE_MORE, ""));
    return got ? rg_outbox_ended(db, ctx, s->id, s->lease, &end) : RG_OK;
}

/* --- noting what became of it ----------------------------------------------------------------- */

typedef struct {
    int64_t id;
    const char *lease;
    rg_outbox_end_t end;
} noting_t;

static rg_outcome_t noting_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const noting_t *n = baton;
    return rg_outbox_ended(db, ctx, n->id, n->lease, &n->end);
}

static bool is_stopped(const rg_outbox_run_t *how)
{
    return how->stop && how->stop(how->stop_baton);
}

/* *SINCE: when it was first seen that the program wants to end; 0: it does not. */
static bool may_note(const sending_t *s, apr_time_t *since)
{
    if (is_stopped(s->how) && *since == 0) {
        *since = s->how->clock();
    }
    return *since == 0 || s->how->clock() - *since < NOTE_LAST;
}

/* Not given up at the first failure of the database: what left and is not noted leaves again. */
static rg_outcome_t note_it(const rg_ctx_t *ctx, const sending_t *s, const rg_outbox_end_t *end)
{
    noting_t n = {s->id, s->lease, *end};
    rg_ctx_t own = *ctx;
    rg_outcome_t rc = RG_UNAVAILABLE;
    apr_time_t since = 0;
    int most = end->what == RG_TRY_SENT ? NOTE_TRIES : 1;
    for (int i = 0; rc != RG_OK && i < most && may_note(s, &since); i++) {
        if (i > 0) {
            apr_sleep(NOTE_PAUSE);
        }
        own.now = s->how->clock();
        rc = rg_store_transact(&own, noting_work, &n);
    }
    return rc;
}

/* Twice as long after each try, from three to five quarters of it, so that what failed together
 * does not come back together. */
static apr_interval_time_t next_wait(const rg_ctx_t *ctx, const rg_message_t *m)
{
    apr_interval_time_t most = rg_letter_kind(m->kind)->urgent ? BACK_URGENT : BACK_MOST;
    apr_interval_time_t t = BACK_FIRST;
    uint16_t any = 0;
    for (int i = 1; i < m->tries && t < most; i++) {
        t *= 2;
    }
    t = t < most ? t : most;
    ctx->random(&any, sizeof(any));
    return t * 3 / 4 + t / 2 * any / UINT16_MAX;
}

static rg_outbox_end_t end_of(const rg_ctx_t *ctx, const sending_t *s, const rg_posted_t *posted)
{
    const rg_message_t *m = s->facts.message;
    rg_outbox_end_t end = {.what = RG_TRY_SENT,
                           .way = rg_way_name(posted->way),
                           .code = rg_mail_code_name(posted->code),
                           .answer = posted->answer};
    apr_time_t began = was_asked_again(m) ? m->since : m->created_at;
    if (posted->end == RG_POST_SENT) {
        return end;
    }
    end.next_at = ctx->now + next_wait(ctx, m);
    if (posted->end == RG_POST_NEVER || (posted->code == RG_MAIL_UNSURE && m->tries >= UNNOTED)) {
        end.what = RG_TRY_FAILED;
    }
    else if (end.next_at > began + s->how->give_up) {
        end.what = RG_TRY_FAILED;
        end.code = rg_mail_code_name(RG_MAIL_GAVE_UP);
        end.answer = *posted->answer != '\0' ? posted->answer : rg_mail_code_name(posted->code);
    }
    else {
        end.what = RG_TRY_LATER;
    }
    return end;
}

static void count_end(rg_outbox_ran_t *out, const rg_outbox_end_t *end, const rg_posted_t *posted,
                      apr_pool_t *p)
{
    out->sent += end->what == RG_TRY_SENT;
    out->later += end->what == RG_TRY_LATER;
    out->failed += end->what == RG_TRY_FAILED;
    if (posted->end == RG_POST_DOWN) {
        out->down = true;
        out->why = posted->code;
        /* What a command says may be the letter itself. */
        out->answer = posted->way == RG_WAY_COMMAND ? "" : apr_pstrdup(p, posted->answer);
    }
}

/* --- one letter ------------------------------------------------------------------------------- */

static rg_posted_t hand_it(const rg_ctx_t *ctx, sending_t *s)
{
    const rg_message_t *m = s->facts.message;
    rg_mail_t mail = {.uid = m->uid,
                      .kind = rg_message_kind_name(m->kind),
                      .id = m->mail_id,
                      .at = m->created_at,
                      .to_name = m->to_name,
                      .to = m->to_email,
                      .phone = m->to_phone,
                      .from_name = m->site_name,
                      .stop = s->facts.stop};
    if (s->how->compose(&mail, ctx->pool, &s->facts, s->how->compose_baton) != RG_OK) {
        return (rg_posted_t){.end = RG_POST_NEVER, .code = RG_MAIL_TEMPLATE, .answer = ""};
    }
    return rg_post_send(s->post, ctx->pool, &mail);
}

static rg_outcome_t send_one(rg_outbox_ran_t *out, const rg_ctx_t *ctx, sending_t *s,
                             apr_pool_t *keep)
{
    rg_ctx_t own = *ctx;
    own.now = s->how->clock();
    s->lease = rg_uid_make(&own);
    rg_outcome_t rc = rg_store_transact(&own, take_work, s);
    if (rc != RG_OK && rc != RG_UNAVAILABLE) {
        out->failed++;
        return rg_store_transact(&own, put_aside_work, s);
    }
    if (rc != RG_OK || !s->got) {
        return rc;
    }
    if (s->closed) {
        out->closed++;
        return RG_OK;
    }
    rg_posted_t posted = hand_it(&own, s);
    own.now = s->how->clock();
    rg_outbox_end_t end = end_of(&own, s, &posted);
    rc = note_it(&own, s, &end);
    count_end(out, &end, &posted, keep);
    return rc;
}

/* --- the run ---------------------------------------------------------------------------------- */

typedef struct {
    int64_t ids[DUE_ONCE];
    int count;
} due_t;

static rg_outcome_t due_letters_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    due_t *d = baton;
    return rg_outbox_due(db, ctx, d->ids, &d->count, DUE_ONCE);
}

static bool keeps_sending(const rg_outbox_ran_t *out, const rg_outbox_run_t *how)
{
    return !is_stopped(how) && !out->down && !out->more;
}

static rg_outcome_t send_some(rg_outbox_ran_t *out, const rg_ctx_t *ctx, rg_post_t *post,
                              const rg_outbox_run_t *how, const due_t *due, int *done)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < due->count && keeps_sending(out, how); i++) {
        rg_ctx_t own = *ctx;
        sending_t s = {.how = how, .post = post, .id = due->ids[i]};
        if (apr_pool_create(&own.pool, ctx->pool) != APR_SUCCESS) {
            return RG_UNAVAILABLE;
        }
        rc = send_one(out, &own, &s, ctx->pool) == RG_UNAVAILABLE ? RG_UNAVAILABLE : RG_OK;
        *done += s.got;
        out->more = s.slow || *done >= how->limit;
        apr_pool_destroy(own.pool);
    }
    return rc;
}

rg_outcome_t rg_outbox_send(rg_outbox_ran_t *out, const rg_ctx_t *ctx, const rg_outbox_run_t *how)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    rg_post_t *post = rg_post_open(ctx->pool, how->mail, how->stop, how->stop_baton);
    rg_outcome_t rc = RG_OK;
    int done = 0;
    due_t due = {.count = DUE_ONCE};
    *out = (rg_outbox_ran_t){.answer = ""};
    while (rc == RG_OK && due.count == DUE_ONCE && keeps_sending(out, how)) {
        own.now = how->clock();
        rc = rg_store_read(&own, due_letters_work, &due);
        if (rc == RG_OK) {
            rc = send_some(out, &own, post, how, &due, &done);
        }
    }
    return rc;
}

/* --- for people ------------------------------------------------------------------------------- */

typedef struct {
    rg_message_t *messages;
    int count, limit;
    rg_outbox_status_t status;
} listing_t;

static rg_outcome_t listing_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    listing_t *l = baton;
    return rg_messages_page(db, ctx, &l->messages, &l->count, l->status, -1, l->limit, 0);
}

rg_outcome_t rg_outbox_list(rg_message_t **out, int *count, const rg_ctx_t *ctx,
                            rg_outbox_status_t status, int limit)
{
    listing_t l = {.limit = limit, .status = status};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_FOLLOW_UP);
    rc = rc == RG_OK ? rg_store_read(ctx, listing_work, &l) : rc;
    *out = l.messages;
    *count = rc == RG_OK ? l.count : 0;
    return rc;
}

typedef struct {
    const char *uid;
    rg_try_t what;
} again_t;

static rg_outcome_t outcome_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const again_t *a = baton;
    rg_message_t *m;
    RG_TRY(rg_message_read(db, ctx, &m, 0, a->uid));
    rg_outcome_t rc = rg_outbox_set(db, ctx, m->id, a->what);
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL,
                       "This message changed in the meantime. Check the list again.");
    }
    return rc == RG_OK
               ? rg_audit_add(db, ctx, "message.status", "message", m->id, rg_try_name(a->what))
               : rc;
}

rg_outcome_t rg_outbox_again(const rg_ctx_t *ctx, const char *uid, rg_try_t what)
{
    again_t a = {uid, what};
    if (!rg_may(ctx, RG_DEED_FOLLOW_UP) || ctx->who.staff_id == 0) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(uid) ||
        (what != RG_TRY_AGAIN && what != RG_TRY_TOLD && what != RG_TRY_NOT_TOLD)) {
        return RG_NOT_FOUND;
    }
    return rg_store_once(ctx, outcome_work, &a);
}

/* --- no more of it, from a letter ------------------------------------------------------------- */

rg_outcome_t rg_outbox_stop_known(const rg_ctx_t *ctx, const char *token)
{
    int64_t patient;
    return rg_secret_opens(&patient, ctx, token, rg_outbox_stop_link);
}

typedef struct {
    unsigned char hash[32];
} stopping_t;

static rg_outcome_t stopping_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const stopping_t *s = baton;
    int64_t patient = 0;
    RG_TRY(rg_outbox_stop_link(db, ctx, &patient, s->hash));
    RG_TRY(rg_recall_stop(db, ctx, patient));
    return rg_audit_add(db, ctx, "recall.opt-out", "patient", patient, "letter");
}

rg_outcome_t rg_outbox_stop(const rg_ctx_t *ctx, const char *token)
{
    stopping_t s;
    rg_ctx_t own = rg_system_ctx(ctx);
    return rg_secret_hash(s.hash, token) ? rg_store_transact(&own, stopping_work, &s)
                                         : RG_NOT_FOUND;
}
