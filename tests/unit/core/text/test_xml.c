/* SPDX-License-Identifier: Apache-2.0 */
/* XML that arrives and schemas that check: no DOCTYPE, no entity, no network, no word on standard
 * error, and many threads on one schema. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core_test.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/xml.h"

#include <apr_file_io.h>
#include <apr_network_io.h>
#include <apr_strings.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

/* Standard error goes to a file during each test; what is found there afterwards is a failure. */
static FILE *captured;
static int real_stderr;

static int quiet_setup(void **state)
{
    rg_xml_init();
    captured = tmpfile();
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    if (!captured || real_stderr < 0 || dup2(fileno(captured), STDERR_FILENO) < 0) {
        return -1;
    }
    return pool_setup(state);
}

static int quiet_teardown(void **state)
{
    fflush(stderr);
    long written = lseek(fileno(captured), 0, SEEK_END);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    fclose(captured);
    pool_teardown(state);
    if (written != 0) {
        print_error("%ld bytes were written to standard error\n", written);
    }
    return written == 0 ? 0 : -1;
}

#define quiet_test(f) cmocka_unit_test_setup_teardown(f, quiet_setup, quiet_teardown)

static rg_outcome_t parse(void **state, const char *xml, const char **problem)
{
    rg_problems_t *ps = rg_problems_make(*state);
    xmlDocPtr doc = NULL;
    rg_outcome_t outcome = rg_xml_parse(&doc, *state, xml, strlen(xml), ps);
    assert_int_equal(outcome == RG_OK, doc != NULL);
    assert_int_equal(outcome == RG_OK, !rg_problems_any(ps));
    *problem = rg_problem_for(ps, NULL);
    return outcome;
}

static void good_documents_are_read(void **state)
{
    static const char xml[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a xmlns=\"urn:x\" b=\"1\">"
        "Zo\xc3\xab &amp; &#x2014; <c/></a>";
    xmlDocPtr doc = NULL;
    assert_int_equal(rg_xml_parse(&doc, *state, xml, sizeof(xml) - 1, NULL), RG_OK);
    xmlNodePtr root = xmlDocGetRootElement(doc);
    assert_string_equal((const char *)root->name, "a");
    assert_string_equal((const char *)root->ns->href, "urn:x");
    xmlChar *text = xmlNodeGetContent(root);
    assert_string_equal((const char *)text, "Zo\xc3\xab & \xe2\x80\x94 ");
    xmlFree(text);
}

/* "<a " and N times PIECE with %d, and END. */
static const char *many(apr_pool_t *p, const char *begin, int n, const char *piece, const char *end)
{
    rg_buf_t *b = rg_buf_make(p, 4 * 1024 * 1024);
    rg_buf_puts(b, begin);
    for (int i = 0; i < n; i++) {
        const char *hash = strchr(piece, '#');
        rg_buf_printf(b, "%.*s", (int)(hash ? hash - piece : (ptrdiff_t)strlen(piece)), piece);
        if (hash) {
            rg_buf_printf(b, "%d%s", i, hash + 1);
        }
    }
    rg_buf_puts(b, end);
    return b->data;
}

static void too_much_is_refused_before_it_is_read(void **state)
{
    const struct {
        const char *begin;
        const char *piece;
        const char *end;
        int most; /* so many are taken, one more is not */
        const char *why;
    } cases[] = {
        {"<a ", "x#='1' ", "/>", 64, "attributes"},
        {"<r><b/><a ", "x#=\"=='\" ", "/></r>", 64, "attributes"},
        {"<r>", "<a xmlns:x#='urn:#'/>", "</r>", 64, "namespaces"},
        {"<r>", "<a\nxmlns='urn:#'/>", "</r>", 64, "namespaces"},
        {"<r>", "<a/>", "</r>", 49999, "many elements"},
        {"<r><!-- <a <a <a --><![CDATA[<a <a]]><?p <a ?>", "<a/>", "</r>", 49999, "many elements"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int over = 0; over < 2; over++) {
            const char *why = NULL;
            const char *xml =
                many(*state, cases[i].begin, cases[i].most + over, cases[i].piece, cases[i].end);
            assert_int_equal(parse(state, xml, &why), over ? RG_INVALID : RG_OK);
            assert_true(!over || strstr(why, cases[i].why));
        }
    }
}

static void depth_and_names_are_bounded(void **state)
{
    const char *why = NULL;
    const char *deep = many(*state, "", 100, "<a>", "");
    const char *back = many(*state, "", 100, "</a>", "");
    assert_int_equal(parse(state, apr_pstrcat(*state, deep, back, NULL), &why), RG_OK);
    assert_int_equal(parse(state, apr_pstrcat(*state, "<a>", deep, back, "</a>", NULL), &why),
                     RG_INVALID);
    assert_non_null(strstr(why, "deeply"));
    assert_int_equal(parse(state, many(*state, "<", 256, "n", "/>"), &why), RG_OK);
    assert_int_equal(parse(state, many(*state, "<", 257, "n", "/>"), &why), RG_INVALID);
    assert_int_equal(parse(state, many(*state, "<a ", 257, "n", "='1'/>"), &why), RG_INVALID);
    assert_int_equal(parse(state, many(*state, "<a b='", 9999, "n", "'/>"), &why), RG_OK);
}

/* In another encoding the scan would not see what the parser sees. */
static void only_utf_8_is_read(void **state)
{
    static const char utf16[] = "\xff\xfe<\0a\0/\0>\0";
    rg_problems_t *ps = rg_problems_make(*state);
    xmlDocPtr doc = NULL;
    const char *why = NULL;
    assert_int_equal(rg_xml_parse(&doc, *state, utf16, sizeof(utf16) - 1, ps), RG_INVALID);
    assert_int_equal(
        parse(state, "<?xml version='1.0' encoding='UTF-7'?><a>+ADw-b/+AD4-</a>", &why),
        RG_OK); /* its text is what stands there */
    assert_int_equal(parse(state, "\xef\xbb\xbf<a/>", &why), RG_OK);
}

static void broken_documents_are_refused_with_a_line(void **state)
{
    const char *why = NULL;
    assert_int_equal(parse(state, "<a>\n<b></a>", &why), RG_INVALID);
    assert_int_equal(strncmp(why, "Line 2: ", 8), 0);
    static const char *const wrong[] = {"",
                                        "x",
                                        "<a>",
                                        "<a/><b/>",
                                        "<a b=1/>",
                                        "<a b='1' b='2'/>",
                                        "<a>&nbsp;</a>",
                                        "<a>&",
                                        "<a/>x",
                                        "<a>\xff</a>",
                                        "<a>\x01</a>",
                                        "<a>&#1;</a>",
                                        "<a>\x7f</a>",
                                        "<a b='x&#133;y'/>",
                                        "<a><![CDATA[\xc2\x80]]></a>",
                                        "<p:a/>",
                                        "<a p:b='1'/>",
                                        "<?xml version=\"1.0\" encoding=\"no-such\"?><a/>"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(parse(state, wrong[i], &why), RG_INVALID);
        assert_non_null(why);
    }
}

static void any_doctype_is_refused(void **state)
{
    static const char *const wrong[] = {
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a []><a/>",
        "<?xml version=\"1.0\"?>\n<!-- x --><!DOCTYPE a SYSTEM \"file:///etc/hostname\"><a/>",
        "<!DOCTYPE a PUBLIC \"-//X\" \"http://127.0.0.1:9/x.dtd\"><a/>",
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><a>&e;</a>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"file:///etc/hostname\"> %p;]><a/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY l \"lol\"><!ENTITY m \"&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;\">"
        "<!ENTITY n \"&m;&m;&m;&m;&m;&m;&m;&m;&m;&m;\"><!ENTITY o \"&n;&n;&n;&n;&n;&n;&n;&n;\">"
        "]><a>&o;</a>"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *why = NULL;
        assert_int_equal(parse(state, wrong[i], &why), RG_INVALID);
        assert_string_equal(why, "The document must not have a DOCTYPE.");
    }
}

static void nested_too_deeply_is_refused(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 100000);
    for (int i = 0; i < 5000; i++) {
        rg_buf_puts(b, "<a>");
    }
    const char *why = NULL;
    assert_int_equal(parse(state, b->data, &why), RG_INVALID);
}

static void problems_are_capped(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 100000);
    rg_buf_puts(b, "<a ");
    for (int i = 0; i < 1000; i++) {
        rg_buf_puts(b, "b='1' ");
    }
    rg_buf_puts(b, "/>");
    rg_problems_t *ps = rg_problems_make(*state);
    xmlDocPtr doc = NULL;
    assert_int_equal(rg_xml_parse(&doc, *state, b->data, b->len, ps), RG_INVALID);
    assert_in_range(ps->list->nelts, 1, 20);
}

/* --- schemas ---------------------------------------------------------------------------------- */

#define XS "http://www.w3.org/2001/XMLSchema"
static const char note_schema[] =
    "<xs:schema xmlns:xs=\"" XS "\"><xs:element name=\"note\"><xs:complexType><xs:sequence>"
    "<xs:element name=\"to\" type=\"xs:string\"/><xs:element name=\"n\" type=\"xs:int\" "
    "maxOccurs=\"unbounded\"/></xs:sequence></xs:complexType></xs:element></xs:schema>";

/* A file in a directory of its own that goes with the test. */
static const char *file_with(apr_pool_t *p, const char *text)
{
    const char *tmp = NULL;
    apr_file_t *f = NULL;
    assert_int_equal(apr_temp_dir_get(&tmp, p), APR_SUCCESS);
    char *path = apr_pstrcat(p, tmp, "/regen-test-xml-XXXXXX", NULL);
    apr_int32_t flags = APR_CREATE | APR_READ | APR_WRITE | APR_EXCL | APR_DELONCLOSE;
    assert_int_equal(apr_file_mktemp(&f, path, flags, p), APR_SUCCESS);
    assert_int_equal(apr_file_write_full(f, text, strlen(text), NULL), APR_SUCCESS);
    return path;
}

static rg_schema_t *load(apr_pool_t *p, const char *text)
{
    const char *why = NULL;
    rg_schema_t *s = rg_schema_load(p, file_with(p, text), &why);
    if (!s) {
        fail_msg("no schema: %s", why);
    }
    return s;
}

static rg_outcome_t validate(rg_schema_t *s, const char *xml, rg_problems_t *ps)
{
    return rg_schema_validate(s, xml, strlen(xml), ps);
}

static void a_schema_tells_valid_from_invalid(void **state)
{
    rg_schema_t *s = load(*state, note_schema);
    rg_problems_t *ps = rg_problems_make(*state);
    assert_int_equal(validate(s, "<note><to>x</to><n>1</n></note>", ps), RG_OK);
    assert_false(rg_problems_any(ps));
    assert_int_equal(validate(s, "<note>\n<to>x</to><n>one</n></note>", ps), RG_INVALID);
    assert_non_null(strstr(rg_problem_for(ps, NULL), "Line 2: "));
    assert_non_null(strstr(rg_problem_for(ps, NULL), "one"));
    assert_int_equal(validate(s, "<note><n>1</n></note>", NULL), RG_INVALID);
    assert_int_equal(validate(s, "<other/>", NULL), RG_INVALID);
    assert_int_equal(validate(s, "<note>", NULL), RG_INVALID);
    assert_int_equal(validate(s, "<!DOCTYPE note><note><to/><n>1</n></note>", NULL), RG_INVALID);
}

static void an_invalid_document_gives_twenty_problems_at_most(void **state)
{
    rg_schema_t *s = load(*state, note_schema);
    rg_problems_t *ps = rg_problems_make(*state);
    rg_buf_t *b = rg_buf_make(*state, 100000);
    rg_buf_puts(b, "<note><to/>");
    for (int i = 0; i < 500; i++) {
        rg_buf_puts(b, "<n>x</n>");
    }
    rg_buf_puts(b, "</note>");
    assert_int_equal(rg_schema_validate(s, b->data, b->len, ps), RG_INVALID);
    assert_int_equal(ps->list->nelts, 20);
}

/* As in HL7's schema, where libxml2 would give up after ten million steps. */
static void hl7s_patterns_are_no_trap(void **state)
{
    static const char *const patterns[][2] = {
        {"(\\s*([0-9a-zA-Z\\+/=]){4}\\s*)+", "AAAA "},
        {"((-{0,1}\\d*\\.{0,1}\\d+)|[EUL])( ((-{0,1}\\d*\\.{0,1}\\d+)|[EUL]))*", "111111111 "}};
    for (size_t i = 0; i < 2; i++) {
        rg_schema_t *s = load(
            *state,
            apr_pstrcat(*state,
                        "<xs:schema xmlns:xs=\"" XS "\"><xs:element name=\"a\"><xs:simpleType>"
                        "<xs:restriction base=\"xs:token\"><xs:pattern value=\"",
                        patterns[i][0],
                        "\"/></xs:restriction></xs:simpleType></xs:element></xs:schema>", NULL));
        rg_problems_t *ps = rg_problems_make(*state);
        const char *good = many(*state, "<a>", 5000, patterns[i][1], "</a>");
        const char *bad = many(*state, "<a>", 60, patterns[i][1], "!</a>");
        assert_int_equal(validate(s, good, ps), RG_OK);
        assert_int_equal(validate(s, bad, ps), RG_INVALID);
    }
}

static void what_is_no_schema_is_refused_with_a_reason(void **state)
{
    static const char *const wrong[] = {"", "<a", "<a/>", "<xs:schema xmlns:xs=\"" XS "\">",
                                        "<xs:schema xmlns:xs=\"" XS "\"><xs:element name=\"a\" "
                                        "type=\"nowhere\"/></xs:schema>"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *why = NULL;
        assert_null(rg_schema_load(*state, file_with(*state, wrong[i]), &why));
        assert_non_null(why);
        assert_true(strlen(why) > 5);
    }
    const char *why = NULL;
    assert_null(rg_schema_load(*state, "/nowhere/at/all.xsd", &why));
    assert_non_null(why);
}

/* A listener that must never be called upon. */
static apr_socket_t *listener(apr_pool_t *p, int *port)
{
    apr_sockaddr_t *any = NULL;
    apr_sockaddr_t *bound = NULL;
    apr_socket_t *s = NULL;
    assert_int_equal(apr_sockaddr_info_get(&any, "127.0.0.1", APR_INET, 0, 0, p), APR_SUCCESS);
    assert_int_equal(apr_socket_create(&s, APR_INET, SOCK_STREAM, 0, p), APR_SUCCESS);
    assert_int_equal(apr_socket_bind(s, any), APR_SUCCESS);
    assert_int_equal(apr_socket_listen(s, 5), APR_SUCCESS);
    assert_int_equal(apr_socket_addr_get(&bound, APR_LOCAL, s), APR_SUCCESS);
    apr_socket_timeout_set(s, 0);
    *port = bound->port;
    return s;
}

static void a_schema_never_asks_the_network(void **state)
{
    int port = 0;
    apr_socket_t *ear = listener(*state, &port);
    static const char *const forms[] = {
        "<xs:schema xmlns:xs=\"" XS "\"><xs:import namespace=\"urn:x\" "
        "schemaLocation=\"http://127.0.0.1:%d/x.xsd\"/></xs:schema>",
        "<xs:schema xmlns:xs=\"" XS "\"><xs:include "
        "schemaLocation=\"http://127.0.0.1:%d/x.xsd\"/></xs:schema>",
        "<!DOCTYPE x SYSTEM \"http://127.0.0.1:%d/x.dtd\"><xs:schema xmlns:xs=\"" XS "\"/>"};
    xmlExternalEntityLoader before = xmlGetExternalEntityLoader();
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        rg_buf_t *b = rg_buf_make(*state, 1000);
        const char *percent = strstr(forms[i], "%d");
        rg_buf_add(b, forms[i], (size_t)(percent - forms[i]));
        rg_buf_printf(b, "%d%s", port, percent + 2);
        const char *why = NULL;
        rg_schema_t *s = rg_schema_load(*state, file_with(*state, b->data), &why);
        if (i < 2) {
            assert_null(s);
            assert_non_null(strstr(why, "network"));
        }
        apr_socket_t *caller = NULL;
        assert_int_not_equal(apr_socket_accept(&caller, ear, *state), APR_SUCCESS);
    }
    assert_ptr_equal(xmlGetExternalEntityLoader(), before);
    assert_ptr_not_equal(before, xmlNoNetExternalEntityLoader); /* nor left by an earlier load */
}

static void validation_leaves_the_threads_handler_alone(void **state)
{
    rg_schema_t *s = load(*state, note_schema);
    int mine = 0;
    xmlSetStructuredErrorFunc(&mine, NULL);
    assert_int_equal(validate(s, "<other/>", NULL), RG_INVALID);
    assert_ptr_equal(xmlStructuredErrorContext, &mine);
    assert_null(xmlStructuredError);
    xmlSetStructuredErrorFunc(NULL, NULL);
}

typedef struct {
    rg_schema_t *schema;
    int wrong;
} worker_t;

static void *validate_often(void *data)
{
    worker_t *w = data;
    apr_pool_t *p = NULL;
    apr_pool_create(&p, NULL);
    for (int i = 0; i < 200; i++) {
        rg_problems_t *ps = rg_problems_make(p);
        bool good = i % 2 == 0;
        rg_outcome_t o = validate(
            w->schema, good ? "<note><to/><n>1</n></note>" : "<note><to/><n>x</n><n>y</n></note>",
            ps);
        w->wrong += o != (good ? RG_OK : RG_INVALID) || ps->list->nelts != (good ? 0 : 2);
        apr_pool_clear(p);
    }
    apr_pool_destroy(p);
    return NULL;
}

static void many_threads_share_a_schema(void **state)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    worker_t workers[THREADS];
    rg_schema_t *s = load(*state, note_schema);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker_t){.schema = s};
        assert_int_equal(pthread_create(&threads[i], NULL, validate_often, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].wrong, 0);
    }
}

/* --- HL7's own schema and examples, where they are at hand ------------------------------------ */

static char *read_file(apr_pool_t *p, const char *path, size_t *n)
{
    apr_file_t *f = NULL;
    apr_finfo_t info;
    if (apr_file_open(&f, path, APR_READ, 0, p) != APR_SUCCESS ||
        apr_file_info_get(&info, APR_FINFO_SIZE, f) != APR_SUCCESS) {
        return NULL;
    }
    *n = (size_t)info.size;
    char *bytes = apr_palloc(p, *n + 1);
    bytes[*n] = '\0';
    return apr_file_read_full(f, bytes, *n, NULL) == APR_SUCCESS ? bytes : NULL;
}

static void hl7s_examples_are_valid_and_a_broken_one_is_not(void **state)
{
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *fhir = apr_pstrcat(*state, root ? root : ".", "/../shared/data/fhir/", NULL);
    size_t n = 0;
    const char *path =
        apr_pstrcat(*state, fhir, "examples/claim-example-cms1500-medical.xml", NULL);
    char *claim = read_file(*state, path, &n);
    if (!claim) {
        print_message("skipped: HL7's examples are not here\n");
        skip();
    }
    const char *why = NULL;
    rg_schema_t *s =
        rg_schema_load(*state, apr_pstrcat(*state, fhir, "xsd/fhir-single.xsd", NULL), &why);
    if (!s) {
        fail_msg("HL7's schema does not load: %s", why);
    }
    rg_problems_t *ps = rg_problems_make(*state);
    assert_int_equal(rg_schema_validate(s, claim, n, ps), RG_OK);
    char *status = strstr(claim, "<status ");
    assert_non_null(status);
    memcpy(status, "<statuz ", 8);
    assert_int_equal(rg_schema_validate(s, claim, n, ps), RG_INVALID);
    assert_non_null(strstr(rg_problem_for(ps, NULL), "statuz"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        quiet_test(good_documents_are_read),
        quiet_test(too_much_is_refused_before_it_is_read),
        quiet_test(depth_and_names_are_bounded),
        quiet_test(only_utf_8_is_read),
        quiet_test(broken_documents_are_refused_with_a_line),
        quiet_test(any_doctype_is_refused),
        quiet_test(nested_too_deeply_is_refused),
        quiet_test(problems_are_capped),
        quiet_test(a_schema_tells_valid_from_invalid),
        quiet_test(an_invalid_document_gives_twenty_problems_at_most),
        quiet_test(hl7s_patterns_are_no_trap),
        quiet_test(what_is_no_schema_is_refused_with_a_reason),
        quiet_test(a_schema_never_asks_the_network),
        quiet_test(validation_leaves_the_threads_handler_alone),
        quiet_test(many_threads_share_a_schema),
        quiet_test(hl7s_examples_are_valid_and_a_broken_one_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
