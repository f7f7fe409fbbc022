/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: whether what is stored is what was written. The sweep makes anchors, regenctl verifies.
 */
#ifndef REGEN_STORE_EVIDENCE_H
#define REGEN_STORE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/model/audit.h"
#include "regen/store/store.h"

/* How often the sweep makes an anchor: events younger than that can be cut off unnoticed. */
#define RG_ANCHOR_EVERY (10 * RG_MINUTE)

/* --- anchor.c --------------------------------------------------------------------------------- */

/* Writes down how far the chains of audit events are, if the last anchor is older than EVERY (0:
 * always) and an event was added since. *MADE is false if nothing was due, or if another process
 * made one at the same time. */
rg_outcome_t rg_store_anchor(bool *made, const rg_ctx_t *ctx, apr_interval_time_t every);

/* --- verify.c --------------------------------------------------------------------------------- */

/* An anchor that was kept elsewhere, as rg_store_anchors_print printed it. */
typedef struct {
    int64_t seq;
    unsigned char mac[32];
} rg_anchor_kept_t;

typedef struct {
    const char *dir;             /* the migrations; NULL: rules are not compared */
    const rg_store_conf_t *conf; /* of the database, for another one beside it */
    const rg_keys_t *earlier;    /* keys that are not in use any more; NULL: none */
    const rg_anchor_kept_t *kept;
    int kept_count;
    void (*say)(void *baton, const char *line); /* each fault */
    void *baton;
    int faults;
    int64_t events, chains, unchained, anchors, consents, forms;
    int objects;
} rg_verify_t;

/* Reads the whole audit log, all anchors, consents and forms in constant memory, and compares the
 * rules of the database with those that the migrations make in a database of their own
 * (regen_verify, dropped afterwards). Faults are counted and said, and are no failure of the
 * call. */
rg_outcome_t rg_store_verify(rg_verify_t *v, const rg_ctx_t *ctx);

/* --- verify_anchor.c -------------------------------------------------------------------------- */

/* Number, unix seconds, events, key and MAC of each anchor, one a line. */
rg_outcome_t rg_store_anchors_print(const rg_ctx_t *ctx, void (*say)(void *baton, const char *line),
                                    void *baton);

/* --- look.c ----------------------------------------------------------------------------------- */

/* The patient whose record a look was at (0: a hold without one); RG_NOT_FOUND: there is no such
 * record. Not for lists. */
rg_outcome_t rg_look_whose(rg_db_t *db, const rg_ctx_t *ctx, int64_t *patient_id,
                           const rg_record_look_t *look);

/* --- log.c ------------------------------------------------------------------------------------ */

/* Events that fit, newest first. */
rg_outcome_t rg_audit_read(rg_db_t *db, const rg_ctx_t *ctx, rg_audit_row_t **out, int *count,
                           const rg_audit_filter_t *f);

/* --- grants.c --------------------------------------------------------------------------------- */

/* The statements that give ACCOUNT (name@host) what the module needs in DATABASE and nothing else:
 * no UPDATE and no DELETE on tables of evidence, and no change of tables. Any first part of them
 * gives no more than that, either. RG_INVALID: a name that cannot be quoted. */
rg_outcome_t rg_store_grants(const rg_ctx_t *ctx, const char *database, const char *account,
                             void (*print)(void *baton, const char *line), void *baton);
/* "regen@localhost" -> "'regen'@'localhost'"; NULL: not a name that can be quoted as it is. */
const char *rg_store_account(apr_pool_t *p, const char *account);

/* --- rights.c --------------------------------------------------------------------------------- */

/* What the account of this connection has over DATABASE that the module does not need, each as the
 * statement that takes it away. HERE: it is about this database alone, and not about the server, a
 * role or several databases. */
typedef void (*rg_excess_fn)(void *baton, const char *revoke, bool here);
rg_outcome_t rg_store_rights(const rg_ctx_t *ctx, const char *database, rg_excess_fn say,
                             void *baton);

#endif
