/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_journey.py measures beside: the statements that a booking cannot do without (hold, details, two signatures, book), replayed
 * by bare Connector/C (tape.h) in a database of its own on the same server. Prints how many there are; then for each line "CLIENTS BOOKINGS"
 * of its input "ready", waits for another line, lets so many clients replay so many bookings each, and prints the milliseconds of its own
 * processor time that one booking took. Ends with its input. */
#include <pthread.h>
#include <sys/resource.h>

#include "base.h"
#include "booking_clinic.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/core/text.h"
#include "regen/model/consent.h"

enum {
    FIRST_DAY = NOW / 86400 + 7,
    CLIENTS_MAX = 64,
    JOBS = 64,
    YEAR = 364 /* days between the replays: no two take the same time */
};

#include "tape.h"

static MYSQL *connect_here(void)
{
    MYSQL *m = connect_bare(conf.database);
    run(m, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    return m;
}

static void open_all(void)
{
    begin(4);
    apr_pool_create(&tape_pool, pool);
    MYSQL *m = connect_bare(conf.database);
    for (size_t i = 0; i < sizeof(booking_clinic) / sizeof(booking_clinic[0]); i++) {
        run(m, booking_clinic[i]);
    }
    run(m, "UPDATE service SET horizon_days = 730");
    char *rest = apr_pstrdup(pool, need("REGEN_BENCH_FORMS"));
    for (char *sql = apr_strtok(rest, ";", &rest); sql; sql = apr_strtok(NULL, ";", &rest)) {
        if (strstr(sql, "INSERT")) {
            run(m, sql);
        }
    }
    /* No small number is taken for the id of a booking. */
    run(m, "ALTER TABLE booking AUTO_INCREMENT = 1000003");
    mysql_close(m);
}

/* --- once by the library, to be taken down ---------------------------------------------------- */

static void must(rg_outcome_t rc, const char *what)
{
    if (rc != RG_OK) {
        stop(what, rg_outcome_name(rc));
    }
}

/* A request of its own, as it comes over HTTP. */
static rg_ctx_t *request(rg_idem_t *idem, int64_t booking_id)
{
    rg_ctx_t *ctx = make_ctx();
    *idem = (rg_idem_t){.replayed = false};
    rg_crypto_random(idem->key, sizeof(idem->key));
    rg_crypto_random(idem->request, sizeof(idem->request));
    rg_crypto_random(idem->seed, sizeof(idem->seed));
    ctx->idem = idem;
    ctx->client_ip = "192.0.2.1";
    ctx->user_agent = "bench";
    if (booking_id > 0) {
        ctx->who = (rg_principal_t){.roles = RG_ROLE_PATIENT, .booking_id = booking_id};
    }
    return ctx;
}

static int64_t hold(apr_time_t start)
{
    rg_idem_t idem;
    unsigned char session[32];
    rg_hold_in_t in = {"chain", start, 0};
    rg_hold_t out;
    rg_ctx_t *ctx = request(&idem, 0);
    rg_crypto_random(session, sizeof(session));
    ctx->visitor_new = session;
    must(rg_booking_hold(&out, ctx, &in), "rg_booking_hold");
    int64_t id = out.booking->id;
    apr_pool_destroy(ctx->pool);
    return id;
}

static void tell(int64_t id, int number)
{
    rg_idem_t idem;
    rg_ctx_t *ctx = request(&idem, id);
    const rg_details_in_t in = {.given = apr_psprintf(ctx->pool, "Ada %d", number),
                                .family = "Bench",
                                .birth_date = "12/10/1962",
                                .gender = "female",
                                .email = "ada@example.org",
                                .phone = "603-555-0142",
                                .address_line = "7 Analytical Way",
                                .city = "Dover",
                                .state = "NH",
                                .postal_code = "03820",
                                .body_site = "knee",
                                .side = "right",
                                .pay = "self"};
    must(rg_details_save(ctx, id, &in), "rg_details_save");
    apr_pool_destroy(ctx->pool);
}

/* What a page shows is read before, and is no part of it. */
static const char *shown(int64_t id, int form)
{
    rg_idem_t idem;
    rg_case_t c;
    unsigned char hash[32];
    const char *text;
    rg_ctx_t *ctx = request(&idem, id);
    apr_array_header_t *listening = tape;
    tape = NULL;
    must(rg_case_get(&c, ctx, id, RG_CASE_PEOPLE | RG_CASE_FORMS | RG_CASE_BRIEF), "rg_case_get");
    must(rg_consent_text(&text, hash, ctx, &c, &c.consents->forms[form]), "rg_consent_text");
    tape = listening;
    const char *hex = rg_text_hex(pool, hash, sizeof(hash));
    apr_pool_destroy(ctx->pool);
    return hex;
}

static void sign(int64_t id, int number, int form)
{
    static const char *const codes[] = {"treatment", "privacy"};
    rg_idem_t idem;
    const char *hash = shown(id, form);
    rg_ctx_t *ctx = request(&idem, id);
    const rg_sign_in_t in = {.form_code = codes[form],
                             .signer_name = apr_psprintf(ctx->pool, "Ada %d Bench", number),
                             .agree = "yes",
                             .text_sha256 = hash};
    must(rg_consent_sign(ctx, id, &in), "rg_consent_sign");
    apr_pool_destroy(ctx->pool);
}

static void confirm(int64_t id)
{
    rg_idem_t idem;
    const char *link;
    rg_ctx_t *ctx = request(&idem, id);
    must(rg_booking_confirm(&link, ctx, id), "rg_booking_confirm");
    apr_pool_destroy(ctx->pool);
}

static tape_t tapes[JOBS];

/* The first one is thrown away: it reads the definitions, which a process keeps. */
static void record(void)
{
    const rg_zone_t *zone = rg_zone_open(pool, "America/New_York");
    rg_date_t day = rg_date_add((rg_date_t){1970, 1, 1}, FIRST_DAY + 1);
    for (int i = -1; i < JOBS; day = rg_date_add(day, 1)) {
        if (rg_date_weekday(day) > 5 || (day.month == 12 && day.day == 25)) {
            continue;
        }
        tape_start();
        int64_t id = hold(rg_zone_utc(zone, day, 540));
        tell(id, i);
        sign(id, i, 0);
        sign(id, i, 1);
        confirm(id);
        tape_t made = tape_stop(&(place_t){id, 0, FIRST_DAY});
        if (i > 0 && tape_statements(&made) != tape_statements(&tapes[0])) {
            stop("recording", "bookings of the same kind cost different numbers of statements");
        }
        if (i++ >= 0) {
            tapes[i - 1] = made;
        }
    }
}

/* --- and again and again ---------------------------------------------------------------------- */

typedef struct {
    pthread_t thread;
    player_t player;
    int first, many;
} worker_t;

static worker_t workers[CLIENTS_MAX];

static void connect_all(void)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        workers[i].player.m = connect_here();
        tape_prepare(&workers[i].player, &tapes[0]);
    }
}

static void *work(void *baton)
{
    worker_t *w = baton;
    for (int i = 0; i < w->many; i++) {
        tape_play(&w->player, &tapes[w->first + i], 0);
    }
    return NULL;
}

static double own_ms(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

/* Milliseconds of this process for one booking. */
static double replay(int clients, int many)
{
    double before = own_ms();
    for (int i = 0; i < clients; i++) {
        workers[i].first = i * many;
        workers[i].many = many;
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < clients; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    return (own_ms() - before) / (clients * many);
}

int main(void)
{
    char line[64];
    open_all();
    record();
    connect_all();
    printf("%d\n", tape_statements(&tapes[0]));
    for (int year = 1; fflush(stdout) == 0 && fgets(line, sizeof(line), stdin); year++) {
        char *rest;
        int clients = (int)strtol(line, &rest, 10);
        int many = (int)strtol(rest, NULL, 10);
        if (clients < 1 || clients > CLIENTS_MAX || many < 1 || clients * many > JOBS) {
            stop("clients and bookings", line);
        }
        for (int i = 0; i < JOBS; i++) {
            tape_ready(&tapes[i], &(place_t){tapes[i].booking, year * YEAR, FIRST_DAY});
        }
        printf("ready\n");
        fflush(stdout);
        if (!fgets(line, sizeof(line), stdin)) {
            break;
        }
        printf("%.3f\n", replay(clients, many));
    }
    for (int i = 0; i < CLIENTS_MAX; i++) {
        mysql_close(workers[i].player.m);
    }
    return finish();
}
