/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the administrators. */
#ifndef REGEN_RENDER_VIEW_ADMIN_H
#define REGEN_RENDER_VIEW_ADMIN_H

#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/clinic/definitions.h"
#include "regen/clinic/evidence.h"
#include "regen/core/buf.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/model/staff.h"

/* --- view/admin.c ----------------------------------------------------------------------------- */

/* view/admin.c: pages of the administrators. What happened to a booked resource, after its name:
 * "is closed at that time.", "is no longer available." Static. */
const char *rg_view_conflict(rg_conflict_kind_t kind);

/* One field of an administrators' form for templates/admin/field.html. */
typedef enum {
    RG_INPUT_TEXT,
    RG_INPUT_AREA,
    RG_INPUT_NUMBER,
    RG_INPUT_DATE,
    RG_INPUT_TIME,
    RG_INPUT_CHECK,
    RG_INPUT_CHOICE
} rg_input_t;
typedef struct {
    const char *name;         /* and id */
    const char *label, *hint; /* HINT may be NULL */
    rg_input_t input;
    const char *value; /* as typed; a CHECK is on when it is "true" */
    const char *list;  /* id of a datalist, or NULL */
} rg_view_field_t;
/* The field as a new item of LIST, with the problem of that name; the choices of a CHOICE are added
 * by rg_view_option. */
rg_val_t *rg_view_field(rg_val_t *list, apr_pool_t *p, const rg_view_field_t *f,
                        const rg_problems_t *problems);
void rg_view_option(rg_val_t *field, const char *value, const char *text, const char *chosen);

/* --- view/service_edit.c ---------------------------------------------------------------------- */

/* view/service_edit.c. A definition as the pairs of the editor's form: names are paths
 * ("steps[1].minutes"), lists are codes separated by commas; unchecked boxes are left out. */
rg_form_t *rg_service_form(apr_pool_t *p, const rg_service_def_t *d);
/* "Step 2, need 1, can do" for a path; "" for none. */
const char *rg_view_service_place(apr_pool_t *p, const char *path);
typedef struct {
    const rg_form_t *form;
    const rg_problems_t *problems; /* list items named by their list */
    const rg_service_choices_t *choices;
    const char *code; /* of the service; NULL: a new one */
    const char *seen;
    const char *changed;   /* path of what a button just changed, which is shown open; NULL: none */
    const rg_site_t *site; /* of the preview; NULL: none */
    int start_count;
    const apr_time_t *starts;
} rg_view_service_edit_t;
rg_val_t *rg_view_service_edit(apr_pool_t *p, const rg_view_service_edit_t *in);
rg_val_t *rg_view_services(apr_pool_t *p, const rg_service_def_t *defs, int count);

/* --- view/staff_list.c ------------------------------------------------------------------------ */

/* view/resource.c. */
/* Staff logins and their locks. */
rg_val_t *rg_view_staff_list(apr_pool_t *p, const rg_staff_row_t *rows, int count, apr_time_t now);

/* --- view/resource.c -------------------------------------------------------------------------- */

rg_val_t *rg_view_resources(apr_pool_t *p, const rg_resource_def_t *defs, int count);
/* The form of a resource's page as pairs: hours as "hours[2].start", with some empty rows. */
rg_form_t *rg_resource_form(apr_pool_t *p, const rg_resource_def_t *d);
typedef struct {
    const rg_form_t *form;
    const rg_problems_t *problems;
    const rg_resource_def_t *def; /* NULL: a new one */
    const char *seen;
    int site_count;
    const rg_site_t *sites;
    int hit_count;
    const rg_conflict_t *hits;
} rg_view_resource_t;
rg_val_t *rg_view_resource(apr_pool_t *p, const rg_view_resource_t *in);

/* --- view/admin.c ----------------------------------------------------------------------------- */

/* The contents of the closures' page. */
typedef struct {
    int count;
    const rg_closure_row_t *rows;
    int site_count;
    const rg_site_t *sites;
    int resource_count;
    const rg_resource_t **resources;
    const int64_t *resource_sites;
    int conflict_count;
    const rg_conflict_t *conflicts; /* undecided */
    int hit_count;
    const rg_conflict_t *hits; /* affected by the attempted closure, to be decided */
    const rg_form_t *typed;
    const rg_problems_t *problems;
} rg_view_closures_t;
rg_val_t *rg_view_closures(apr_pool_t *p, const rg_view_closures_t *in);
/* "2 bookings kept, 1 canceled." after a closure was stored; negative numbers are left out. */
void rg_view_closed(rg_val_t *page, apr_pool_t *p, int kept, int cancelled, int moved, int left);

/* --- audit.c ---------------------------------------------------------------------------------- */

rg_val_t *rg_view_audit(apr_pool_t *p, const rg_audit_page_t *page, const rg_audit_in_t *in,
                        const rg_staff_row_t *staff, int count);
/* One line for each event, with a line of names on top. */
rg_buf_t *rg_view_audit_csv(apr_pool_t *p, const rg_audit_page_t *page);

#endif
