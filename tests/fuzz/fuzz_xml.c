/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as XML, and against a small schema. Beyond not crashing: what is accepted has no DTD
 * and reads back after it is written out, and what is refused comes with clean words. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "regen/core.h"

static const char schema_text[] =
    "<s:schema xmlns:s=\"http://www.w3.org/2001/XMLSchema\"><s:element name=\"a\"><s:complexType>"
    "<s:sequence><s:element name=\"b\" type=\"s:date\" minOccurs=\"0\" maxOccurs=\"9\"/>"
    "</s:sequence><s:attribute name=\"c\" type=\"s:decimal\"/></s:complexType></s:element>"
    "</s:schema>";

static apr_pool_t *forever;
static rg_schema_t *schema;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *tmp = NULL;
    const char *why = NULL;
    apr_file_t *f = NULL;
    apr_initialize();
    atexit(apr_terminate);
    rg_xml_init();
    apr_pool_create(&forever, NULL);
    apr_temp_dir_get(&tmp, forever);
    char *path = apr_pstrcat(forever, tmp, "/regen-fuzz-xml-XXXXXX", NULL);
    if (apr_file_mktemp(&f, path, 0, forever) != APR_SUCCESS) {
        return 1;
    }
    apr_file_write_full(f, schema_text, strlen(schema_text), NULL);
    schema = rg_schema_load(forever, path, &why);
    apr_file_close(f);
    return schema == NULL;
}

static void check_words(const rg_problems_t *problems)
{
    for (int i = 0; i < problems->list->nelts; i++) {
        const char *words = APR_ARRAY_IDX(problems->list, i, rg_problem_t).text;
        if (!rg_text_clean(words, strlen(words))) {
            abort();
        }
    }
}

static void check_again(apr_pool_t *p, xmlDocPtr doc)
{
    xmlChar *text = NULL;
    int n = 0;
    xmlDocPtr again = NULL;
    if (doc->intSubset || doc->extSubset || !xmlDocGetRootElement(doc)) {
        abort();
    }
    xmlDocDumpMemoryEnc(doc, &text, &n, "UTF-8");
    if (!text || rg_xml_parse(&again, p, (const char *)text, (size_t)n, NULL) != RG_OK) {
        abort();
    }
    xmlFree(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    apr_pool_t *p = NULL;
    xmlDocPtr doc = NULL;
    if (!schema && LLVMFuzzerInitialize(NULL, NULL) != 0) {
        abort();
    }
    apr_pool_create(&p, NULL);
    rg_problems_t *problems = rg_problems_make(p);
    rg_outcome_t outcome = rg_xml_parse(&doc, p, bytes, size, problems);
    if (outcome == RG_OK) {
        check_again(p, doc);
    }
    else if (doc || !rg_problems_any(problems)) {
        abort();
    }
    rg_problems_t *more = rg_problems_make(p);
    if (rg_schema_validate(schema, bytes, size, more) == RG_OK && outcome != RG_OK) {
        abort();
    }
    check_words(problems);
    check_words(more);
    apr_pool_destroy(p);
    return 0;
}
