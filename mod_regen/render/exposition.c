/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics in Prometheus' text format: families with their samples. */
#include "regen/render/exposition.h"

#include <inttypes.h>
#include <stddef.h>

void rg_exposition_family(rg_buf_t *b, const char *name, const char *type, const char *help)
{
    rg_buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The format knows three escapes. */
static void put_label_value(rg_buf_t *b, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '\n') {
            rg_buf_puts(b, "\\n");
            continue;
        }
        if (*s == '\\' || *s == '"') {
            rg_buf_puts(b, "\\");
        }
        rg_buf_add(b, s, 1);
    }
}

static void put_name(rg_buf_t *b, const char *name, const rg_label_t *labels)
{
    rg_buf_puts(b, name);
    for (const rg_label_t *l = labels; l && l->name; l++) {
        rg_buf_printf(b, "%s%s=\"", l == labels ? "{" : ",", l->name);
        put_label_value(b, l->value);
        rg_buf_puts(b, "\"");
    }
    rg_buf_puts(b, labels && labels->name ? "} " : " ");
}

void rg_exposition_count(rg_buf_t *b, const char *name, const rg_label_t *labels, uint64_t n)
{
    put_name(b, name, labels);
    rg_buf_printf(b, "%" PRIu64 "\n", n);
}

void rg_exposition_seconds(rg_buf_t *b, const char *name, const rg_label_t *labels,
                           int64_t microseconds)
{
    const int64_t second = 1000000;
    int64_t us = microseconds < 0 ? 0 : microseconds;
    put_name(b, name, labels);
    rg_buf_printf(b, "%" PRId64 ".%06" PRId64 "\n", us / second, us % second);
}
