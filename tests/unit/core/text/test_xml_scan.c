/* SPDX-License-Identifier: Apache-2.0 */
/* What an XML document may ask of its reader: each limit, one below and one above, and what looks
 * like markup and is none. test_xml.c says the same of whole documents. */
#include <stdlib.h>

#include <apr_strings.h>

#include "core_test.h"
#include "regen/core/xml.h"

static const char *repeated(apr_pool_t *p, const char *text, int count)
{
    size_t n = strlen(text);
    char *out = apr_palloc(p, n * (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        memcpy(out + n * (size_t)i, text, n);
    }
    out[n * (size_t)count] = '\0';
    return out;
}

/* In memory of its own size, so that AddressSanitizer sees one byte too far. */
static const char *excess(const char *text)
{
    size_t n = strlen(text);
    char *copy = malloc(n > 0 ? n : 1);
    assert_non_null(copy);
    memcpy(copy, text, n);
    const char *said = rg_xml_excess(copy, n);
    free(copy);
    return said;
}

static void about(const char *text, const char *word)
{
    const char *said = excess(text);
    assert_non_null(said);
    assert_non_null(strstr(said, word));
}

static void limits(void **state)
{
    apr_pool_t *p = *state;
    static const struct {
        const char *before;
        const char *one;
        const char *after;
        const char *word;
        int most;
    } each[] = {{"<a", " b='1'", "/>", "attributes", 64},
                {"<a>", "<b xmlns='x'/>", "</a>", "namespaces", 64},
                {"", "<a>", "", "deeply", 100},
                {"<a>", "<b/>", "</a>", "elements", 49999},
                {"<", "a", "/>", "name", 256},
                {"<a ", "b", "='1'/>", "name", 256}};
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        const char *most = repeated(p, each[i].one, each[i].most);
        assert_null(excess(apr_pstrcat(p, each[i].before, most, each[i].after, NULL)));
        about(apr_pstrcat(p, each[i].before, most, each[i].one, each[i].after, NULL), each[i].word);
    }
}

static void depth_ends_with_its_element(void **state)
{
    apr_pool_t *p = *state;
    assert_null(excess(apr_pstrcat(p, "<a>", repeated(p, "<b><c/></b>", 1000), "</a>", NULL)));
    assert_null(excess(apr_pstrcat(p, "<a>", repeated(p, "<c x='/>' />", 1000), "</a>", NULL)));
}

static void no_markup(void **state)
{
    apr_pool_t *p = *state;
    const char *many = repeated(p, "<a>", 200);
    const char *equal = repeated(p, "=", 200);
    assert_null(excess(apr_pstrcat(p, "<a><!--", many, "--></a>", NULL)));
    assert_null(excess(apr_pstrcat(p, "<a><![CDATA[", many, "]]></a>", NULL)));
    assert_null(excess(apr_pstrcat(p, "<?x ", many, "?><a/>", NULL)));
    assert_null(excess(apr_pstrcat(p, "<a b=\"", equal, "\"/>", NULL)));
    assert_null(excess(apr_pstrcat(p, "<a b='\">", equal, "'/>", NULL)));
    assert_null(excess(apr_pstrcat(p, "<a>", equal, "</a>", NULL)));
    about(apr_pstrcat(p, "<a><!-- -->", many, NULL), "deeply");
    about(apr_pstrcat(p, "<a><![CDATA[ ]]>", many, NULL), "deeply");
    about(apr_pstrcat(p, "<?x ?>", many, NULL), "deeply");
}

static void cut_anywhere(void **state)
{
    static const char text[] = "<?x y?><a b='c' xmlns:d=\"e\"><!-- f --><![CDATA[g]]><h/></a>";
    (void)state;
    for (size_t n = 0; n <= sizeof(text) - 1; n++) {
        char part[sizeof(text)] = "";
        memcpy(part, text, n);
        assert_null(excess(part));
    }
    assert_null(rg_xml_excess("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(limits), pool_test(depth_ends_with_its_element),
                                       pool_test(no_markup), pool_test(cut_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
