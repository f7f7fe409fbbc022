/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl claims export: stored claims as one FHIR Bundle, streamed. The file appears under its
 * name only when it is whole. */
#include "regenctl.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>
#include "regen/clinic/billing.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/render/writer.h"

typedef struct {
    ctl_t *ctl;
    const char *base; /* of the API; NULL: not known */
    apr_file_t *file;
    rg_writer_t *writer;
    apr_array_header_t *totals; /* of rg_money_t, one a currency */
    int64_t count;
} export_t;

static apr_status_t write_out(void *baton, const char *bytes, size_t n)
{
    return apr_file_write_full(((export_t *)baton)->file, bytes, n, NULL);
}

static bool add_total(export_t *e, rg_money_t m)
{
    for (int i = 0; i < e->totals->nelts; i++) {
        rg_money_t *sum = &APR_ARRAY_IDX(e->totals, i, rg_money_t);
        if (strcmp(sum->currency, m.currency) == 0) {
            return rg_money_add(sum, m);
        }
    }
    APR_ARRAY_PUSH(e->totals, rg_money_t) = m;
    return true;
}

static rg_outcome_t add_claim(void *baton, const rg_claim_doc_t *doc)
{
    export_t *e = baton;
    char address[512];
    const char *base = e->base;
    rg_writer_begin(e->writer, "entry");
    if (base) {
        apr_snprintf(address, sizeof(address), "%s/Claim/%s", base, doc->row.uid);
        rg_writer_string(e->writer, "fullUrl", address);
    }
    rg_writer_splice(e->writer, "resource", doc->xml, doc->xml_len);
    rg_writer_end(e->writer);
    e->count++;
    if (!add_total(e, doc->row.total)) {
        ctl_error("The total is out of range.");
        return RG_INTERNAL;
    }
    return RG_OK;
}

static rg_outcome_t write_bundle(export_t *e, rg_date_t from, rg_date_t to)
{
    rg_ctx_t *ctx = e->ctl->ctx;
    const char *why = NULL;
    e->writer = rg_writer_to_sink(e->ctl->pool, RG_FORMAT_XML, (rg_sink_t){write_out, e});
    rg_writer_resource(e->writer, NULL, "Bundle");
    rg_writer_string(e->writer, "type", "collection");
    rg_writer_instant(e->writer, "timestamp", ctx->now);
    rg_writer_list(e->writer, "entry");
    rg_outcome_t rc = rg_claim_each(ctx, from, to, add_claim, e);
    rg_writer_list_end(e->writer);
    rg_writer_resource_end(e->writer);
    rg_outcome_t written = rg_writer_finish(e->writer, &why);
    if (rc == RG_OK && written != RG_OK) {
        ctl_error("Writing failed%s%s.", why ? ": " : "", why ? why : "");
        return RG_INTERNAL;
    }
    return rc;
}

/* On the disk before it gets its name. */
static apr_status_t put_in_place(export_t *e, const char *temporary, const char *path)
{
    apr_status_t rv = apr_file_flush(e->file);
    rv = rv == APR_SUCCESS ? apr_file_sync(e->file) : rv;
    apr_status_t closed = apr_file_close(e->file);
    rv = rv == APR_SUCCESS ? closed : rv;
    return rv == APR_SUCCESS ? apr_file_rename(temporary, path, e->ctl->pool) : rv;
}

static int fail_with(apr_status_t rv, const char *path)
{
    char reason[120];
    ctl_error("%s: %s", path, apr_strerror(rv, reason, sizeof(reason)));
    return CTL_FAILED;
}

static void say_totals(const export_t *e, const char *path)
{
    ctl_say("%s: %lld claims.", path, (long long)e->count);
    for (int i = 0; i < e->totals->nelts; i++) {
        rg_money_t m = APR_ARRAY_IDX(e->totals, i, rg_money_t);
        ctl_say("Total: %s %s.", rg_money_decimal(e->ctl->pool, m), m.currency);
    }
}

static int write_claims(ctl_t *ctl, rg_date_t from, rg_date_t to, const char *path)
{
    export_t e = {.ctl = ctl,
                  .base = ctl_fhir_base(ctl),
                  .totals = apr_array_make(ctl->pool, 2, sizeof(rg_money_t))};
    char *temporary = apr_pstrcat(ctl->pool, path, ".XXXXXX", NULL);
    apr_status_t rv =
        apr_file_mktemp(&e.file, temporary,
                        APR_CREATE | APR_EXCL | APR_WRITE | APR_BUFFERED | APR_BINARY, ctl->pool);
    if (rv != APR_SUCCESS) {
        return fail_with(rv, path);
    }
    rg_outcome_t rc = write_bundle(&e, from, to);
    if (rc == RG_OK) {
        rv = put_in_place(&e, temporary, path);
    }
    if (rc != RG_OK || rv != APR_SUCCESS) {
        apr_file_remove(temporary, ctl->pool);
        return rc != RG_OK ? ctl_result(ctl, rc, "Nothing was exported") : fail_with(rv, path);
    }
    say_totals(&e, path);
    return CTL_DONE;
}

static int export_claims(ctl_t *ctl)
{
    rg_date_t from;
    rg_date_t to;
    const char *first = ctl_option(ctl, "from");
    const char *last = ctl_option(ctl, "to");
    const char *path = ctl_option(ctl, "output");
    if (!first || !last || !path || !rg_date_parse(&from, first) || !rg_date_parse(&to, last) ||
        rg_date_compare(from, to) > 0) {
        ctl_error("--from and --to must be dates in order, like 2026-12-01, and --output must name "
                  "a file.");
        return CTL_USAGE;
    }
    return write_claims(ctl, from, to, path);
}

static const apr_getopt_option_t EXPORT[] = {
    {"from", 'f', 1, "first date of service"},
    {"to", 't', 1, "last date of service"},
    {"output", 'o', 1, "file"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_claims_commands[] = {
    {"claims export", "--from DATE --to DATE --output FILE",
     "writes the claims of these dates of service as one FHIR Bundle (XML)", 0, 0, EXPORT,
     export_claims, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
