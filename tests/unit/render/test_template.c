/* SPDX-License-Identifier: Apache-2.0 */
/* The template engine beyond the published suites: what a sysadmin reads when a file is wrong, sets
 * read from a directory, escaping, indentation of parts, and what stops a template that never
 * ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/render/template.h"

static int setup(void **state)
{
    apr_pool_t *p = NULL;

    apr_pool_create(&p, NULL);
    *state = p;
    return !p;
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

/* --- helpers ---------------------------------------------------------------------------------- */

static void add(rg_templates_t *set, const char *name, const char *text)
{
    const char *why = NULL;

    if (rg_templates_add(set, name, text, strlen(text), &why) != RG_OK) {
        fail_msg("%s", why);
    }
}

static void seal(rg_templates_t *set)
{
    const char *why = NULL;

    if (rg_templates_seal(set, true, &why) != RG_OK) {
        fail_msg("%s", why);
    }
}

static void assert_renders(const rg_templates_t *set, apr_pool_t *p, const char *name,
                           const rg_val_t *v, const char *expected)
{
    rg_buf_t *out = rg_buf_make(p, 1 << 16);

    assert_int_equal(rg_template_render(set, name, v, out), RG_OK);
    assert_string_equal(out->data, expected);
}

static void assert_text(apr_pool_t *p, const char *text, const rg_val_t *v, const char *expected)
{
    rg_templates_t *set = rg_templates_make(p);

    add(set, "t.html", text);
    seal(set);
    assert_renders(set, p, "t.html", v, expected);
}

static void assert_mistake(apr_pool_t *p, const char *text, const char *expected)
{
    rg_templates_t *set = rg_templates_make(p);
    const char *why = NULL;

    assert_int_equal(rg_templates_add(set, "t.html", text, strlen(text), &why), RG_INVALID);
    assert_string_equal(why, expected);
}

/* --- mistakes --------------------------------------------------------------------------------- */

static void unescaped_output_is_refused(void **state)
{
    assert_mistake(*state, "a\n{{{x}}}",
                   "t.html:2: {{{x}}} would write unescaped text; write {{x}}, which is always "
                   "escaped");
    assert_mistake(*state, "{{& a.b }}",
                   "t.html:1: {{&a.b}} would write unescaped text; write {{a.b}}, which is always "
                   "escaped");
    assert_mistake(*state, "\n\n{{ &x }}",
                   "t.html:3: {{&x}} would write unescaped text; write {{x}}, which is always "
                   "escaped");
}

static void other_dialects_are_refused(void **state)
{
    assert_mistake(*state, "{{=<% %>=}}",
                   "t.html:1: {{=<% %>=}} would change the delimiters, which is not supported; "
                   "write every tag with {{ and }}");
    assert_mistake(*state, "{{<base}}{{/base}}",
                   "t.html:1: {{<base}} is template inheritance, which is not supported; use "
                   "partials: {{> name}}");
    assert_mistake(*state, "{{$block}}{{/block}}",
                   "t.html:1: {{$block}} is template inheritance, which is not supported; use "
                   "partials: {{> name}}");
}

static void sections_must_pair(void **state)
{
    assert_mistake(*state, "<ul>\n{{#days}}\n<li>\n",
                   "t.html:2: section {{#days}} is never closed");
    assert_mistake(*state, "{{^days}}", "t.html:1: section {{^days}} is never closed");
    assert_mistake(*state, "{{#a}}\n{{#b}}\n{{/a}}{{/b}}",
                   "t.html:3: {{/a}} cannot close section {{#b}} of line 2");
    assert_mistake(*state, "{{#a}}{{/a}}\n\n{{/a}}",
                   "t.html:3: {{/a}} closes a section that was never opened");
}

static void tags_must_be_whole(void **state)
{
    assert_mistake(*state, "x {{name", "t.html:1: {{name is never closed with }}");
    assert_mistake(*state, "\n{{name\n<p>{{other}}",
                   "t.html:2: {{name <p> is never closed with }}");
    assert_mistake(*state, "{{! never", "t.html:1: {{! never is never closed with }}");
    assert_mistake(*state, "{{", "t.html:1: {{ is never closed with }}");
    assert_mistake(*state, "{{}}", "t.html:1: {{}} has no name");
    assert_mistake(*state, "{{# }}", "t.html:1: {{#}} has no name");
}

static void names_must_be_names(void **state)
{
    static const char *const bad[] = {"{{a b}}",    "{{a..b}}", "{{.a}}",    "{{a.}}",
                                      "{{..}}",     "{{#a|b}}", "{{\"a\"}}", "{{> a.html}}",
                                      "{{> ../a}}", "{{>.}}",   "{{> /a}}",  "{{> a/}}",
                                      "{{> a//b}}", "{{a/b}}",  "{{#a/b}}",  "{{> a/../b}}"};
    const char *why = NULL;

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        rg_templates_t *set = rg_templates_make(*state);

        assert_int_equal(rg_templates_add(set, "t.html", bad[i], strlen(bad[i]), &why), RG_INVALID);
        assert_non_null(strstr(why, "a name is letters, digits, - and _"));
    }
}

static void long_names_and_deep_nesting_are_refused(void **state)
{
    char name[300];
    char *deep = apr_pstrdup(*state, "");
    const char *why = NULL;

    memset(name, 'a', sizeof(name));
    assert_int_equal(rg_templates_add(rg_templates_make(*state), "t.html",
                                      apr_psprintf(*state, "{{%.200s}}", name), 204, &why),
                     RG_INVALID);
    assert_non_null(strstr(why, "the name is too long"));
    for (int i = 0; i < 33; i++) {
        deep = apr_pstrcat(*state, deep, "{{#a}}", NULL);
    }
    assert_int_equal(
        rg_templates_add(rg_templates_make(*state), "t.html", deep, strlen(deep), &why),
        RG_INVALID);
    assert_non_null(strstr(why, "more than 32 sections inside each other"));
}

static void bytes_must_be_text(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    const char *why = NULL;

    assert_int_equal(rg_templates_add(set, "t.html", "ok\nok\nbad \xff\n", 12, &why), RG_INVALID);
    assert_non_null(strstr(why, "t.html:3: not UTF-8"));
    assert_int_equal(rg_templates_add(set, "t.html", "a\0b", 3, &why), RG_INVALID);
    assert_non_null(strstr(why, "t.html:1: not UTF-8"));
}

static void missing_parts_are_all_named(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    const char *why = NULL;

    add(set, "a.html", "x\n{{> part/nope}}\n{{>b}}");
    add(set, "b.html", "{{> mail}}");
    add(set, "mail.txt", "hello");
    assert_int_equal(rg_templates_seal(set, true, &why), RG_INVALID);
    assert_string_equal(why, "a.html:2: {{> part/nope}}: there is no part/nope.html\n"
                             "b.html:1: {{> mail}}: there is no mail.html");
}

/* --- values ----------------------------------------------------------------------------------- */

static void everything_is_escaped(void **state)
{
    rg_val_t *v = rg_val_object(*state);

    rg_val_str(v, "x", "<script>\"&'</script>");
    assert_text(*state, "<a title=\"{{x}}\" rel='{{x}}'>{{x}}</a>", v,
                "<a title=\"&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;\" "
                "rel='&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;'>"
                "&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;</a>");
}

static void tags_in_values_are_text(void **state)
{
    rg_val_t *v = rg_val_object(*state);

    rg_val_str(v, "x", "{{y}}{{> t}}");
    rg_val_str(v, "y", "no");
    assert_text(*state, "{{x}}", v, "{{y}}{{&gt; t}}");
}

static void text_files_are_not_escaped(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    rg_val_t *v = rg_val_object(*state);

    rg_val_str(v, "name", "Mary O'Brien & Sons");
    add(set, "mail.txt", "Dear {{name}},\n{{> end}}\n");
    add(set, "end.txt", "Yours, {{name}}");
    add(set, "end.html", "<p>{{name}}</p>");
    seal(set);
    assert_renders(set, *state, "mail.txt", v,
                   "Dear Mary O'Brien & Sons,\nYours, Mary O'Brien & Sons");
    assert_renders(set, *state, "end", v, "<p>Mary O&#39;Brien &amp; Sons</p>");
}

static void what_is_not_text_writes_nothing(void **state)
{
    rg_val_t *v = rg_val_object(*state);

    rg_val_bool(v, "yes", true);
    rg_val_add(rg_val_set_list(v, "list"));
    rg_val_set(v, "object", rg_val_object(*state));
    assert_text(*state, "[{{yes}}{{list}}{{object}}{{absent}}{{.}}{{list.a}}{{yes.a}}]", v, "[]");
    assert_text(*state, "[{{.}}{{a}}{{#.}}x{{/.}}]", NULL, "[]");
}

static void lists_without_items_are_false(void **state)
{
    rg_val_t *v = rg_val_object(*state);

    rg_val_set_list(v, "days");
    assert_text(*state, "{{#days}}day{{/days}}{{^days}}none{{/days}}", v, "none");
    rg_val_str(rg_val_add(rg_val_set_list(v, "days")), "n", "1");
    rg_val_str(rg_val_add(rg_val_set_list(v, "days")), "n", "2");
    assert_text(*state, "{{#days}}day {{n}} {{/days}}{{^days}}none{{/days}}", v, "day 1 day 2 ");
}

/* --- parts ------------------------------------------------------------------------------------ */

static void values_are_not_indented(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    rg_val_t *v = rg_val_object(*state);

    rg_val_str(v, "content", "<\n->");
    add(set, "t.html", "\\\n {{>partial}}\n/\n");
    add(set, "partial.html", "|\n{{content}}\n|\n");
    seal(set);
    assert_renders(set, *state, "t", v, "\\\n |\n &lt;\n-&gt;\n |\n/\n");
}

static void indentation_adds_up(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    rg_val_t *v = rg_val_object(*state);

    rg_val_bool(v, "yes", true);
    rg_val_str(v, "x", "X");
    add(set, "t.html", "<ul>\n  {{> outer}}\n</ul>\n");
    add(set, "outer.html",
        "<li>\n{{#yes}}\n  {{> inner}}\n{{/yes}}\n\n{{x}} {{> inline}}\n</li>\n");
    add(set, "inner.html", "{{#yes}}one{{/yes}}\n{{! gone }}\n{{x}}\n");
    add(set, "inline.html", "a\nb");
    seal(set);
    assert_renders(set, *state, "t", v,
                   "<ul>\n  <li>\n    one\n    X\n\n  X a\nb\n  </li>\n</ul>\n");
}

static rg_val_t *chain(apr_pool_t *p, int depth)
{
    rg_val_t *root = rg_val_object(p);
    rg_val_t *v = root;

    for (int i = 1; i < depth; i++) {
        v = rg_val_add(rg_val_set_list(v, "nodes"));
    }
    rg_val_set_list(v, "nodes"); /* empty, or the lookup would find an outer one for ever */
    return root;
}

static void recursion_follows_the_data_but_ends(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    rg_buf_t *out = rg_buf_make(*state, 1 << 16);

    add(set, "node.html", "<{{#nodes}}{{>node}}{{/nodes}}>");
    add(set, "loop.html", "x{{>loop}}");
    seal(set);
    assert_renders(set, *state, "node", chain(*state, 3), "<<<>>>");
    assert_int_equal(rg_template_render(set, "node", chain(*state, RG_TEMPLATE_DEPTH + 1), out),
                     RG_OK);
    assert_int_equal(rg_template_render(set, "node", chain(*state, RG_TEMPLATE_DEPTH + 2), out),
                     RG_TOO_LARGE);
    assert_int_equal(rg_template_render(set, "loop", NULL, rg_buf_make(*state, 1 << 16)),
                     RG_TOO_LARGE);
}

static void multiplying_templates_are_stopped(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    rg_val_t *v = rg_val_object(*state);
    char *text = "";

    for (int i = 0; i < 10; i++) {
        rg_val_push(rg_val_set_list(v, "l"), rg_val_string(*state, "x"));
    }
    for (int i = 0; i < 30; i++) {
        text = apr_pstrcat(*state, "{{#l}}", text, "{{/l}}", NULL);
    }
    add(set, "t.html", text);
    seal(set);
    assert_int_equal(rg_template_render(set, "t", v, rg_buf_make(*state, 1 << 16)), RG_TOO_LARGE);
}

static void the_cap_of_the_buffer_holds(void **state)
{
    rg_templates_t *set = rg_templates_make(*state);
    rg_buf_t *out = rg_buf_make(*state, 10);

    add(set, "t.html", "12345");
    add(set, "u.html", "{{> t}}{{> t}}{{> t}}");
    seal(set);
    assert_int_equal(rg_template_render(set, "t", NULL, out), RG_OK);
    assert_int_equal(rg_template_render(set, "t", NULL, out), RG_OK);
    assert_int_equal(rg_template_render(set, "t", NULL, out), RG_TOO_LARGE);
    assert_int_equal(rg_template_render(set, "u", NULL, rg_buf_make(*state, 14)), RG_TOO_LARGE);
    assert_int_equal(rg_template_render(set, "none", NULL, out), RG_NOT_FOUND);
}

/* --- a directory ------------------------------------------------------------------------------ */

static const char *make_dir(apr_pool_t *p)
{
    const char *base = getenv("TMPDIR");
    char *dir = apr_pstrcat(p, base ? base : "/var/tmp", "/regen-templates-XXXXXX", NULL);

    assert_non_null(mkdtemp(dir));
    return dir;
}

static void put_file(apr_pool_t *p, const char *dir, const char *name, const char *text)
{
    FILE *f = fopen(apr_pstrcat(p, dir, "/", name, NULL), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    fclose(f);
}

static void remove_dir(apr_pool_t *p, const char *dir, const char *const *names)
{
    for (; *names; names++) {
        remove(apr_pstrcat(p, dir, "/", *names, NULL));
    }
    assert_int_equal(rmdir(dir), 0);
}

static void put_folder(apr_pool_t *p, const char *dir, const char *name)
{
    assert_int_equal(mkdir(apr_pstrcat(p, dir, "/", name, NULL), 0755), 0);
}

static void a_directory_is_a_set(void **state)
{
    static const char *const files[] = {"page/a.html",
                                        "part/x.html",
                                        "mail/a.txt",
                                        "page/a.html~",
                                        "page/.#a.html",
                                        ".old/a.html",
                                        "page/deep/a.html",
                                        "page/deep",
                                        "README.md",
                                        "page",
                                        "part",
                                        "mail",
                                        ".old",
                                        NULL};
    const char *dir = make_dir(*state);
    rg_templates_t *set = NULL;
    const char *why = NULL;

    for (int i = 0; i < 5; i++) {
        static const char *const folders[] = {"page", "part", "mail", ".old", "page/deep"};
        put_folder(*state, dir, folders[i]);
    }
    put_file(*state, dir, "page/a.html", "<p>{{> part/x}}</p>");
    put_file(*state, dir, "part/x.html", "{{.}}");
    put_file(*state, dir, "mail/a.txt", "{{.}}");
    put_file(*state, dir, "page/a.html~", "{{broken");
    put_file(*state, dir, "page/.#a.html", "{{broken");
    put_file(*state, dir, "page/deep/a.html", "{{broken");
    put_file(*state, dir, ".old/a.html", "{{broken");
    put_file(*state, dir, "README.md", "{{broken");
    assert_int_equal(rg_templates_load(&set, *state, dir, &why), RG_OK);
    assert_null(why);
    assert_true(rg_templates_has(set, "page/a.html"));
    assert_true(rg_templates_has(set, "page/a"));
    assert_true(rg_templates_has(set, "mail/a.txt"));
    assert_false(rg_templates_has(set, "a"));
    assert_false(rg_templates_has(set, "mail/a"));
    assert_renders(set, *state, "page/a", rg_val_string(*state, "<x>"), "<p>&lt;x&gt;</p>");
    remove_dir(*state, dir, files);
}

static void every_broken_file_is_named(void **state)
{
    static const char *const files[] = {"x/a.html", "x/b.html", "y/ok.html", "x", "y", NULL};
    const char *dir = make_dir(*state);
    rg_templates_t *set = NULL;
    const char *why = NULL;

    put_folder(*state, dir, "x");
    put_folder(*state, dir, "y");
    put_file(*state, dir, "x/a.html", "\n{{#a}}");
    put_file(*state, dir, "x/b.html", "{{{b}}}");
    put_file(*state, dir, "y/ok.html", "{{> x/a}}");
    assert_int_equal(rg_templates_load(&set, *state, dir, &why), RG_INVALID);
    assert_string_equal(
        why,
        apr_psprintf(*state,
                     "%s/x/a.html:2: section {{#a}} is never closed\n%s/x/b.html:1: {{{b}}} would "
                     "write unescaped text; write {{b}}, which is always escaped",
                     dir, dir));
    remove_dir(*state, dir, files);
}

static void useless_directories_are_mistakes(void **state)
{
    static const char *const files[] = {"x/big.html", "x", NULL};
    const char *dir = make_dir(*state);
    size_t n = (1 << 20) + 1;
    char *big = malloc(n + 1);
    rg_templates_t *set = NULL;
    const char *why = NULL;

    assert_int_equal(rg_templates_load(&set, *state, dir, &why), RG_INVALID);
    assert_non_null(strstr(why, "no *.html or *.txt in the folders of this directory"));
    assert_int_equal(rg_templates_load(&set, *state, "/nonexistent/templates", &why), RG_INVALID);
    assert_non_null(strstr(why, "/nonexistent/templates: No such file or directory"));
    put_file(*state, dir, "head.html", "hello");
    assert_int_equal(rg_templates_load(&set, *state, dir, &why), RG_INVALID);
    assert_non_null(strstr(why, "/head.html: templates are in folders now"));
    remove(apr_pstrcat(*state, dir, "/head.html", NULL));
    memset(big, 'x', n);
    big[n] = '\0';
    put_folder(*state, dir, "x");
    put_file(*state, dir, "x/big.html", big);
    assert_int_equal(rg_templates_load(&set, *state, dir, &why), RG_INVALID);
    assert_non_null(strstr(why, "x/big.html"));
    assert_non_null(strstr(why, "is larger than 1 MiB"));
    free(big);
    remove_dir(*state, dir, files);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(unescaped_output_is_refused),
        T(other_dialects_are_refused),
        T(sections_must_pair),
        T(tags_must_be_whole),
        T(names_must_be_names),
        T(long_names_and_deep_nesting_are_refused),
        T(bytes_must_be_text),
        T(missing_parts_are_all_named),
        T(everything_is_escaped),
        T(tags_in_values_are_text),
        T(text_files_are_not_escaped),
        T(what_is_not_text_writes_nothing),
        T(lists_without_items_are_false),
        T(values_are_not_indented),
        T(indentation_adds_up),
        T(recursion_follows_the_data_but_ends),
        T(multiplying_templates_are_stopped),
        T(the_cap_of_the_buffer_holds),
        T(a_directory_is_a_set),
        T(every_broken_file_is_named),
        T(useless_directories_are_mistakes),
    };

    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
