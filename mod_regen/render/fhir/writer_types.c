/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR's recurring data types on top of the writer, each in HL7's element order, so that no
 * resource spells them again. */
#include <apr_strings.h>

#include "writer_int.h"
#include "regen/core/money.h"
#include "regen/render/writer.h"

#define UCUM_SYSTEM "http://unitsofmeasure.org"

static bool given(const char *s)
{
    return s && *s;
}

/* A repeating element with at most two values, all of them text. */
static void strings(rg_writer_t *w, const char *name, const char *one, const char *two)
{
    rg_writer_list(w, name);
    rg_writer_string(w, name, one);
    rg_writer_string(w, name, two);
    rg_writer_list_end(w);
}

void rg_writer_coding(rg_writer_t *w, const char *name, const char *system, const char *code,
                      const char *display)
{
    rg_writer_begin(w, name);
    rg_writer_string(w, "system", given(code) ? system : NULL);
    rg_writer_string(w, "code", code);
    rg_writer_string(w, "display", display);
    rg_writer_end(w);
}

void rg_writer_concept(rg_writer_t *w, const char *name, const char *system, const char *code,
                       const char *display, const char *text)
{
    rg_writer_begin(w, name);
    rg_writer_list(w, "coding");
    rg_writer_coding(w, "coding", system, code, display);
    rg_writer_list_end(w);
    rg_writer_string(w, "text", text);
    rg_writer_end(w);
}

void rg_writer_identifier(rg_writer_t *w, const char *name, const char *system, const char *value)
{
    rg_writer_begin(w, name);
    rg_writer_string(w, "system", given(value) ? system : NULL);
    rg_writer_string(w, "value", value);
    rg_writer_end(w);
}

void rg_writer_reference(rg_writer_t *w, const char *name, const char *reference,
                         const char *display)
{
    rg_writer_begin(w, name);
    rg_writer_string(w, "reference", reference);
    rg_writer_string(w, "display", display);
    rg_writer_end(w);
}

void rg_writer_reference_to(rg_writer_t *w, const char *name, const char *type, const char *id,
                            const char *display)
{
    if (given(id)) {
        rg_writer_reference(w, name, apr_pstrcat(w->scratch, type, "/", id, NULL), display);
        apr_pool_clear(w->scratch);
    }
}

void rg_writer_money(rg_writer_t *w, const char *name, rg_money_t m)
{
    if (!m.currency[0]) {
        return;
    }
    rg_writer_begin(w, name);
    rg_writer_decimal(w, "value", rg_money_decimal(w->scratch, m));
    rg_writer_string(w, "currency", m.currency);
    rg_writer_end(w);
    apr_pool_clear(w->scratch);
}

void rg_writer_period(rg_writer_t *w, const char *name, const char *start, const char *end)
{
    rg_writer_begin(w, name);
    rg_writer_string(w, "start", start);
    rg_writer_string(w, "end", end);
    rg_writer_end(w);
}

void rg_writer_period_utc(rg_writer_t *w, const char *name, apr_time_t start, apr_time_t end)
{
    rg_writer_begin(w, name);
    rg_writer_instant(w, "start", start);
    rg_writer_instant(w, "end", end);
    rg_writer_end(w);
}

void rg_writer_quantity(rg_writer_t *w, const char *name, const char *value, const char *unit,
                        const char *ucum)
{
    if (!given(value)) {
        return;
    }
    rg_writer_begin(w, name);
    rg_writer_decimal(w, "value", value);
    rg_writer_string(w, "unit", unit);
    rg_writer_string(w, "system", given(ucum) ? UCUM_SYSTEM : NULL);
    rg_writer_string(w, "code", ucum);
    rg_writer_end(w);
}

void rg_writer_contact(rg_writer_t *w, const char *name, const char *system, const char *value,
                       const char *use)
{
    if (!given(value)) {
        return;
    }
    rg_writer_begin(w, name);
    rg_writer_string(w, "system", system);
    rg_writer_string(w, "value", value);
    rg_writer_string(w, "use", use);
    rg_writer_end(w);
}

/* Each line of them is one. */
static void given_names(rg_writer_t *w, const rg_writer_name_t *n)
{
    const char *s = n->given ? n->given : "";
    rg_writer_list(w, "given");
    while (*s) {
        size_t length = strcspn(s, "\n");
        rg_writer_string(w, "given", apr_pstrmemdup(w->scratch, s, length));
        apr_pool_clear(w->scratch);
        s += length + (s[length] == '\n');
    }
    rg_writer_string(w, "given", n->middle);
    rg_writer_list_end(w);
}

void rg_writer_human_name(rg_writer_t *w, const char *name, const rg_writer_name_t *n)
{
    if (!given(n->text) && !given(n->family) && !given(n->given)) {
        return;
    }
    rg_writer_begin(w, name);
    rg_writer_string(w, "use", n->use);
    rg_writer_string(w, "text", n->text);
    rg_writer_string(w, "family", n->family);
    given_names(w, n);
    strings(w, "prefix", n->prefix, NULL);
    strings(w, "suffix", n->suffix, NULL);
    rg_writer_end(w);
}

void rg_writer_address(rg_writer_t *w, const char *name, const rg_writer_address_t *a)
{
    if (!given(a->line1) && !given(a->city) && !given(a->postal_code) && !given(a->country)) {
        return;
    }
    rg_writer_begin(w, name);
    rg_writer_string(w, "use", a->use);
    strings(w, "line", a->line1, a->line2);
    rg_writer_string(w, "city", a->city);
    rg_writer_string(w, "state", a->state);
    rg_writer_string(w, "postalCode", a->postal_code);
    rg_writer_string(w, "country", a->country);
    rg_writer_end(w);
}
