/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge that keeps the library free of httpd. */
#ifndef REGEN_CORE_LOG_H
#define REGEN_CORE_LOG_H

#include <stdbool.h>

typedef enum {
    RG_LOG_EMERG,
    RG_LOG_ALERT,
    RG_LOG_CRIT,
    RG_LOG_ERR,
    RG_LOG_WARNING,
    RG_LOG_NOTICE,
    RG_LOG_INFO,
    RG_LOG_DEBUG,
    RG_LOG_TRACE
} rg_log_level_t;

/* Every message starts with its own number: rg_log(ctx, RG_LOG_ERR, RGNO(00012) "text %s", id).
 * Five digits, unique (guarded). Ids and outcomes only: nothing a patient typed and no token ever
 * goes into a log. */
#define RGNO(n) "RG" #n ": "

typedef void (*rg_log_sink_fn)(void *baton, rg_log_level_t level, const char *file, int line,
                               const char *text);
typedef bool (*rg_log_enabled_fn)(void *baton, rg_log_level_t level);

/* Installed once per process before threads start (child_init, main of regenctl, a test's setup).
 * Without a sink messages are dropped; ENABLED may be NULL: everything is logged. */
void rg_log_set(rg_log_sink_fn sink, rg_log_enabled_fn enabled);
/* BATON is whatever the sink understands (the glue's request_rec), or NULL. One line of at most
 * 1023 bytes; control characters become '?', so that no id can forge a line. */
void rg_log_write(void *baton, rg_log_level_t level, const char *file, int line, const char *fmt,
                  ...) __attribute__((format(printf, 5, 6)));
#define rg_log(ctx, level, ...)                                                                    \
    rg_log_write((ctx)->log_baton, (level), __FILE__, __LINE__, __VA_ARGS__)

#endif
