/* SPDX-License-Identifier: Apache-2.0 */
/* The service editor's form: service_form.c takes it apart, service.c answers. Without
 * httpd, so that tests can take it as it is. */
#ifndef REGEN_ADMIN_SERVICE_H
#define REGEN_ADMIN_SERVICE_H
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/model/definition.h"

/* What the form says, every mistake as a problem at its path. CODE NULL: it is in the form. */
rg_service_def_t *regen_service_decode(apr_pool_t *p, rg_problems_t *problems, const rg_form_t *f,
                                       const char *code);
/* The form after one of its buttons ("add-step", "remove-need-2-0", "up-step-1", …); NULL when DO
 * is none of them. */
rg_form_t *regen_service_rearrange(apr_pool_t *p, const rg_form_t *f, const char *deed);
/* The path, after the deed, of the step that one of its buttons changed; NULL for other deeds. What
 * is new is empty, which shows by itself. */
const char *regen_service_changed(apr_pool_t *p, const char *deed);

#endif
