/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of migrations. Beyond not crashing: statements lie in the file one after the
 * other, none is empty, between them there are only comments and empty lines, and a file that is
 * written out of its statements is split the same way. */
#include "target.h"

#include "mod_regen/store/engine/script.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

/* Comment lines and blanks. */
static void nothing_in(const char *from, const char *to)
{
    while (from < to) {
        const char *stop = memchr(from, '\n', (size_t)(to - from));
        size_t n = (size_t)((stop ? stop : to) - from);
        must((n >= 2 && from[0] == '-' && from[1] == '-') || strspn(from, " \t\r") >= n);
        from += n + (stop ? 1 : 0);
    }
}

static int lines_before(const char *bytes, const char *at)
{
    int n = 1;
    for (; bytes < at; bytes++) {
        n += *bytes == '\n';
    }
    return n;
}

static void lies_in_order(const rg_script_t *s)
{
    const char *last = s->bytes;
    for (int i = 0; i < s->count; i++) {
        const rg_script_stmt_t *one = &s->stmts[i];
        const char *end = s->bytes + one->end;
        must(one->text >= last && end <= s->bytes + s->size);
        must(one->text + one->len + 1 == end && end[-1] == ';');
        must(one->line == lines_before(s->bytes, one->text));
        must(one->text == s->bytes || one->text[-1] == '\n');
        nothing_in(last, one->text);
        last = end;
    }
    nothing_in(last, s->bytes + s->size);
}

static void again(apr_pool_t *p, const rg_script_t *s)
{
    rg_buf_t *b = rg_buf_make(p, 4 * s->size + 64);
    rg_script_t same;
    const char *why = NULL;
    for (int i = 0; i < s->count; i++) {
        rg_buf_puts(b, "-- a comment;\n\n");
        rg_buf_add(b, s->stmts[i].text, s->stmts[i].len);
        rg_buf_puts(b, ";\n\n");
    }
    must(b->overflow || rg_script_split(&same, p, b->data, b->len, &why) == RG_OK);
    must(b->overflow || same.count == s->count);
    for (int i = 0; !b->overflow && i < s->count; i++) {
        must(same.stmts[i].len == s->stmts[i].len);
        must(memcmp(same.stmts[i].text, s->stmts[i].text, same.stmts[i].len) == 0);
    }
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_script_t s;
    const char *why = NULL;
    if (rg_script_split(&s, p, text, size, &why) != RG_OK) {
        must(why && rg_text_clean(why, strlen(why)));
        return;
    }
    must(!why && s.bytes == text && s.size == size);
    lies_in_order(&s);
    again(p, &s);
}
