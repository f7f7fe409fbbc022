/* SPDX-License-Identifier: Apache-2.0 */
/* What login.c, session.c and token.c share. Private to the clinic room. */
#ifndef RG_CLINIC_SESSION_H
#define RG_CLINIC_SESSION_H

#include "regen/core.h"
#include "regen/store.h"

/* A fresh token as text, and the hash of its bytes, which is all that is stored. */
const char *rg_session_token(rg_ctx_t *ctx, unsigned char hash[32]);
/* The hash of a token as sent; false for anything that cannot be one. */
bool rg_session_hash(unsigned char hash[32], const char *token);

#endif
