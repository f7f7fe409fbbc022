/* SPDX-License-Identifier: Apache-2.0 */
/* What other httpd modules may use of mod_regen. The module exports one symbol; everything else is
 * reached through httpd's own registries, so nothing has to be linked:
 *
 *   the handler "regen", the AuthType "Regen", the authz provider "regen-role"
 *   (`Require regen-role billing admin`), and the optional function below. */
#ifndef MOD_REGEN_H
#define MOD_REGEN_H

#include <apr_optional.h>
#include <httpd.h>

#define MOD_REGEN_VERSION "0.1.0"

/* Whether this request's user (by AuthType Regen, or by any other authentication and the staff
 * table) has at least one of ROLES, separated by spaces: "front-desk", "clinician", "billing",
 * "admin". May query the database; false if it does not answer. */
APR_DECLARE_OPTIONAL_FN(int, regen_has_role, (request_rec * r, const char *roles));

#endif
