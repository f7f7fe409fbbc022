/* SPDX-License-Identifier: Apache-2.0 */
/* Checks in one pass how expensive an XML document is, before libxml2 parses it: libxml2 compares
 * each attribute of an element with all previous ones, and looks up every prefix among all
 * namespaces. Agrees with the parser on where tags and quotes are as far as a document is
 * well-formed; what comes after is not read by it. */
#include "regen/core/xml.h"

#include <string.h>

enum {
    MOST_ATTRIBUTES = 64, /* of one element */
    MOST_NAMESPACES = 64, /* of a document */
    MOST_DEPTH = 100,
    MOST_ELEMENTS = 50000,
    MOST_NAME = 256
};

typedef struct {
    const char *at, *end;
    int depth, elements, namespaces;
    const char *excess;
} scan_t;

/* Moves past the next TEXT, or to the end. */
static void pass(scan_t *s, const char *text)
{
    size_t n = strlen(text);
    while ((size_t)(s->end - s->at) >= n && memcmp(s->at, text, n) != 0) {
        const char *next = memchr(s->at + 1, text[0], (size_t)(s->end - s->at) - 1);
        s->at = next ? next : s->end;
    }
    s->at = (size_t)(s->end - s->at) >= n ? s->at + n : s->end;
}

static bool begins_here(const scan_t *s, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(s->end - s->at) >= n && memcmp(s->at, text, n) == 0;
}

static bool is_xml_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One character of a start tag, or one quoted value. */
static void scan_tag(scan_t *s, int *attributes, size_t *name)
{
    char c = *s->at++;
    if (c == '"' || c == '\'') {
        const char *quote = memchr(s->at, c, (size_t)(s->end - s->at));
        s->at = quote ? quote + 1 : s->end;
        return;
    }
    *attributes += c == '=';
    *name = is_xml_space(c) || c == '=' || c == '/' ? 0 : *name + 1;
    s->namespaces += is_xml_space(c) && begins_here(s, "xmlns");
}

/* From the first letter of its name. */
static void start_tag(scan_t *s)
{
    int attributes = 0;
    size_t name = 0;
    s->elements++;
    s->depth++;
    while (s->at < s->end && *s->at != '>' && !s->excess) {
        s->depth -= *s->at == '/' && begins_here(s, "/>");
        scan_tag(s, &attributes, &name);
        s->excess = attributes > MOST_ATTRIBUTES      ? "An element has too many attributes."
                    : name > MOST_NAME                ? "A name is too long."
                    : s->namespaces > MOST_NAMESPACES ? "There are too many namespaces."
                                                      : NULL;
    }
    if (s->depth > MOST_DEPTH) {
        s->excess = "Elements are nested too deeply.";
    }
    if (s->elements > MOST_ELEMENTS) {
        s->excess = "There are too many elements.";
    }
}

/* What begins with the '<' before S. */
static void markup(scan_t *s)
{
    if (begins_here(s, "!--")) {
        s->at += 3;
        pass(s, "-->");
    }
    else if (begins_here(s, "![CDATA[")) {
        pass(s, "]]>");
    }
    else if (begins_here(s, "?")) {
        pass(s, "?>");
    }
    else if (begins_here(s, "/")) {
        s->depth--;
    }
    else if (!begins_here(s, "!")) {
        start_tag(s);
    }
}

const char *rg_xml_excess(const char *bytes, size_t n)
{
    scan_t s = {.at = bytes, .end = bytes + n};
    while (s.at < s.end && !s.excess) {
        const char *next = memchr(s.at, '<', (size_t)(s.end - s.at));
        s.at = next ? next + 1 : s.end;
        if (next) {
            markup(&s);
        }
    }
    return s.excess;
}
