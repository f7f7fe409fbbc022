/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_booking.c measures against: the store's statements, word for word, in bare
 * Connector/C, with nothing around them. Part of that program. */

typedef struct {
    MYSQL *m;
    MYSQL_STMT *stmts[8];
} client_t;
typedef void (*job_fn)(client_t *c, int number);

static void stop(const char *what, const char *why);
static void run(MYSQL *m, const char *sql);
static MYSQL *connect_here(void);

static MYSQL_STMT *prepare(MYSQL *m, const char *sql)
{
    MYSQL_STMT *s = mysql_stmt_init(m);
    if (!s || mysql_stmt_prepare(s, sql, strlen(sql)) != 0) {
        stop(sql, s ? mysql_stmt_error(s) : "memory");
    }
    return s;
}

/* A value or an array of them for one parameter. */
static MYSQL_BIND ints(const int64_t *v)
{
    return (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = (void *)(uintptr_t)v};
}

static MYSQL_BIND text(const char *const *v, unsigned long *len, int rows)
{
    for (int i = 0; i < rows; i++) {
        len[i] = strlen(v[i]);
    }
    return (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                        .buffer = rows > 1 ? (void *)(uintptr_t)v : (void *)(uintptr_t)v[0],
                        .buffer_length = len[0],
                        .length = len};
}

static void execute(MYSQL_STMT *s, MYSQL_BIND *in, unsigned rows)
{
    const unsigned array = rows > 1 ? rows : 0;
    mysql_stmt_attr_set(s, STMT_ATTR_ARRAY_SIZE, &array);
    if (mysql_stmt_bind_param(s, in) != 0 || mysql_stmt_execute(s) != 0) {
        stop("bare statement", mysql_stmt_error(s));
    }
}

/* Reads all rows into the same few integers and throws them away. */
static void throw_away(MYSQL_STMT *s, int columns)
{
    int64_t sink[8];
    MYSQL_BIND out[8];
    for (int i = 0; i < columns; i++) {
        out[i] = ints(&sink[i]);
    }
    if (mysql_stmt_bind_result(s, out) != 0 || mysql_stmt_store_result(s) != 0) {
        stop("bare result", mysql_stmt_error(s));
    }
    while (mysql_stmt_fetch(s) == 0) {
    }
    mysql_stmt_free_result(s);
}

/* The statements of the store, word for word. */
static const char TAKEN[] =
    "SELECT CAST(0 AS UNSIGNED), CAST(0 AS UNSIGNED), version,"
    " CAST(EXISTS (SELECT 1 FROM booking WHERE hold_expires_at <= ?) AS UNSIGNED),"
    " CAST(0 AS UNSIGNED), CAST(0 AS UNSIGNED), CAST(0 AS UNSIGNED)"
    " FROM catalogue_version WHERE id = 1"
    " UNION ALL SELECT resource_id, day, w0, w1, w2, w3, w4 FROM day_bitmap"
    " WHERE day BETWEEN ? AND ? AND resource_id IN (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

static void bare_taken(MYSQL_STMT *s, int64_t first, int64_t last)
{
    static const int64_t ids[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13, 13, 13};
    static const int64_t now = NOW;
    MYSQL_BIND in[19] = {ints(&now), ints(&first), ints(&last)};
    for (int i = 0; i < 16; i++) {
        in[3 + i] = ints(&ids[i]);
    }
    execute(s, in, 1);
    throw_away(s, 7);
}

/* --- holding a chain ---------------------------------------------------------------------- */

static const char *const hold_statements[] = {
    TAKEN,
    "INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, hold_expires_at,"
    " price_minor, currency, created_at) VALUES (?, ?, ?, 'held', ?, ?, ?, ?, ?, ?)",
    "INSERT INTO occupancy (resource_id, granule, booking_id) VALUES (?, ?, ?)",
    "INSERT INTO day_bitmap (resource_id, day, w0, w1, w2, w3, w4) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE w0 = w0 | VALUES(w0), w1 = w1 | VALUES(w1), w2 = w2 | VALUES(w2),"
    " w3 = w3 | VALUES(w3), w4 = w4 | VALUES(w4)",
    "INSERT INTO booking_step (booking_id, step_no, kind, name, visit_no,"
    " starts_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO booking_resource (booking_id, step_no, need_no, resource_id, busy_from,"
    " busy_until) VALUES (?, ?, ?, ?, ?, ?)",
    "INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at)"
    " VALUES (?, ?, ?, ?, ?)",
    "INSERT INTO audit_event (at, actor, action, entity, entity_id, detail) "
    "VALUES (?, ?, ?, ?, ?, ?)"};

static void bare_hold_open(client_t *c)
{
    c->m = connect_here();
    for (int i = 0; i < 8; i++) {
        c->stmts[i] = prepare(c->m, hold_statements[i]);
    }
}

enum { PARTS = 10, ROWS_MOST = 64 };

/* What the library plans for an empty day, as the booking tests see it: resource, step, need, from
 * and until in granules of the chain. */
static const int parts[PARTS][5] = {
    {1, 2, 1, 3, 9},   {1, 4, 1, 14, 18}, {3, 1, 1, 0, 3},   {3, 3, 2, 9, 13},  {5, 2, 2, 2, 12},
    {5, 4, 2, 13, 21}, {7, 5, 1, 18, 26}, {9, 4, 3, 14, 19}, {11, 2, 3, 3, 10}, {12, 3, 1, 9, 15}};

typedef struct {
    int64_t id, start;
    char uid[32];
    int64_t a[ROWS_MOST], b[ROWS_MOST], d[ROWS_MOST], e[ROWS_MOST], f[ROWS_MOST], g[ROWS_MOST];
    unsigned long len[4][ROWS_MOST];
} bare_t;

static void bare_booking(client_t *c, bare_t *h)
{
    static const int64_t one = 1, price = 460000, now = NOW, until = NOW + 600;
    const char *uid = h->uid;
    const char *usd = "USD";
    int64_t start = h->start * 300;
    int64_t end = start + 7200;
    MYSQL_BIND in[] = {text(&uid, h->len[0], 1),
                       ints(&one),
                       ints(&one),
                       ints(&start),
                       ints(&end),
                       ints(&until),
                       ints(&price),
                       text(&usd, h->len[1], 1),
                       ints(&now)};
    execute(c->stmts[1], in, 1);
    h->id = (int64_t)mysql_stmt_insert_id(c->stmts[1]);
}

static int add_granules(bare_t *h)
{
    int n = 0;
    for (int i = 0; i < PARTS; i++) {
        for (int g = parts[i][3]; g < parts[i][4]; g++) {
            h->a[n] = parts[i][0];
            h->b[n] = h->start + g;
            h->d[n++] = h->id;
        }
    }
    return n;
}

static void bare_time(client_t *c, bare_t *h)
{
    MYSQL_BIND rows[] = {ints(h->a), ints(h->b), ints(h->d)};
    execute(c->stmts[2], rows, (unsigned)add_granules(h));
    static const int64_t ids[] = {1, 3, 5, 7, 9, 11, 12};
    int64_t word = INT64_C(0xfff) << (h->start % 40);
    for (int i = 0; i < 7; i++) {
        h->a[i] = ids[i];
        h->b[i] = h->start / 288;
        h->d[i] = 0;
        h->e[i] = word;
    }
    MYSQL_BIND days[] = {ints(h->a), ints(h->b), ints(h->d), ints(h->d),
                         ints(h->e), ints(h->e), ints(h->d)};
    execute(c->stmts[3], days, 7);
}

static void bare_parts(client_t *c, bare_t *h)
{
    static const char *const kinds[] = {"check-in", "harvest", "process", "inject", "recover"};
    static const int64_t visit[] = {1, 1, 1, 1, 1};
    for (int i = 0; i < PARTS; i++) {
        h->a[i] = h->id;
        h->b[i] = i + 1;
        h->d[i] = (h->start + i) * 300;
    }
    MYSQL_BIND steps[] = {
        ints(h->a), ints(h->b), text(kinds, h->len[0], 5), text(kinds, h->len[1], 5), ints(visit),
        ints(h->d), ints(h->d)};
    execute(c->stmts[4], steps, 5);
    for (int i = 0; i < PARTS; i++) {
        h->b[i] = parts[i][1];
        h->e[i] = parts[i][2];
        h->f[i] = parts[i][0];
        h->g[i] = h->d[i] + 300;
    }
    MYSQL_BIND res[] = {ints(h->a), ints(h->b), ints(h->e), ints(h->f), ints(h->d), ints(h->g)};
    execute(c->stmts[5], res, PARTS);
}

static void bare_rest(client_t *c, bare_t *h)
{
    static const int64_t one = 1, now = NOW;
    static const char *const words[] = {"system", "booking.hold", "booking", "service:chain"};
    const char *uid = h->uid;
    int64_t start = h->start * 300;
    int64_t end = start + 7200;
    MYSQL_BIND visit[] = {text(&uid, h->len[0], 1), ints(&h->id), ints(&one), ints(&start),
                          ints(&end)};
    execute(c->stmts[6], visit, 1);
    MYSQL_BIND event[] = {ints(&now),
                          text(&words[0], h->len[0], 1),
                          text(&words[1], h->len[1], 1),
                          text(&words[2], h->len[2], 1),
                          ints(&h->id),
                          text(&words[3], h->len[3], 1)};
    execute(c->stmts[7], event, 1);
}

/* As many days after ours as there is room for: both take the same number of rows. */
static void bare_hold_job(client_t *c, int number)
{
    bare_t h = {.start = apr_time_sec(hold_starts[number]) / 300 + BARE_SHIFT * 288};
    unsigned char dice[13];
    rg_crypto_random(dice,
                     sizeof(dice)); /* a row index of neighbours would be a contest of its own */
    for (int i = 0; i < 13; i++) {
        snprintf(h.uid + (size_t)i * 2, 3, "%02x", dice[i]);
    }
    run(c->m, "START TRANSACTION");
    bare_taken(c->stmts[0], h.start / 288, h.start / 288 + 1);
    bare_booking(c, &h);
    bare_time(c, &h);
    bare_parts(c, &h);
    bare_rest(c, &h);
    run(c->m, "COMMIT");
}
