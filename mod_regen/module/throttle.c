/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the rate limits: created once by the parent, shared by all children, and kept
 * across graceful restarts, so that nobody gets new tries by waiting for one. It contains neither
 * addresses nor names, only their hashes under a key that exists only as long as the server
 * runs. */
#include "config.h"
#include "regen/core/log.h"
#include "regen/core/throttle.h"

#include <apr_shm.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(regen);

#define RETAINED "mod_regen.throttle"

typedef struct {
    apr_shm_t *shm;
} kept_t;

enum { LINE = 64 }; /* alignment of rg_throttle_t */

static rg_throttle_t *shared;

/* APR puts a few bytes of its own before the segment's memory; the table begins at a cache line. */
static void *table_of(apr_shm_t *shm)
{
    uintptr_t base = (uintptr_t)apr_shm_baseaddr_get(shm);
    return (void *)((base + LINE - 1) / LINE * LINE);
}

static rg_throttle_t *make_throttle(kept_t *kept, apr_pool_t *p)
{
    unsigned char key[16];
    if (apr_generate_random_bytes(key, sizeof(key)) != APR_SUCCESS ||
        apr_shm_create(&kept->shm, rg_throttle_size() + LINE, NULL, p) != APR_SUCCESS) {
        kept->shm = NULL;
        return NULL;
    }
    return rg_throttle_lay_out(table_of(kept->shm), key);
}

/* The process' pool, not pconf: the memory outlives this copy of the module. No cleanup of ours is
 * registered there, only APR's. */
static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    kept_t *kept = ap_retained_data_get(RETAINED);
    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    if (!kept) {
        kept = ap_retained_data_create(RETAINED, sizeof(*kept));
    }
    shared = kept->shm ? rg_throttle_found(table_of(kept->shm)) : NULL;
    if (!shared) {
        shared = make_throttle(kept, s->process->pool);
    }
    if (!shared) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     RGNO(03150) "No shared memory: rate limits are off.");
    }
    return OK;
}

rg_throttle_t *regen_throttle_shared(void)
{
    return shared;
}

void regen_throttle_hooks(void)
{
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
}
