/* SPDX-License-Identifier: Apache-2.0 */
/* A claim as X12 005010X222A1 (837P): a table of its segments in the guide's order, each filled
 * from the value that the FHIR claim is made of. A claim is a transaction set of its own, so that a
 * payer's 999 takes or refuses it by itself, and its segments can be kept as they were made. */
#include "regen/render/x12.h"

#include <string.h>

#include <apr_strings.h>
#include "regen/core/buf.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/batch.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"

/* --- segments --------------------------------------------------------------------------------- */

enum { ELEMENTS = 24 };

/* One segment: elements by their number in the guide; empty ones at the end are not written. */
typedef struct {
    apr_pool_t *pool;
    const char *at[ELEMENTS]; /* from 1 */
} seg_t;

static void set(seg_t *s, int no, const char *value)
{
    s->at[no] = value && *value ? value : NULL;
}

/* What people wrote, in the basic character set, as long as the guide allows. */
static void set_words(seg_t *s, int no, const char *value, size_t most)
{
    const char *basic = rg_text_basic(s->pool, value ? value : "");
    size_t n = strnlen(basic, most);
    while (n > 0 && basic[n - 1] == ' ') {
        n--;
    }
    set(s, no, apr_pstrmemdup(s->pool, basic, n));
}

static void put_segment(rg_buf_t *out, const char *id, const seg_t *s)
{
    int last = ELEMENTS - 1;
    while (last > 0 && !s->at[last]) {
        last--;
    }
    rg_buf_puts(out, id);
    for (int i = 1; i <= last; i++) {
        rg_buf_puts(out, "*");
        rg_buf_puts(out, s->at[i] ? s->at[i] : "");
    }
    rg_buf_puts(out, "~\n");
}

static const char *day(apr_pool_t *p, rg_date_t d)
{
    return apr_psprintf(p, "%04d%02d%02d", d.year, d.month, d.day);
}

/* "2300", "2300.5": no zeros that say nothing. */
static const char *amount(apr_pool_t *p, rg_money_t m)
{
    char *text = apr_pstrdup(p, rg_money_decimal(p, m));
    size_t n = strlen(text);
    if (strchr(text, '.')) {
        while (text[n - 1] == '0') {
            text[--n] = '\0';
        }
        if (text[n - 1] == '.') {
            text[n - 1] = '\0';
        }
    }
    return text;
}

static const char *keep_letters(apr_pool_t *p, const char *s, const char *wanted)
{
    char *out = apr_pstrdup(p, s);
    char *to = out;
    for (; *s; s++) {
        if (strchr(wanted, *s)) {
            *to++ = *s;
        }
    }
    *to = '\0';
    return out;
}

/* --- the claim, segment by segment ------------------------------------------------------------ */

typedef struct {
    apr_pool_t *pool;
    const rg_claim_t *c;
    const rg_claim_line_t *line; /* in loop 2400 */
} from_t;

static bool subscribes(const from_t *f)
{
    return rg_relationship_parse(f->c->coverage.relationship) == RG_RELATIONSHIP_SELF;
}

static bool is_dependent(const from_t *f)
{
    return !subscribes(f);
}

static bool always(const from_t *f)
{
    (void)f;
    return true;
}

static void hl_billing(seg_t *s, const from_t *f)
{
    (void)f;
    set(s, 1, "1");
    set(s, 3, "20");
    set(s, 4, "1");
}

static void prv_billing(seg_t *s, const from_t *f)
{
    set(s, 1, "BI");
    set(s, 2, "PXC");
    set_words(s, 3, f->c->billing.taxonomy, 10);
}

static void nm1(seg_t *s, const char *entity, const char *type, const char *family,
                const char *given)
{
    set(s, 1, entity);
    set(s, 2, type);
    set_words(s, 3, family, 60);
    set_words(s, 4, given, 35);
}

static void nm1_id(seg_t *s, const char *qualifier, const char *id)
{
    if (*id) {
        set(s, 8, qualifier);
        set_words(s, 9, id, 80);
    }
}

static void n3(seg_t *s, const rg_address_t *a)
{
    set_words(s, 1, a->line, 55);
}

/* Outside of the US and Canada there may be neither state nor postal code. */
static void n4(seg_t *s, const rg_address_t *a)
{
    bool us = strcmp(a->country, "US") == 0;
    set_words(s, 1, a->city, 30);
    if (us || strcmp(a->country, "CA") == 0) {
        set_words(s, 2, a->state, 2);
    }
    set_words(s, 3, us ? keep_letters(s->pool, a->postal_code, "0123456789") : a->postal_code, 15);
    if (!us) {
        set_words(s, 4, a->country, 3);
    }
}

static void nm1_billing(seg_t *s, const from_t *f)
{
    nm1(s, "85", "2", f->c->billing.name, "");
    nm1_id(s, "XX", f->c->billing.npi);
}

static void n3_billing(seg_t *s, const from_t *f)
{
    n3(s, &f->c->billing.address);
}

static void n4_billing(seg_t *s, const from_t *f)
{
    n4(s, &f->c->billing.address);
}

static void ref_tin(seg_t *s, const from_t *f)
{
    set(s, 1, "EI");
    set_words(s, 2, f->c->billing.tin, 9);
}

static void hl_subscriber(seg_t *s, const from_t *f)
{
    set(s, 1, "2");
    set(s, 2, "1");
    set(s, 3, "22");
    set(s, 4, subscribes(f) ? "0" : "1");
}

static void sbr(seg_t *s, const from_t *f)
{
    const rg_coverage_t *v = &f->c->coverage;
    set(s, 1, "P");
    set(s, 2, subscribes(f) ? "18" : NULL);
    set_words(s, 3, v->group_no, 50);
    if (!*v->group_no) {
        set_words(s, 4, v->plan_name, 60);
    }
    set(s, 9, v->payer.filing);
}

static void nm1_subscriber(seg_t *s, const from_t *f)
{
    const rg_claim_t *c = f->c;
    if (subscribes(f)) {
        nm1(s, "IL", "1", c->patient.family, c->patient.given);
    }
    else {
        nm1(s, "IL", "1", c->coverage.subscriber_family, c->coverage.subscriber_given);
    }
    nm1_id(s, "MI", c->coverage.member_id);
}

static void n3_patient(seg_t *s, const from_t *f)
{
    n3(s, &f->c->patient.address);
}

static void n4_patient(seg_t *s, const from_t *f)
{
    n4(s, &f->c->patient.address);
}

static void dmg(seg_t *s, const from_t *f)
{
    int gender = rg_gender_parse(f->c->patient.gender);
    set(s, 1, "D8");
    set(s, 2, day(s->pool, f->c->patient.birth_date));
    set(s, 3, gender == RG_GENDER_FEMALE ? "F" : gender == RG_GENDER_MALE ? "M" : "U");
}

static void nm1_payer(seg_t *s, const from_t *f)
{
    nm1(s, "PR", "2", f->c->coverage.payer.name, "");
    nm1_id(s, "PI", f->c->coverage.payer.payer_id);
}

static void hl_patient(seg_t *s, const from_t *f)
{
    (void)f;
    set(s, 1, "3");
    set(s, 2, "2");
    set(s, 3, "23");
    set(s, 4, "0");
}

static void pat(seg_t *s, const from_t *f)
{
    switch (rg_relationship_parse(f->c->coverage.relationship)) {
    case RG_RELATIONSHIP_SPOUSE: set(s, 1, "01"); break;
    case RG_RELATIONSHIP_CHILD: set(s, 1, "19"); break;
    default: set(s, 1, "G8"); break;
    }
}

static void nm1_patient(seg_t *s, const from_t *f)
{
    nm1(s, "QC", "1", f->c->patient.family, f->c->patient.given);
}

static void clm(seg_t *s, const from_t *f)
{
    const rg_claim_t *c = f->c;
    set_words(s, 1, c->claim_no, 38);
    set(s, 2, amount(s->pool, c->total));
    set(s, 5,
        apr_pstrcat(s->pool, rg_text_basic(s->pool, c->facility.place_of_service), ":B:1", NULL));
    set(s, 6, c->says.provider_signature);
    set(s, 7, c->coverage.payer.assignment);
    set(s, 8, c->says.benefits_assigned);
    set(s, 9, c->says.release_code);
}

/* Without the point. */
static void hi(seg_t *s, const from_t *f)
{
    for (int i = 0; i < f->c->diagnosis_count && i < 12; i++) {
        const char *code =
            keep_letters(s->pool, f->c->diagnoses[i].code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        set(s, i + 1, apr_pstrcat(s->pool, i == 0 ? "ABK:" : "ABF:", code, NULL));
    }
}

static bool renders_itself(const from_t *f)
{
    return strcmp(f->c->rendering.npi, f->c->billing.npi) != 0;
}

static void nm1_rendering(seg_t *s, const from_t *f)
{
    const rg_resource_t *r = &f->c->rendering;
    nm1(s, "82", "1", *r->family ? r->family : r->name, r->given);
    nm1_id(s, "XX", r->npi);
}

static void prv_rendering(seg_t *s, const from_t *f)
{
    set(s, 1, "PE");
    set(s, 2, "PXC");
    set_words(s, 3, f->c->rendering.taxonomy, 10);
}

/* Not where it is the billing provider's own address. */
static bool is_elsewhere(const from_t *f)
{
    const rg_address_t *a = &f->c->facility.address;
    const rg_address_t *b = &f->c->billing.address;
    return *a->line && *a->city &&
           (strcmp(a->line, b->line) != 0 || strcmp(a->city, b->city) != 0 ||
            strcmp(a->state, b->state) != 0);
}

static void nm1_facility(seg_t *s, const from_t *f)
{
    nm1(s, "77", "2", f->c->facility.name, "");
}

static void n3_facility(seg_t *s, const from_t *f)
{
    n3(s, &f->c->facility.address);
}

static void n4_facility(seg_t *s, const from_t *f)
{
    n4(s, &f->c->facility.address);
}

static void lx(seg_t *s, const from_t *f)
{
    set(s, 1, apr_itoa(s->pool, f->line->sequence));
}

/* Codes that say nothing by themselves: the words go along. */
static bool is_unlisted(const char *code)
{
    static const char *const unlisted[] = {"J3490", "J3590", "J7999", "J8499", "J9999",
                                           "A9999", "C9399", "E1399", "L9900"};
    size_t n = strlen(code);
    bool digits = strspn(code, "0123456789") == n;
    for (size_t i = 0; i < sizeof(unlisted) / sizeof(*unlisted); i++) {
        if (strcmp(code, unlisted[i]) == 0) {
            return true;
        }
    }
    return n == 5 && digits && strcmp(code + 3, "99") == 0;
}

static void sv1(seg_t *s, const from_t *f)
{
    const rg_claim_line_t *l = f->line;
    const char *code = apr_pstrcat(s->pool, "HC:", rg_text_basic(s->pool, l->code), NULL);
    const char *pointers = "";
    for (int i = 0; i < 4; i++) {
        const char *m = l->modifiers[i];
        if (m || is_unlisted(l->code)) {
            code = apr_pstrcat(s->pool, code, ":", m ? m : "", NULL);
        }
    }
    if (is_unlisted(l->code)) {
        seg_t words = {.pool = s->pool};
        set_words(&words, 1, l->description, 80);
        code = apr_pstrcat(s->pool, code, ":", words.at[1] ? words.at[1] : "", NULL);
    }
    for (int i = 0; i < 4 && l->pointers[i]; i++) {
        pointers = apr_psprintf(s->pool, "%s%s%d", pointers, i ? ":" : "", l->pointers[i]);
    }
    set(s, 1, code);
    set(s, 2, amount(s->pool, l->net));
    set(s, 3, "UN");
    set(s, 4, apr_itoa(s->pool, l->quantity));
    set(s, 7, pointers);
}

static void dtp_service(seg_t *s, const from_t *f)
{
    set(s, 1, "472");
    set(s, 2, "D8");
    set(s, 3, day(s->pool, f->line->service_date));
}

static void ref_line(seg_t *s, const from_t *f)
{
    set(s, 1, "6R");
    set(s, 2, apr_psprintf(s->pool, "%s-%d", f->c->claim_no, f->line->sequence));
}

typedef struct {
    const char *loop, *id;
    bool (*when)(const from_t *f);
    void (*fill)(seg_t *s, const from_t *f);
} row_t;

/* In the guide's order. */
static const row_t CLAIM[] = {{"2000A", "HL", always, hl_billing},
                              {"2000A", "PRV", always, prv_billing},
                              {"2010AA", "NM1", always, nm1_billing},
                              {"2010AA", "N3", always, n3_billing},
                              {"2010AA", "N4", always, n4_billing},
                              {"2010AA", "REF", always, ref_tin},
                              {"2000B", "HL", always, hl_subscriber},
                              {"2000B", "SBR", always, sbr},
                              {"2010BA", "NM1", always, nm1_subscriber},
                              {"2010BA", "N3", subscribes, n3_patient},
                              {"2010BA", "N4", subscribes, n4_patient},
                              {"2010BA", "DMG", subscribes, dmg},
                              {"2010BB", "NM1", always, nm1_payer},
                              {"2000C", "HL", is_dependent, hl_patient},
                              {"2000C", "PAT", is_dependent, pat},
                              {"2010CA", "NM1", is_dependent, nm1_patient},
                              {"2010CA", "N3", is_dependent, n3_patient},
                              {"2010CA", "N4", is_dependent, n4_patient},
                              {"2010CA", "DMG", is_dependent, dmg},
                              {"2300", "CLM", always, clm},
                              {"2300", "HI", always, hi},
                              {"2310B", "NM1", renders_itself, nm1_rendering},
                              {"2310B", "PRV", renders_itself, prv_rendering},
                              {"2310C", "NM1", is_elsewhere, nm1_facility},
                              {"2310C", "N3", is_elsewhere, n3_facility},
                              {"2310C", "N4", is_elsewhere, n4_facility}};
static const row_t LINE[] = {{"2400", "LX", always, lx},
                             {"2400", "SV1", always, sv1},
                             {"2400", "DTP", always, dtp_service},
                             {"2400", "REF", always, ref_line}};

static void put_segments(rg_buf_t *out, const row_t *rows, size_t count, const from_t *f)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].when(f)) {
            seg_t s = {.pool = f->pool};
            rows[i].fill(&s, f);
            put_segment(out, rows[i].id, &s);
        }
    }
}

rg_outcome_t rg_x12_claim(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c)
{
    from_t f = {.pool = p, .c = c};
    put_segments(out, CLAIM, sizeof(CLAIM) / sizeof(*CLAIM), &f);
    for (int i = 0; i < c->line_count; i++) {
        f.line = &c->lines[i];
        put_segments(out, LINE, sizeof(LINE) / sizeof(*LINE), &f);
    }
    return out->overflow ? RG_TOO_LARGE : RG_OK;
}

/* --- envelopes -------------------------------------------------------------------------------- */

static const char *utc_text(apr_pool_t *p, apr_time_t at, const char *how)
{
    apr_time_exp_t t;
    char text[16];
    apr_size_t n;
    apr_time_exp_gmt(&t, at);
    apr_strftime(text, &n, sizeof(text), how, &t);
    return apr_pstrdup(p, text);
}

/* The only segment of fixed widths. */
void rg_x12_begin(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b)
{
    rg_buf_printf(
        out, "ISA*00*%-10s*00*%-10s*%-2.2s*%-15.15s*%-2.2s*%-15.15s*%s*%s*^*00501*%09d*0*%s*:~\n",
        "", "", b->sender_qualifier, b->sender_id, b->receiver_qualifier, b->receiver_id,
        utc_text(p, b->made_at, "%y%m%d"), utc_text(p, b->made_at, "%H%M"), (int)b->id,
        b->production ? "P" : "T");
    seg_t gs = {.pool = p};
    set(&gs, 1, "HC");
    set_words(&gs, 2, b->sender_id, 15);
    set_words(&gs, 3, b->receiver_id, 15);
    set(&gs, 4, utc_text(p, b->made_at, "%Y%m%d"));
    set(&gs, 5, utc_text(p, b->made_at, "%H%M"));
    set(&gs, 6, apr_itoa(p, (int)b->id));
    set(&gs, 7, "X");
    set(&gs, 8, "005010X222A1");
    put_segment(out, "GS", &gs);
}

static void put_header(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b, const char *control,
                       const rg_batch_claim_t *c)
{
    seg_t st = {p, {NULL, "837", control, "005010X222A1"}};
    seg_t bht = {p,
                 {NULL, "0019", "00", c->claim_no, utc_text(p, c->created_at, "%Y%m%d"),
                  utc_text(p, c->created_at, "%H%M"), "CH"}};
    seg_t submitter = {.pool = p};
    seg_t per = {.pool = p};
    seg_t receiver = {.pool = p};
    put_segment(out, "ST", &st);
    put_segment(out, "BHT", &bht);
    nm1(&submitter, "41", "2", b->submitter, "");
    nm1_id(&submitter, "46", b->sender_id);
    put_segment(out, "NM1", &submitter);
    set(&per, 1, "IC");
    set_words(&per, 2, b->contact, 60);
    set(&per, 3, "TE");
    set_words(&per, 4, b->contact_phone, 20);
    put_segment(out, "PER", &per);
    nm1(&receiver, "40", "2", b->receiver, "");
    nm1_id(&receiver, "46", b->receiver_id);
    put_segment(out, "NM1", &receiver);
}

static int segments_in(const char *bytes, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++) {
        count += bytes[i] == '~';
    }
    return count;
}

void rg_x12_set(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b, const rg_batch_claim_t *c)
{
    enum { AROUND = 6 }; /* ST, BHT, three of 1000A and 1000B, SE */
    const char *control = apr_psprintf(p, "%04d", c->set_no);
    put_header(out, p, b, control, c);
    rg_buf_add(out, c->x12, c->x12_len);
    seg_t se = {p, {NULL, apr_itoa(p, segments_in(c->x12, c->x12_len) + AROUND), control}};
    put_segment(out, "SE", &se);
}

void rg_x12_end(rg_buf_t *out, apr_pool_t *p, const rg_claim_batch_t *b, int sets)
{
    seg_t ge = {p, {NULL, apr_itoa(p, sets), apr_itoa(p, (int)b->id)}};
    seg_t iea = {p, {NULL, "1", apr_psprintf(p, "%09d", (int)b->id)}};
    put_segment(out, "GE", &ge);
    put_segment(out, "IEA", &iea);
}
