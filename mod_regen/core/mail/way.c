/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of letters, and what the ways share. */
#include "mod_regen/core/mail/mail_int.h"
#include "regen/core/mail.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

RG_WORDS_MADE(rg_way, RG_WAYS);
RG_WORDS_MADE(rg_mail_code, RG_MAIL_CODES);
RG_WORDS_MADE(rg_mail_detail, RG_MAIL_DETAILS);

enum { PEM_MOST = 1048576, DOMAIN_MOST = 121 };

/* --- settings --------------------------------------------------------------------------------- */

static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 ||
           (strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0') ||
           strcmp(host, "::1") == 0;
}

static const char *server_wrong(apr_pool_t *p, const rg_mail_conf_t *c, const rg_mail_names_t *n)
{
    apr_uri_t u;
    if (!c->server || apr_uri_parse(p, c->server, &u) != APR_SUCCESS || !u.scheme || !u.hostname ||
        u.hostname[0] == '\0' || u.user || u.query || u.fragment || (u.path && u.path[0] != '\0') ||
        (strcmp(u.scheme, "smtp") != 0 && strcmp(u.scheme, "smtps") != 0)) {
        return apr_psprintf(p,
                            "%s must name the mail server for %s smtp, such as "
                            "smtp://mail.example.org:587 or smtps://mail.example.org.",
                            n->server, n->transport);
    }
    if (c->plain && !is_this_machine(u.hostname)) {
        return apr_psprintf(p,
                            "%s Off is only for a mail server on this machine: letters to %s would "
                            "be readable on the way.",
                            n->starttls, u.hostname);
    }
    if (!c->user != !c->password) {
        return apr_psprintf(p, "%s and %s belong together.", n->user, n->password_file);
    }
    return NULL;
}

const char *rg_mail_wrong(apr_pool_t *p, const rg_mail_conf_t *c, const rg_mail_names_t *n)
{
    if (c->way == RG_WAY_NONE) {
        return NULL;
    }
    if (!c->from) {
        return apr_psprintf(p,
                            "%s is missing: it is the address that letters come from, such as "
                            "\"Harbor Clinic <letters@clinic.example>\".",
                            n->from);
    }
    /* The Message-ID ends with it, and has its place in the database. */
    if (strlen(strrchr(c->from, '@')) > DOMAIN_MOST) {
        return apr_psprintf(p, "%s is too long behind the @: at most %d characters.", n->from,
                            (int)DOMAIN_MOST - 1);
    }
    if (c->way == RG_WAY_MAILDIR && !c->folder) {
        return apr_psprintf(p, "%s is missing: name the folder for %s maildir.", n->folder,
                            n->transport);
    }
    if (c->way == RG_WAY_COMMAND && !c->command) {
        return apr_psprintf(p, "%s is missing: name the program for %s command.", n->command,
                            n->transport);
    }
    return c->way == RG_WAY_SMTP ? server_wrong(p, c, n) : NULL;
}

const char *rg_mail_pem(apr_pool_t *p, const char *path)
{
    apr_file_t *f;
    apr_size_t n = 0;
    char *text = apr_palloc(p, PEM_MOST + 1);
    if (apr_file_open(&f, path, APR_READ, APR_OS_DEFAULT, p) != APR_SUCCESS) {
        return NULL;
    }
    apr_status_t rv = apr_file_read_full(f, text, PEM_MOST, &n);
    (void)apr_file_close(f);
    text[n] = '\0';
    return rv == APR_EOF && n > 0 ? text : NULL;
}

/* --- what the ways share ---------------------------------------------------------------------- */

bool rg_post_stops(const rg_post_t *post)
{
    return post->stop && post->stop(post->baton);
}

rg_posted_t rg_posted(rg_post_end_t end, rg_mail_code_t code, const char *answer)
{
    return (rg_posted_t){.end = end, .code = code, .answer = answer};
}

const char *rg_mail_answer(apr_pool_t *p, const char *said, size_t n)
{
    size_t length = 0;
    while (length < n && said[length] != '\n' && said[length] != '\r' && said[length] != '\0') {
        length++;
    }
    length = length < RG_MAIL_ANSWER_MOST ? length : RG_MAIL_ANSWER_MOST;
    char *copy = apr_pstrmemdup(p, said, length);
    for (char *c = copy; *c != '\0'; c++) {
        *c = apr_isprint(*c) && (unsigned char)*c < 0x80 ? *c : '?';
    }
    return copy;
}
