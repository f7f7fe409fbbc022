/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed number of answers under one lock, each at most ten weeks of starts: a third of a megabyte a
 * process and no more, and looking one up costs a walk over their questions. */
#include "mod_regen/clinic/shelf.h"

#include <pthread.h>
#include <string.h>

enum { PLACES = 128, WORDS_MOST = 320 };
#define AGE_MOST apr_time_from_sec(60)

typedef struct {
    rg_shelf_ask_t ask;
    apr_time_t since;  /* 0: empty */
    uint64_t asked_at; /* turn of the last question for it */
    rg_shelf_t kept;   /* found.w is the place's own */
    uint64_t words[WORDS_MOST];
} place_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static place_t places[PLACES]; /* guarded by lock */
static uint64_t turn;          /* guarded by lock */

static bool same(const rg_shelf_ask_t *a, const rg_shelf_ask_t *b)
{
    return a->service_id == b->service_id && a->practitioner_id == b->practitioner_id &&
           a->first_day == b->first_day && a->days == b->days;
}

/* The clock may go back, in tests and elsewhere. */
static bool fresh(const place_t *place, apr_time_t now)
{
    apr_time_t age = now > place->since ? now - place->since : place->since - now;
    return place->since != 0 && age < AGE_MOST;
}

static place_t *place_of(const rg_shelf_ask_t *ask)
{
    for (int i = 0; i < PLACES; i++) {
        if (places[i].since != 0 && same(&places[i].ask, ask)) {
            return &places[i];
        }
    }
    return NULL;
}

static place_t *oldest(void)
{
    place_t *found = &places[0];
    for (int i = 1; i < PLACES; i++) {
        if (places[i].asked_at < found->asked_at) {
            found = &places[i];
        }
    }
    return found;
}

bool rg_shelf_find(rg_shelf_t *out, rg_ctx_t *ctx, const rg_shelf_ask_t *ask)
{
    uint64_t *words = apr_palloc(ctx->pool, sizeof(uint64_t) * WORDS_MOST);
    pthread_mutex_lock(&lock);
    place_t *place = place_of(ask);
    bool found = place && fresh(place, ctx->now);
    if (found) {
        *out = place->kept;
        memcpy(words, place->kept.found.w, sizeof(uint64_t) * (size_t)out->found.words);
        place->asked_at = ++turn;
    }
    pthread_mutex_unlock(&lock);
    if (found) {
        out->found.w = words;
    }
    return found;
}

void rg_shelf_put(rg_ctx_t *ctx, const rg_shelf_ask_t *ask, const rg_shelf_t *kept)
{
    if (kept->found.words > WORDS_MOST) {
        return;
    }
    pthread_mutex_lock(&lock);
    place_t *place = place_of(ask);
    place = place ? place : oldest();
    place->ask = *ask;
    place->since = ctx->now;
    place->asked_at = ++turn;
    place->kept = *kept;
    place->kept.found.w = place->words;
    memcpy(place->words, kept->found.w, sizeof(uint64_t) * (size_t)kept->found.words);
    pthread_mutex_unlock(&lock);
}
