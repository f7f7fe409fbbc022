/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed number of answers under one lock, each at most ten weeks of starts: at most a third of a
 * megabyte per process; a look-up walks over their keys. */
#include "mod_regen/clinic/booking/cache.h"
#include "regen/core/ctx.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

#include <pthread.h>
#include <string.h>

enum { PLACES = 128, WORDS_MOST = 320 };
#define AGE_MOST RG_MINUTE

typedef struct {
    rg_shelf_ask_t ask;
    apr_time_t since;
    uint64_t asked_at; /* turn of the last question for it */
    rg_shelf_t kept;   /* found.w belongs to the entry */
    uint64_t words[WORDS_MOST];
} place_t;

/* Entries are allocated when needed: a process that never searched has none. */
typedef struct {
    apr_pool_t *pool;
    place_t *places[PLACES];
    int count;
    uint64_t turn;
} shelf_t;

/* Guards what is on every shelf: nobody is long at one. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *make_shelf(apr_pool_t *p)
{
    shelf_t *shelf = apr_pcalloc(p, sizeof(*shelf));
    shelf->pool = p;
    return shelf;
}

static shelf_t *shelf_of(const rg_ctx_t *ctx)
{
    static const rg_memory_t kind = {make_shelf, NULL};
    return rg_store_memory(ctx->store, &kind);
}

static bool same(const rg_shelf_ask_t *a, const rg_shelf_ask_t *b)
{
    return a->service_id == b->service_id && a->practitioner_id == b->practitioner_id &&
           a->first_day == b->first_day && a->days == b->days && a->targets == b->targets;
}

/* The clock may go back, in tests and elsewhere. */
static bool fresh(const place_t *place, apr_time_t now)
{
    apr_time_t age = now > place->since ? now - place->since : place->since - now;
    return age < AGE_MOST;
}

static place_t *place_of(shelf_t *shelf, const rg_shelf_ask_t *ask)
{
    for (int i = 0; i < shelf->count; i++) {
        if (same(&shelf->places[i]->ask, ask)) {
            return shelf->places[i];
        }
    }
    return NULL;
}

/* A new entry if there is room, otherwise the least recently used one. */
static place_t *spare(shelf_t *shelf)
{
    if (shelf->count < PLACES) {
        shelf->places[shelf->count] = apr_palloc(shelf->pool, sizeof(*shelf->places[shelf->count]));
        return shelf->places[shelf->count++];
    }
    place_t *found = shelf->places[0];
    for (int i = 1; i < PLACES; i++) {
        if (shelf->places[i]->asked_at < found->asked_at) {
            found = shelf->places[i];
        }
    }
    return found;
}

bool rg_shelf_find(rg_shelf_t *out, const rg_ctx_t *ctx, const rg_shelf_ask_t *ask)
{
    uint64_t *words = apr_palloc(ctx->pool, sizeof(*words) * WORDS_MOST);
    shelf_t *shelf = shelf_of(ctx);
    pthread_mutex_lock(&lock);
    place_t *place = place_of(shelf, ask);
    bool found = place && fresh(place, ctx->now);
    if (found) {
        *out = place->kept;
        memcpy(words, place->kept.found.w, sizeof(uint64_t) * (size_t)out->found.words);
        place->asked_at = ++shelf->turn;
    }
    pthread_mutex_unlock(&lock);
    if (found) {
        out->found.w = words;
    }
    return found;
}

void rg_shelf_put(const rg_ctx_t *ctx, const rg_shelf_ask_t *ask, const rg_shelf_t *kept)
{
    if (kept->found.words > WORDS_MOST) {
        return;
    }
    shelf_t *shelf = shelf_of(ctx);
    pthread_mutex_lock(&lock);
    place_t *place = place_of(shelf, ask);
    place = place ? place : spare(shelf);
    place->ask = *ask;
    place->since = ctx->now;
    place->asked_at = ++shelf->turn;
    place->kept = *kept;
    place->kept.found.w = place->words;
    memcpy(place->words, kept->found.w, sizeof(uint64_t) * (size_t)kept->found.words);
    pthread_mutex_unlock(&lock);
}
