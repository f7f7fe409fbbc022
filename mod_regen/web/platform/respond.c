/* SPDX-License-Identifier: Apache-2.0 */
/* Pages, and the page or OperationOutcome of a refusal. http/send.c sends them. */
#include "platform.h"
#include "regen/clinic/definitions.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/place.h"
#include "regen/render/template.h"
#include "regen/render/view.h"

#include <apr_strings.h>
#include <string.h>

#define PAGE_MAX (8 * 1024 * 1024)

/* --- pages ------------------------------------------------------------------------------------ */

static rg_val_t *staff_view(regen_req_t *q)
{
    static const unsigned roles[] = {RG_ROLE_FRONT_DESK, RG_ROLE_CLINICIAN, RG_ROLE_BILLING,
                                     RG_ROLE_ADMIN};
    static const char *const keys[] = {"front_desk", "clinician", "billing", "admin"};
    rg_val_t *v = rg_val_object(q->r->pool);
    int i;
    rg_val_str(v, "name", q->ctx->who.name);
    for (i = 0; i < 4; i++) {
        rg_val_bool(v, keys[i], (q->ctx->who.roles & roles[i]) != 0);
    }
    rg_val_bool(v, "sees_desk",
                (q->ctx->who.roles & (RG_ROLE_STAFF & ~(unsigned)RG_ROLE_BILLING)) != 0);
    rg_val_bool(v, "takes_money",
                (q->ctx->who.roles & (RG_ROLE_FRONT_DESK | RG_ROLE_BILLING | RG_ROLE_ADMIN)) != 0);
    rg_val_bool(v, "sees_billing", (q->ctx->who.roles & (RG_ROLE_BILLING | RG_ROLE_ADMIN)) != 0);
    return v;
}

static void add_problems(regen_req_t *q, rg_val_t *view)
{
    const apr_array_header_t *list = q->ctx->problems->list;
    rg_val_t *all = rg_val_set_list(view, "problems");
    rg_val_t *errors = rg_val_object(q->r->pool);
    int i;
    for (i = 0; i < list->nelts; i++) {
        const rg_problem_t *p = &APR_ARRAY_IDX(list, i, rg_problem_t);
        rg_val_t *item = rg_val_add(all);
        rg_val_str(item, "field", p->field);
        rg_val_str(item, "text", p->text);
        if (p->field && !rg_val_get(errors, p->field)) {
            rg_val_str(errors, p->field, p->text);
        }
    }
    rg_val_set(view, "errors", errors);
    rg_val_bool(view, "has_errors", list->nelts > 0);
}

static const char *fresh_key(regen_req_t *q)
{
    unsigned char random[16];
    q->ctx->random(random, sizeof(random));
    return rg_text_base64url(q->r->pool, random, sizeof(random));
}

/* Of patients: what the page is about, for its forms and links. */
static void name_subject(regen_req_t *q, rg_val_t *view)
{
    const char *uid = q->this_booking ? q->this_booking : q->this_place;
    rg_val_str(view, "this_booking", q->this_booking);
    rg_val_str(view, "this_place", q->this_place);
    rg_val_bool(view, "several_mine", q->several);
    if (uid) {
        const char *name = q->this_booking ? "?booking=" : "?place=";
        rg_val_str(view, "which", apr_pstrcat(q->r->pool, name, uid, NULL));
    }
}

/* What every page needs, beside what its handler gave. */
static void complete_view(regen_req_t *q, rg_val_t *view)
{
    name_subject(q, view);
    q->csrf = regen_csrf_token(q);
    rg_val_str(view, "base", q->base);
    rg_val_str(view, "static_tag", q->own->app->statics_tag);
    rg_val_str(view, "csrf", q->csrf);
    rg_val_str(view, "idem", fresh_key(q));
    if ((q->ctx->who.roles & RG_ROLE_STAFF) != 0) {
        rg_val_set(view, "staff", staff_view(q));
    }
    add_problems(q, view);
}

static int page(regen_req_t *q, int status, const char *name, rg_val_t *view)
{
    rg_buf_t *out = rg_buf_make(q->r->pool, PAGE_MAX);
    complete_view(q, view);
    rg_outcome_t rc = rg_template_render(q->templates, name, view, out);
    if (rc != RG_OK || out->overflow) {
        rg_log(q->ctx, RG_LOG_ERR, RGNO(03002) "Template %s: %s.", name, rg_outcome_name(rc));
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    /* Only a page with a form needs a visitor, so that only then a cookie is set. */
    if (q->csrf && strstr(out->data, q->csrf)) {
        regen_visitor_send(q);
    }
    return regen_send(q, status, "text/html; charset=utf-8", out->data, out->len);
}

int regen_page(regen_req_t *q, rg_outcome_t outcome, const char *name, rg_val_t *view)
{
    rg_outcome_t rc = regen_look(q);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return page(q, regen_outcome_words(outcome, false)->status, name,
                view ? view : rg_val_object(q->r->pool));
}

/* Error pages show the clinic's name and phone number. */
static void put_face(rg_val_t *view, regen_req_t *q, int status)
{
    const regen_app_t *app = q->own->app;
    int sites = 0;
    /* Each child reads it once; even in a flood this is cheap, and the refused visitor may be a
     * patient. */
    bool calm = status < 500;
    const rg_site_t *site = q->ctx->store ? rg_catalogue_face(&sites, q->ctx, calm) : NULL;
    if (rg_val_get(view, "site")) {
        return;
    }
    if (site) {
        rg_val_str(view, "clinic", site->name);
        rg_val_set(view, "site", rg_view_site(q->r->pool, site));
        rg_val_bool(view, "many_zones", sites > 1);
    }
    else if (app->clinic_name || app->clinic_phone) {
        rg_val_str(view, "clinic", app->clinic_name);
        rg_val_set(view, "site", rg_view_face(q->r->pool, app->clinic_name, app->clinic_phone));
    }
}

static bool in_staff_area(const regen_req_t *q)
{
    return q->route && (q->route->flags & REGEN_STAFF_AREA) != 0;
}

int regen_problem(regen_req_t *q, const regen_words_t *w, rg_val_t *more)
{
    rg_val_t *view = more ? more : rg_val_object(q->r->pool);
    /* The rate limiter has already set a better value. */
    if (!apr_table_get(q->r->err_headers_out, "Retry-After") &&
        (w->status == HTTP_SERVICE_UNAVAILABLE || w->status == HTTP_TOO_MANY_REQUESTS)) {
        bool busy = w->status == HTTP_SERVICE_UNAVAILABLE;
        apr_table_setn(q->r->err_headers_out, "Retry-After", busy ? "30" : "300");
    }
    if (q->own->fhir) {
        return regen_fhir_problem(q, w);
    }
    put_face(view, q, w->status);
    rg_val_int(view, "status", w->status);
    rg_val_str(view, "title", w->title);
    rg_val_str(view, "words", w->words);
    rg_val_bool(view, "staff_area", in_staff_area(q));
    return page(q, w->status, "platform/problem.html", view);
}

int regen_refuse(regen_req_t *q, int status)
{
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, q->r, RGNO(03003) "Refused with %d.", status);
    return regen_problem(q, regen_status_words(status), NULL);
}

const char *regen_login_path(request_rec *r, const regen_where_t *where)
{
    size_t n = strlen(where->mount);
    bool ours = strncmp(r->uri, where->mount, n) == 0 && r->uri[n] == '/';
    const char *query = r->args && r->args[0] != '\0' ? r->args : NULL;
    if (r->method_number != M_GET) {
        return NULL;
    }
    const char *back = apr_pstrcat(r->pool, ours ? where->path : "", ours ? r->uri + n : r->uri,
                                   query ? "?" : NULL, query, NULL);
    return apr_pstrcat(r->pool, where->path, "/login?to=", ap_escape_urlencoded(r->pool, back),
                       NULL);
}

/* Away from the login page when a person can come back from there. */
static int ask_for_login(regen_req_t *q)
{
    const char *login = regen_login_path(q->r, q->own->where);
    if (q->own->fhir || !in_staff_area(q) || !login) {
        return REGEN_NEXT;
    }
    apr_table_setn(q->r->headers_out, "Location", login);
    return regen_send(q, HTTP_SEE_OTHER, NULL, "", 0);
}

static const regen_words_t patient_words = {
    401, "login", "Please open your link again",
    "This page belongs to a booking that this browser no longer knows. Open the private link you "
    "got when you booked, or use your booking number and date of birth under “Open a booking”. If "
    "you have neither, call the clinic."};

static const regen_words_t sent_before = {
    409, "duplicate", "You already sent this form",
    "You already sent this form with different answers, and those were saved. Nothing was changed "
    "now. Go back, reload the page to see what is saved, and change it there."};

bool regen_sent_before(const regen_req_t *q)
{
    return q->ctx->idem && q->ctx->idem->other;
}

int regen_fail(regen_req_t *q, rg_outcome_t outcome)
{
    const regen_words_t *w = regen_outcome_words(outcome, in_staff_area(q));
    int rc;
    if (outcome == RG_CONFLICT && regen_sent_before(q)) {
        w = &sent_before;
    }
    ap_log_rerror(APLOG_MARK, regen_outcome_level(outcome), 0, q->r, RGNO(03004) "%s %s: %s",
                  q->r->method_number == M_POST ? "POST" : "GET",
                  q->route ? q->route->pattern : "(no route)", rg_outcome_name(outcome));
    if (outcome == RG_UNAUTHENTICATED) {
        rc = ask_for_login(q);
        if (rc != REGEN_NEXT) {
            return rc;
        }
        if (q->route && (q->route->flags & REGEN_PATIENT_AREA) != 0) {
            w = &patient_words;
        }
    }
    return regen_problem(q, w, NULL);
}

int regen_version(const regen_req_t *q)
{
    const char *sent = rg_form_get(q->form, "version");
    int64_t n = 0;

    if (!sent) {
        return 0;
    }
    return rg_text_i64(&n, sent, 1, INT32_MAX) ? (int)n : INT32_MAX;
}

const char *regen_field(const regen_req_t *q, const char *name)
{
    const char *v = rg_form_get(q->form, name);
    return v ? rg_text_tidy(q->r->pool, v) : "";
}

const char *regen_param(const regen_req_t *q, const char *name)
{
    return rg_form_get(q->query, name);
}
