/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics as Prometheus reads them: its text format 0.0.4. */
#ifndef REGEN_RENDER_EXPOSITION_H
#define REGEN_RENDER_EXPOSITION_H

#include <stdint.h>

#include "regen/core/buf.h"

#define RG_EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef struct {
    const char *name, *value;
} rg_label_t;

/* Begins a family; its samples follow at once. TYPE: counter, gauge or histogram. HELP is one
 * sentence of ours. */
void rg_exposition_family(rg_buf_t *b, const char *name, const char *type, const char *help);
/* One sample, with LABELS up to one without a name; their values may be anything. */
void rg_exposition_count(rg_buf_t *b, const char *name, const rg_label_t *labels, uint64_t n);
/* The same in seconds, of MICROSECONDS. */
void rg_exposition_seconds(rg_buf_t *b, const char *name, const rg_label_t *labels,
                           int64_t microseconds);

#endif
