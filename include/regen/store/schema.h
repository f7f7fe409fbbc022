/* SPDX-License-Identifier: Apache-2.0 */
/* Creating and checking the schema. For regenctl. */
#ifndef REGEN_STORE_SCHEMA_H
#define REGEN_STORE_SCHEMA_H

#include <stdbool.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

/* --- schema.c --------------------------------------------------------------------------------- */

/* Schema version this build was made for, and whether the database has it: RG_OK, or
 * RG_UNAVAILABLE with *found set (0: none; -1: the database did not say). Cached per process once
 * it matched. */
#define RG_SCHEMA_VERSION 69
rg_outcome_t rg_store_schema_check(const rg_ctx_t *ctx, int *found);

/* --- migrate.c -------------------------------------------------------------------------------- */

/* Rebuilds the search keys of all people, in batches; *COUNT is their number. For a newer ICU, and
 * for rows written by other software. */
rg_outcome_t rg_store_names(int *count, const rg_ctx_t *ctx);

/* --- person.c --------------------------------------------------------------------------------- */

/* Rebuilds the time of people with a booking (person_time), in batches; *REPAIRED counts the rows
 * that were wrong. */
rg_outcome_t rg_store_persons(int *repaired, const rg_ctx_t *ctx);

/* --- migrate.c -------------------------------------------------------------------------------- */

/* Applies the numbered files of DIR that are missing, statement by statement, each noted with the
 * file's checksum once it ran; resumes after a kill; refuses a file that changed after it was
 * applied. One line per step to SAY. */
rg_outcome_t rg_store_migrate(const rg_ctx_t *ctx, const char *dir,
                              void (*say)(void *baton, const char *line), void *baton);
/* Runs a file of statements about rows in one transaction (the sample clinic). RG_INVALID, with a
 * problem and nothing changed, if one changes tables, if a site would have an unknown time zone, or
 * if it would change logins or tokens in a database that has some (unless FORCE). */
rg_outcome_t rg_store_load(const rg_ctx_t *ctx, const char *file, bool force);

/* --- look.c ----------------------------------------------------------------------------------- */

/* Reports settings of the server, the schema and the definitions that would cause failures later:
 * one line each to SAY, without values that patients typed; counts them. With CHILDREN processes of
 * CONNECTIONS each (0: not known) it also calculates whether the server allows them. */
typedef struct {
    int children, connections;
} rg_sizes_t;
rg_outcome_t rg_store_look(const rg_ctx_t *ctx, const rg_sizes_t *sizes, int *found,
                           void (*say)(void *baton, const char *line), void *baton);

/* Writes as a booking does, including triggers, and rolls back. RG_UNAVAILABLE if nothing can be
 * written now: read-only, disk full, no rights, or the account that made the triggers was
 * removed. */
rg_outcome_t rg_store_try_write(const rg_ctx_t *ctx);

#endif
