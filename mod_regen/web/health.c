/* SPDX-License-Identifier: Apache-2.0 */
/* One word for load balancers: 200 while this process gets an answer from the database. */
#include "platform.h"

int regen_h_health(regen_req_t *q)
{
    rg_catalogue_t *catalogue;
    rg_outcome_t rc = rg_catalogue_list(&catalogue, q->ctx);
    return rc != RG_OK ? regen_fail(q, rc)
                       : regen_bytes(q, "text/plain; charset=utf-8", NULL, "ok\n", 3);
}
