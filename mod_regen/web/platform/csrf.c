/* SPDX-License-Identifier: Apache-2.0 */
/* A form is accepted only if we showed it to the same browser: checked by a form token derived from
 * the cookie's secret and the installation's, and by the browser's statement of the request's
 * origin. */
#include "platform.h"
#include "regen/core/form.h"
#include "regen/core/log.h"
#include "regen/core/val.h"

#include <apr_strings.h>
#include <string.h>

/* The browser's statement: -1 another site, 1 our own, 0 nothing. Sec-Fetch-Site takes precedence:
 * it is right under every name of this server. Our origin is set by RegenPublicBase, not by the
 * request. */
static int origin(const request_rec *r, const char *ours)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *from = apr_table_get(r->headers_in, "Origin");
    if (site) {
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0 ? 1 : -1;
    }
    if (!from) {
        return 0;
    }
    return ap_cstr_casecmp(from, ours) == 0 ? 1 : -1;
}

static const regen_words_t stale = {
    403, "forbidden", "Please send this once more",
    "This page was open for a long time, or your browser blocks cookies, so we could not verify "
    "that the request came from you. Nothing was changed."};

static const regen_words_t foreign = {403, "forbidden", "This request came from another site",
                                      "The request did not come from our pages. Nothing was "
                                      "changed. Open the page on this site and try again."};

/* The input goes back into a form with a new token, except passwords, which must be typed again. */
static rg_val_t *typed_again(regen_req_t *q)
{
    rg_val_t *view = rg_val_object(q->r->pool);
    int i;
    if (rg_form_get(q->form, "password")) {
        return view;
    }
    rg_val_bool(view, "resend", true);
    rg_val_str(view, "action", q->path);
    rg_val_t *fields = rg_val_set_list(view, "fields");
    for (i = 0; i < q->form->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(q->form->pairs, i, rg_pair_t);
        if (strcmp(pair->name, "csrf") != 0 && strcmp(pair->name, "idem") != 0) {
            rg_val_t *f = rg_val_add(fields);
            rg_val_str(f, "name", pair->name);
            rg_val_str(f, "value", pair->value);
        }
    }
    return view;
}

int regen_csrf_step(regen_req_t *q)
{
    if (q->own->fhir || q->r->method_number != M_POST || (q->route->flags & REGEN_BY_TOKEN) != 0) {
        return REGEN_NEXT;
    }
    int from = origin(q->r, q->own->where->origin);
    if (from >= 0 && regen_csrf_right(q)) {
        return REGEN_NEXT;
    }
    ap_log_rerror(APLOG_MARK, from < 0 ? APLOG_WARNING : APLOG_INFO, 0, q->r,
                  RGNO(03020) "POST %s: %s", q->route->pattern,
                  from < 0 ? "The request came from another site."
                           : "The form token is missing or wrong.");
    return regen_problem(q, from < 0 ? &foreign : &stale, from > 0 ? typed_again(q) : NULL);
}
