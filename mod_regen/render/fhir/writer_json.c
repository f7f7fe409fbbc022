/* SPDX-License-Identifier: Apache-2.0 */
/* The FHIR writer's JSON back end. Our own because jansson rewrites numbers (12.50 becomes
 * 12.5), and because a stream needs no tree. */
#include <string.h>

#include "writer_int.h"
#include "regen/render/writer.h"

#define CHUNK 8192

typedef struct {
    size_t used;
    char bytes[CHUNK];
} chunk_t;

/* --- bytes ---------------------------------------------------------------------------------- */

static void drain(rg_writer_t *w)
{
    chunk_t *c = w->back;

    rg_writer_put(w, c->bytes, c->used);
    c->used = 0;
}

static void put(rg_writer_t *w, const char *s, size_t n)
{
    chunk_t *c = w->back;

    if (n > CHUNK - c->used) {
        drain(w);
    }
    if (n > CHUNK) {
        rg_writer_put(w, s, n);
        return;
    }
    memcpy(c->bytes + c->used, s, n);
    c->used += n;
}

static void put_char(rg_writer_t *w, char byte)
{
    put(w, &byte, 1);
}

static void put_escape(rg_writer_t *w, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *at = strchr(plain, byte);

    if (byte && at) {
        put(w, (const char[]){'\\', letters[at - plain]}, 2);
    }
    else {
        put(w, (const char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
    }
}

static void json_quoted(rg_writer_t *w, const char *s, size_t n)
{
    const char *end = s + n;

    put_char(w, '"');
    while (s < end) {
        const char *plain = s;

        while (s < end && (unsigned char)*s >= ' ' && *s != '"' && *s != '\\') {
            s++;
        }
        put(w, plain, (size_t)(s - plain));
        if (s < end) {
            put_escape(w, (unsigned char)*s++);
        }
    }
    put_char(w, '"');
}

/* The comma and the name before a member, or only the comma before an item of a list. */
static void put_lead(rg_writer_t *w, rg_frame_t *parent, const char *name)
{
    if (!parent) {
        return;
    }
    if (parent->some) {
        put_char(w, ',');
    }
    parent->some = true;
    if (parent->kind != RG_FRAME_LIST) {
        put_char(w, '"');
        put(w, name, strlen(name));
        put(w, "\":", 2);
    }
}

static void json_text(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s, size_t n)
{
    put_lead(w, parent, name);
    json_quoted(w, s, n);
}

static void json_raw(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s, size_t n)
{
    put_lead(w, parent, name);
    put(w, s, n);
}

static void json_literal(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s)
{
    json_raw(w, parent, name, s, strlen(s));
}

static void json_attribute(rg_writer_t *w, rg_frame_t *f, const char *name, const char *value)
{
    if (value) {
        json_text(w, f, name, value, strlen(value));
    }
}

static void json_open(rg_writer_t *w, rg_frame_t *parent, rg_frame_t *f)
{
    put_lead(w, parent, f->name);
    put_char(w, f->kind == RG_FRAME_LIST ? '[' : '{');
    json_attribute(w, f, "resourceType", f->type);
    json_attribute(w, f, "id", f->id);
    json_attribute(w, f, "url", f->url);
}

static void json_close(rg_writer_t *w, rg_frame_t *f)
{
    put_char(w, f->kind == RG_FRAME_LIST ? ']' : '}');
}

/* --- life ----------------------------------------------------------------------------------- */

static void json_start(rg_writer_t *w)
{
    chunk_t *first = apr_pcalloc(w->pool, sizeof(*first));
    w->back = first;
}

static void json_flush(rg_writer_t *w)
{
    put_char(w, '\n');
    drain(w);
}

static void json_free(rg_writer_t *w)
{
    w->back = NULL;
}

const rg_writer_ops_t rg_writer_json_ops = {
    .start = json_start,
    .open = json_open,
    .close = json_close,
    .text = json_text,
    .literal = json_literal,
    .xhtml = json_text,
    .splice = json_raw,
    .flush = json_flush,
    .free = json_free,
};
