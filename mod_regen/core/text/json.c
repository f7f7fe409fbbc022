/* SPDX-License-Identifier: Apache-2.0 */
/* Incoming JSON: jansson, strict, and only clean text inside. Web decodes API requests with it.
 * Outgoing JSON is written by render's own writer, because jansson loses the precision of
 * decimals. */
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

#include <string.h>

#include <jansson.h>

/* Own words instead of jansson's: those quote the input. */
static const char *what_is_wrong(enum json_error_code code)
{
    switch (code) {
    case json_error_premature_end_of_input: return "the document ends too early";
    case json_error_invalid_utf8: return "the text is not valid UTF-8";
    case json_error_null_character:
    case json_error_null_byte_in_key: return "strings must not contain NUL";
    case json_error_duplicate_key: return "an object has the same key twice";
    case json_error_stack_overflow: return "it is nested too deeply";
    case json_error_end_of_input_expected: return "there is text after the end of the document";
    case json_error_numeric_overflow: return "a number is too large";
    case json_error_invalid_format: return "it must be an object or an array";
    default: return "the syntax is wrong, or it is neither an object nor an array";
    }
}

static bool is_clean_json(json_t *value);

static bool clean_array(json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (!is_clean_json(json_array_get(array, i))) {
            return false;
        }
    }
    return true;
}

static bool clean_object(json_t *object)
{
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        if (!rg_text_clean(key, strlen(key)) || !is_clean_json(json_object_iter_value(at))) {
            return false;
        }
    }
    return true;
}

/* Escapes can smuggle in control characters that no raw byte may be; jansson's limit bounds the
 * depth. */
static bool is_clean_json(json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING: return rg_text_clean(json_string_value(value), json_string_length(value));
    case JSON_ARRAY: return clean_array(value);
    case JSON_OBJECT: return clean_object(value);
    default: return true;
    }
}

static apr_status_t release(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

rg_outcome_t rg_json_parse(struct json_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           rg_problems_t *problems)
{
    json_error_t error;
    bool marked =
        n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0; /* RFC 8259, 8.1: may be ignored */
    bytes += marked ? 3 : 0;
    n -= marked ? 3 : 0;
    json_t *json = json_loadb(n > 0 ? bytes : "", n, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        rg_problem_add(problems, NULL, "This is not valid JSON: %s (line %d, column %d).",
                       what_is_wrong(json_error_code(&error)), error.line, error.column);
        return RG_INVALID;
    }
    apr_pool_cleanup_register(p, json, release, apr_pool_cleanup_null);
    if (!is_clean_json(json)) {
        rg_problem_add(problems, NULL, "Strings must not contain control characters.");
        return RG_INVALID;
    }
    *out = json;
    return RG_OK;
}
