/* SPDX-License-Identifier: Apache-2.0 */
/* How much an XML document asks of its reader, found out in one pass before libxml2 sees it:
 * that compares each attribute of an element with all before it, and looks every prefix up among
 * all namespaces. Agrees with the parser on where tags and quotes are as far as a document is
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
        s->at = next != NULL ? next : s->end;
    }
    s->at = (size_t)(s->end - s->at) >= n ? s->at + n : s->end;
}

static bool begins(const scan_t *s, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(s->end - s->at) >= n && memcmp(s->at, text, n) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One character of a start tag, or one quoted value. */
static void step(scan_t *s, int *attributes, size_t *name)
{
    char c = *s->at++;
    if (c == '"' || c == '\'') {
        const char *quote = memchr(s->at, c, (size_t)(s->end - s->at));
        s->at = quote != NULL ? quote + 1 : s->end;
        return;
    }
    *attributes += c == '=';
    *name = is_blank(c) || c == '=' || c == '/' ? 0 : *name + 1;
    s->namespaces += is_blank(c) && begins(s, "xmlns");
}

/* From the first letter of its name. */
static void start_tag(scan_t *s)
{
    int attributes = 0;
    size_t name = 0;
    s->elements++;
    s->depth++;
    while (s->at < s->end && *s->at != '>' && !s->excess) {
        s->depth -= *s->at == '/' && begins(s, "/>");
        step(s, &attributes, &name);
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
    if (begins(s, "!--")) {
        s->at += 3;
        pass(s, "-->");
    }
    else if (begins(s, "![CDATA[")) {
        pass(s, "]]>");
    }
    else if (begins(s, "?")) {
        pass(s, "?>");
    }
    else if (begins(s, "/")) {
        s->depth--;
    }
    else if (!begins(s, "!")) {
        start_tag(s);
    }
}

const char *rg_xml_excess(const char *bytes, size_t n)
{
    scan_t s = {.at = bytes, .end = bytes + n};
    while (s.at < s.end && !s.excess) {
        const char *next = memchr(s.at, '<', (size_t)(s.end - s.at));
        s.at = next != NULL ? next + 1 : s.end;
        if (next != NULL) {
            markup(&s);
        }
    }
    return s.excess;
}
