/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target has in common. A target is fuzz_check(): it passes any bytes to one parser
 * and checks the output. target.c calls it, for replay.c (`make check`) and for libFuzzer (`make
 * fuzz`) alike. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include "regen/core/outcome.h"

/* TEXT has SIZE bytes, any of them, and a NUL behind; it ends there for AddressSanitizer too. P is
 * fresh and ends with the run. */
void fuzz_check(apr_pool_t *p, const char *text, size_t size);
/* Once, before all runs; a target may leave it away. */
void fuzz_begin(apr_pool_t *forever) __attribute__((weak));

/* What must be true; libFuzzer keeps the input when it is not. */
void must(bool fine);
void must_be_same(const char *a, const char *b);
/* Every problem, and what it is about, in clean words. */
void must_be_clean(const rg_problems_t *problems);

#endif
