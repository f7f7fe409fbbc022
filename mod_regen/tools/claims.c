/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl claims export: stored claims as one FHIR Bundle or one X12 file, streamed. The file
 * appears under its name only when it is whole. */
#include "regenctl.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>
#include "regen/clinic/billing.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/text.h"
#include "regen/model/batch.h"
#include "regen/render/writer.h"
#include "regen/render/x12.h"

typedef struct {
    ctl_t *ctl;
    const char *base; /* of the API; NULL: not known */
    apr_file_t *file;
    rg_writer_t *writer;
    apr_array_header_t *totals; /* of rg_money_t, one a currency */
    int64_t count;
    rg_date_t from, to;
    int64_t batch_id; /* of an X12 file */
    rg_claim_batch_t *batch;
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

static rg_outcome_t write_bundle(export_t *e)
{
    rg_ctx_t *ctx = e->ctl->ctx;
    const char *why = NULL;
    e->writer = rg_writer_to_sink(e->ctl->pool, RG_FORMAT_XML, (rg_sink_t){write_out, e});
    rg_writer_resource(e->writer, NULL, "Bundle");
    rg_writer_string(e->writer, "type", "collection");
    rg_writer_instant(e->writer, "timestamp", ctx->now);
    rg_writer_list(e->writer, "entry");
    rg_outcome_t rc = rg_claim_each(ctx, e->from, e->to, add_claim, e);
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

/* FILL writes it all; nothing appears at PATH unless it did. */
static int write_file(export_t *e, const char *path, rg_outcome_t (*fill)(export_t *e))
{
    ctl_t *ctl = e->ctl;
    char *temporary = apr_pstrcat(ctl->pool, path, ".XXXXXX", NULL);
    apr_status_t rv =
        apr_file_mktemp(&e->file, temporary,
                        APR_CREATE | APR_EXCL | APR_WRITE | APR_BUFFERED | APR_BINARY, ctl->pool);
    if (rv != APR_SUCCESS) {
        return fail_with(rv, path);
    }
    rg_outcome_t rc = fill(e);
    if (rc == RG_OK) {
        rv = put_in_place(e, temporary, path);
    }
    if (rc != RG_OK || rv != APR_SUCCESS) {
        apr_file_remove(temporary, ctl->pool);
        return rc != RG_OK ? ctl_result(ctl, rc, "Nothing was exported") : fail_with(rv, path);
    }
    return CTL_DONE;
}

static int write_claims(ctl_t *ctl, rg_date_t from, rg_date_t to, const char *path)
{
    export_t e = {.ctl = ctl,
                  .base = ctl_fhir_base(ctl),
                  .from = from,
                  .to = to,
                  .totals = apr_array_make(ctl->pool, 2, sizeof(rg_money_t))};
    int code = write_file(&e, path, write_bundle);
    if (code == CTL_DONE) {
        say_totals(&e, path);
    }
    return code;
}

/* --- X12 -------------------------------------------------------------------------------------- */

static const rg_batch_render_t X12 = {rg_x12_begin, rg_x12_set, rg_x12_end};

static rg_outcome_t add_bytes(void *baton, const char *bytes, size_t n)
{
    return write_out(baton, bytes, n) == APR_SUCCESS ? RG_OK : RG_INTERNAL;
}

static rg_outcome_t fill_batch(export_t *e)
{
    return rg_claim_batch_write(&e->batch, e->ctl->ctx, e->batch_id, &X12, add_bytes, e);
}

static int write_again(ctl_t *ctl, int64_t batch, const char *path)
{
    export_t e = {.ctl = ctl, .batch_id = batch};
    int code = write_file(&e, path, fill_batch);
    if (code == CTL_DONE) {
        ctl_say("%s: X12 file %09lld with %d claims, SHA-256 %s.", path, (long long)batch,
                e.batch->claims, rg_text_hex(ctl->pool, e.batch->sha256, sizeof(e.batch->sha256)));
    }
    return code;
}

static void say_left(ctl_t *ctl, rg_date_t from, rg_date_t to)
{
    rg_batch_left_t *left = NULL;
    int count = 0;
    if (rg_claim_batch_left(&left, &count, ctl->ctx, from, to) != RG_OK) {
        return;
    }
    for (int i = 0; i < count; i++) {
        ctl_say("%s stays: %s", left[i].claim_no,
                *left[i].why ? left[i].why : "It was created before there were X12 files.");
    }
}

static int make_x12(ctl_t *ctl, rg_date_t from, rg_date_t to, const char *path)
{
    rg_claim_batch_t *batch = NULL;
    rg_outcome_t rc = rg_claim_batch_make(&batch, ctl->ctx, from, to, &X12);
    say_left(ctl, from, to);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "No file was made");
    }
    ctl_say("X12 file %09lld is made, for tests with the receiver: no payer pays for it. --batch "
            "%lld writes it again.",
            (long long)batch->id, (long long)batch->id);
    return write_again(ctl, batch->id, path);
}

/* --- the command ------------------------------------------------------------------------------ */

/* What --format and --batch say together; -1: nothing that goes together. */
static int x12_asked(ctl_t *ctl, int64_t *batch)
{
    const char *format = ctl_option(ctl, "format");
    const char *again = ctl_option(ctl, "batch");
    bool x12 = format && strcmp(format, "837p") == 0;
    *batch = 0;
    if ((format && !x12 && strcmp(format, "fhir") != 0) || (again && !x12) ||
        (again && !rg_text_i64(batch, again, 1, 999999999))) {
        return -1;
    }
    return x12;
}

static int export_claims(ctl_t *ctl)
{
    rg_date_t from;
    rg_date_t to;
    int64_t batch;
    int x12 = x12_asked(ctl, &batch);
    const char *first = ctl_option(ctl, "from");
    const char *last = ctl_option(ctl, "to");
    const char *path = ctl_option(ctl, "output");
    if (x12 > 0 && batch > 0 && path && !first && !last) {
        return write_again(ctl, batch, path);
    }
    if (x12 < 0 || batch > 0 || !first || !last || !path || !rg_date_parse(&from, first) ||
        !rg_date_parse(&to, last) || rg_date_compare(from, to) > 0) {
        ctl_error("--from and --to must be dates in order, like 2026-12-01, and --output must name "
                  "a file. --format is fhir or 837p; --batch NUMBER, with 837p alone, writes a "
                  "file again.");
        return CTL_USAGE;
    }
    return x12 > 0 ? make_x12(ctl, from, to, path) : write_claims(ctl, from, to, path);
}

static const apr_getopt_option_t EXPORT[] = {
    {"from", 'f', 1, "first date of service"},
    {"to", 't', 1, "last date of service"},
    {"output", 'o', 1, "file"},
    {"format", 'F', 1, "fhir or 837p"},
    {"batch", 'b', 1, "an X12 file that was made"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_claims_commands[] = {
    {"claims export", "--from DATE --to DATE --output FILE [--format 837p] [--batch NUMBER]",
     "writes the claims of these dates of service as one FHIR Bundle (XML) or one X12 file", 0, 0,
     EXPORT, export_claims, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
