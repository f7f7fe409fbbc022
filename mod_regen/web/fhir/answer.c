/* SPDX-License-Identifier: Apache-2.0 */
/* How answers of the FHIR API leave: one buffer, one format, validators. */
#include "fhir.h"
#include "regen/clinic/api.h"
#include "regen/core/buf.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/model/visit.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"
#include "regen/clinic/schedule.h"

#include <apr_strings.h>
#include <string.h>

rg_writer_t *regen_fhir_writer(regen_req_t *q, rg_buf_t **out)
{
    *out = rg_buf_make(q->ctx->pool, REGEN_FHIR_MAX);
    return rg_writer_to_buf(q->ctx->pool, q->wants_json ? RG_FORMAT_JSON : RG_FORMAT_XML, *out);
}

int regen_fhir_send(regen_req_t *q, int status, rg_writer_t *w, rg_buf_t *out)
{
    const char *why = NULL;
    rg_outcome_t rc = rg_writer_finish(w, &why);
    if (rc != RG_OK) {
        rg_log(q->ctx, RG_LOG_ERR, RGNO(03200) "%s: %s", q->route->pattern, why);
        return regen_fail(q, rc == RG_TOO_LARGE ? rc : RG_INTERNAL);
    }
    return regen_send(q, status,
                      q->wants_json ? "application/fhir+json; charset=utf-8"
                                    : "application/fhir+xml; charset=utf-8",
                      out->data, out->len);
}

/* Weak, because both formats of one version share it. */
int regen_fhir_conditions(regen_req_t *q, const char *version, apr_time_t changed)
{
    request_rec *r = q->r;
    apr_table_setn(r->headers_out, "ETag", apr_pstrcat(r->pool, "W/\"", version, "\"", NULL));
    apr_table_mergen(r->headers_out, "Vary", "Accept");
    if (changed != 0) {
        ap_update_mtime(r, changed);
        ap_set_last_modified(r);
    }
    return ap_meets_conditions(r);
}

int regen_fhir_refuse(regen_req_t *q, int status, const char *code, const char *words)
{
    regen_words_t *w = apr_pcalloc(q->ctx->pool, sizeof(*w));
    *w = (regen_words_t){status, code, words, words};
    return regen_problem(q, w, NULL);
}

/* --- visits ----------------------------------------------------------------------------------- */

void regen_fhir_visit(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_visit_t *v,
                      apr_time_t from, apr_time_t until)
{
    rg_visit_t ahead = *v;
    for (int i = 0; i < e->dir->service_count; i++) {
        const rg_directory_service_t *s = &e->dir->services[i];
        if (s->service->id == v->service_id) {
            rg_visit_ahead(&ahead, e->p, s->service, s->site->zone);
        }
    }
    rg_fhir_visit(w, e, as, &ahead, from, until);
}
