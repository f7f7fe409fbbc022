/* SPDX-License-Identifier: Apache-2.0 */
/* Claims as X12 005010X222A1 (837P). */
#ifndef REGEN_RENDER_X12_H
#define REGEN_RENDER_X12_H

#include <apr_pools.h>

#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/model/batch.h"
#include "regen/model/money.h"

/* --- x12/claim.c ------------------------------------------------------------------------------ */

/* The segments of a claim that rg_claim_x12_wrong finds nothing wrong with, from its billing
 * provider (2000A) to its last line. RG_TOO_LARGE: more than the buffer's cap. */
rg_outcome_t rg_x12_claim(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c);

/* A file, piece by piece: the beginning (ISA, GS), each claim as a transaction set, the end for so
 * many of them. The same values are the same bytes. */
void rg_x12_begin(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b);
void rg_x12_set(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b, const rg_batch_claim_t *c);
void rg_x12_end(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b, int sets);

#endif
