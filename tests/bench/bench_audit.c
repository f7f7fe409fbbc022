/* SPDX-License-Identifier: Apache-2.0 */
/* `regenctl audit verify` over 100,000 and 1,000,000 events, compared with a bare loop that reads the
 * same rows and throws them away, and the memory of both. Every run is a separate process with its
 * own memory peak. Prints ratios only. Needs the environment of the store tests; REGEN_BENCH_EVENTS
 * makes it smaller. */
#include "beside.h"
#include "mod_regen/store/evidence/chain.h"
#include "regen/store/evidence.h"

/* CHAINS: the connections of a year; each wrote its share, all at the same time. */
enum { FEW = 100000, MANY = 1000000, CHUNK = 500, CHAINS = 500, ROW = 400 };

static int many = MANY;

/* --- the events ------------------------------------------------------------------------------- */

static rg_chain_t chains[CHAINS];

static void begin_chains(void)
{
    for (int i = 0; i < CHAINS; i++) {
        rg_crypto_random(chains[i].writer, sizeof(chains[i].writer));
        rg_audit_key(chains[i].key, &keys.key[0]);
    }
}

static const char *hex(const unsigned char *bytes, size_t n)
{
    static char text[2][2 * RG_MAC_BYTES + 1];
    static int turn;
    turn = !turn;
    for (size_t i = 0; i < n; i++)
        snprintf(text[turn] + 2 * i, 3, "%02x", bytes[i]);
    return text[turn];
}

/* A row of the INSERT: the next event of one of the chains. */
static int add_event(char *to, size_t room, int number)
{
    unsigned char mac[RG_MAC_BYTES];
    rg_chain_t *chain = &chains[number % CHAINS];
    rg_audit_event_t e = {.at = NOW - 60,
                          .actor = "staff:12",
                          .action = "step.process",
                          .entity = "booking",
                          .entity_id = number,
                          .detail = "unit 0000000042, spin 1",
                          .writer = chain->writer,
                          .seq = chain->seq + 1};
    if (!rg_audit_mac(mac, chain->key, chain->mac, &e))
        stop("an event", "is too long");
    chain->seq = e.seq;
    memcpy(chain->mac, mac, sizeof(mac));
    return snprintf(to, room, "%s(%lld, '%s', '%s', '%s', %lld, '%s', x'%s', %lld, x'%s', %u)",
                    number % CHUNK ? "," : "", (long long)e.at, e.actor, e.action, e.entity,
                    (long long)e.entity_id, e.detail, hex(e.writer, RG_WRITER_BYTES),
                    (long long)e.seq, hex(mac, sizeof(mac)), keys.key[0].id);
}

/* Events FIRST..LAST-1, both multiples of CHUNK. */
static void fill(int first, int last)
{
    static char sql[CHUNK * ROW + ROW];
    MYSQL *m = connect_bare(conf.database);
    for (int i = first; i < last;) {
        int n = snprintf(sql, sizeof(sql),
                         "INSERT INTO audit_event (at, actor, action, entity,"
                         " entity_id, detail, writer, seq, mac, mac_key) VALUES ");
        do
            n += add_event(sql + n, sizeof(sql) - (size_t)n, i++);
        while (i % CHUNK);
        run(m, sql);
    }
    run(m, "ANALYZE TABLE audit_event");
    mysql_close(m);
}

/* --- both ways -------------------------------------------------------------------------------- */

static void verify_ours(run_t *r, int events)
{
    open_store();
    rg_ctx_t *ctx = make_ctx();
    rg_verify_t v = {.conf = &conf, .say = say_nothing};
    double began = now();
    rg_outcome_t rc = rg_store_verify(&v, ctx);
    r->seconds = now() - began;
    r->bytes = (uint64_t)v.events;
    if (rc != RG_OK || v.faults > 0 || v.events != events || v.chains != CHAINS)
        stop("rg_store_verify", "did not find what was written");
}

enum { COLUMNS = 11, CELL = 600 };
static const char BARE[] =
    "SELECT e.id, e.at, e.actor, e.action, e.entity, e.entity_id, e.detail, e.writer, e.seq, e.mac,"
    " e.mac_key FROM audit_event e WHERE e.writer IS NOT NULL ORDER BY e.writer, e.seq";

static bool is_number(int column)
{
    return column < 2 || column == 5 || column == 8 || column == 10;
}

static void read_bare(run_t *r, int events)
{
    static char cells[COLUMNS][CELL];
    MYSQL_BIND out[COLUMNS] = {0};
    MYSQL *m = connect_bare(conf.database);
    double began = now();
    MYSQL_STMT *s = mysql_stmt_init(m);
    for (int i = 0; i < COLUMNS; i++)
        out[i] = (MYSQL_BIND){.buffer_type = is_number(i) ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING,
                              .buffer = cells[i],
                              .buffer_length = CELL};
    if (!s || mysql_stmt_prepare(s, BARE, strlen(BARE)) != 0 || mysql_stmt_execute(s) != 0 ||
        mysql_stmt_bind_result(s, out) != 0)
        stop(BARE, s ? mysql_stmt_error(s) : "memory");
    while (mysql_stmt_fetch(s) == 0)
        r->bytes++;
    r->seconds = now() - began;
    if (r->bytes != (uint64_t)events)
        stop("the bare loop", "read more or less");
}

int main(void)
{
    if (getenv("REGEN_BENCH_EVENTS"))
        many = (int)strtol(getenv("REGEN_BENCH_EVENTS"), NULL, 10);
    if (many < CHUNK || many % CHUNK != 0)
        stop("REGEN_BENCH_EVENTS", "must be a multiple of 500");
    int few = many < FEW ? many : FEW;
    begin(2);
    close_store();
    begin_chains();
    fill(0, few);
    side_t small = side_by_side(apr_psprintf(pool, "audit verify, %d events", few), verify_ours,
                                read_bare, few, ROUNDS);
    fill(few, many);
    side_t large = side_by_side(apr_psprintf(pool, "audit verify, %d events", many), verify_ours,
                                read_bare, many, ROUNDS_MANY);
    larger_beside_smaller(&large, &small, "an event");
    return finish();
}
