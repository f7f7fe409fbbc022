/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the boards share. Private to the render room. */
#ifndef RG_RENDER_VIEW_BOARD_H
#define RG_RENDER_VIEW_BOARD_H
#include "regen/clinic/schedule.h"
#include "regen/clinic/visit.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"

/* Sets chain (letter) and chain_class: the same for booking I of a board in every column and
 * list. */
void rg_view_chain(rg_val_t *v, apr_pool_t *p, int i);
/* Whose booking it is, or that somebody is booking. */
const char *rg_view_who(apr_pool_t *p, const rg_booking_t *b);

/* table.c: columns, rows of cells, any_blocks. A column for each booked resource and each one
 * closed for a part of its hours: the others are listed by rg_view_board_away. Returns which are
 * booked, by index. */
const bool *rg_view_board_table(rg_val_t *page, apr_pool_t *p, const rg_board_t *b);

/* presence.c: closed: [{who, what, when}], any_closed; idle (with hours) and absent: names of
 * those who are not BOOKED. */
void rg_view_board_away(rg_val_t *page, apr_pool_t *p, const rg_board_t *b, const bool *booked);
/* "Absence: conference", "Holiday, whole site: Thanksgiving". */
const char *rg_view_shut(apr_pool_t *p, const rg_shut_t *s);
/* "9:00 am to 5:00 pm"; "all day". */
const char *rg_view_shut_when(apr_pool_t *p, const rg_zone_t *z, const rg_shut_t *s);
/* Weekly hours of a column on a day: "9:00 am to 12:00 pm, 1:00 pm to 5:00 pm"; "": none. */
const char *rg_view_hours(apr_pool_t *p, const rg_presence_t *in, const rg_zone_t *z, int resource,
                          int day);
/* Whether a closure covers some of those hours, and whether closures cover all of them. */
bool rg_view_is_cut(const rg_presence_t *in, int resource, int day);
bool rg_view_is_away(const rg_presence_t *in, int resource, int day);
/* The first closure of a column at an instant; NULL: none. Whether an instant is within its
 * hours. */
const rg_shut_t *rg_view_shut_at(const rg_presence_t *in, int resource, apr_time_t at);
bool rg_view_open_at(const rg_presence_t *in, int resource, apr_time_t at);

#endif
