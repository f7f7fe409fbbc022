/* SPDX-License-Identifier: Apache-2.0 */
/* Problems below /fhir: OperationOutcome, as XML or JSON, whatever went wrong. */
#include "platform.h"

#include <string.h>

#define OUTCOME_MAX (256 * 1024)

/* One issue. Elements in the order of HL7's schema. */
static void issue(rg_writer_t *w, const regen_words_t *words, const char *text, const char *where)
{
    rg_writer_begin(w, "issue");
    rg_writer_string(w, "severity",
                     strcmp(words->fhir, "informational") == 0 ? "information" : "error");
    rg_writer_string(w, "code", words->fhir);
    rg_writer_concept(w, "details", NULL, NULL, NULL, text);
    if (where != NULL) {
        rg_writer_list(w, "expression");
        rg_writer_string(w, "expression", where);
        rg_writer_list_end(w);
    }
    rg_writer_end(w);
}

static void describe(rg_writer_t *w, const regen_words_t *words, const rg_problems_t *problems)
{
    int i;
    rg_writer_resource(w, NULL, "OperationOutcome");
    rg_writer_list(w, "issue");
    for (i = 0; i < problems->list->nelts; i++) {
        const rg_problem_t *p = &APR_ARRAY_IDX(problems->list, i, rg_problem_t);
        issue(w, words, p->text, p->field);
    }
    if (i == 0) {
        issue(w, words, words->words[0] != '\0' ? words->words : words->title, NULL);
    }
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

int regen_fhir_problem(regen_req_t *q, const regen_words_t *words)
{
    rg_format_t format = q->wants_json ? RG_FORMAT_JSON : RG_FORMAT_XML;
    rg_buf_t *out = rg_buf_make(q->r->pool, OUTCOME_MAX);
    rg_writer_t *w = rg_writer_to_buf(q->r->pool, format, out);
    const char *why = NULL;
    describe(w, words, q->ctx->problems);
    if (rg_writer_finish(w, &why) != RG_OK) {
        rg_log(q->ctx, RG_LOG_ERR, RGNO(03005) "OperationOutcome: %s", why);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (words->status == HTTP_UNAUTHORIZED) {
        apr_table_setn(q->r->err_headers_out, "WWW-Authenticate", "Bearer realm=\"regen\"");
    }
    return regen_send(q, words->status,
                      q->wants_json ? "application/fhir+json; charset=utf-8"
                                    : "application/fhir+xml; charset=utf-8",
                      out->data, out->len);
}
