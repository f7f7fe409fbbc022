/* SPDX-License-Identifier: Apache-2.0 */
/* A letter as RFC 5322 and MIME. Everything is ASCII when it leaves: headers as encoded words (RFC
 * 2047), texts as quoted-printable, the calendar file as base64, so that no server on the way has a
 * reason to change a byte. Controls never reach a header. */
#include "mod_regen/core/mail/mail_int.h"
#include "regen/core/text.h"

#include <stdint.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* --- addresses -------------------------------------------------------------------------------- */

enum { LOCAL_MOST = 64, ADDRESS_MOST = 254 };

/* RFC 5321's Dot-string; nobody has a quoted one. */
static bool is_local(const char *s, size_t n)
{
    static const char others[] = "!#$%&'*+-/=?^_`{|}~";
    if (n == 0 || n > LOCAL_MOST || s[0] == '.' || s[n - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        bool dot = s[i] == '.' && s[i + 1] != '.';
        if ((unsigned char)s[i] >= 0x80 || (!apr_isalnum(s[i]) && !strchr(others, s[i]) && !dot)) {
            return false;
        }
    }
    return true;
}

const char *rg_mail_address(apr_pool_t *p, const char *email)
{
    const char *at = email ? strrchr(email, '@') : NULL;
    size_t n = at ? (size_t)(at - email) : 0;
    const char *domain = at ? rg_fold_domain(p, at + 1) : NULL;
    if (!domain || domain[0] == '\0' || !is_local(email, n)) {
        return NULL;
    }
    for (const char *s = domain; *s != '\0'; s++) {
        if (!apr_isalnum(*s) && *s != '-' && *s != '.') {
            return NULL;
        }
    }
    const char *whole = apr_pstrcat(p, apr_pstrmemdup(p, email, n), "@", domain, NULL);
    return strlen(whole) <= ADDRESS_MOST ? whole : NULL;
}

bool rg_mail_mailbox(const char **name, const char **address, apr_pool_t *p, const char *arg)
{
    const char *open = strrchr(arg, '<');
    size_t n = strlen(arg);
    *name = NULL;
    if (!open) {
        *address = rg_mail_address(p, arg);
        return *address != NULL;
    }
    if (arg[n - 1] != '>' || !rg_text_clean(arg, n) || strpbrk(arg, "\r\n\t")) {
        return false;
    }
    *address = rg_mail_address(p, apr_pstrmemdup(p, open + 1, (size_t)(arg + n - open) - 2));
    *name = rg_text_tidy(p, apr_pstrmemdup(p, arg, (size_t)(open - arg)));
    *name = **name != '\0' ? *name : NULL;
    return *address && (!*name || !strpbrk(*name, "<>"));
}

/* --- headers ---------------------------------------------------------------------------------- */

enum { WORD_BYTES = 42, LINE_MOST = 76 };

static void put_base64(rg_buf_t *out, const unsigned char *s, size_t n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t b = (uint32_t)s[i] << 16 | (i + 1 < n ? (uint32_t)s[i + 1] << 8 : 0) |
                     (i + 2 < n ? s[i + 2] : 0);
        char four[] = {letters[b >> 18], letters[b >> 12 & 63],
                       i + 1 < n ? letters[b >> 6 & 63] : '=', i + 2 < n ? letters[b & 63] : '='};
        rg_buf_add(out, four, sizeof(four));
    }
}

/* Controls become blanks: a line break in a name is no header. */
static const char *one_line(apr_pool_t *p, const char *s)
{
    char *copy = apr_pstrdup(p, s);
    for (char *c = copy; *c != '\0'; c++) {
        *c = apr_iscntrl(*c) ? ' ' : *c;
    }
    return copy;
}

static bool needs_no_words(const char *s)
{
    while (*s != '\0' && (unsigned char)*s < 0x80) {
        s++;
    }
    return *s == '\0';
}

/* Encoded words of whole letters, one a line. */
static void put_words(rg_buf_t *out, const char *s)
{
    const char *gap = "";
    while (*s != '\0') {
        size_t n = strlen(s);
        if (n > WORD_BYTES) {
            n = WORD_BYTES;
            while (n > 1 && ((unsigned char)s[n] & 0xc0) == 0x80) {
                n--;
            }
        }
        rg_buf_puts(out, gap);
        rg_buf_puts(out, "=?UTF-8?B?");
        put_base64(out, (const unsigned char *)s, n);
        rg_buf_puts(out, "?=");
        gap = "\r\n ";
        s += n;
    }
}

/* ASCII that needs no encoding, folded at blanks; what has no blank in reach is encoded. */
static bool put_folded(rg_buf_t *out, const char *s, size_t used)
{
    for (const char *w = s; *w != '\0'; w += strcspn(w, " "), w += strspn(w, " ")) {
        if (strcspn(w, " ") > LINE_MOST - 20) {
            return false;
        }
    }
    while (*s != '\0') {
        size_t n = strcspn(s, " ");
        if (used > 0 && used + n + 1 > LINE_MOST) {
            rg_buf_puts(out, "\r\n ");
            used = 1;
        }
        else if (out->data[out->len - 1] != ' ') {
            rg_buf_puts(out, " ");
            used++;
        }
        rg_buf_add(out, s, n);
        used += n;
        s += n + strspn(s + n, " ");
    }
    return true;
}

static void put_subject(rg_buf_t *out, const char *subject)
{
    const char *s = one_line(out->pool, subject);
    rg_buf_puts(out, "Subject: ");
    /* What looks like an encoded word would be read as one. */
    if (!needs_no_words(s) || strstr(s, "=?") || !put_folded(out, s, 9)) {
        put_words(out, s);
    }
    rg_buf_puts(out, "\r\n");
}

static void put_mailbox(rg_buf_t *out, const char *header, const char *name, const char *address)
{
    rg_buf_printf(out, "%s: ", header);
    const char *s = name ? one_line(out->pool, name) : "";
    if (*s != '\0' && needs_no_words(s) && strlen(s) < 60 && !strstr(s, "=?")) {
        rg_buf_puts(out, "\"");
        for (; *s != '\0'; s++) {
            rg_buf_puts(out, *s == '"' || *s == '\\' ? "\\" : "");
            rg_buf_add(out, s, 1);
        }
        rg_buf_puts(out, "\"\r\n ");
    }
    else if (*s != '\0') {
        put_words(out, s);
        rg_buf_puts(out, "\r\n ");
    }
    rg_buf_printf(out, "<%s>\r\n", address);
}

/* "Tue, 01 Dec 2026 14:40:00 +0000" */
static void put_date_header(rg_buf_t *out, apr_time_t at)
{
    char text[APR_RFC822_DATE_LEN];
    apr_rfc822_date(text, at);
    rg_buf_printf(out, "Date: %.25s +0000\r\n", text);
}

/* --- bodies ----------------------------------------------------------------------------------- */

/* Quoted-printable with CRLF between lines. */
static void put_quoted_printable(rg_buf_t *out, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t used = 0;
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n') {
            rg_buf_puts(out, "\r\n");
            used = 0;
            continue;
        }
        if (c == '\r') {
            continue;
        }
        bool end = s[1] == '\n' || s[1] == '\r' || s[1] == '\0';
        bool plain = (c > 32 && c < 127 && c != '=') || (c == ' ' && !end);
        if (used + 3 > LINE_MOST - 1) {
            rg_buf_puts(out, "=\r\n");
            used = 0;
        }
        /* A dot and "From " at the start of a line are for others to trip over. */
        plain = plain && !(used == 0 && (c == '.' || c == 'F'));
        char coded[] = {'=', hex[c >> 4], hex[c & 15]};
        rg_buf_add(out, plain ? s : coded, plain ? 1 : 3);
        used += plain ? 1 : 3;
    }
    rg_buf_puts(out, "\r\n");
}

static void put_text_part(rg_buf_t *out, const char *type, const char *text)
{
    rg_buf_printf(out,
                  "Content-Type: %s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  type);
    put_quoted_printable(out, text);
}

static void put_calendar(rg_buf_t *out, const rg_mail_t *m)
{
    size_t n = strlen(m->ics);
    rg_buf_printf(out,
                  "Content-Type: text/calendar; charset=utf-8; method=%s; name=\"appointment.ics\""
                  "\r\nContent-Disposition: attachment; filename=\"appointment.ics\"\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n",
                  m->ics_method);
    for (size_t at = 0; at < n; at += 57) {
        put_base64(out, (const unsigned char *)m->ics + at, n - at < 57 ? n - at : 57);
        rg_buf_puts(out, "\r\n");
    }
}

/* Text, and the same as HTML. */
static void put_alternatives(rg_buf_t *out, const rg_mail_t *m)
{
    if (!m->html) {
        put_text_part(out, "text/plain", m->text);
        return;
    }
    rg_buf_printf(out,
                  "Content-Type: multipart/alternative; boundary=\"alt-%s\"\r\n\r\n--alt-%s\r\n",
                  m->uid, m->uid);
    put_text_part(out, "text/plain", m->text);
    rg_buf_printf(out, "--alt-%s\r\n", m->uid);
    put_text_part(out, "text/html", m->html);
    rg_buf_printf(out, "--alt-%s--\r\n", m->uid);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool is_graph(const char *s)
{
    while (apr_isgraph(*s) && *s != '<' && *s != '>') {
        s++;
    }
    return *s == '\0';
}

rg_outcome_t rg_mail_bytes(rg_buf_t *out, const rg_mail_conf_t *conf, const rg_mail_t *m)
{
    const char *to = rg_mail_address(out->pool, m->to);
    if (!to || !is_graph(m->id) || !is_graph(m->uid) || (m->stop && !is_graph(m->stop))) {
        return RG_INVALID;
    }
    put_mailbox(out, "From", conf->from_name ? conf->from_name : m->from_name, conf->from);
    put_mailbox(out, "To", m->to_name, to);
    if (conf->reply_to) {
        put_mailbox(out, "Reply-To", NULL, conf->reply_to);
    }
    put_subject(out, m->subject);
    put_date_header(out, m->at);
    rg_buf_printf(
        out, "Message-ID: <%s>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n", m->id);
    if (m->stop) {
        rg_buf_printf(out,
                      "List-Unsubscribe: <%s>\r\n"
                      "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                      m->stop);
    }
    if (m->ics) {
        rg_buf_printf(out, "Content-Type: multipart/mixed; boundary=\"all-%s\"\r\n\r\n--all-%s\r\n",
                      m->uid, m->uid);
        put_alternatives(out, m);
        rg_buf_printf(out, "--all-%s\r\n", m->uid);
        put_calendar(out, m);
        rg_buf_printf(out, "--all-%s--\r\n", m->uid);
    }
    else {
        put_alternatives(out, m);
    }
    return out->overflow ? RG_TOO_LARGE : RG_OK;
}
