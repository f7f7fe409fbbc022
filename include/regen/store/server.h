/* SPDX-License-Identifier: Apache-2.0 */
/* A database server before there is a clinic in it: its database and accounts, made by whoever
 * administers the server. For regenctl setup. The store of the context is the administrator's,
 * without a database. What the server says to a refusal is added to ctx->problems. */
#ifndef REGEN_STORE_SERVER_H
#define REGEN_STORE_SERVER_H

#include <stdbool.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

/* --- server.c --------------------------------------------------------------------------------- */

typedef struct {
    bool new_enough; /* MariaDB 10.6 or later */
    const char *version;
    bool guards_triggers; /* it keeps a binary log, and only its administrator makes triggers */
    bool trusts;          /* it keeps one, and others may make triggers, too */
    bool has_database;
    bool others; /* the database has tables, but not this schema's */
    bool has_owner, has_module;
    bool has_events; /* the database has an audit log that a secret signs */
} rg_server_t;

/* Accounts are "name@host". RG_INVALID, with a problem, for a name that cannot be quoted as it
 * is. */
rg_outcome_t rg_server_look(rg_server_t *out, const rg_ctx_t *ctx, const char *database,
                            const char *owner, const char *module);
rg_outcome_t rg_server_database(const rg_ctx_t *ctx, const char *database);
/* A new account; the server is told only a hash of PASSWORD. */
rg_outcome_t rg_server_account(const rg_ctx_t *ctx, const char *account, const char *password);
/* Another password for an account that exists, likewise. */
rg_outcome_t rg_server_password(const rg_ctx_t *ctx, const char *account, const char *password);
/* What the account that migrates may do: everything in the database, and in the one that `audit
 * verify` makes for the moment; nothing elsewhere. */
rg_outcome_t rg_server_owner(const rg_ctx_t *ctx, const char *database, const char *account);
/* Whether other accounts than the administrator's may make triggers, from now on until the server
 * ends. */
rg_outcome_t rg_server_trust(const rg_ctx_t *ctx, bool on);
/* Runs a statement that rg_store_grants printed. */
rg_outcome_t rg_server_grant(const rg_ctx_t *ctx, const char *line);
/* Whether CONF can log in; the store of the context is not used. */
rg_outcome_t rg_server_try(const rg_ctx_t *ctx, const rg_store_conf_t *conf);

#endif
