/* SPDX-License-Identifier: Apache-2.0 */
/* No form is accepted that was not shown by us to the same browser: a token in the form that is
 * made from the cookie's secret and the installation's, and the browser's own word where the
 * request came from. */
#include "platform.h"
#include "regen/core/form.h"
#include "regen/core/log.h"
#include "regen/core/val.h"

#include <apr_strings.h>
#include <string.h>

/* What the browser says: -1 another site, 1 our own, 0 nothing. Sec-Fetch-Site goes first: it is
 * right under every name that leads here. Which origin is ours is said by RegenPublicBase, not by
 * the request. */
static int origin(const request_rec *r, const char *ours)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *from = apr_table_get(r->headers_in, "Origin");
    if (site != NULL) {
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0 ? 1 : -1;
    }
    if (from == NULL) {
        return 0;
    }
    return ap_cstr_casecmp(from, ours) == 0 ? 1 : -1;
}

static const regen_words_t stale = {403, "forbidden", "Please send this once more",
                                    "This page was open for a long time, or cookies are switched "
                                    "off, so we could not be sure that the "
                                    "request came from you. Nothing was changed."};

static const regen_words_t foreign = {403, "forbidden", "This came from another site",
                                      "The request did not start on our own pages. Nothing was "
                                      "changed. Open the page here and try again."};

/* What was typed goes back into a form with a fresh token. Not passwords: they are typed again. */
static rg_val_t *typed_again(regen_req_t *q)
{
    rg_val_t *view = rg_val_object(q->r->pool);
    rg_val_t *fields;
    int i;
    if (rg_form_get(q->form, "password") != NULL) {
        return view;
    }
    rg_val_bool(view, "resend", true);
    rg_val_str(view, "action", q->path);
    fields = rg_val_set_list(view, "fields");
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
    int from;
    if (q->own->fhir || q->r->method_number != M_POST) {
        return REGEN_NEXT;
    }
    from = origin(q->r, q->own->where->origin);
    if (from >= 0 && regen_csrf_right(q)) {
        return REGEN_NEXT;
    }
    ap_log_rerror(APLOG_MARK, from < 0 ? APLOG_WARNING : APLOG_INFO, 0, q->r,
                  RGNO(03020) "POST %s: %s", q->route->pattern,
                  from < 0 ? "from another site" : "without the right form token");
    return regen_problem(q, from < 0 ? &foreign : &stale, from > 0 ? typed_again(q) : NULL);
}
