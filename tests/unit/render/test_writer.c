/* SPDX-License-Identifier: Apache-2.0 */
/* The FHIR writer: the same description as XML and as JSON, what is left out, what is refused,
 * constant memory; and a Claim, an Appointment and a Bundle against HL7's own schema when that is
 * there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <malloc.h>
#include <unistd.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>
#include "regen/core/buf.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/render/writer.h"

#define SCHEMA          "../shared/data/fhir/xsd/fhir-single.xsd"
#define XML_DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

typedef void (*describe_fn)(rg_writer_t *w);

static rg_schema_t *schema; /* NULL: not there */
static apr_pool_t *global;

static int setup(void **state)
{
    apr_pool_t *p = NULL;

    apr_pool_create(&p, global);
    *state = p;
    return !p;
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

/* --- helpers ---------------------------------------------------------------------------------- */

static const char *rendered(apr_pool_t *p, rg_format_t f, describe_fn describe)
{
    rg_buf_t *out = rg_buf_make(p, 1 << 20);
    rg_writer_t *w = rg_writer_to_buf(p, f, out);
    const char *why = NULL;

    describe(w);
    if (rg_writer_finish(w, &why) != RG_OK) {
        fail_msg("%s", why);
    }
    assert_null(why);
    return out->data;
}

static void assert_both(apr_pool_t *p, describe_fn describe, const char *xml, const char *json)
{
    assert_string_equal(rendered(p, RG_FORMAT_XML, describe),
                        apr_pstrcat(p, XML_DECLARATION, xml, "\n", NULL));
    assert_string_equal(rendered(p, RG_FORMAT_JSON, describe), apr_pstrcat(p, json, "\n", NULL));
}

static void assert_fails(apr_pool_t *p, rg_outcome_t expected, describe_fn describe,
                         const char *why)
{
    static const rg_format_t formats[] = {RG_FORMAT_XML, RG_FORMAT_JSON};

    for (int i = 0; i < 2; i++) {
        rg_writer_t *w = rg_writer_to_buf(p, formats[i], rg_buf_make(p, 1 << 20));
        const char *said = NULL;

        describe(w);
        assert_int_equal(rg_writer_finish(w, &said), expected);
        assert_string_equal(said, why);
    }
}

/* --- shape ------------------------------------------------------------------------------------ */

static void small_patient(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Patient");
    rg_writer_string(w, "id", "p1");
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", "urn:mrn", "1");
    rg_writer_identifier(w, "identifier", "urn:mrn", NULL);
    rg_writer_list_end(w);
    rg_writer_bool(w, "active", true);
    rg_writer_list(w, "name");
    rg_writer_human_name(w, "name",
                         &(rg_writer_name_t){.family = "Lovelace", .given = "Ada", .middle = "K"});
    rg_writer_list_end(w);
    rg_writer_date(w, "birthDate", (rg_date_t){1975, 2, 3});
    rg_writer_int(w, "multipleBirthInteger", -2);
    rg_writer_resource_end(w);
}

static void one_description_gives_both(void **state)
{
    assert_both(
        *state, small_patient,
        "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"p1\"/><identifier><system "
        "value=\"urn:mrn\"/><value value=\"1\"/></identifier><active value=\"true\"/><name>"
        "<family value=\"Lovelace\"/><given value=\"Ada\"/><given value=\"K\"/></name>"
        "<birthDate value=\"1975-02-03\"/><multipleBirthInteger value=\"-2\"/></Patient>",
        "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"identifier\":[{\"system\":\"urn:mrn\","
        "\"value\":\"1\"}],\"active\":true,\"name\":[{\"family\":\"Lovelace\",\"given\":["
        "\"Ada\",\"K\"]}],\"birthDate\":\"1975-02-03\",\"multipleBirthInteger\":-2}");
}

static void nothing_but_empty(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_string(w, "id", NULL);
    rg_writer_string(w, "language", "");
    rg_writer_narrative(w, "");
    rg_writer_list(w, "extension");
    rg_writer_extension(w, "extension", "urn:x");
    rg_writer_string(w, "valueString", "");
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", "urn:x", NULL);
    rg_writer_list_end(w);
    rg_writer_concept(w, "code", "urn:x", "", NULL, NULL);
    rg_writer_reference(w, "subject", "", NULL);
    rg_writer_reference_to(w, "subject", "Patient", NULL, "kept only with an id");
    rg_writer_date(w, "created", (rg_date_t){0, 0, 0});
    rg_writer_instant(w, "when", 0);
    rg_writer_decimal(w, "factor", NULL);
    rg_writer_money(w, "net", (rg_money_t){0, ""});
    rg_writer_quantity(w, "quantity", "", "mL", "mL");
    rg_writer_contact(w, "telecom", "phone", NULL, "home");
    rg_writer_period(w, "period", NULL, "");
    rg_writer_human_name(w, "name", &(rg_writer_name_t){.use = "usual"});
    rg_writer_address(w, "address", &(rg_writer_address_t){.use = "home"});
    rg_writer_begin_id(w, "a", "id1");
    rg_writer_begin(w, "b");
    rg_writer_list(w, "c");
    rg_writer_list_end(w);
    rg_writer_end(w);
    rg_writer_end(w);
    rg_writer_xhtml(w, "div", NULL);
    rg_writer_resource_end(w);
}

static void what_is_empty_leaves_no_trace(void **state)
{
    assert_both(*state, nothing_but_empty, "<Basic xmlns=\"http://hl7.org/fhir\"/>",
                "{\"resourceType\":\"Basic\"}");
}

static void structures(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_list(w, "contained");
    rg_writer_resource(w, "contained", "Device");
    rg_writer_string(w, "id", "d");
    rg_writer_resource_end(w);
    rg_writer_resource(w, "contained", "Device");
    rg_writer_resource_end(w);
    rg_writer_list_end(w);
    rg_writer_list(w, "extension");
    rg_writer_extension(w, "extension", "urn:a");
    rg_writer_list(w, "extension");
    rg_writer_extension(w, "extension", "urn:b");
    rg_writer_bool(w, "valueBoolean", false);
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_begin_id(w, "code", "c1");
    rg_writer_string(w, "text", "t");
    rg_writer_end(w);
    rg_writer_resource_end(w);
}

static void containment_extensions_and_ids(void **state)
{
    assert_both(
        *state, structures,
        "<Basic xmlns=\"http://hl7.org/fhir\"><contained><Device><id value=\"d\"/></Device>"
        "</contained><contained><Device/></contained><extension url=\"urn:a\"><extension "
        "url=\"urn:b\"><valueBoolean value=\"false\"/></extension></extension><code "
        "id=\"c1\"><text value=\"t\"/></code></Basic>",
        "{\"resourceType\":\"Basic\",\"contained\":[{\"resourceType\":\"Device\",\"id\":\"d\"}"
        ",{\"resourceType\":\"Device\"}],\"extension\":[{\"url\":\"urn:a\",\"extension\":[{"
        "\"url\":\"urn:b\",\"valueBoolean\":false}]}],\"code\":{\"id\":\"c1\",\"text\":\"t\"}}");
}

/* --- values ----------------------------------------------------------------------------------- */

static void awkward_text(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_narrative(w, "a<b & \"c\"");
    rg_writer_string(w, "s", "<&>\"'\\/\n\r\té\xf0\x9f\xa6\xb4");
    rg_writer_resource_end(w);
}

static void text_is_escaped(void **state)
{
    assert_both(
        *state, awkward_text,
        "<Basic xmlns=\"http://hl7.org/fhir\"><text><status value=\"generated\"/><div "
        "xmlns=\"http://www.w3.org/1999/xhtml\"><p>a&lt;b &amp; &quot;c&quot;</p></div></text>"
        "<s value=\"&lt;&amp;&gt;&quot;'\\/&#10;&#13;&#9;é\xf0\x9f\xa6\xb4\"/></Basic>",
        "{\"resourceType\":\"Basic\",\"text\":{\"status\":\"generated\",\"div\":\"<div xmlns="
        "\\\"http://www.w3.org/1999/xhtml\\\"><p>a&lt;b &amp; &quot;c&quot;</p></div>\"},"
        "\"s\":\"<&>\\\"'\\\\/\\n\\r\\té\xf0\x9f\xa6\xb4\"}");
}

static void numbers(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_decimal(w, "a", "12.50");
    rg_writer_decimal(w, "b", "-0.000");
    rg_writer_decimal(w, "c", "9007199254740993.01");
    rg_writer_int(w, "d", INT64_MIN);
    rg_writer_money(w, "usd", (rg_money_t){125000, "USD"});
    rg_writer_money(w, "jpy", (rg_money_t){0, "JPY"});
    rg_writer_quantity(w, "q", "4.0", "millilitre", "mL");
    rg_writer_instant(w, "t", apr_time_from_sec(1796135400));
    rg_writer_resource_end(w);
}

static void decimals_keep_their_digits(void **state)
{
    assert_both(
        *state, numbers,
        "<Basic xmlns=\"http://hl7.org/fhir\"><a value=\"12.50\"/><b value=\"-0.000\"/>"
        "<c value=\"9007199254740993.01\"/><d value=\"-9223372036854775808\"/><usd><value "
        "value=\"1250.00\"/><currency value=\"USD\"/></usd><jpy><value value=\"0\"/><currency "
        "value=\"JPY\"/></jpy><q><value value=\"4.0\"/><unit value=\"millilitre\"/><system "
        "value=\"http://unitsofmeasure.org\"/><code value=\"mL\"/></q><t "
        "value=\"2026-12-01T14:30:00Z\"/></Basic>",
        "{\"resourceType\":\"Basic\",\"a\":12.50,\"b\":-0.000,\"c\":9007199254740993.01,\"d\":"
        "-9223372036854775808,\"usd\":{\"value\":1250.00,\"currency\":\"USD\"},\"jpy\":{"
        "\"value\":0,\"currency\":\"JPY\"},\"q\":{\"value\":4.0,\"unit\":\"millilitre\","
        "\"system\":\"http://unitsofmeasure.org\",\"code\":\"mL\"},\"t\":"
        "\"2026-12-01T14:30:00Z\"}");
}

/* Each piece of a long text must come through the back ends' own buffers whole. */
static void long_text(rg_writer_t *w)
{
    char text[20001];

    memset(text, 'x', 20000);
    text[20000] = '\0';
    rg_writer_resource(w, NULL, "Basic");
    for (size_t n = 1; n <= 20000; n += 1777) {
        text[n] = '\0';
        rg_writer_string(w, "s", text);
        text[n] = '"';
    }
    rg_writer_resource_end(w);
}

static void long_texts_come_through(void **state)
{
    const char *xml = rendered(*state, RG_FORMAT_XML, long_text);
    const char *json = rendered(*state, RG_FORMAT_JSON, long_text);
    size_t chars = 0;
    size_t quotes = 0;
    size_t count = 0;

    for (size_t n = 1; n <= 20000; n += 1777) {
        chars += n;
        quotes += count++;
    }
    assert_int_equal(strlen(json), strlen("{\"resourceType\":\"Basic\"}\n") +
                                       count * strlen(",\"s\":\"\"") + chars + quotes);
    assert_int_equal(strlen(xml), strlen(XML_DECLARATION) +
                                      strlen("<Basic xmlns=\"http://hl7.org/fhir\"></Basic>\n") +
                                      count * strlen("<s value=\"\"/>") + chars +
                                      quotes * (strlen("&quot;") - 1));
}

/* --- refusals --------------------------------------------------------------------------------- */

static const char *bad_value;

static void bad_string(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_string(w, "s", bad_value);
    rg_writer_string(w, "later", "\x01");
    rg_writer_resource_end(w);
}

static void bad_decimal(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_decimal(w, "d", bad_value);
    rg_writer_resource_end(w);
}

static void bad_splice(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_splice(w, "resource", bad_value, strlen(bad_value));
    rg_writer_resource_end(w);
}

static void values_no_format_can_carry(void **state)
{
    static const char *const texts[] = {
        "a\x01", "\xff", "\xc3", "\xed\xa0\x80", "\xef\xbf\xbf", "x\xef\xbf\xbd\xef\xbf\xbe"};
    static const char *const decimals[] = {"1.",  ".5", "01", "1e3", "+1",
                                           "1,5", " 1", "1 ", "-",   "NaN"};
    static const char *const splices[] = {
        "",      "x",  "<?xml version=\"1.0\"?>", "<!DOCTYPE a><A/>", "<!-- --><A/>", "[1]",
        "<A/>x", "{}x"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        bad_value = texts[i];
        assert_fails(*state, RG_INVALID, bad_string, "s: not UTF-8, or control characters");
    }
    for (size_t i = 0; i < sizeof(decimals) / sizeof(*decimals); i++) {
        bad_value = decimals[i];
        assert_fails(*state, RG_INVALID, bad_decimal, "d: not a decimal number");
    }
    for (size_t i = 0; i < sizeof(splices) / sizeof(*splices); i++) {
        bad_value = splices[i];
        assert_fails(*state, RG_INVALID, bad_splice,
                     "resource: the stored document is not one resource in this format");
    }
}

static void unfinished(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_string(w, "id", "x");
}

static void no_resource(rg_writer_t *w)
{
    rg_writer_string(w, "id", "x");
}

static void two_resources(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_resource_end(w);
    rg_writer_resource(w, NULL, "Basic");
}

static void crossed(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_list(w, "a");
    rg_writer_end(w);
}

static void stranger_in_list(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_list(w, "a");
    rg_writer_string(w, "b", "x");
}

static void list_in_list(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_list(w, "a");
    rg_writer_list(w, "a");
}

static void too_deep(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Basic");
    for (int i = 0; i < 100; i++) {
        rg_writer_begin(w, "a");
    }
}

static void calls_out_of_order(void **state)
{
    assert_fails(*state, RG_INTERNAL, unfinished, "the document is not complete");
    assert_fails(*state, RG_INTERNAL, no_resource, "id: an element outside of a resource");
    assert_fails(*state, RG_INTERNAL, two_resources,
                 "a second resource, or one without its document");
    assert_fails(*state, RG_INTERNAL, crossed, "a: an end without its begin");
    assert_fails(*state, RG_INTERNAL, stranger_in_list, "b: another element within a list");
    assert_fails(*state, RG_INTERNAL, list_in_list, "a: a list within a list");
    assert_fails(*state, RG_INTERNAL, too_deep, "a: elements nested too deep");
}

/* --- sinks ------------------------------------------------------------------------------------ */

typedef struct {
    size_t left;
    size_t calls_after_refusal;
    bool refused;
    size_t biggest;
    uint64_t total;
} counter_t;

static apr_status_t count_bytes(void *baton, const char *bytes, size_t n)
{
    counter_t *c = baton;

    assert_non_null(bytes);
    assert_true(n > 0);
    c->calls_after_refusal += c->refused;
    c->biggest = n > c->biggest ? n : c->biggest;
    c->total += n;
    if (n > c->left) {
        c->refused = true;
        return APR_EGENERAL;
    }
    c->left -= n;
    return APR_SUCCESS;
}

static void many_entries(rg_writer_t *w, int count)
{
    rg_writer_resource(w, NULL, "Bundle");
    rg_writer_string(w, "type", "collection");
    rg_writer_list(w, "entry");
    for (int i = 0; i < count; i++) {
        rg_writer_begin(w, "entry");
        rg_writer_resource(w, "resource", "Basic");
        rg_writer_reference_to(w, "subject", "Patient", "p1", "Ada");
        rg_writer_money(w, "total", (rg_money_t){i, "USD"});
        rg_writer_resource_end(w);
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

/* Several pieces within one call. */
static void one_long_text(rg_writer_t *w)
{
    char text[50001];

    memset(text, 'x', 50000);
    text[50000] = '\0';
    for (int i = 1; i < 10; i++) {
        text[i * 5000] = '"';
    }
    rg_writer_resource(w, NULL, "Basic");
    rg_writer_string(w, "s", text);
    rg_writer_resource_end(w);
}

static void a_refusing_sink_is_left_alone(void **state)
{
    static const rg_format_t formats[] = {RG_FORMAT_XML, RG_FORMAT_JSON};

    for (int i = 0; i < 4; i++) {
        int long_texts = i / 2;
        counter_t c = {.left = long_texts == 0 ? 20000 : 5000};
        rg_writer_t *w = rg_writer_to_sink(*state, formats[i % 2], (rg_sink_t){count_bytes, &c});
        const char *why = NULL;

        if (long_texts == 0) {
            many_entries(w, 1000);
        }
        else {
            one_long_text(w);
        }
        assert_int_equal(rg_writer_finish(w, &why), RG_UNAVAILABLE);
        assert_string_equal(why, "the receiver takes no more bytes");
        assert_true(c.refused);
        assert_int_equal(c.calls_after_refusal, 0);
    }
}

static void an_abandoned_writer_says_nothing(void **state)
{
    static const rg_format_t formats[] = {RG_FORMAT_XML, RG_FORMAT_JSON};

    for (int i = 0; i < 2; i++) {
        apr_pool_t *p = NULL;
        counter_t c = {.left = SIZE_MAX};

        apr_pool_create(&p, *state);
        unfinished(rg_writer_to_sink(p, formats[i], (rg_sink_t){count_bytes, &c}));
        apr_pool_destroy(p);
        assert_int_equal(c.total, 0);
    }
}

static void a_capped_buffer_is_too_large(void **state)
{
    static const rg_format_t formats[] = {RG_FORMAT_XML, RG_FORMAT_JSON};

    for (int i = 0; i < 2; i++) {
        rg_writer_t *w = rg_writer_to_buf(*state, formats[i], rg_buf_make(*state, 30));

        small_patient(w);
        assert_int_equal(rg_writer_finish(w, NULL), RG_TOO_LARGE);
    }
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* gcc's word for it */
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
/* From sanitizer/allocator_interface.h, which gcc's packages leave out. */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

/* What malloc has given out: libxml2's side. */
static size_t allocated_bytes(void)
{
#ifdef __SANITIZE_ADDRESS__
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

/* What the process holds: pools too, which APR may map past malloc. */
static size_t resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    char line[100] = "";

    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    fclose(f);
    return strtoul(strchr(line, ' '), NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* 200,000 entries are some 40 MB; keeping a fifth of that would show. libxml2's mallocs cannot be
 * seen in the resident size because AddressSanitizer keeps freed blocks for a while; the JSON side
 * mallocs nothing, so there it tells. It comes first: a test before it could leave blocks to use
 * up. The first thousand entries bring in the pages of code and shadow memory that all later ones
 * use. */
static void json_memory_does_not_grow_with_the_document(void **state)
{
    counter_t warm = {.left = SIZE_MAX};
    counter_t c = warm;
    rg_writer_t *w = rg_writer_to_sink(*state, RG_FORMAT_JSON, (rg_sink_t){count_bytes, &warm});

    many_entries(w, 1000);
    assert_int_equal(rg_writer_finish(w, NULL), RG_OK);
    w = rg_writer_to_sink(*state, RG_FORMAT_JSON, (rg_sink_t){count_bytes, &c});
    size_t before = resident_bytes();
    many_entries(w, 200000);
    assert_true(resident_bytes() < before + (8u << 20));
    assert_int_equal(rg_writer_finish(w, NULL), RG_OK);
    assert_true(c.total > 20u << 20);
    assert_true(c.biggest <= 8192);
}

static void xml_memory_does_not_grow_with_the_document(void **state)
{
    size_t before = allocated_bytes();
    counter_t c = {.left = SIZE_MAX};
    rg_writer_t *w = rg_writer_to_sink(*state, RG_FORMAT_XML, (rg_sink_t){count_bytes, &c});

    many_entries(w, 200000);
    assert_true(allocated_bytes() - before < 256 * 1024);
    assert_int_equal(rg_writer_finish(w, NULL), RG_OK);
    assert_true(c.total > 20u << 20);
    assert_true(c.biggest < 64 * 1024);
}

/* --- splice ----------------------------------------------------------------------------------- */

static const char *stored;

static void bundle_of_stored(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Bundle");
    rg_writer_string(w, "type", "collection");
    rg_writer_list(w, "entry");
    for (int i = 0; i < 2; i++) {
        rg_writer_begin(w, "entry");
        rg_writer_splice(w, "resource", stored, strlen(stored));
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

static void stored_documents_are_spliced_in(void **state)
{
    stored = "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
             "<Basic xmlns=\"http://hl7.org/fhir\"><id value=\"é\"/></Basic>\n";
    assert_string_equal(rendered(*state, RG_FORMAT_XML, bundle_of_stored), XML_DECLARATION
                        "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"collection\"/><entry>"
                        "<resource><Basic xmlns=\"http://hl7.org/fhir\"><id value=\"é\"/></Basic>"
                        "</resource></entry><entry><resource><Basic xmlns=\"http://hl7.org/fhir\">"
                        "<id value=\"é\"/></Basic></resource></entry></Bundle>\n");
    stored = " {\"resourceType\":\"Basic\",\"x\":1.50}\n";
    assert_string_equal(
        rendered(*state, RG_FORMAT_JSON, bundle_of_stored),
        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\""
        ":{\"resourceType\":\"Basic\",\"x\":1.50}},{\"resource\":{\"resourceType\":"
        "\"Basic\",\"x\":1.50}}]}\n");
}

/* --- HL7's schema ----------------------------------------------------------------------------- */

static void claim_line(rg_writer_t *w)
{
    rg_writer_begin(w, "item");
    rg_writer_int(w, "sequence", 1);
    rg_writer_list(w, "diagnosisSequence");
    rg_writer_int(w, "diagnosisSequence", 1);
    rg_writer_list_end(w);
    rg_writer_concept(w, "productOrService", "urn:codes", "BMAC", "Concentrate & injection", NULL);
    rg_writer_list(w, "modifier");
    rg_writer_concept(w, "modifier", "urn:mod", "LT", NULL, NULL);
    rg_writer_concept(w, "modifier", "urn:mod", "GA", NULL, NULL);
    rg_writer_list_end(w);
    rg_writer_date(w, "servicedDate", (rg_date_t){2026, 12, 1});
    rg_writer_concept(w, "locationCodeableConcept", "urn:pos", "11", NULL, NULL);
    rg_writer_quantity(w, "quantity", "1", NULL, NULL);
    rg_writer_money(w, "unitPrice", (rg_money_t){480050, "USD"});
    rg_writer_money(w, "net", (rg_money_t){480050, "USD"});
    rg_writer_end(w);
}

static void claim_parties(rg_writer_t *w)
{
    rg_writer_reference_to(w, "patient", "Patient", "p1", "Ada Lovelace");
    rg_writer_string(w, "created", "2026-12-02T09:40:00-05:00");
    rg_writer_reference_to(w, "insurer", "Organization", "payer", NULL);
    rg_writer_reference(w, "provider", "#org", NULL);
    rg_writer_concept(w, "priority", NULL, "normal", NULL, NULL);
    rg_writer_list(w, "careTeam");
    rg_writer_begin_id(w, "careTeam", "team-1");
    rg_writer_int(w, "sequence", 1);
    rg_writer_reference_to(w, "provider", "Practitioner", "dr", NULL);
    rg_writer_bool(w, "responsible", true);
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_list(w, "diagnosis");
    rg_writer_begin(w, "diagnosis");
    rg_writer_int(w, "sequence", 1);
    rg_writer_concept(w, "diagnosisCodeableConcept", "http://hl7.org/fhir/sid/icd-10-cm", "M17.12",
                      NULL, NULL);
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_list(w, "insurance");
    rg_writer_begin(w, "insurance");
    rg_writer_int(w, "sequence", 1);
    rg_writer_bool(w, "focal", true);
    rg_writer_reference_to(w, "coverage", "Coverage", "c1", NULL);
    rg_writer_end(w);
    rg_writer_list_end(w);
}

static void contained_organization(rg_writer_t *w)
{
    rg_writer_list(w, "contained");
    rg_writer_resource(w, "contained", "Organization");
    rg_writer_string(w, "id", "org");
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", "http://hl7.org/fhir/sid/us-npi", "1234567893");
    rg_writer_list_end(w);
    rg_writer_string(w, "name", "Knee & Tendon");
    rg_writer_list(w, "telecom");
    rg_writer_contact(w, "telecom", "phone", "+1 555 0100", "work");
    rg_writer_list_end(w);
    rg_writer_list(w, "address");
    rg_writer_address(w, "address",
                      &(rg_writer_address_t){.use = "billing",
                                             .line1 = "1 Main St",
                                             .line2 = "Floor 2",
                                             .city = "Springfield",
                                             .state = "NY",
                                             .postal_code = "123450001",
                                             .country = "US"});
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
    rg_writer_list_end(w);
}

static void claim_within(rg_writer_t *w, const char *name)
{
    rg_writer_resource(w, name, "Claim");
    rg_writer_string(w, "id", "claim-1");
    rg_writer_narrative(w, "Claim for <Ada> & \"friends\", one line");
    contained_organization(w);
    rg_writer_list(w, "extension");
    rg_writer_extension(w, "extension", "urn:claim-frequency");
    rg_writer_string(w, "valueCode", "1");
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", "urn:claims", "C-1");
    rg_writer_list_end(w);
    rg_writer_string(w, "status", "active");
    rg_writer_concept(w, "type", "http://terminology.hl7.org/CodeSystem/claim-type", "professional",
                      "Professional", "Professional claim");
    rg_writer_string(w, "use", "claim");
    claim_parties(w);
    rg_writer_list(w, "item");
    claim_line(w);
    rg_writer_list_end(w);
    rg_writer_money(w, "total", (rg_money_t){480050, "USD"});
    rg_writer_resource_end(w);
}

static void claim(rg_writer_t *w)
{
    claim_within(w, NULL);
}

static void appointment(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Appointment");
    rg_writer_string(w, "id", "a1");
    rg_writer_string(w, "status", "booked");
    rg_writer_list(w, "serviceType");
    rg_writer_concept(w, "serviceType", "urn:services", "bmac-knee", NULL, "Knee");
    rg_writer_list_end(w);
    rg_writer_instant(w, "start", apr_time_from_sec(1796135400));
    rg_writer_instant(w, "end", apr_time_from_sec(1796139000));
    rg_writer_int(w, "minutesDuration", 60);
    rg_writer_list(w, "participant");
    rg_writer_begin(w, "participant");
    rg_writer_reference_to(w, "actor", "Patient", "p1", "Ada");
    rg_writer_string(w, "status", "accepted");
    rg_writer_period_utc(w, "period", apr_time_from_sec(1796135400), apr_time_from_sec(1796139000));
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

static const char *stored_claim;

static void claims_bundle(rg_writer_t *w)
{
    rg_writer_resource(w, NULL, "Bundle");
    rg_writer_identifier(w, "identifier", "urn:batches", "7");
    rg_writer_string(w, "type", "collection");
    rg_writer_instant(w, "timestamp", apr_time_from_sec(1796135400));
    rg_writer_list(w, "entry");
    rg_writer_begin(w, "entry");
    rg_writer_string(w, "fullUrl", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0");
    claim_within(w, "resource");
    rg_writer_end(w);
    rg_writer_begin(w, "entry");
    rg_writer_splice(w, "resource", stored_claim, strlen(stored_claim));
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

static void assert_schema_accepts(apr_pool_t *p, describe_fn describe)
{
    const char *xml = rendered(p, RG_FORMAT_XML, describe);
    rg_problems_t *problems = rg_problems_make(p);

    if (rg_schema_validate(schema, xml, strlen(xml), problems) != RG_OK) {
        fail_msg("%s\n%s", APR_ARRAY_IDX(problems->list, 0, rg_problem_t).text, xml);
    }
}

static void hl7_schema_accepts(void **state)
{
    if (!schema) {
        print_message("skipped: " SCHEMA " is not there\n");
        skip();
    }
    assert_schema_accepts(*state, claim);
    assert_schema_accepts(*state, appointment);
    stored_claim = rendered(*state, RG_FORMAT_XML, claim);
    assert_schema_accepts(*state, claims_bundle);
}

/* A schema that accepted everything would prove nothing. */
static void hl7_schema_refuses_the_wrong_order(void **state)
{
    rg_problems_t *problems = rg_problems_make(*state);

    if (!schema) {
        print_message("skipped: " SCHEMA " is not there\n");
        skip();
    }
    char *xml = apr_pstrdup(*state, rendered(*state, RG_FORMAT_XML, appointment));
    memcpy(strstr(xml, "<start "), "<stark ", 7);
    assert_int_equal(rg_schema_validate(schema, xml, strlen(xml), problems), RG_INVALID);
}

/* --- JSON read back --------------------------------------------------------------------------- */

static json_t *parsed(apr_pool_t *p, describe_fn describe)
{
    json_error_t error;
    json_t *j = json_loads(rendered(p, RG_FORMAT_JSON, describe), JSON_REJECT_DUPLICATES, &error);

    if (!j) {
        fail_msg("%s", error.text);
    }
    return j;
}

/* Every name that FHIR lets repeat must be an array wherever it is, and no other may be one. */
static void assert_arrays(json_t *j)
{
    static const char repeats[] =
        " contained extension identifier telecom address line coding careTeam diagnosis insurance "
        "item diagnosisSequence modifier entry serviceType participant name given ";
    const char *name;
    json_t *member;

    json_object_foreach(j, name, member)
    {
        char word[80];

        snprintf(word, sizeof(word), " %s ", name);
        bool expected = strstr(repeats, word) && !json_is_string(member);
        if (!strcmp(name, "identifier") && json_object_get(j, "resourceType") &&
            !strcmp(json_string_value(json_object_get(j, "resourceType")), "Bundle")) {
            expected = false; /* the one identifier that does not repeat */
        }
        assert_int_equal(json_is_array(member), expected);
        assert_arrays(member);
        for (size_t i = 0; i < json_array_size(member); i++) {
            assert_arrays(json_array_get(member, i));
        }
    }
}

static void json_is_json(void **state)
{
    json_t *j = parsed(*state, claim);
    json_t *line = json_array_get(json_object_get(j, "item"), 0);
    json_t *net = json_object_get(json_object_get(line, "net"), "value");

    assert_string_equal(json_string_value(json_object_get(j, "resourceType")), "Claim");
    assert_int_equal(json_array_size(json_object_get(line, "modifier")), 2);
    assert_true(json_real_value(net) == 4800.50);
    assert_non_null(strstr(rendered(*state, RG_FORMAT_JSON, claim), "\"value\":4800.50"));
    assert_arrays(j);
    json_decref(j);
    j = parsed(*state, appointment);
    assert_arrays(j);
    json_decref(j);
    stored_claim = rendered(*state, RG_FORMAT_JSON, claim);
    j = parsed(*state, claims_bundle);
    assert_int_equal(json_array_size(json_object_get(j, "entry")), 2);
    assert_true(
        json_equal(json_object_get(json_array_get(json_object_get(j, "entry"), 0), "resource"),
                   json_object_get(json_array_get(json_object_get(j, "entry"), 1), "resource")));
    assert_arrays(j);
    json_decref(j);
}

static void media_types(void **state)
{
    (void)state;
    assert_string_equal(rg_format_type(RG_FORMAT_XML), "application/fhir+xml");
    assert_string_equal(rg_format_type(RG_FORMAT_JSON), "application/fhir+json");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(json_memory_does_not_grow_with_the_document),
        T(one_description_gives_both),
        T(what_is_empty_leaves_no_trace),
        T(containment_extensions_and_ids),
        T(text_is_escaped),
        T(decimals_keep_their_digits),
        T(long_texts_come_through),
        T(values_no_format_can_carry),
        T(calls_out_of_order),
        T(a_refusing_sink_is_left_alone),
        T(an_abandoned_writer_says_nothing),
        T(a_capped_buffer_is_too_large),
        T(xml_memory_does_not_grow_with_the_document),
        T(stored_documents_are_spliced_in),
        T(hl7_schema_accepts),
        T(hl7_schema_refuses_the_wrong_order),
        T(json_is_json),
        T(media_types),
    };
    const char *why = NULL;

    apr_initialize();
    apr_pool_create(&global, NULL);
    rg_xml_init();
    if (access(SCHEMA, R_OK) == 0) {
        schema = rg_schema_load(global, SCHEMA, &why);
        if (!schema) {
            print_error("%s: %s\n", SCHEMA, why);
            return 1;
        }
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_pool_destroy(global);
    apr_terminate();
    return failed;
}
