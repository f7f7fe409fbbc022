/* SPDX-License-Identifier: Apache-2.0 */
/* The FHIR writer's front end: tracks open elements, leaves out empty ones, remembers the first
 * failure and passes everything else to a back end. */
#include <string.h>

#include <apr_strings.h>

#include "writer_int.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/render/writer.h"

#define DIV_START "<div xmlns=\"http://www.w3.org/1999/xhtml\">"

const char *rg_format_type(rg_format_t f)
{
    return f == RG_FORMAT_JSON ? "application/fhir+json" : "application/fhir+xml";
}

/* --- life ----------------------------------------------------------------------------------- */

static apr_status_t free_back(void *writer)
{
    rg_writer_t *w = writer;

    w->closed = true;
    w->ops->free(w);
    return APR_SUCCESS;
}

rg_writer_t *rg_writer_to_sink(apr_pool_t *p, rg_format_t f, rg_sink_t sink)
{
    rg_writer_t *w = apr_pcalloc(p, sizeof(*w));

    w->pool = p;
    w->format = f;
    w->sink = sink;
    w->ops = f == RG_FORMAT_JSON ? &rg_writer_json_ops : &rg_writer_xml_ops;
    apr_pool_create(&w->scratch, p);
    w->ops->start(w);
    apr_pool_cleanup_register(p, w, free_back, apr_pool_cleanup_null);
    return w;
}

static apr_status_t write_buf(void *baton, const char *bytes, size_t n)
{
    rg_buf_t *buf = baton;

    rg_buf_add(buf, bytes, n);
    return buf->overflow ? APR_ENOMEM : APR_SUCCESS;
}

rg_writer_t *rg_writer_to_buf(apr_pool_t *p, rg_format_t f, rg_buf_t *out)
{
    rg_writer_t *w = rg_writer_to_sink(p, f, (rg_sink_t){write_buf, out});

    w->buf = out;
    return w;
}

rg_outcome_t rg_writer_finish(rg_writer_t *w, const char **why)
{
    if (w->outcome == RG_OK && !w->done) {
        rg_writer_fail(w, RG_INTERNAL, "the document is not complete", NULL);
    }
    if (w->outcome == RG_OK) {
        w->ops->flush(w);
    }
    if (why) {
        *why = w->why;
    }
    apr_pool_cleanup_run(w->pool, w, free_back);
    apr_pool_destroy(w->scratch);
    return w->outcome;
}

void rg_writer_fail(rg_writer_t *w, rg_outcome_t o, const char *why, const char *name)
{
    if (w->outcome == RG_OK) {
        w->outcome = o;
        w->why = name ? apr_pstrcat(w->pool, name, ": ", why, NULL) : why;
    }
}

bool rg_writer_put(rg_writer_t *w, const char *bytes, size_t n)
{
    if (w->closed || w->outcome != RG_OK) {
        return false;
    }
    if (n == 0 || w->sink.write(w->sink.baton, bytes, n) == APR_SUCCESS) {
        return true;
    }
    if (w->buf) {
        rg_writer_fail(w, RG_TOO_LARGE, "the document is larger than its buffer may be", NULL);
    }
    else {
        rg_writer_fail(w, RG_UNAVAILABLE, "the receiver takes no more bytes", NULL);
    }
    return false;
}

/* --- structure ------------------------------------------------------------------------------ */

static rg_frame_t *top(rg_writer_t *w)
{
    return w->depth > 0 ? &w->frames[w->depth - 1] : NULL;
}

static bool misused(rg_writer_t *w, const char *why, const char *name)
{
    rg_writer_fail(w, RG_INTERNAL, why, name);
    return false;
}

/* Whether an element NAME may come now. */
static bool fits(rg_writer_t *w, const char *name)
{
    const rg_frame_t *parent = top(w);

    if (w->outcome != RG_OK) {
        return false;
    }
    if (!parent || !name) {
        return misused(w, "an element outside of a resource", name);
    }
    if (parent->kind == RG_FRAME_LIST && strcmp(parent->name, name) != 0) {
        return misused(w, "another element within a list", name);
    }
    return true;
}

static bool push_frame(rg_writer_t *w, rg_frame_kind_t kind, const char *name)
{
    if (w->depth == RG_WRITER_DEPTH) {
        return misused(w, "elements nested too deep", name);
    }
    rg_frame_t *f = &w->frames[w->depth++];
    memset(f, 0, sizeof(*f));
    f->kind = kind;
    f->name = name;
    return true;
}

/* Content comes: everything around it that was only begun so far is written. */
static rg_frame_t *open_frames(rg_writer_t *w)
{
    int i = w->depth;

    while (i > 0 && !w->frames[i - 1].open) {
        i--;
    }
    for (; i < w->depth; i++) {
        w->ops->open(w, i > 0 ? &w->frames[i - 1] : NULL, &w->frames[i]);
        w->frames[i].open = true;
    }
    return top(w);
}

static void pop(rg_writer_t *w, rg_frame_kind_t kind)
{
    rg_frame_t *f = top(w);

    if (w->outcome != RG_OK) {
        return;
    }
    if (!f || f->kind != kind) {
        misused(w, "an end without its begin", f ? f->name : NULL);
        return;
    }
    if (f->open) {
        w->ops->close(w, f);
    }
    w->depth--;
}

void rg_writer_resource(rg_writer_t *w, const char *name, const char *type)
{
    if (w->outcome != RG_OK) {
        return;
    }
    if (w->depth == 0 && (name || w->done)) {
        misused(w, "a second resource, or one without its document", name);
        return;
    }
    if (w->depth > 0 && !fits(w, name)) {
        return;
    }
    if (push_frame(w, RG_FRAME_RESOURCE, name)) {
        top(w)->type = type;
        open_frames(w);
    }
}

void rg_writer_resource_end(rg_writer_t *w)
{
    pop(w, RG_FRAME_RESOURCE);
    w->done = w->depth == 0;
}

void rg_writer_begin_id(rg_writer_t *w, const char *name, const char *id)
{
    if (fits(w, name) && push_frame(w, RG_FRAME_OBJECT, name)) {
        top(w)->id = id && *id ? id : NULL;
    }
}

void rg_writer_begin(rg_writer_t *w, const char *name)
{
    rg_writer_begin_id(w, name, NULL);
}

void rg_writer_extension(rg_writer_t *w, const char *name, const char *url)
{
    if (fits(w, name) && push_frame(w, RG_FRAME_OBJECT, name)) {
        top(w)->url = url;
    }
}

void rg_writer_end(rg_writer_t *w)
{
    pop(w, RG_FRAME_OBJECT);
}

void rg_writer_list(rg_writer_t *w, const char *name)
{
    const rg_frame_t *parent = top(w);

    if (w->outcome == RG_OK && parent && parent->kind == RG_FRAME_LIST) {
        misused(w, "a list within a list", name);
    }
    if (fits(w, name)) {
        push_frame(w, RG_FRAME_LIST, name);
    }
}

void rg_writer_list_end(rg_writer_t *w)
{
    pop(w, RG_FRAME_LIST);
}

/* --- values --------------------------------------------------------------------------------- */

/* What both formats can carry. Text is cleaned on input; this is the last check before a claim.
 * Most of it is plain ASCII, so that is checked first. */
static bool is_clean_text(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && s[i] >= ' ' && s[i] < 0x7f) {
        i++;
    }
    return rg_text_clean(s + i, n - i);
}

void rg_writer_string(rg_writer_t *w, const char *name, const char *s)
{
    if (!fits(w, name) || !s || !*s) {
        return;
    }
    size_t n = strlen(s);
    if (!is_clean_text(s, n)) {
        rg_writer_fail(w, RG_INVALID, "not UTF-8, or control characters", name);
        return;
    }
    w->ops->text(w, open_frames(w), name, s, n);
}

static void put_literal(rg_writer_t *w, const char *name, const char *s)
{
    if (fits(w, name)) {
        w->ops->literal(w, open_frames(w), name, s);
    }
}

void rg_writer_bool(rg_writer_t *w, const char *name, bool b)
{
    put_literal(w, name, b ? "true" : "false");
}

void rg_writer_int(rg_writer_t *w, const char *name, int64_t n)
{
    char text[24];

    apr_snprintf(text, sizeof(text), "%" APR_INT64_T_FMT, n);
    put_literal(w, name, text);
}

static const char *after_digits(const char *s)
{
    while (*s >= '0' && *s <= '9') {
        s++;
    }
    return s;
}

/* JSON's numbers and FHIR's decimals, without exponents: no zeros in front, digits on both sides.
 * */
static bool is_plain_decimal(const char *s)
{
    const char *whole = s + (*s == '-');
    const char *end = after_digits(whole);

    if (end == whole || (*whole == '0' && end > whole + 1)) {
        return false;
    }
    if (*end == '.') {
        whole = end + 1;
        end = after_digits(whole);
    }
    return end > whole && *end == '\0';
}

void rg_writer_decimal(rg_writer_t *w, const char *name, const char *decimal)
{
    if (!decimal || !*decimal) {
        return;
    }
    if (!is_plain_decimal(decimal)) {
        rg_writer_fail(w, RG_INVALID, "not a decimal number", name);
        return;
    }
    put_literal(w, name, decimal);
}

void rg_writer_date(rg_writer_t *w, const char *name, rg_date_t d)
{
    if (d.year != 0) {
        rg_writer_string(w, name, rg_date_iso(w->scratch, d));
        apr_pool_clear(w->scratch);
    }
}

void rg_writer_instant(rg_writer_t *w, const char *name, apr_time_t t)
{
    if (t != 0) {
        rg_writer_string(w, name, rg_time_instant(w->scratch, t));
        apr_pool_clear(w->scratch);
    }
}

void rg_writer_xhtml(rg_writer_t *w, const char *name, const char *div)
{
    if (!fits(w, name) || !div || !*div) {
        return;
    }
    size_t n = strlen(div);
    if (strncmp(div, "<div", 4) != 0 || !is_clean_text(div, n)) {
        rg_writer_fail(w, RG_INVALID, "not a clean <div>", name);
        return;
    }
    w->ops->xhtml(w, open_frames(w), name, div, n);
}

void rg_writer_narrative(rg_writer_t *w, const char *text)
{
    if (w->outcome != RG_OK || !text || !*text) {
        return;
    }
    rg_buf_t *div = rg_buf_make(w->scratch, SIZE_MAX);
    rg_buf_puts(div, DIV_START "<p>");
    rg_text_escape_html(div, text, strlen(text));
    rg_buf_puts(div, "</p></div>");
    rg_writer_begin(w, "text");
    rg_writer_string(w, "status", "generated");
    rg_writer_xhtml(w, "div", div->data);
    rg_writer_end(w);
    apr_pool_clear(w->scratch);
}

/* --- splice --------------------------------------------------------------------------------- */

static bool is_json_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void trim_span(const char **s, size_t *n)
{
    while (*n > 0 && is_json_space(**s)) {
        (*s)++;
        (*n)--;
    }
    while (*n > 0 && is_json_space((*s)[*n - 1])) {
        (*n)--;
    }
}

/* Without its byte order mark, XML declaration and blanks around. */
static void strip_prolog(const char **s, size_t *n)
{
    const char *end;

    if (*n >= 3 && memcmp(*s, "\xef\xbb\xbf", 3) == 0) {
        *s += 3;
        *n -= 3;
    }
    trim_span(s, n);
    if (*n >= 5 && memcmp(*s, "<?xml", 5) == 0) {
        end = memmem(*s, *n, "?>", 2);
        if (end) {
            *n -= (size_t)(end + 2 - *s);
            *s = end + 2;
        }
    }
    trim_span(s, n);
}

/* A doctype, comment or instruction before the root would be dropped by nobody, so it is refused.
 * */
static bool is_document(rg_format_t f, const char *s, size_t n)
{
    if (n < 2) {
        return false;
    }
    if (f == RG_FORMAT_JSON) {
        return s[0] == '{' && s[n - 1] == '}';
    }
    return s[0] == '<' && s[1] >= 'A' && s[1] <= 'Z' && s[n - 1] == '>';
}

void rg_writer_splice(rg_writer_t *w, const char *name, const char *bytes, size_t n)
{
    if (!fits(w, name)) {
        return;
    }
    strip_prolog(&bytes, &n);
    if (n > INT32_MAX || !is_document(w->format, bytes, n)) {
        rg_writer_fail(w, RG_INVALID, "the stored document is not one resource in this format",
                       name);
        return;
    }
    w->ops->splice(w, open_frames(w), name, bytes, n);
}
