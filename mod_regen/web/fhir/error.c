/* SPDX-License-Identifier: Apache-2.0 */
/* Problems below /fhir: OperationOutcome, as XML or JSON, whatever went wrong. */
#include "mod_regen/web/platform/platform.h"
#include "regen/core/buf.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/render/writer.h"

#include <string.h>

#define OUTCOME_MAX (256 * 1024)

/* As in HL7's examples: a search that was not understood is fatal. */
static const char *severity(const char *code)
{
    if (strcmp(code, "informational") == 0) {
        return "information";
    }
    return strcmp(code, "code-invalid") == 0 ? "fatal" : "error";
}

/* One issue. WHERE is a path of an element, or "http." and a parameter. Elements in the order of
 * HL7's schema. */
static void write_issue(rg_writer_t *w, const char *code, const char *text, const char *where)
{
    rg_writer_begin(w, "issue");
    rg_writer_string(w, "severity", severity(code));
    rg_writer_string(w, "code", code);
    rg_writer_concept(w, "details", NULL, NULL, NULL, text);
    if (where) {
        const char *what = strncmp(where, "http.", 5) == 0 ? "location" : "expression";
        rg_writer_list(w, what);
        rg_writer_string(w, what, where);
        rg_writer_list_end(w);
    }
    rg_writer_end(w);
}

/* The table's words about logging in are for people; machines have a token, or not. */
static const char *said(const regen_req_t *q, const regen_words_t *words)
{
    switch (words->status) {
    case HTTP_UNAUTHORIZED:
        return apr_table_get(q->r->headers_in, "Authorization")
                   ? "This token is unknown, expired or revoked."
                   : "Send a token in the header Authorization: Bearer.";
    case HTTP_FORBIDDEN: return "The scopes of this token do not allow this.";
    default: return words->words[0] != '\0' ? words->words : words->title;
    }
}

/* RFC 6750, section 3: who sent no token at all is told of no error. */
static void challenge(const regen_req_t *q, int status)
{
    if (status == HTTP_UNAUTHORIZED) {
        apr_table_setn(q->r->err_headers_out, "WWW-Authenticate",
                       apr_table_get(q->r->headers_in, "Authorization")
                           ? "Bearer realm=\"regen\", error=\"invalid_token\""
                           : "Bearer realm=\"regen\"");
    }
    if (status == HTTP_FORBIDDEN) {
        apr_table_setn(q->r->err_headers_out, "WWW-Authenticate",
                       "Bearer realm=\"regen\", error=\"insufficient_scope\"");
    }
}

static void describe_problems(rg_writer_t *w, const regen_req_t *q, const regen_words_t *words)
{
    const rg_problems_t *problems = q->ctx->problems;
    int i;
    rg_writer_resource(w, NULL, "OperationOutcome");
    rg_writer_list(w, "issue");
    for (i = 0; i < problems->list->nelts; i++) {
        const rg_problem_t *p = &APR_ARRAY_IDX(problems->list, i, rg_problem_t);
        write_issue(w, p->code ? p->code : words->fhir, p->text, p->field);
    }
    if (i == 0) {
        write_issue(w, words->fhir, said(q, words), NULL);
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
    describe_problems(w, q, words);
    if (rg_writer_finish(w, &why) != RG_OK) {
        rg_log(q->ctx, RG_LOG_ERR, RGNO(03005) "OperationOutcome: %s", why);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    challenge(q, words->status);
    return regen_send(q, words->status,
                      q->wants_json ? "application/fhir+json; charset=utf-8"
                                    : "application/fhir+xml; charset=utf-8",
                      out->data, out->len);
}
