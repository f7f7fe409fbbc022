/* SPDX-License-Identifier: Apache-2.0 */
/* Template bytes to nodes, once, at configuration time. Its messages are for a sysadmin who runs
 * `configtest`: line, tag, and what to write instead. */
#include <stdarg.h>
#include <string.h>

#include <apr_strings.h>

#include "template_int.h"
#include "regen/core/val.h"

#define NESTING        32
#define NAME_MAX_BYTES 128
#define NAME_MAX_WORDS 16
#define SHOWN          40

typedef struct {
    const char *s;
    size_t n;
} span_t;

typedef struct {
    uint32_t node;
    span_t name;
} section_t;

typedef struct {
    rg_template_t *t;
    apr_pool_t *pool;
    apr_array_header_t *wants;
    apr_array_header_t *nodes;
    const char *text;
    const char *end;
    const char *pos;     /* behind what has become nodes */
    const char *counted; /* `line` is right here */
    uint32_t line;
    section_t open[NESTING];
    int depth;
    const char *why;
} parser_t;

/* One tag of the source. */
typedef struct {
    const char *start; /* at {{ */
    const char *after; /* behind }} */
    char sigil;        /* one of # ^ / > ! or 0 for a value */
    span_t name;
    bool alone; /* nothing else on its line, and it is not a value */
    uint32_t line;
} tag_t;

static bool fail_at(parser_t *ps, uint32_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail_at(parser_t *ps, uint32_t line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    ps->why = apr_psprintf(ps->pool, "%s:%u: %s", ps->t->where, (unsigned)line,
                           apr_pvsprintf(ps->pool, fmt, ap));
    va_end(ap);
    return false;
}

static const char *find(const char *from, const char *end, const char *two)
{
    return from < end ? memmem(from, (size_t)(end - from), two, 2) : NULL;
}

static uint32_t line_at(parser_t *ps, const char *at)
{
    const char *p = ps->counted;

    while (p < at) {
        const char *nl = memchr(p, '\n', (size_t)(at - p));

        if (!nl) {
            break;
        }
        ps->line++;
        p = nl + 1;
    }
    ps->counted = at;
    return ps->line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_template_space(char c)
{
    return is_blank(c) || c == '\n' || c == '\r';
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static span_t trimmed(const char *from, const char *to)
{
    while (from < to && is_template_space(*from)) {
        from++;
    }
    while (to > from && is_template_space(to[-1])) {
        to--;
    }
    return (span_t){from, (size_t)(to - from)};
}

/* A name as messages show it: bounded, one line. */
static const char *name_shown(parser_t *ps, span_t s)
{
    char *copy = apr_pstrmemdup(ps->pool, s.s, s.n > SHOWN ? SHOWN : s.n);

    for (char *c = copy; *c; c++) {
        if ((unsigned char)*c < ' ') {
            *c = ' ';
        }
    }
    return s.n > SHOWN ? apr_pstrcat(ps->pool, copy, "...", NULL) : copy;
}

/* --- lines ---------------------------------------------------------------------------------- */

static bool starts_line(const parser_t *ps, const char *at)
{
    return at == ps->text || at[-1] == '\n';
}

/* Where the line of AT starts if only blanks are before AT, else NULL. */
static const char *blank_before(const parser_t *ps, const char *at)
{
    while (at > ps->text && is_blank(at[-1])) {
        at--;
    }
    return starts_line(ps, at) ? at : NULL;
}

/* Where the next line starts if only blanks are between AT and it, else NULL. */
static const char *blank_behind(const parser_t *ps, const char *at)
{
    while (at < ps->end && is_blank(*at)) {
        at++;
    }
    if (at == ps->end) {
        return at;
    }
    if (*at == '\r' && at + 1 < ps->end) {
        at++;
    }
    return *at == '\n' ? at + 1 : NULL;
}

/* --- nodes ---------------------------------------------------------------------------------- */

static rg_node_t *push_node(parser_t *ps, rg_node_kind_t kind, uint32_t line)
{
    rg_node_t *node = apr_array_push(ps->nodes);

    memset(node, 0, sizeof(*node));
    node->kind = (uint8_t)kind;
    node->line = line;
    return node;
}

static void push_text(parser_t *ps, const char *to, uint32_t line)
{
    rg_node_t *node = push_node(ps, RG_NODE_TEXT, line);

    node->bytes = ps->pos;
    node->n = (uint32_t)(to - ps->pos);
    node->line_start = starts_line(ps, ps->pos);
    ps->pos = to;
}

/* The text before TAG. One that starts its line without being alone on it gets an empty text, so
 * that an indented partial's line is indented also when it starts with a tag. */
static void push_text_before(parser_t *ps, const tag_t *tag)
{
    const char *to = tag->alone ? blank_before(ps, tag->start) : tag->start;

    if (to > ps->pos) {
        push_text(ps, to, tag->line);
    }
    if (!tag->alone && starts_line(ps, to)) {
        push_text(ps, to, tag->line);
    }
}

/* "a.b" becomes "a\0b\0" and 2; "." becomes 0 words. */
static bool set_name(parser_t *ps, rg_node_t *node, const tag_t *tag)
{
    char *words = apr_pstrmemdup(ps->pool, tag->name.s, tag->name.n);
    unsigned count = 1;

    if (tag->name.n == 1 && words[0] == '.') {
        return true;
    }
    for (char *c = words; *c; c++) {
        if (*c == '.') {
            *c = '\0';
            count++;
        }
    }
    node->bytes = words;
    node->head = rg_val_head(words);
    node->words = (uint8_t)count;
    return true;
}

/* --- tags ----------------------------------------------------------------------------------- */

static bool refuse(parser_t *ps, tag_t *tag, char sigil)
{
    const char *close = find(tag->start + 2, ps->end, "}}");
    const char *from = tag->start + 2;

    while (is_template_space(*from)) {
        from++;
    }
    span_t name = trimmed(from + 1, close);
    if (sigil == '{') {
        return fail_at(ps, tag->line,
                       "{{{%s}}} would write unescaped text; write {{%s}}, which is always escaped",
                       name_shown(ps, name), name_shown(ps, name));
    }
    if (sigil == '&') {
        return fail_at(ps, tag->line,
                       "{{&%s}} would write unescaped text; write {{%s}}, which is always escaped",
                       name_shown(ps, name), name_shown(ps, name));
    }
    if (sigil == '=') {
        return fail_at(ps, tag->line,
                       "{{=%s}} would change the delimiters, which is not supported; "
                       "write every tag with {{ and }}",
                       name_shown(ps, name));
    }
    return fail_at(ps, tag->line,
                   "{{%c%s}} is template inheritance, which is not supported; "
                   "use partials: {{> name}}",
                   sigil, name_shown(ps, name));
}

static bool check_name(parser_t *ps, const tag_t *tag)
{
    span_t s = tag->name;
    unsigned words = 1;
    bool part = tag->sigil == '>';
    const char *sigil = (const char[]){tag->sigil, '\0'};

    if (s.n == 0) {
        return fail_at(ps, tag->line, "{{%s}} has no name", sigil);
    }
    if (!part && s.n == 1 && *s.s == '.') {
        return true;
    }
    for (size_t i = 0; i < s.n; i++) {
        char joint = part ? '/' : '.';
        bool joins = s.s[i] == joint && i > 0 && i + 1 < s.n && s.s[i - 1] != joint;

        words += joins;
        if (!joins && !is_word_char(s.s[i])) {
            return fail_at(ps, tag->line, "{{%s%s}}: a name is letters, digits, - and _%s", sigil,
                           name_shown(ps, s),
                           part ? ", with / between folder and file"
                                : ", or several of these joined by dots");
        }
    }
    if (s.n > NAME_MAX_BYTES || words > NAME_MAX_WORDS) {
        return fail_at(ps, tag->line, "{{%s%s}}: the name is too long", sigil, name_shown(ps, s));
    }
    return true;
}

/* START is at {{. Fills TAG and checks all that can be said without knowing what is open. */
static bool read_template_tag(parser_t *ps, tag_t *tag, const char *start)
{
    const char *from = start + 2;
    const char *close = find(from, ps->end, "}}");

    *tag = (tag_t){.start = start, .line = line_at(ps, start)};
    if (!close) {
        return fail_at(ps, tag->line, "{{%s is never closed with }}",
                       name_shown(ps, trimmed(from, ps->end)));
    }
    while (is_template_space(*from)) {
        from++;
    }
    if (strchr("{&=<$", *from)) {
        return refuse(ps, tag, *from);
    }
    if (strchr("#^/>!", *from)) {
        tag->sigil = *from++;
    }
    tag->after = close + 2;
    tag->name = trimmed(from, close);
    tag->alone = tag->sigil && blank_before(ps, start) && blank_behind(ps, tag->after);
    if (tag->sigil == '!') {
        return true;
    }
    const char *inner = find(from, close, "{{");
    if (inner) {
        return fail_at(ps, tag->line, "{{%s is never closed with }}",
                       name_shown(ps, trimmed(from, inner)));
    }
    return check_name(ps, tag);
}

static bool open_section(parser_t *ps, const tag_t *tag)
{
    rg_node_kind_t kind = tag->sigil == '#' ? RG_NODE_SECTION : RG_NODE_INVERTED;

    if (ps->depth == NESTING) {
        return fail_at(ps, tag->line, "{{%c%s}}: more than %d sections inside each other",
                       tag->sigil, name_shown(ps, tag->name), NESTING);
    }
    ps->open[ps->depth++] = (section_t){(uint32_t)ps->nodes->nelts, tag->name};
    return set_name(ps, push_node(ps, kind, tag->line), tag);
}

static bool close_section(parser_t *ps, const tag_t *tag)
{
    const section_t *open = ps->depth > 0 ? &ps->open[ps->depth - 1] : NULL;

    if (!open) {
        return fail_at(ps, tag->line, "{{/%s}} closes a section that was never opened",
                       name_shown(ps, tag->name));
    }
    rg_node_t *node = &APR_ARRAY_IDX(ps->nodes, open->node, rg_node_t);
    if (open->name.n != tag->name.n || memcmp(open->name.s, tag->name.s, tag->name.n) != 0) {
        return fail_at(ps, tag->line, "{{/%s}} cannot close section {{%c%s}} of line %u",
                       name_shown(ps, tag->name), node->kind == RG_NODE_SECTION ? '#' : '^',
                       name_shown(ps, open->name), (unsigned)node->line);
    }
    node->target = (uint32_t)ps->nodes->nelts;
    ps->depth--;
    return true;
}

static bool add_partial(parser_t *ps, const tag_t *tag)
{
    rg_node_t *node = push_node(ps, RG_NODE_PARTIAL, tag->line);
    const char *ending = strrchr(ps->t->name, '.');

    if (tag->alone) {
        node->bytes = blank_before(ps, tag->start);
        node->n = (uint32_t)(tag->start - node->bytes);
    }
    node->target = (uint32_t)ps->wants->nelts;
    APR_ARRAY_PUSH(ps->wants, const char *) =
        apr_pstrcat(ps->pool, apr_pstrmemdup(ps->pool, tag->name.s, tag->name.n), ending, NULL);
    return true;
}

static bool take_tag(parser_t *ps, const tag_t *tag)
{
    switch (tag->sigil) {
    case '#':
    case '^': return open_section(ps, tag);
    case '/': return close_section(ps, tag);
    case '>': return add_partial(ps, tag);
    case '!': return true;
    default: return set_name(ps, push_node(ps, RG_NODE_VALUE, tag->line), tag);
    }
}

static bool parse_all(parser_t *ps)
{
    const char *start = find(ps->pos, ps->end, "{{");
    tag_t tag;

    while (start) {
        if (!read_template_tag(ps, &tag, start)) {
            return false;
        }
        push_text_before(ps, &tag);
        if (!take_tag(ps, &tag)) {
            return false;
        }
        ps->pos = tag.alone ? blank_behind(ps, tag.after) : tag.after;
        start = find(ps->pos, ps->end, "{{");
    }
    if (ps->pos < ps->end) {
        push_text(ps, ps->end, ps->line);
    }
    return true;
}

const char *rg_template_parse(rg_template_t *t, apr_pool_t *p, apr_array_header_t *wants,
                              const char *text, size_t n)
{
    parser_t ps = {.t = t, .pool = p, .wants = wants, .text = text, .end = text + n};

    ps.pos = ps.counted = text;
    ps.line = 1;
    ps.nodes = apr_array_make(p, 64, sizeof(rg_node_t));
    if (parse_all(&ps) && ps.depth > 0) {
        const section_t *open = &ps.open[ps.depth - 1];
        const rg_node_t *node = &APR_ARRAY_IDX(ps.nodes, open->node, rg_node_t);

        fail_at(&ps, node->line, "section {{%c%s}} is never closed",
                node->kind == RG_NODE_SECTION ? '#' : '^', name_shown(&ps, open->name));
    }
    t->nodes = (rg_node_t *)ps.nodes->elts;
    t->count = (uint32_t)ps.nodes->nelts;
    return ps.why;
}
