/* SPDX-License-Identifier: Apache-2.0 */
/* The list of logins. */
#include "regen/core/ctx.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/staff.h"
#include "regen/render/view.h"
#include "regen/render/view_admin.h"

#include <apr_strings.h>

static const char *role_words(apr_pool_t *p, unsigned roles)
{
    const char *text = "";
    for (unsigned role = 1; role <= RG_ROLE_ADMIN; role <<= 1) {
        if (roles & role) {
            text = apr_pstrcat(p, text, *text ? ", " : "", rg_role_name(role), NULL);
        }
    }
    return text;
}

static int minutes_until(apr_time_t t, apr_time_t now)
{
    return (int)((t - now + RG_MINUTE - 1) / RG_MINUTE);
}

rg_val_t *rg_view_staff_list(apr_pool_t *p, const rg_staff_row_t *rows, int count, apr_time_t now)
{
    rg_val_t *page = rg_view_page(p, "Logins", NULL);
    rg_val_t *list = rg_val_set_list(page, "people");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_admin", true);
    rg_val_bool(page, "at_staff_list", true);
    for (int i = 0; i < count; i++) {
        const rg_staff_t *s = &rows[i].staff;
        bool locked = s->locked_until > now;
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "login", s->login);
        rg_val_str(v, "name", s->name);
        rg_val_str(v, "roles", role_words(p, s->roles));
        rg_val_bool(v, "active", s->active);
        rg_val_bool(v, "locked", locked);
        rg_val_str(v, "minutes", locked ? apr_itoa(p, minutes_until(s->locked_until, now)) : NULL);
        rg_val_bool(v, "no_password", s->password_hash[0] == '\0');
        rg_val_bool(v, "has_sessions", rows[i].sessions > 0);
        rg_val_str(v, "sessions", apr_itoa(p, rows[i].sessions));
    }
    return page;
}
