/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of services. Beyond not crashing: what is refused says why, each time with its
 * path; what is accepted keeps the limits of its fields, is written out, and read again is the same. */
#include "target.h"

#include "mod_regen/tools/service_read.c"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"
#include "regen/render/message.h"

enum { MOST = 4 * 1024 * 1024 };

static void within_limits(apr_pool_t *p, const rg_service_def_t *d)
{
    for (const rg_field_t *f = rg_service_fields; f->name; f++) {
        must(!rg_field_wrong(p, f, d, sizeof(*d)));
    }
    for (int i = 0; i < d->service.step_count; i++) {
        for (const rg_field_t *f = rg_step_fields; f->name; f++) {
            must(!rg_field_wrong(p, f, &d->service.steps[i], sizeof(rg_step_t)));
        }
    }
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_service_def_t *defs = NULL;
    rg_service_def_t *again = NULL;
    int count = 0;
    int same = 0;
    rg_problems_t *problems = rg_problems_make(p);
    rg_buf_t *out = rg_buf_make(p, MOST);
    if (ctl_services_read(&defs, &count, p, text, size, problems) != RG_OK) {
        must(rg_problems_any(problems));
        must_be_clean(problems);
        return;
    }
    must(!rg_problems_any(problems));
    if (rg_services_json(out, defs, count) != RG_OK) {
        return; /* larger than a file may be */
    }
    must(ctl_services_read(&again, &same, p, out->data, out->len, problems) == RG_OK);
    must(same == count);
    for (int i = 0; i < count; i++) {
        within_limits(p, &defs[i]);
        must_be_same(rg_service_def_mark(p, &again[i]), rg_service_def_mark(p, &defs[i]));
    }
}
