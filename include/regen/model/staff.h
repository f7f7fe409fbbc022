/* SPDX-License-Identifier: Apache-2.0 */
/* Staff; access tokens. */
#ifndef REGEN_MODEL_STAFF_H
#define REGEN_MODEL_STAFF_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

typedef struct {
    int64_t id;
    const char *login, *name, *password_hash;
    int64_t resource_id;
    unsigned roles;
    bool active;
    int failures;
    apr_time_t locked_until;
} rg_staff_t;

/* A line of the list of logins. */
typedef struct {
    rg_staff_t staff;
    int sessions; /* live ones */
} rg_staff_row_t;

/* A bearer token of an API client, without its secret. */
typedef struct {
    const char *name, *scopes;
    apr_time_t created_at, expires_at, revoked_at; /* 0: never */
} rg_token_row_t;

#endif
