/* SPDX-License-Identifier: Apache-2.0 */
/* The caller: the context of the request, its principal by area, and whether the route is allowed.
 * The route table's roles apply even without a Require line. */
#include "platform.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define AGENT_MAX 200

regen_state_t *regen_state(request_rec *r)
{
    regen_state_t *s = ap_get_module_config(r->request_config, &regen_module);
    if (!s) {
        s = apr_pcalloc(r->pool, sizeof(*s));
        ap_set_module_config(r->request_config, &regen_module, s);
    }
    return s;
}

void regen_claim(request_rec *r)
{
    regen_state(r)->claimed = true;
}

bool regen_claimed(request_rec *r)
{
    return regen_state(r)->claimed;
}

/* Shown again in consents' proofs, so only what is harmless to print. */
static const char *user_agent(const request_rec *r)
{
    const char *header = apr_table_get(r->headers_in, "User-Agent");
    char *s;
    if (!header) {
        return NULL;
    }
    char *copy = apr_pstrndup(r->pool, header, AGENT_MAX);
    for (s = copy; *s != '\0'; s++) {
        *s = apr_isprint(*s) && (unsigned char)*s < 0x7f ? *s : '?';
    }
    return copy;
}

rg_ctx_t *regen_ctx(request_rec *r, const regen_app_t *app)
{
    regen_state_t *s = regen_state(r);
    rg_ctx_t *ctx = s->ctx;
    if (ctx) {
        return ctx;
    }
    ctx = apr_pcalloc(r->pool, sizeof(*ctx));
    ctx->pool = r->pool;
    ctx->now = apr_time_now();
    ctx->random = rg_crypto_random;
    ctx->store = app->store;
    ctx->policy = app->policy;
    ctx->problems = rg_problems_make(r->pool);
    ctx->quiet = apr_table_get(r->headers_in, "Regen-Refresh") != NULL;
    ctx->client_ip = r->useragent_ip;
    ctx->user_agent = user_agent(r);
    ctx->log_baton = r;
    s->ctx = ctx;
    return ctx;
}

/* --- staff ------------------------------------------------------------------------------------ */

static rg_outcome_t staff_by_cookie(request_rec *r, const regen_app_t *app, rg_ctx_t *ctx)
{
    const char *token = regen_cookie_find(r->pool, apr_table_get(r->headers_in, "Cookie"),
                                          regen_cookie_name(app, REGEN_STAFF_AREA));
    if (!token || strlen(token) != REGEN_TOKEN_CHARS) {
        return RG_UNAUTHENTICATED;
    }
    return rg_session_resolve(&ctx->who, ctx, token);
}

rg_outcome_t regen_staff_principal(request_rec *r, const regen_app_t *app)
{
    regen_state_t *s = regen_state(r);
    rg_ctx_t *ctx = regen_ctx(r, app);
    rg_principal_t nobody = {0};
    if (s->staff_known) {
        return s->staff;
    }
    if (!ctx->store) {
        return RG_UNAVAILABLE;
    }
    if (r->user && (!r->ap_auth_type || strcmp(r->ap_auth_type, "Regen") != 0)) {
        s->staff = rg_staff_by_login(&ctx->who, ctx, r->user);
    }
    else {
        s->staff = staff_by_cookie(r, app, ctx);
    }
    if (s->staff != RG_OK || (ctx->who.roles & (RG_ROLE_STAFF | RG_ROLE_TABLET)) == 0) {
        s->staff = s->staff == RG_OK ? RG_UNAUTHENTICATED : s->staff;
        ctx->who = nobody;
    }
    s->staff_known = true;
    return s->staff;
}

/* --- patients and machines -------------------------------------------------------------------- */

static rg_outcome_t patient_principal(regen_req_t *q)
{
    if (!q->own->patient.session) {
        return RG_UNAUTHENTICATED;
    }
    return rg_visitor_resolve(&q->ctx->who, &q->own->mine, q->ctx, q->own->patient.session);
}

static rg_outcome_t machine_principal(regen_req_t *q)
{
    const char *token = regen_bearer(apr_table_get(q->r->headers_in, "Authorization"));
    return token ? rg_token_resolve(&q->ctx->who, q->ctx, token) : RG_UNAUTHENTICATED;
}

/* Reading one is r, searching is s; an operation that changes nothing, such as $validate, takes
 * either. The use-case knows which of c and u a change needs. */
static bool scoped(const regen_req_t *q)
{
    const char *scopes = q->ctx->who.scopes;
    const char *type = q->path + strlen("/fhir");
    type += *type == '/' ? 1 : 0;
    const char *rest = type + strcspn(type, "/");
    type = apr_pstrmemdup(q->r->pool, type, (apr_size_t)(rest - type));
    if ((q->route->flags & REGEN_WRITES) != 0) {
        return rg_scope_permits(scopes, type, 'c') || rg_scope_permits(scopes, type, 'u');
    }
    if (strchr(rest, '$')) {
        return rg_scope_permits(scopes, type, 'r') || rg_scope_permits(scopes, type, 's');
    }
    return rg_scope_permits(scopes, type,
                            rest[0] == '\0' || strcmp(rest, "/_search") == 0 ? 's' : 'r');
}

/* --- staff at a patient's page ---------------------------------------------------------------- */

/* Staff authenticated by httpd have no session of ours and, on patient pages without
 * authentication, no name either. So staff pages mark the browser until it is closed: eight bytes
 * for the person, and 24 that only this installation can make. A mark grants nothing: it only
 * refuses. */
enum { MARK_BYTES = 32, MARK_WHO = 8 };

static void mark_make(unsigned char mark[MARK_BYTES], const rg_key_t *key, int64_t staff_id)
{
    unsigned char mac[32];
    for (int i = 0; i < MARK_WHO; i++) {
        mark[i] = (unsigned char)((uint64_t)staff_id >> (8 * i));
    }
    rg_key_derive(mac, key, "staff-mark", mark, MARK_WHO);
    memcpy(mark + MARK_WHO, mac, MARK_BYTES - MARK_WHO);
}

static int64_t marked(const regen_req_t *q)
{
    const rg_keys_t *keys = q->ctx->policy->keys;
    unsigned char mark[MARK_BYTES];
    unsigned char right[MARK_BYTES];
    uint64_t who = 0;
    if (!q->own->staff_mark || !rg_text_unbase64url(mark, sizeof(mark), q->own->staff_mark)) {
        return 0;
    }
    for (int i = 0; i < MARK_WHO; i++) {
        who |= (uint64_t)mark[i] << (8 * i);
    }
    for (int i = 0; keys && i < keys->count; i++) {
        mark_make(right, &keys->key[i], (int64_t)who);
        if (rg_crypto_equal(mark, right, sizeof(right))) {
            return (int64_t)who;
        }
    }
    return 0;
}

static void mark_staff(regen_req_t *q)
{
    unsigned char mark[MARK_BYTES];
    if (!q->r->user || q->own->staff.session || !q->ctx->policy->keys ||
        marked(q) == q->ctx->who.staff_id) {
        return;
    }
    mark_make(mark, &q->ctx->policy->keys->key[0], q->ctx->who.staff_id);
    regen_staff_mark_send(q, rg_text_base64url(q->r->pool, mark, sizeof(mark)));
}

/* The staff member logged in in a browser that requests a patient page; 0: nobody. This does not
 * extend the session. */
static int64_t staff_beside(regen_req_t *q)
{
    rg_principal_t nobody = {0};
    bool quiet = q->ctx->quiet;
    if (!q->own->staff.session && !q->r->user) {
        return marked(q);
    }
    q->ctx->quiet = true;
    int64_t id = regen_staff_principal(q->r, q->own->app) == RG_OK ? q->ctx->who.staff_id : 0;
    q->ctx->quiet = quiet;
    q->ctx->who = nobody;
    return id > 0 ? id : marked(q);
}

static const regen_words_t handed = {
    403, "forbidden", "This link is for the patient",
    "You are logged in as staff in this browser, so the link does not open here. Find the booking "
    "on the staff pages. The patient can open the link on their own device, or here after you log "
    "out."};

/* A private link, or a booking's number in its place. */
static bool is_private_link(unsigned flags)
{
    return (flags & REGEN_PERSONAL) != 0 &&
           flags / REGEN_LIMITED(1) % REGEN_LIMIT_COUNT == REGEN_LIMIT_LINK;
}

/* --- the step --------------------------------------------------------------------------------- */

int regen_principal_step(regen_req_t *q)
{
    unsigned flags = q->route->flags;
    rg_outcome_t rc = RG_OK;
    if ((flags & REGEN_PATIENT_AREA) != 0 || is_private_link(flags)) {
        q->ctx->staff_beside = staff_beside(q);
    }
    if (q->ctx->staff_beside > 0 && is_private_link(flags)) {
        return regen_problem(q, &handed, NULL);
    }
    if ((flags & REGEN_STAFF_AREA) != 0) {
        rc = regen_staff_principal(q->r, q->own->app);
        if (rc == RG_OK) {
            mark_staff(q);
        }
    }
    else if ((flags & REGEN_PATIENT_AREA) != 0) {
        rc = patient_principal(q);
    }
    else if ((flags & REGEN_FHIR_AREA) != 0 && q->route->roles != 0) {
        rc = machine_principal(q);
    }
    if (rc == RG_OK && q->route->roles != 0 && (q->ctx->who.roles & q->route->roles) == 0) {
        rc = RG_FORBIDDEN;
    }
    if (rc == RG_FORBIDDEN && (q->ctx->who.roles & RG_ROLE_TABLET) != 0) {
        return regen_redirect(q, "/tablet"); /* back to the forms, whatever was typed */
    }
    if (rc == RG_OK && (q->ctx->who.roles & RG_ROLE_MACHINE) != 0 && !scoped(q)) {
        rc = RG_FORBIDDEN;
    }
    return rc == RG_OK ? REGEN_NEXT : regen_fail(q, rc);
}
