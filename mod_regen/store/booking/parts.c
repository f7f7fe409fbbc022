/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a booking, read: steps, resources, visits. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/store.h"

#include <stdlib.h>

/* Steps, resources and visits in one statement: rows of three kinds, whose columns mean what their
 * kind says. UNION ALL promises no order, so that is made here. */
enum { A_STEP = 1, A_RESOURCE = 2, A_VISIT = 3 };

typedef struct {
    int what, a, b; /* a step: number, visit; a resource: step, need; a visit: number, sequence */
    int64_t id;
    const char *word, *name; /* a visit's uid is its name */
    apr_time_t from, until;
} part_t;

#define PART_ROW(FIRST, COL, what_, a_, b_, id_, word_, name_, from_, until_)                      \
    FIRST(INT, what, what_)                                                                        \
    COL(INT, a, a_)                                                                                \
    COL(INT, b, b_)                                                                                \
    COL(I64, id, id_)                                                                              \
    COL(STR, word, word_)                                                                          \
    COL(STR, name, name_)                                                                          \
    COL(TIME, from, from_)                                                                         \
    COL(TIME, until, until_)
#define STEP_PART(FIRST, COL)                                                                      \
    PART_ROW(FIRST, COL, "1", "s.step_no", "s.visit_no", "0", "s.kind", "s.name", "s.starts_at",   \
             "s.ends_at")
#define RESOURCE_PART(FIRST, COL)                                                                  \
    PART_ROW(FIRST, COL, "2", "r.step_no", "r.need_no", "r.resource_id", "x.kind", "x.name",       \
             "r.busy_from", "r.busy_until")
#define VISIT_PART(FIRST, COL)                                                                     \
    PART_ROW(FIRST, COL, "3", "a.visit_no", "a.sequence", "0", "b.status", "a.uid", "a.starts_at", \
             "a.ends_at")
RG_ROW(part_row, part_t, STEP_PART);
RG_SQL(PARTS,
       "SELECT " RG_COLUMNS(STEP_PART)
       " FROM booking_step s"
       " WHERE s.booking_id = ?"
       " UNION ALL"
       " SELECT " RG_COLUMNS(RESOURCE_PART)
       " FROM booking_resource r"
       " JOIN resource x ON x.id = r.resource_id"
       " WHERE r.booking_id = ?"
       " UNION ALL"
       " SELECT " RG_COLUMNS(VISIT_PART)
       " FROM appointment a"
       " JOIN booking b ON b.id = a.booking_id"
       " WHERE a.booking_id = ?");

static int compare_parts(const void *x, const void *y)
{
    const part_t *p = x;
    const part_t *q = y;
    const int64_t less[] = {p->what - q->what, p->a - q->a, p->b - q->b, p->id - q->id};
    for (size_t i = 0; i < sizeof(less) / sizeof(*less); i++) {
        if (less[i] != 0) {
            return less[i] < 0 ? -1 : 1;
        }
    }
    return 0;
}

static void add_step(rg_booking_t *b, const part_t *p)
{
    b->steps[b->step_count++] =
        (rg_booking_step_t){.step_no = p->a,
                            .visit_no = p->b,
                            .kind = (rg_step_kind_t)rg_step_kind_parse(p->word),
                            .name = p->name,
                            .starts_at = p->from,
                            .ends_at = p->until};
}

static void add_resource(rg_booking_t *b, const part_t *p)
{
    b->resources[b->resource_count++] = (rg_booking_resource_t){
        .step_no = p->a,
        .need_no = p->b,
        .resource_id = p->id,
        .resource_name = p->name,
        .resource_kind = (rg_resource_kind_t)rg_resource_kind_parse(p->word),
        .busy_from = p->from,
        .busy_until = p->until};
}

/* Of a course that began: a visit whose steps have no resource any more was cancelled by itself. */
static bool visit_is_off(const rg_booking_t *b, const part_t *visit)
{
    int status = rg_booking_status_parse(visit->word);
    bool begun = status == RG_BOOKING_ARRIVED || status == RG_BOOKING_IN_PROGRESS ||
                 status == RG_BOOKING_COMPLETED;
    bool has_steps = false;
    if (!begun || visit->a <= 1) {
        return false;
    }
    for (int i = 0; i < b->step_count; i++) {
        if (b->steps[i].visit_no != visit->a) {
            continue;
        }
        has_steps = true;
        for (int k = 0; k < b->resource_count; k++) {
            if (b->resources[k].step_no == b->steps[i].step_no) {
                return false;
            }
        }
    }
    return has_steps;
}

static void add_visit(rg_booking_t *b, const part_t *p)
{
    b->appointments[b->appointment_count++] = (rg_appointment_t){.uid = p->name,
                                                                 .visit_no = p->a,
                                                                 .sequence = p->b,
                                                                 .starts_at = p->from,
                                                                 .ends_at = p->until,
                                                                 .off = visit_is_off(b, p)};
}

rg_outcome_t rg_booking_parts(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t *b)
{
    const rg_bind_t id = RG_I(b->id);
    const rg_bind_t ids[] = {id, id, id};
    part_t *parts;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &parts, &count, part_row, PARTS, ids, 3));
    if (count > 1) {
        qsort(parts, (size_t)count, sizeof(*parts), compare_parts);
    }
    size_t n = (size_t)count + 1;
    b->steps = apr_palloc(ctx->pool, sizeof(*b->steps) * n);
    b->resources = apr_palloc(ctx->pool, sizeof(*b->resources) * n);
    b->appointments = apr_palloc(ctx->pool, sizeof(*b->appointments) * n);
    b->step_count = b->resource_count = b->appointment_count = 0;
    for (int i = 0; i < count; i++) {
        const part_t *p = &parts[i];
        p->what == A_STEP       ? add_step(b, p)
        : p->what == A_RESOURCE ? add_resource(b, p)
                                : add_visit(b, p);
    }
    return RG_OK;
}
