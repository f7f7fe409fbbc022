/* SPDX-License-Identifier: Apache-2.0 */
/* The FHIR writer's XML back end on libxml2's xmlTextWriter, which escapes and balances; bytes
 * leave through the writer's sink in pieces of a few kilobytes. */
#include <libxml/xmlwriter.h>

#include "writer_int.h"
#include "regen/core/outcome.h"
#include "regen/render/writer.h"

#define FHIR_NAMESPACE "http://hl7.org/fhir"

static void check_written(rg_writer_t *w, int rc)
{
    if (rc < 0) {
        rg_writer_fail(w, RG_INTERNAL, "libxml2 could not write", NULL);
    }
}

static const xmlChar *x(const char *s)
{
    return (const xmlChar *)s;
}

/* Reports success even if the sink refused: the writer knows, and otherwise libxml2 would print an
 * error to stderr, the server's error log, for each visitor who disconnects. */
static int to_sink(void *writer, const char *bytes, int n)
{
    rg_writer_put(writer, bytes, n > 0 ? (size_t)n : 0);
    return n;
}

static void xml_start(rg_writer_t *w)
{
    xmlOutputBufferPtr out = xmlOutputBufferCreateIO(to_sink, NULL, w, NULL);
    xmlTextWriterPtr xml = out ? xmlNewTextWriter(out) : NULL;

    if (!xml) {
        if (out) {
            xmlOutputBufferClose(out);
        }
        rg_writer_fail(w, RG_INTERNAL, "no memory for libxml2's writer", NULL);
        return;
    }
    w->back = xml;
    check_written(w, xmlTextWriterStartDocument(xml, NULL, "UTF-8", NULL));
}

static void xml_attribute(rg_writer_t *w, const char *name, const char *value)
{
    if (value) {
        check_written(w, xmlTextWriterWriteAttribute(w->back, x(name), x(value)));
    }
}

static void start_element(rg_writer_t *w, const char *name)
{
    check_written(w, xmlTextWriterStartElement(w->back, x(name)));
}

static void end(rg_writer_t *w)
{
    check_written(w, xmlTextWriterEndElement(w->back));
}

static void xml_open(rg_writer_t *w, rg_frame_t *parent, rg_frame_t *f)
{
    if (f->kind == RG_FRAME_LIST) {
        return;
    }
    if (f->name) {
        start_element(w, f->name);
        xml_attribute(w, "id", f->id);
        xml_attribute(w, "url", f->url);
    }
    if (f->kind == RG_FRAME_RESOURCE) {
        start_element(w, f->type);
        xml_attribute(w, "xmlns", parent ? NULL : FHIR_NAMESPACE);
    }
}

static void xml_close(rg_writer_t *w, rg_frame_t *f)
{
    if (f->kind == RG_FRAME_LIST) {
        return;
    }
    end(w);
    if (f->kind == RG_FRAME_RESOURCE && f->name) {
        end(w);
    }
}

static void xml_literal(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s)
{
    (void)parent;
    start_element(w, name);
    xml_attribute(w, "value", s);
    end(w);
}

static void xml_text(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s, size_t n)
{
    (void)n;
    xml_literal(w, parent, name, s);
}

static void xml_xhtml(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *div,
                      size_t n)
{
    (void)parent;
    (void)name;
    check_written(w, xmlTextWriterWriteRawLen(w->back, x(div), (int)n));
}

static void xml_splice(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s,
                       size_t n)
{
    (void)parent;
    start_element(w, name);
    check_written(w, xmlTextWriterWriteRawLen(w->back, x(s), (int)n));
    end(w);
}

static void xml_flush(rg_writer_t *w)
{
    check_written(w, xmlTextWriterEndDocument(w->back));
    check_written(w, xmlTextWriterFlush(w->back));
}

/* Freeing libxml2's writer flushes what it still holds; w->closed keeps that from the sink. */
static void xml_free(rg_writer_t *w)
{
    if (w->back) {
        xmlFreeTextWriter(w->back);
        w->back = NULL;
    }
}

const rg_writer_ops_t rg_writer_xml_ops = {
    .start = xml_start,
    .open = xml_open,
    .close = xml_close,
    .text = xml_text,
    .literal = xml_literal,
    .xhtml = xml_xhtml,
    .splice = xml_splice,
    .flush = xml_flush,
    .free = xml_free,
};
