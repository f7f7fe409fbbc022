/* SPDX-License-Identifier: Apache-2.0 */
/* A version of a fee schedule as a file: comma-separated values in UTF-8, one line of the schedule
 * a line. What is written is read back to the same bytes. */
#include "mod_regen/clinic/fees/fees.h"
#include "regen/clinic/fees.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/definition.h"
#include "regen/model/fees.h"

#include <string.h>

#include <apr_strings.h>

#define BOM "\xEF\xBB\xBF"

/* Files of before schema 68 end with the description. */
enum { DESCRIPTION = 10, APPLIES = 11, COLUMNS = 12, PROBLEMS_MOST = RG_FEE_PROBLEMS_MOST };

/* After the service, the fields of a line as rg_fee_fields names them; a currency is before its
 * amount. */
static const char *const columns[COLUMNS] = {
    "service", "step_kind", "code_system", "code",     "modifiers",   "side_modifier",
    "units",   "currency",  "unit_price",  "on_claim", "description", "applies"};

typedef struct {
    const rg_ctx_t *ctx;
    const char *at, *end;
    int line;    /* of AT, from 1 */
    int columns; /* that the file has */
    int problems;
} csv_t;

static void wrong(csv_t *c, int line, const char *column, const char *text)
{
    if (c->problems++ < PROBLEMS_MOST) {
        rg_problem_add(c->ctx->problems, "csv", "Line %d%s%s: %s", line, column ? ", " : "",
                       column ? column : "", text);
    }
}

/* --- cells ------------------------------------------------------------------------------------ */

/* Behind the closing quote of the cell that begins at AT; NULL: there is none. */
static const char *end_of_quoted(const csv_t *c)
{
    for (const char *at = c->at + 1; at < c->end; at++) {
        if (*at != '"') {
            continue;
        }
        if (at + 1 == c->end || at[1] != '"') {
            return at + 1;
        }
        at++;
    }
    return NULL;
}

/* The text in quotes; AT is behind the closing one. A cell has one line. */
static const char *quoted_cell(csv_t *c, bool *ok)
{
    const char *end = end_of_quoted(c);
    if (!end) {
        *ok = false;
        return "";
    }
    char *out = apr_palloc(c->ctx->pool, (apr_size_t)(end - c->at));
    char *to = out;
    for (const char *at = c->at + 1; at < end - 1; at++) {
        at += *at == '"';
        *ok = *ok && *at != '\n' && *at != '\r';
        *to++ = *at;
    }
    *to = '\0';
    c->at = end;
    return out;
}

static const char *plain_cell(csv_t *c)
{
    const char *from = c->at;
    while (c->at < c->end && *c->at != ',' && *c->at != '\n' && *c->at != '\r') {
        c->at++;
    }
    return apr_pstrmemdup(c->ctx->pool, from, (apr_size_t)(c->at - from));
}

/* The cells of one line; how many there are, and -1 if a quote is wrong, which ends the file. */
static int read_cells(csv_t *c, const char *cells[COLUMNS])
{
    int count = 0;
    bool ok = true;
    for (bool more = true; more; count++) {
        const char *cell = c->at < c->end && *c->at == '"' ? quoted_cell(c, &ok) : plain_cell(c);
        if (count < COLUMNS) {
            cells[count] = cell;
        }
        more = c->at < c->end && *c->at == ',';
        ok = ok && (more || c->at == c->end || *c->at == '\n' || *c->at == '\r');
        if (!ok) {
            return -1;
        }
        c->at += more;
    }
    c->at += c->at < c->end && *c->at == '\r';
    c->at += c->at < c->end && *c->at == '\n';
    c->line++;
    return count;
}

/* --- lines ------------------------------------------------------------------------------------ */

static const rg_field_t *fee_field(const char *name)
{
    for (const rg_field_t *f = rg_fee_fields; f->name; f++) {
        if (strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

/* "RT" and "LT" come from the booked side; four modifiers fit on a claim. */
static const char *modifiers_wrong(const rg_fee_line_t *l)
{
    size_t n = strlen(l->modifiers);
    bool fits = n == 0 || (n % 3 == 2 && n <= (l->side_modifier ? 8 : RG_FEE_MODIFIER_LEN));
    for (size_t i = 0; fits && i < n; i++) {
        const char m = l->modifiers[i];
        fits = i % 3 == 2 ? m == ' ' : (m >= 'A' && m <= 'Z') || (m >= '0' && m <= '9');
    }
    if (!fits) {
        return "Use at most four modifiers of two letters or digits, separated by blanks; the side "
               "is one of them.";
    }
    return strstr(l->modifiers, "RT") || strstr(l->modifiers, "LT")
               ? "The side comes from the booking: say true in side_modifier."
               : NULL;
}

/* What would keep a claim with this line from being sent. */
static const char *claim_wrong(apr_pool_t *p, const rg_fee_line_t *l)
{
    const char *list[RG_FEE_MODIFIERS + 1] = {NULL};
    char *rest = apr_pstrdup(p, l->modifiers);
    char *last = NULL;
    int n = 0;
    for (char *m = apr_strtok(rest, " ", &last); m && n < RG_FEE_MODIFIERS;
         m = apr_strtok(NULL, " ", &last)) {
        list[n++] = m;
    }
    if (l->side_modifier && n < RG_FEE_MODIFIERS) {
        list[n] = "RT"; /* LT is refused with the same ones */
    }
    rg_problems_t *problems = rg_problems_make(p);
    rg_modifiers_check(list, l->units == 1, NULL, problems);
    return rg_problem_first(problems);
}

/* Codes are stored as ASCII. */
static const char *code_wrong(const char *text)
{
    for (const char *at = text; *at; at++) {
        if (*at < ' ' || *at > '~') {
            return "Use letters without accents, digits and signs of an English keyboard only.";
        }
    }
    return NULL;
}

/* What a spreadsheet would run; it does not mind blanks before it. */
static bool is_formula(const char *text)
{
    text += strspn(text, " \t");
    return *text != '\0' && strchr("=+-@", *text);
}

/* A target is known by its injection, and its line by its side: which that is comes from what was
 * injected, never from a modifier here. Both sides at one price are one unit on a claim. */
static const char *applies_wrong(const rg_fee_line_t *l)
{
    int applies = rg_fee_applies_parse(l->applies);
    if (applies == RG_FEE_VISIT) {
        return NULL;
    }
    if (l->step_kind != RG_STEP_INJECT) {
        return "Only a line of the step inject can be charged for each target.";
    }
    if (applies == RG_FEE_BILATERAL && (l->units != 1 || !l->side_modifier)) {
        return "A line for both sides has 1 unit, and true in side_modifier.";
    }
    if (!l->side_modifier) {
        return "A line for each target has true in side_modifier: its side tells the targets "
               "apart.";
    }
    if (strstr(l->modifiers, "50")) {
        return "Leave 50 out of the modifiers: the sides come from what was injected.";
    }
    return strlen(l->modifiers) > RG_FEE_OF_TARGET_LEN
               ? "Use at most two modifiers: the side and XS, for another part of the body, take "
                 "two of the four places."
               : NULL;
}

static bool read_fee_line(csv_t *c, int line, const char *const cells[COLUMNS], rg_fee_entry_t *e)
{
    int before = c->problems;
    rg_fields_usual(c->ctx->pool, rg_fee_fields, &e->line);
    e->service_code = cells[0];
    for (int i = 1; i < c->columns; i++) {
        const rg_field_t *f = fee_field(columns[i]);
        const char *says = rg_field_set(c->ctx->pool, f, &e->line, cells[i]);
        if (!says && (i == 2 || i == 3 || i == DESCRIPTION) && is_formula(cells[i])) {
            says = "Begin with a letter or a digit: a spreadsheet would take this for a formula.";
        }
        if (!says && (i == 2 || i == 3)) {
            says = code_wrong(cells[i]);
        }
        if (says) {
            wrong(c, line, columns[i], says);
        }
    }
    const char *says = c->problems == before ? modifiers_wrong(&e->line) : NULL;
    if (c->problems == before && !says && e->line.on_claim) {
        says = claim_wrong(c->ctx->pool, &e->line);
    }
    if (says) {
        wrong(c, line, "modifiers", says);
    }
    says = c->problems == before ? applies_wrong(&e->line) : NULL;
    if (says) {
        wrong(c, line, "applies", says);
    }
    return c->problems == before;
}

static bool is_head(csv_t *c)
{
    const char *cells[COLUMNS];
    c->columns = read_cells(c, cells);
    bool right = c->columns == COLUMNS || c->columns == COLUMNS - 1;
    for (int i = 0; right && i < c->columns; i++) {
        right = strcmp(cells[i], columns[i]) == 0;
    }
    return right;
}

static const char *bytes_wrong(const char *bytes, size_t n)
{
    bool wide = n >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
    if (wide || memchr(bytes, '\0', n) || !rg_text_clean(bytes, n)) {
        return "The file is not UTF-8 text. Save it as “CSV UTF-8”.";
    }
    return n == 0 ? "The file is empty." : NULL;
}

static void read_fee_lines(csv_t *c, rg_fee_entry_t *entries, int *count)
{
    while (c->at < c->end) {
        const char *cells[COLUMNS];
        int line = c->line;
        int got = read_cells(c, cells);
        if (got < 0) {
            wrong(c, line, NULL, "A quotation mark is not closed, or stands inside of a cell.");
            return;
        }
        if (got == 1 && cells[0][0] == '\0') {
            continue;
        }
        if (got != c->columns) {
            wrong(c, line, NULL,
                  apr_psprintf(c->ctx->pool,
                               "There are %d columns instead of %d. Amounts have a point, like "
                               "4600.00; a text with a comma is in quotation marks.",
                               got, c->columns));
        }
        else if (*count >= RG_FEE_ROWS_MOST) {
            wrong(c, line, NULL, "The file has too many lines.");
            return;
        }
        else if (read_fee_line(c, line, cells, &entries[*count])) {
            entries[(*count)++].line.line_no = line; /* until the lines are numbered */
        }
    }
}

rg_outcome_t rg_fee_file_read(rg_fee_entry_t **out, int *count, const rg_ctx_t *ctx,
                              const char *bytes, size_t n)
{
    const char *says = bytes_wrong(bytes, n);
    csv_t c = {.ctx = ctx, .at = bytes, .end = bytes + n, .line = 1};
    int rows = 1;
    *count = 0;
    if (says) {
        rg_problem_add(ctx->problems, "csv", "%s", says);
        return RG_INVALID;
    }
    c.at += n >= 3 && memcmp(bytes, BOM, 3) == 0 ? 3 : 0;
    if (!is_head(&c)) {
        rg_problem_add(ctx->problems, "csv",
                       "The first line must be the names of the columns, separated by commas: %s",
                       rg_fee_file_head());
        return RG_INVALID;
    }
    for (const char *at = c.at; at < c.end && rows <= RG_FEE_ROWS_MOST; at++) {
        rows += *at == '\n' || *at == '\r';
    }
    *out = apr_pcalloc(ctx->pool, sizeof(**out) * (size_t)(rows + 1));
    read_fee_lines(&c, *out, count);
    if (c.problems > PROBLEMS_MOST) {
        rg_problem_add(ctx->problems, "csv", "And %d more.", c.problems - PROBLEMS_MOST);
    }
    if (c.problems == 0 && *count == 0) {
        rg_problem_add(ctx->problems, "csv", "The file has no lines below the names.");
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : RG_OK;
}

/* --- writing ---------------------------------------------------------------------------------- */

const char *rg_fee_file_head(void)
{
    return "service,step_kind,code_system,code,modifiers,side_modifier,units,currency,unit_price,"
           "on_claim,description,applies";
}

static void write_cell(rg_buf_t *b, const char *text)
{
    if (!strpbrk(text, ",\"")) {
        rg_buf_puts(b, text);
        return;
    }
    rg_buf_puts(b, "\"");
    for (const char *at = text; *at; at++) {
        rg_buf_add(b, at, 1);
        if (*at == '"') {
            rg_buf_puts(b, "\"");
        }
    }
    rg_buf_puts(b, "\"");
}

rg_outcome_t rg_fee_file_write(rg_buf_t *out, const rg_fee_entry_t *entries, int count)
{
    rg_buf_puts(out, rg_fee_file_head());
    rg_buf_puts(out, "\n");
    for (int i = 0; i < count; i++) {
        write_cell(out, entries[i].service_code);
        for (int k = 1; k < COLUMNS; k++) {
            rg_buf_puts(out, ",");
            write_cell(out, rg_field_get(out->pool, fee_field(columns[k]), &entries[i].line));
        }
        rg_buf_puts(out, "\n");
    }
    return out->overflow ? RG_TOO_LARGE : RG_OK;
}
