/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: made, checked, looked at. For regenctl. */
#ifndef REGEN_STORE_SCHEMA_H
#define REGEN_STORE_SCHEMA_H

#include <stdbool.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

/* --- schema.c --------------------------------------------------------------------------------- */

/* Schema version this build was made for, and whether the database has it: RG_OK, or
 * RG_UNAVAILABLE with *found set (0: none; -1: the database did not say). Cached per process once
 * it matched. */
#define RG_SCHEMA_VERSION 35
rg_outcome_t rg_store_schema_check(rg_ctx_t *ctx, int *found);

/* --- migrate.c -------------------------------------------------------------------------------- */

/* Makes the keys by which people are found anew for everybody, in bites; *COUNT is how many. For a
 * newer ICU, and for rows that something else wrote. */
rg_outcome_t rg_store_names(int *count, rg_ctx_t *ctx);

/* --- person.c --------------------------------------------------------------------------------- */

/* Makes anew when people with a booking are at the clinic (person_time), in bites; *REPAIRED counts
 * the rows that were wrong. */
rg_outcome_t rg_store_persons(int *repaired, rg_ctx_t *ctx);

/* --- migrate.c -------------------------------------------------------------------------------- */

/* Applies the numbered files of DIR that are missing, statement by statement, each noted with the
 * file's checksum once it ran; resumes after a kill; refuses a file that changed after it was
 * applied. One line per step to SAY. */
rg_outcome_t rg_store_migrate(rg_ctx_t *ctx, const char *dir,
                              void (*say)(void *baton, const char *line), void *baton);
/* Runs a file of statements about rows in one transaction (the sample clinic). RG_INVALID, with a
 * problem and nothing changed, when one changes tables, when a site then had a time zone that this
 * system does not know, or when it would change who may log in where somebody may already (unless
 * FORCE). */
rg_outcome_t rg_store_load(rg_ctx_t *ctx, const char *file, bool force);

/* --- look.c ----------------------------------------------------------------------------------- */

/* What of the server, the schema and the definitions would fail somebody later: each as one line to
 * SAY, without values that patients typed; counts them. With CHILDREN processes of CONNECTIONS each
 * (0: not known) it is worked out whether the server lets them. */
typedef struct {
    int children, connections;
} rg_sizes_t;
rg_outcome_t rg_store_look(rg_ctx_t *ctx, const rg_sizes_t *sizes, int *found,
                           void (*say)(void *baton, const char *line), void *baton);

/* Writes as a booking does, triggers and all, and undoes it. RG_UNAVAILABLE when nothing can be
 * written now: read-only, no room, no rights, or the account is gone that made the triggers. */
rg_outcome_t rg_store_try_write(rg_ctx_t *ctx);

#endif
