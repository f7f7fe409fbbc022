/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_claims.c measures against: the store's statements, word for word, in bare Connector/C,
 * and the same bytes through bare xmlTextWriter calls, with nothing around them. Part of that
 * program. */

static bool verifying;

/* Where all bytes go: counted, and in a run of its own summed, so that two ways can be compared. */
static void take(run_t *r, const void *bytes, size_t n)
{
    uint64_t sum = r->sum;
    r->bytes += n;
    if (!verifying)
        return;
    for (size_t i = 0; i < n; i++)
        sum = sum * 31 + ((const unsigned char *)bytes)[i];
    r->sum = sum;
}

static void same_bytes(const char *what, work_fn ours, work_fn bare, int rows)
{
    verifying = true;
    run_t b = in_a_child(bare, rows);
    run_t o = in_a_child(ours, rows);
    verifying = false;
    if (o.bytes != b.bytes || o.sum != b.sum || o.bytes == 0)
        stop(what, "the bare loop had other bytes");
}

static int take_output(void *context, const char *bytes, int n)
{
    take(context, bytes, (size_t)n);
    return n;
}

static MYSQL_STMT *prepare(MYSQL *m, const char *sql)
{
    MYSQL_STMT *s = mysql_stmt_init(m);
    if (!s || mysql_stmt_prepare(s, sql, strlen(sql)) != 0)
        stop(sql, s ? mysql_stmt_error(s) : "memory");
    return s;
}

/* --- stored claims to a Bundle ---------------------------------------------------------------- */

static const char BARE_STREAM[] = "SELECT c.id, c.uid, c.claim_no, c.booking_id, c.created_at, "
                                  "c.service_date, c.total_minor, c.currency,"
                                  " '', '', '', c.xml FROM claim c FORCE INDEX (claim_service)"
                                  " WHERE c.service_date BETWEEN ? AND ? "
                                  "ORDER BY c.service_date, c.id";

static rg_date_t last_day(int claims);

static void bind_text(MYSQL_BIND *b, const char *s, unsigned long *len)
{
    *len = strlen(s);
    *b = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                      .buffer = (void *)(uintptr_t)s,
                      .buffer_length = *len,
                      .length = len};
}

enum { CELL = 300, XML = 1 << 18 };

static void bundle_begin(xmlTextWriterPtr w)
{
    xmlTextWriterStartDocument(w, "1.0", "UTF-8", NULL);
    xmlTextWriterStartElement(w, BAD_CAST "Bundle");
    xmlTextWriterWriteAttribute(w, BAD_CAST "xmlns", BAD_CAST "http://hl7.org/fhir");
    xmlTextWriterStartElement(w, BAD_CAST "type");
    xmlTextWriterWriteAttribute(w, BAD_CAST "value", BAD_CAST "collection");
    xmlTextWriterEndElement(w);
}

static void bundle_entry(xmlTextWriterPtr w, const char *uid, const char *xml, size_t n)
{
    char address[128];
    const char *body = memmem(xml, n, "?>", 2) ? (const char *)memmem(xml, n, "?>", 2) + 2 : xml;
    n -= (size_t)(body - xml);
    while (n > 0 && *body != '<') {
        body++;
        n--;
    }
    while (n > 0 && body[n - 1] == '\n')
        n--;
    apr_snprintf(address, sizeof(address), BASE "/Claim/%s", uid);
    xmlTextWriterStartElement(w, BAD_CAST "entry");
    xmlTextWriterStartElement(w, BAD_CAST "fullUrl");
    xmlTextWriterWriteAttribute(w, BAD_CAST "value", BAD_CAST address);
    xmlTextWriterEndElement(w);
    xmlTextWriterStartElement(w, BAD_CAST "resource");
    xmlTextWriterWriteRawLen(w, BAD_CAST body, (int)n);
    xmlTextWriterEndElement(w);
    xmlTextWriterEndElement(w);
}

static bool is_number(int column)
{
    return column == 0 || column == 3 || column == 4 || column == 6;
}

static void export_bare(run_t *r, int claims)
{
    enum { COLUMNS = 12 };
    MYSQL *m = connect_bare(conf.database);
    static char cells[COLUMNS][CELL];
    char *xml = malloc(XML);
    unsigned long len[COLUMNS], days[2];
    MYSQL_BIND in[2], out[COLUMNS];
    double begin = now();
    MYSQL_STMT *s = prepare(m, BARE_STREAM);
    bind_text(&in[0], "2020-01-01", &days[0]);
    bind_text(&in[1], rg_date_iso(pool, last_day(claims)), &days[1]);
    for (int i = 0; i < COLUMNS; i++)
        out[i] = (MYSQL_BIND){.buffer_type = is_number(i) ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING,
                              .buffer = i < COLUMNS - 1 ? cells[i] : xml,
                              .buffer_length = i < COLUMNS - 1 ? CELL : XML,
                              .length = &len[i]};
    if (mysql_stmt_bind_param(s, in) != 0 || mysql_stmt_execute(s) != 0 ||
        mysql_stmt_bind_result(s, out) != 0)
        stop("bare export", mysql_stmt_error(s));
    xmlTextWriterPtr w = xmlNewTextWriter(xmlOutputBufferCreateIO(take_output, NULL, r, NULL));
    bundle_begin(w);
    while (mysql_stmt_fetch(s) == 0) {
        cells[1][len[1]] = '\0';
        bundle_entry(w, cells[1], xml, len[COLUMNS - 1]);
    }
    xmlTextWriterEndDocument(w);
    xmlFreeTextWriter(w);
    r->seconds = now() - begin;
}

/* --- treatments to claims --------------------------------------------------------------------- */

static const char *const BARE_FACTS[] = {
    "SELECT b.id, b.status, b.body_site, b.laterality, (SELECT GROUP_CONCAT(g.body_site, ' ',"
    " g.laterality ORDER BY g.target_no) FROM booking_target g WHERE g.booking_id = b.id"
    " AND g.target_no > 1),"
    " (SELECT BIT_OR(1 << COALESCE(i.target_no, 1)) FROM injection_given i"
    " WHERE i.booking_id = b.id), b.currency,"
    " p.id, p.uid, p.family, p.given, p.birth_date, p.gender, p.email, p.phone,"
    " p.address_line, p.city, p.state, p.postal_code, p.country,"
    " s.id, s.uid, s.code, s.name, s.time_zone, s.phone, s.place_of_service,"
    " s.address_line, s.city, s.state, s.postal_code, s.country,"
    " o.id, o.name, o.npi, o.tin, o.taxonomy, o.phone,"
    " o.address_line, o.city, o.state, o.postal_code, o.country,"
    " COALESCE(o.provider_signature, ''), COALESCE(o.benefits_assigned, ''),"
    " COALESCE(o.release_code, '')"
    " FROM booking b JOIN patient p ON p.id = b.patient_id JOIN site s ON s.id = b.site_id"
    " LEFT JOIN organization o ON o.id = (SELECT MIN(id) FROM organization) WHERE b.uid = ?",
    "SELECT c.id, c.uid, c.member_id, c.group_no, c.plan_name, c.relationship, c.subscriber_family,"
    " c.subscriber_given, c.subscriber_birth_date, y.id, y.code, y.name, y.payer_id, y.kind, "
    "y.timely_days, y.bilateral, y.filing, y.assignment, y.active"
    " FROM booking b JOIN coverage c ON c.id = b.coverage_id JOIN payer y ON y.id = c.payer_id "
    "WHERE b.id = ?",
    "SELECT d.code, i.title, i.body_site, i.laterality, i.billable FROM booking_diagnosis d"
    " JOIN icd10cm i ON i.code = d.code WHERE d.booking_id = ? ORDER BY d.seq",
    "SELECT i.code_system, i.code, i.modifier, i.description, i.quantity, i.unit_minor,"
    " i.total_minor, i.currency, i.service_date, COALESCE(t.body_site, ''),"
    " IF(k.applies = 'bilateral' AND EXISTS (SELECT 1 FROM booking_target o"
    " JOIN injection_given g ON g.booking_id = o.booking_id AND g.target_no = o.target_no"
    " WHERE o.booking_id = t.booking_id AND o.body_site = t.body_site"
    " AND o.target_no <> t.target_no), 'bilateral', COALESCE(CAST(t.laterality AS CHAR), 'none')),"
    " i.target_no, COALESCE(k.side_modifier, 0), i.practitioner_id"
    " FROM charge_item i LEFT JOIN booking_quote q ON q.booking_id = i.booking_id"
    " LEFT JOIN booking_charge k ON k.quote_id = q.id AND k.line_no = i.line_no"
    " LEFT JOIN booking_target t ON t.booking_id = i.booking_id"
    " AND t.target_no = IF(i.target_no = 0 AND NOT EXISTS (SELECT 1 FROM booking_target x"
    " WHERE x.booking_id = i.booking_id AND x.target_no = 2), 1, i.target_no)"
    " WHERE i.booking_id = ? AND i.on_claim = 1 ORDER BY i.line_no, i.target_no",
    "SELECT r.id, r.uid, r.code, r.name, r.family, r.given, COALESCE(r.npi, ''), "
    "COALESCE(r.taxonomy, ''), r.active"
    " FROM charge_item i JOIN resource r ON r.id = i.practitioner_id"
    " WHERE i.booking_id = ? AND i.on_claim = 1"
    " ORDER BY FIELD(i.step_kind, 'inject', 'consult') DESC, i.line_no DESC, i.target_no LIMIT 1"};
enum { STATEMENTS = sizeof(BARE_FACTS) / sizeof(*BARE_FACTS), COLUMNS_MAX = 48 };

/* One call of the writer; a claim is a list of them. */
typedef struct {
    const char *element, *value; /* element NULL: end */
    bool empty;
} call_t;
static call_t calls[2000];
static int call_count;

static void note(xmlTextReaderPtr r)
{
    call_t *c = &calls[call_count];
    int type = xmlTextReaderNodeType(r);
    if (type != XML_READER_TYPE_ELEMENT && type != XML_READER_TYPE_END_ELEMENT)
        return;
    if (++call_count == (int)(sizeof(calls) / sizeof(*calls)))
        stop("the claim", "is longer than expected");
    if (type == XML_READER_TYPE_END_ELEMENT)
        return;
    c->element = apr_pstrdup(pool, (const char *)xmlTextReaderConstLocalName(r));
    c->empty = xmlTextReaderIsEmptyElement(r) != 0;
    xmlChar *value = xmlTextReaderGetAttribute(r, BAD_CAST "value");
    c->value = value ? apr_pstrdup(pool, (const char *)value) : NULL;
    xmlFree(value);
}

/* Learns the calls that write these bytes. */
static void learn(const char *xml, size_t n)
{
    xmlTextReaderPtr r = xmlReaderForMemory(xml, (int)n, NULL, NULL, 0);
    while (xmlTextReaderRead(r) == 1)
        note(r);
    xmlFreeTextReader(r);
}

static void replay(xmlTextWriterPtr w)
{
    xmlTextWriterStartDocument(w, "1.0", "UTF-8", NULL);
    for (int i = 0; i < call_count; i++) {
        const call_t *c = &calls[i];
        if (!c->element) {
            xmlTextWriterEndElement(w);
            continue;
        }
        xmlTextWriterStartElement(w, BAD_CAST c->element);
        if (i == 0)
            xmlTextWriterWriteAttribute(w, BAD_CAST "xmlns", BAD_CAST "http://hl7.org/fhir");
        if (c->value)
            xmlTextWriterWriteAttribute(w, BAD_CAST "value", BAD_CAST c->value);
        if (c->empty)
            xmlTextWriterEndElement(w);
    }
    xmlTextWriterEndDocument(w);
}

static char cell[COLUMNS_MAX][CELL];
static unsigned long cell_len[COLUMNS_MAX];

/* Runs one statement and reads its rows; the first column of the last one is the answer. */
static int64_t read_all(MYSQL_STMT *s, MYSQL_BIND *in)
{
    MYSQL_BIND out[COLUMNS_MAX];
    int columns = (int)mysql_stmt_field_count(s);
    for (int i = 0; i < columns; i++)
        out[i] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                              .buffer = cell[i],
                              .buffer_length = CELL - 1,
                              .length = &cell_len[i]};
    if (mysql_stmt_bind_param(s, in) != 0 || mysql_stmt_execute(s) != 0 ||
        mysql_stmt_bind_result(s, out) != 0 || mysql_stmt_store_result(s) != 0)
        stop("bare facts", mysql_stmt_error(s));
    int rows = 0;
    while (mysql_stmt_fetch(s) != MYSQL_NO_DATA)
        rows++;
    if (rows == 0)
        stop("bare facts", "no row");
    cell[0][cell_len[0] < CELL ? cell_len[0] : CELL - 1] = '\0';
    mysql_stmt_free_result(s);
    return strtoll(cell[0], NULL, 10);
}

static void make_bare(run_t *r, int claims)
{
    MYSQL *m = connect_bare(conf.database);
    MYSQL_STMT *s[STATEMENTS];
    char uid[27];
    unsigned long len;
    int64_t id;
    MYSQL_BIND by_uid, by_id = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id};
    double begin = now();
    for (int i = 0; i < STATEMENTS; i++)
        s[i] = prepare(m, BARE_FACTS[i]);
    for (int n = 1; n <= claims; n++) {
        apr_snprintf(uid, sizeof(uid), "1%025d", n);
        bind_text(&by_uid, uid, &len);
        id = read_all(s[0], &by_uid);
        for (int i = 1; i < STATEMENTS; i++)
            read_all(s[i], &by_id);
        xmlBufferPtr b = xmlBufferCreate();
        xmlTextWriterPtr w = xmlNewTextWriterMemory(b, 0);
        replay(w);
        xmlFreeTextWriter(w);
        take(r, (const char *)xmlBufferContent(b), (size_t)xmlBufferLength(b));
        xmlBufferFree(b);
    }
    r->seconds = now() - begin;
}
