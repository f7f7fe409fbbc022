/* SPDX-License-Identifier: Apache-2.0 */
/* Availability and booking beside bare Connector/C loops that run the same statements in the same
 * run: what the search, the plan and the layers above SQL cost, and whether ten times the bookings
 * change that. Prints ratios only. Wants the environment of the store tests. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <mysql.h>

#include "regen/clinic.h"
#include "regen/store.h"

#include "booking_clinic.h"

#define NOW INT64_C(1796137200) /* 2026-12-01, 10:00 in New York */
enum {
    TODAY = NOW / 86400,
    CLIENTS_MAX = 8,
    ROUNDS = 5,
    HOLD_DAYS = 240,
    PER_DAY = 4,
    BARE_SHIFT = 500
};

static apr_pool_t *pool;
static rg_store_conf_t conf;
static rg_store_t *store;
static rg_policy_t policy;
static apr_time_t hold_starts[HOLD_DAYS * PER_DAY];

#include "booking_bare.h"

static void stop(const char *what, const char *why)
{
    fprintf(stderr, "bench_booking: %s: %s\n", what, why);
    exit(1);
}

/* --- the database -------------------------------------------------------------------------------------- */

static MYSQL *connect_bare(void)
{
    MYSQL *m = mysql_init(NULL);
    if (!m || !mysql_real_connect(m, NULL, conf.user, conf.password, NULL, 0, conf.socket, 0)) {
        stop("cannot connect", m ? mysql_error(m) : "memory");
    }
    return m;
}

static void run(MYSQL *m, const char *sql)
{
    if (mysql_query(m, sql) != 0) {
        stop(sql, mysql_error(m));
    }
    MYSQL_RES *rows = mysql_store_result(m);
    if (rows) {
        mysql_free_result(rows);
    }
}

static rg_ctx_t *make_ctx(void)
{
    apr_pool_t *p;
    apr_pool_create(&p, NULL);
    rg_ctx_t *ctx = apr_pcalloc(p, sizeof(*ctx));
    ctx->pool = p;
    ctx->now = apr_time_from_sec(NOW);
    ctx->random = rg_crypto_random;
    ctx->store = store;
    ctx->policy = &policy;
    ctx->problems = rg_problems_make(p);
    return ctx;
}

static void say_nothing(void *baton, const char *line)
{
    (void)baton;
    (void)line;
}

static const char *need(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        stop(name, "is not set: run `make bench`");
    }
    return value;
}

static void open_all(void)
{
    conf = (rg_store_conf_t){.socket = need("REGEN_TEST_SOCKET"),
                             .user = need("REGEN_TEST_USER"),
                             .password = need("REGEN_TEST_PASSWORD"),
                             .database = need("REGEN_TEST_DATABASE"),
                             .max = CLIENTS_MAX,
                             .acquire_timeout = apr_time_from_sec(30),
                             .connect_timeout = apr_time_from_sec(5),
                             .io_timeout = apr_time_from_sec(600),
                             .idle_check = apr_time_from_sec(600)};
    policy = (rg_policy_t){.hold_time = apr_time_from_sec(600), .search_days = 62};
    MYSQL *m = connect_bare();
    run(m, apr_pstrcat(pool, "DROP DATABASE IF EXISTS ", conf.database, NULL));
    run(m, apr_pstrcat(pool, "CREATE DATABASE ", conf.database,
                       " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", NULL));
    run(m, apr_pstrcat(pool, "USE ", conf.database, NULL));
    if (rg_store_open(&store, pool, &conf) != RG_OK) {
        stop("rg_store_open", "failed");
    }
    rg_ctx_t *ctx = make_ctx();
    if (rg_store_migrate(ctx, need("REGEN_TEST_SQL"), say_nothing, NULL) != RG_OK) {
        stop("rg_store_migrate", "failed");
    }
    apr_pool_destroy(ctx->pool);
    for (size_t i = 0; i < sizeof(booking_clinic) / sizeof(booking_clinic[0]); i++) {
        run(m, booking_clinic[i]);
    }
    run(m, "UPDATE service SET horizon_days = 730");
    mysql_close(m);
}

static MYSQL *connect_here(void)
{
    MYSQL *m = connect_bare();
    if (mysql_select_db(m, conf.database) != 0) {
        stop("cannot use the database", mysql_error(m));
    }
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

/* Half-hours of working days FIRST..LAST (days since 1970), six in ten of them taken, shared out
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
               " (d.seq + 3) %% 7 < 5 AND CRC32(CONCAT_WS('-', d.seq, s.seq, r.seq)) %% 10 < 6"
               " ORDER BY d.seq, s.seq, r.seq",
               first, last));
    run(m, apr_psprintf(pool, "UPDATE bench_slot SET booking_id = %s + 1 + (n - 1) * %d DIV %s",
                        value(m, "SELECT COALESCE(MAX(id), 0) FROM booking"), bookings,
                        value(m, "SELECT COUNT(*) FROM bench_slot")));
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

typedef struct {
    job_fn ours, bare;
    int first, count, step; /* job numbers first, first + step, … */
    apr_time_t *took[2];    /* bare, ours */
    client_t bare_client;
} worker_t;

/* Ours and theirs in turns, so that whatever else the machine does hits both. */
static void *work(void *data)
{
    worker_t *w = data;
    for (int i = 0; i < w->count; i++) {
        int number = w->first + i * w->step;
        apr_time_t began = apr_time_now();
        w->bare(&w->bare_client, number);
        apr_time_t middle = apr_time_now();
        w->ours(NULL, number);
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

static void measure(measure_t out[2], int clients, int jobs_each, job_fn ours, job_fn bare,
                    void (*open)(client_t *))
{
    worker_t w[CLIENTS_MAX];
    pthread_t threads[CLIENTS_MAX];
    int n = clients * jobs_each;
    apr_time_t *took = malloc(sizeof(*took) * (size_t)n * 2);
    for (int i = 0; i < clients; i++) {
        w[i] = (worker_t){ours, bare, i, jobs_each, clients, {NULL, NULL}, {NULL, {NULL}}};
        w[i].took[0] = took + (size_t)i * (size_t)jobs_each;
        w[i].took[1] = w[i].took[0] + n;
        open(&w[i].bare_client);
    }
    for (int i = 0; i < clients; i++) {
        pthread_create(&threads[i], NULL, work, &w[i]);
    }
    for (int i = 0; i < clients; i++) {
        pthread_join(threads[i], NULL);
        mysql_close(w[i].bare_client.m);
    }
    out[0] = summary(took, n);
    out[1] = summary(took + n, n);
    free(took);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof(*v), compare_doubles);
    return v[n / 2];
}

/* --- availability ---------------------------------------------------------------------------------------------------- */

static void find_job(client_t *c, int number)
{
    rg_ctx_t *ctx = make_ctx();
    rg_find_in_t in = {"chain", {2026, 12, 2}, 31, 0, 0};
    rg_availability_t *a;
    (void)c;
    (void)number;
    if (rg_availability_find(&a, ctx, &in) != RG_OK) {
        stop("rg_availability_find", "failed");
    }
    apr_pool_destroy(ctx->pool);
}

static void bare_find_open(client_t *c)
{
    c->m = connect_here();
    c->stmts[0] = prepare(c->m, TAKEN);
}

static void bare_find_job(client_t *c, int number)
{
    (void)number;
    bare_taken(c->stmts[0], TODAY + 1, TODAY + 32);
}

/* --- holding a chain --------------------------------------------------------------------------------------------------- */

/* Starts in the second year ahead, where nothing is booked. */
static void choose_starts(void)
{
    const rg_zone_t *zone = rg_zone_open(pool, "America/New_York");
    rg_date_t day = {2027, 12, 6};
    for (int i = 0; i < HOLD_DAYS; day = rg_date_add(day, 1)) {
        if (rg_date_weekday(day) > 5) {
            continue;
        }
        for (int k = 0; k < PER_DAY; k++) {
            hold_starts[k * HOLD_DAYS + i] = rg_zone_utc(zone, day, 480 + k * 120);
        }
        i++;
    }
}

static void hold_job(client_t *c, int number)
{
    rg_ctx_t *ctx = make_ctx();
    rg_hold_in_t in = {"chain", hold_starts[number], 0};
    rg_hold_t out;
    (void)c;
    if (rg_booking_hold(&out, ctx, &in) != RG_OK) {
        stop("rg_booking_hold", rg_time_instant(ctx->pool, in.start));
    }
    apr_pool_destroy(ctx->pool);
}

static void forget_holds(MYSQL *m)
{
    run(m, "DELETE a FROM appointment a JOIN booking b ON b.id = a.booking_id WHERE b.status = "
           "'held'");
    run(m, "DELETE FROM booking_resource");
    run(m, "DELETE FROM booking_step");
    run(m, apr_psprintf(pool, "DELETE FROM occupancy WHERE granule > %d", (TODAY + 366) * 288));
    run(m, apr_psprintf(pool, "DELETE FROM day_bitmap WHERE day > %d", TODAY + 366));
    run(m, "DELETE FROM booking WHERE status = 'held'");
}

/* --- what is printed ----------------------------------------------------------------------------------------------------- */

/* Median over the rounds of how many times the bare loop's time ours takes; gives our own time. */
static double compare(MYSQL *m, const char *what, int clients, int jobs, job_fn ours, job_fn bare,
                      void (*open)(client_t *))
{
    double ratio[ROUNDS];
    double middle[ROUNDS];
    double tail[ROUNDS];
    double bare_tail[ROUNDS];
    double mean[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        measure_t t[2];
        measure(t, clients, jobs, ours, bare, open);
        if (ours == hold_job) {
            forget_holds(m);
        }
        ratio[i] = t[1].mean / t[0].mean;
        middle[i] = t[1].p50 / t[0].p50;
        tail[i] = t[1].p99 / t[1].p50;
        bare_tail[i] = t[0].p99 / t[0].p50;
        mean[i] = t[1].p50;
    }
    printf("%-44s %5.2f x bare (p50 %5.2f x)   p99/p50 %5.1f (bare %5.1f)\n", what,
           median(ratio, ROUNDS), median(middle, ROUNDS), median(tail, ROUNDS),
           median(bare_tail, ROUNDS));
    fflush(stdout);
    return median(mean, ROUNDS);
}

static double availability(MYSQL *m, const char *bookings)
{
    const char *one = apr_psprintf(pool, "availability, %s bookings, 1 client", bookings);
    const char *many = apr_psprintf(pool, "availability, %s bookings, 8 clients", bookings);
    double cost = compare(m, one, 1, 400, find_job, bare_find_job, bare_find_open);
    compare(m, many, 8, 150, find_job, bare_find_job, bare_find_open);
    return cost;
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

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!rg_crypto_init() || !rg_store_init()) {
        stop("libraries", "did not start");
    }
    open_all();
    choose_starts();
    MYSQL *m = connect_here();
    fill(m, TODAY - 730, TODAY + 365, 60000);
    show_size(m);
    double before = availability(m, "60,000");
    compare(m, "holding a chain, 1 client", 1, 150, hold_job, bare_hold_job, bare_hold_open);
    compare(m, "holding a chain, 8 clients", 8, 100, hold_job, bare_hold_job, bare_hold_open);
    fill(m, TODAY + 740, TODAY + 740 + 9 * 1095, 540000);
    show_size(m);
    double after = availability(m, "600,000");
    printf("%-44s %5.2f x before\n", "availability with ten times the bookings, 1 client",
           after / before);
    run(m, apr_pstrcat(pool, "DROP DATABASE ", conf.database, NULL));
    mysql_close(m);
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}
