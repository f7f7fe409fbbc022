/* SPDX-License-Identifier: Apache-2.0 */
/* For monitoring: whether this process is alive, and whether it can serve requests now. */
#include "platform.h"
#include "route.h"
#include "regen/clinic/definitions.h"
#include "regen/core/outcome.h"

static int say_ok(regen_req_t *q)
{
    return regen_bytes(q, "text/plain; charset=utf-8", NULL, "ok\n", 3);
}

static int h_health_live(regen_req_t *q)
{
    return say_ok(q);
}

static int h_health_ready(regen_req_t *q)
{
    rg_outcome_t rc = rg_ready(q->ctx);
    return rc != RG_OK ? regen_fail(q, rc) : say_ok(q);
}

const regen_route_t regen_routes_health[] = {
    {"GET", "/health", 0, 0, 0, 0, h_health_ready},
    {"GET", "/health/live", 0, 0, 0, REGEN_NO_DB, h_health_live},
    {"GET", "/health/ready", 0, 0, 0, 0, h_health_ready},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
