/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge from the library to the log: httpd's error log in the module, standard error in
 * regenctl, an array in tests. */
#include "regen/core/log.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_SIZE = 1024 };

/* Set once before threads start, only read afterwards. */
static rg_log_sink_fn log_sink;
static rg_log_enabled_fn log_enabled;

void rg_log_set(rg_log_sink_fn sink, rg_log_enabled_fn enabled)
{
    log_sink = sink;
    log_enabled = enabled;
}

void rg_log_write(void *baton, rg_log_level_t level, const char *file, int line, const char *fmt,
                  ...)
{
    if (!log_sink || (log_enabled && !log_enabled(baton, level))) {
        return;
    }
    char text[LINE_SIZE];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n < 0) {
        return;
    }
    for (char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == '\x7f') {
            *c = '?';
        }
    }
    log_sink(baton, level, file, line, text);
}
