/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, holding, booking and moving, compared with bare Connector/C loops that run the same
 * statements with the same values in the same run (tape.h): the cost of the search, the assignment
 * and the layers above SQL, with 1, 8 and 64 clients, and with ten times as many bookings. Prints
 * ratios only. Needs the environment of the store tests. */
#include <pthread.h>

#include "base.h"
#include "booking_clinic.h"
#include "regen/clinic/booking.h"

enum {
    TODAY = NOW / 86400,
    FIRST_FREE = TODAY + 368, /* nothing is booked from here on */
    CLIENTS_MAX = 64,
    ROUNDS = 5,
    JOBS = 240,      /* at most, each on a day of its own */
    BARE_DAYS = 728, /* the bare loop's schedule lies so much later */
    MOVED = 90       /* minutes */
};

static apr_time_t starts[JOBS];

#include "tape.h"

/* --- the database -------------------------------------------------------------------------------------- */

static void open_all(void)
{
    begin(CLIENTS_MAX);
    apr_pool_create(&tape_pool, pool);
    MYSQL *m = connect_bare(conf.database);
    for (size_t i = 0; i < sizeof(booking_clinic) / sizeof(booking_clinic[0]); i++) {
        run(m, booking_clinic[i]);
    }
    run(m, "UPDATE service SET horizon_days = 730");
    mysql_close(m);
}

static MYSQL *connect_here(void)
{
    MYSQL *m = connect_bare(conf.database);
    run(m, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    return m;
}

/* --- a well-booked clinic ---------------------------------------------------------------------------------- */

static const char *value(MYSQL *m, const char *sql)
{
    if (mysql_query(m, sql) != 0) {
        stop(sql, mysql_error(m));
    }
    MYSQL_RES *rows = mysql_store_result(m);
    MYSQL_ROW row = mysql_fetch_row(rows);
    const char *text = apr_pstrdup(pool, row ? row[0] : "");
    mysql_free_result(rows);
    return text;
}

/* Half-hours of working days FIRST..LAST (days since 1970), seven in twenty of them taken, shared out
 * among BOOKINGS bookings. */
static void fill(MYSQL *m, int first, int last, int bookings)
{
    run(m, "DROP TABLE IF EXISTS bench_slot");
    run(m, "CREATE TABLE bench_slot (n INT AUTO_INCREMENT PRIMARY KEY, resource_id INT, granule"
           " INT, booking_id INT)");
    run(m, apr_psprintf(
               pool,
               "INSERT INTO bench_slot (resource_id, granule) SELECT r.seq, d.seq * 288 + 156 +"
               " s.seq * 6 FROM seq_%d_to_%d d JOIN seq_0_to_17 s JOIN seq_1_to_13 r WHERE"
               " (d.seq + 3) %% 7 < 5 AND CRC32(CONCAT_WS('-', d.seq, s.seq, r.seq)) %% 20 < 7"
               " ORDER BY d.seq, s.seq, r.seq",
               first, last));
    run(m, apr_psprintf(pool, "UPDATE bench_slot SET booking_id = %s + 1 + (n - 1) * %d DIV %s",
                        value(m, "SELECT COALESCE(MAX(id), 0) FROM booking"), bookings,
                        value(m, "SELECT COUNT(*) FROM bench_slot")));
    run(m, "DROP TRIGGER IF EXISTS booking_begins_quoted");
    run(m, "INSERT INTO booking (id, uid, service_id, site_id, status, starts_at, ends_at,"
           " patient_id, self_pay, price_minor, currency, created_at) SELECT booking_id,"
           " LPAD(booking_id, 26, '0'), 2, 1, 'booked', MIN(granule) * 300, MAX(granule) * 300 +"
           " 1800, 1, 1, 100, 'USD', 0 FROM bench_slot GROUP BY booking_id");
    run(m, "INSERT INTO occupancy SELECT resource_id, granule + g.seq, booking_id FROM bench_slot"
           " JOIN seq_0_to_5 g ORDER BY resource_id, granule + g.seq");
    run(m, "INSERT INTO day_bitmap (resource_id, day, w2, w3, w4) SELECT resource_id, granule DIV"
           " 288, BIT_OR(IF(at DIV 64 = 2, CAST(1 AS UNSIGNED) << (at MOD 64), CAST(0 AS"
           " UNSIGNED))), BIT_OR(IF(at DIV 64 = 3, CAST(1 AS UNSIGNED) << (at MOD 64), CAST(0 AS"
           " UNSIGNED))), BIT_OR(IF(at DIV 64 = 4, CAST(1 AS UNSIGNED) << (at MOD 64), CAST(0 AS"
           " UNSIGNED))) FROM (SELECT resource_id, granule, granule MOD 288 + g.seq AS at FROM"
           " bench_slot JOIN seq_0_to_5 g) x GROUP BY 1, 2");
    run(m, "ANALYZE TABLE booking, occupancy, day_bitmap");
}

/* --- many clients, measured -------------------------------------------------------------------------------------- */

typedef void (*job_fn)(int number);
typedef void (*bare_fn)(player_t *c, int number);

typedef struct {
    job_fn ours;
    bare_fn bare;
    int first, count, step; /* job numbers first, first + step, … */
    apr_time_t *took[2];    /* bare, ours */
    player_t player;
} worker_t;

/* Ours and theirs in turns, so that whatever else the machine does hits both. */
static void *work(void *data)
{
    worker_t *w = data;
    for (int i = 0; i < w->count; i++) {
        int number = w->first + i * w->step;
        apr_time_t began = apr_time_now();
        w->bare(&w->player, number);
        apr_time_t middle = apr_time_now();
        w->ours(number);
        w->took[0][i] = middle - began;
        w->took[1][i] = apr_time_now() - middle;
    }
    return NULL;
}

typedef struct {
    double mean, p50, p99; /* microseconds */
} measure_t;

static int compare_times(const void *a, const void *b)
{
    apr_time_t x = *(const apr_time_t *)a;
    apr_time_t y = *(const apr_time_t *)b;
    return (x > y) - (x < y);
}

static measure_t summary(apr_time_t *took, int n)
{
    double sum = 0;
    qsort(took, (size_t)n, sizeof(*took), compare_times);
    for (int i = 0; i < n; i++) {
        sum += (double)took[i];
    }
    return (measure_t){sum / n, (double)took[n / 2], (double)took[n * 99 / 100]};
}

static void measure(measure_t out[2], int clients, int jobs_each, job_fn ours, bare_fn bare,
                    const tape_t *said)
{
    static worker_t w[CLIENTS_MAX];
    pthread_t threads[CLIENTS_MAX];
    int n = clients * jobs_each;
    apr_time_t *took = malloc(sizeof(*took) * (size_t)n * 2);
    for (int i = 0; i < clients; i++) {
        w[i] = (worker_t){ours, bare, i, jobs_each, clients, {NULL, NULL}, {.m = connect_here()}};
        tape_prepare(&w[i].player, said);
        w[i].took[0] = took + (size_t)i * (size_t)jobs_each;
        w[i].took[1] = w[i].took[0] + n;
    }
    for (int i = 0; i < clients; i++) {
        pthread_create(&threads[i], NULL, work, &w[i]);
    }
    for (int i = 0; i < clients; i++) {
        pthread_join(threads[i], NULL);
        mysql_close(w[i].player.m);
    }
    out[0] = summary(took, n);
    out[1] = summary(took + n, n);
    free(took);
}

/* --- finding ---------------------------------------------------------------------------------------------------------- */

static tape_t looks[2]; /* what is kept is true; it must be read */

/* Kept answers are for a minute: a clock that runs makes every search a fresh one. */
static void find_at(apr_time_t now)
{
    rg_ctx_t *ctx = make_ctx();
    rg_find_in_t in = {.service_code = "chain", .from = {2026, 12, 2}, .days = 31};
    rg_availability_t *a;
    ctx->now = now;
    if (rg_availability_find(&a, ctx, &in) != RG_OK) {
        stop("rg_availability_find", "failed");
    }
    apr_pool_destroy(ctx->pool);
}

static void find_kept_job(int number)
{
    (void)number;
    find_at(apr_time_from_sec(NOW));
}

static void find_fresh_job(int number)
{
    static _Atomic int minutes;
    (void)number;
    find_at(apr_time_from_sec(NOW + 120 * (++minutes % 500)));
}

static void bare_kept_job(player_t *c, int number)
{
    (void)number;
    tape_play(c, &looks[0], 0);
}

static void bare_fresh_job(player_t *c, int number)
{
    (void)number;
    tape_play(c, &looks[1], 0);
}

static void record_looks(void)
{
    place_t nowhere = {-1, 0, FIRST_FREE};
    find_fresh_job(0);
    tape_start();
    find_fresh_job(0);
    looks[1] = tape_stop(&nowhere);
    find_kept_job(0);
    tape_start();
    find_kept_job(0);
    looks[0] = tape_stop(&nowhere);
}

/* --- holding, booking, moving ------------------------------------------------------------------------------------------- */

typedef enum { HOLD, BOOK, MOVE, ACTS } act_t;
static tape_t tapes[ACTS][JOBS];
static int64_t ours[JOBS], theirs[JOBS]; /* bookings */

/* One a day in the second year ahead, where nothing is booked. */
static void choose_starts(void)
{
    const rg_zone_t *zone = rg_zone_open(pool, "America/New_York");
    rg_date_t day = {2027, 12, 6};
    for (int i = 0; i < JOBS; day = rg_date_add(day, 1)) {
        if (rg_date_weekday(day) <= 5) {
            starts[i++] = rg_zone_utc(zone, day, 540);
        }
    }
}

static void hold_job(int number)
{
    rg_ctx_t *ctx = make_ctx();
    rg_hold_in_t in = {"chain", starts[number], 0};
    rg_hold_t out;
    if (rg_booking_hold(&out, ctx, &in) != RG_OK) {
        stop("rg_booking_hold", rg_time_instant(ctx->pool, in.start));
    }
    ours[number] = out.booking->id;
    apr_pool_destroy(ctx->pool);
}

static void book_job(int number)
{
    rg_ctx_t *ctx = make_ctx();
    const char *link;
    ctx->who = (rg_principal_t){.roles = RG_ROLE_PATIENT, .booking_id = ours[number]};
    rg_outcome_t rc = rg_booking_confirm(&link, ctx, ours[number]);
    if (rc != RG_OK) {
        stop("rg_booking_confirm", rg_outcome_name(rc));
    }
    apr_pool_destroy(ctx->pool);
}

static void move_job(int number)
{
    rg_ctx_t *ctx = make_ctx();
    rg_move_in_t in = {.start = starts[number] + apr_time_from_sec(MOVED * 60)};
    rg_hold_t out;
    ctx->who = (rg_principal_t){.roles = RG_ROLE_PATIENT, .booking_id = ours[number]};
    if (rg_booking_move(&out, ctx, ours[number], &in) != RG_OK) {
        stop("rg_booking_move", rg_time_instant(ctx->pool, in.start));
    }
    apr_pool_destroy(ctx->pool);
}

static void bare_hold_job(player_t *c, int number)
{
    theirs[number] = tape_play(c, &tapes[HOLD][number], 0);
}

static void bare_book_job(player_t *c, int number)
{
    tape_play(c, &tapes[BOOK][number], theirs[number]);
}

static void bare_move_job(player_t *c, int number)
{
    tape_play(c, &tapes[MOVE][number], theirs[number]);
}

static const struct {
    const char *name;
    job_fn job;
    bare_fn bare;
} acts[ACTS] = {{"holding a chain", hold_job, bare_hold_job},
                {"booking it", book_job, bare_book_job},
                {"moving it", move_job, bare_move_job}};

/* What a patient fills in between holding and booking. */
static void fill_in(MYSQL *m)
{
    run(m, "UPDATE booking SET patient_id = 1, self_pay = 1, body_site = 'knee', laterality ="
           " 'left' WHERE patient_id IS NULL");
}

/* Everything the jobs made, on both sides. */
static void forget_year(MYSQL *m, int first)
{
    for (int resource = 1; resource <= 13; resource++) {
        run(m, apr_psprintf(pool,
                            "DELETE FROM occupancy WHERE resource_id = %d AND granule BETWEEN %d"
                            " AND %d",
                            resource, first * DAY_GRANULES, (first + 370) * DAY_GRANULES));
    }
    run(m, apr_psprintf(pool, "DELETE FROM day_bitmap WHERE day BETWEEN %d AND %d", first,
                        first + 370));
}

static void forget(MYSQL *m)
{
    run(m, "DELETE x FROM message x JOIN booking b ON b.id = x.booking_id WHERE b.service_id = 1");
    run(m, "DELETE FROM booking_resource");
    run(m, "DELETE FROM booking_step");
    run(m, "DELETE FROM appointment");
    forget_year(m, FIRST_FREE);
    forget_year(m, FIRST_FREE + BARE_DAYS);
    run(m, "DROP TRIGGER IF EXISTS booking_charge_stays");
    run(m, "DROP TRIGGER IF EXISTS booking_quote_stays");
    run(m, "DROP TRIGGER IF EXISTS estimate_line_stays");
    run(m, "DROP TRIGGER IF EXISTS estimate_stays");
    run(m, "DELETE FROM estimate_to_give");
    run(m, "DELETE FROM estimate_line");
    run(m, "DELETE FROM estimate ORDER BY id DESC");
    run(m, "DELETE FROM booking_charge");
    run(m, "DELETE FROM booking_quote");
    run(m, "DELETE FROM booking WHERE service_id = 1");
}

static void record(MYSQL *m)
{
    for (act_t act = HOLD; act < ACTS; act++) {
        for (int i = 0; i < JOBS; i++) {
            tape_start();
            acts[act].job(i);
            place_t place = {ours[i], BARE_DAYS, FIRST_FREE};
            tapes[act][i] = tape_stop(&place);
        }
        if (act == HOLD) {
            fill_in(m);
        }
    }
    forget(m);
}

/* How far both sides must be before ACT can be measured. */
static void prepare_act(MYSQL *m, act_t act, int jobs)
{
    player_t c = {.m = connect_here()};
    for (act_t before = HOLD; before < act; before++) {
        for (int i = 0; i < jobs; i++) {
            acts[before].bare(&c, i);
            acts[before].job(i);
        }
        if (before == HOLD) {
            fill_in(m);
        }
    }
    mysql_close(c.m);
}

/* --- what is printed ----------------------------------------------------------------------------------------------------- */

typedef struct {
    double ratio[ROUNDS], middle[ROUNDS], tail[ROUNDS], bare_tail[ROUNDS], own[ROUNDS];
} rounds_t;

static void note(rounds_t *r, int i, const measure_t t[2])
{
    r->ratio[i] = t[0].mean / t[1].mean;
    r->middle[i] = t[0].p50 / t[1].p50;
    r->tail[i] = t[1].p99 / t[1].p50;
    r->bare_tail[i] = t[0].p99 / t[0].p50;
    r->own[i] = t[1].p50;
}

static void print(const char *what, int clients, rounds_t *r)
{
    const char *name = apr_psprintf(pool, "%s, %d client%s", what, clients, clients > 1 ? "s" : "");
    printf("%-50s %5.2f of the bare loop's speed (p50 %4.2f)   p99/p50 %4.1f (bare %4.1f)\n", name,
           median(r->ratio, ROUNDS), median(r->middle, ROUNDS), median(r->tail, ROUNDS),
           median(r->bare_tail, ROUNDS));
    fflush(stdout);
}

static void print_statements(const char *what, const tape_t *t)
{
    int n = tape_statements(t);
    printf("%-50s %2d statement%s%s\n", what, n, n > 1 ? "s" : "",
           t->count > n ? ", and the transaction's begin and end" : "");
}

static double finding(const char *what, int clients, int jobs, job_fn job, bare_fn bare,
                      const tape_t *said)
{
    rounds_t r;
    for (int i = 0; i < ROUNDS; i++) {
        measure_t t[2];
        measure(t, clients, jobs, job, bare, said);
        note(&r, i, t);
    }
    print(what, clients, &r);
    return median(r.own, ROUNDS);
}

/* A first round opens connections and does not count. */
static void acting(MYSQL *m, act_t act, int clients, int jobs)
{
    rounds_t r;
    for (int i = -1; i < ROUNDS; i++) {
        measure_t t[2];
        prepare_act(m, act, clients * jobs);
        measure(t, clients, jobs, acts[act].job, acts[act].bare, &tapes[act][0]);
        if (i >= 0) {
            note(&r, i, t);
        }
        forget(m);
    }
    print(acts[act].name, clients, &r);
}

static void show_size(MYSQL *m)
{
    printf("%s bookings, %s granules taken, %s day rows in the window of 31 days\n",
           value(m, "SELECT COUNT(*) FROM booking"), value(m, "SELECT COUNT(*) FROM occupancy"),
           value(m, apr_psprintf(pool,
                                 "SELECT COUNT(*) FROM day_bitmap WHERE resource_id <= 13 AND day"
                                 " BETWEEN %d AND %d",
                                 TODAY + 1, TODAY + 32)));
}

typedef struct {
    double kept, fresh;
} found_t;

static found_t all_of_it(MYSQL *m, const char *bookings)
{
    static const int clients[] = {1, 8, 64};
    static const int jobs[] = {100, 25, 3};
    const char *kept = apr_psprintf(pool, "31 days, nothing changed, %s bookings", bookings);
    const char *fresh = apr_psprintf(pool, "31 days, read and searched, %s bookings", bookings);
    found_t f;
    show_size(m);
    f.kept = finding(kept, 1, 800, find_kept_job, bare_kept_job, &looks[0]);
    finding(kept, 8, 200, find_kept_job, bare_kept_job, &looks[0]);
    f.fresh = finding(fresh, 1, 200, find_fresh_job, bare_fresh_job, &looks[1]);
    finding(fresh, 8, 60, find_fresh_job, bare_fresh_job, &looks[1]);
    for (act_t act = HOLD; act < ACTS; act++) {
        for (int i = 0; i < 3; i++) {
            acting(m, act, clients[i], jobs[i]);
        }
    }
    return f;
}

int main(void)
{
    open_all();
    choose_starts();
    MYSQL *m = connect_here();
    fill(m, TODAY - 730, TODAY + 365, 60000);
    record_looks();
    record(m);
    found_t before = all_of_it(m, "60,000");
    fill(m, TODAY + 1600, TODAY + 1600 + 9 * 1095, 540000);
    found_t after = all_of_it(m, "600,000");
    printf("%-50s %5.2f x before, read and searched %4.2f x\n",
           "31 days with ten times the bookings", after.kept / before.kept,
           after.fresh / before.fresh);
    print_statements("31 days, nothing changed", &looks[0]);
    print_statements("31 days, read and searched", &looks[1]);
    for (act_t act = HOLD; act < ACTS; act++) {
        print_statements(acts[act].name, &tapes[act][0]);
    }
    mysql_close(m);
    return finish();
}
