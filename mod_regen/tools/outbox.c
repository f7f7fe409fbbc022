/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl outbox: sending what waits, and listing what could not be sent. */
#include "regenctl.h"
#include "regen/clinic/followup.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/followup.h"
#include "regen/render/message.h"
#include "regen/render/template.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <apr_strings.h>

enum { LIST_MOST = 200, LIMIT_MOST = 1000000 };

/* How long --watch waits for the next letters. */
#define PAUSE (2 * RG_SECOND)

/* Beside the time of a letter: for the statement that is under way, and the note after it. */
enum { END_MORE = 30 };

static volatile sig_atomic_t asked_to_end;
static struct itimerspec end_within;
static timer_t last_hour; /* sends SIGALRM */

/* Everything that it waits for has a time of its own; should anything not keep to it, nobody waits
 * longer than that. What was leased is then sent by the next one, as after a crash. */
static void note_signal(int number)
{
    (void)number;
    if (asked_to_end == 0) {
        (void)timer_settime(last_hour, 0, &end_within, NULL);
    }
    asked_to_end = 1;
}

static void end_now(int number)
{
    static const char SAYS[] = "regenctl: outbox run: what it waited for did not end; ended.\n";
    (void)number;
    if (write(STDERR_FILENO, SAYS, sizeof(SAYS) - 1) < 0) {
        _exit(CTL_FAILED);
    }
    _exit(CTL_FAILED);
}

static bool is_asked_to_end(void *baton)
{
    (void)baton;
    return asked_to_end != 0;
}

/* The letter that is handed over now is finished first. */
static void mind_signals(int letter_seconds)
{
    struct sigaction how;
    end_within.it_value.tv_sec = letter_seconds + END_MORE;
    (void)timer_create(CLOCK_MONOTONIC, NULL, &last_hour);
    memset(&how, 0, sizeof(how));
    how.sa_handler = note_signal;
    (void)sigemptyset(&how.sa_mask);
    (void)sigaction(SIGTERM, &how, NULL);
    (void)sigaction(SIGINT, &how, NULL);
    how.sa_handler = end_now;
    (void)sigaction(SIGALRM, &how, NULL);
    /* A connection or a command that is gone is an answer, not our end. */
    how.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &how, NULL);
    how.sa_handler = SIG_DFL;
    (void)sigaction(SIGCHLD, &how, NULL);
}

/* --- settings --------------------------------------------------------------------------------- */

static const char *boxes_wrong(rg_mail_conf_t *m, apr_pool_t *p, const ctl_mail_t *c)
{
    const struct {
        const char *name, *arg;
        const char **to;
    } boxes[] = {{"mail-from", c->from, &m->from},
                 {"mail-reply-to", c->reply_to, &m->reply_to},
                 {"mail-sender", c->sender, &m->sender}};
    for (size_t i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
        const char *name = NULL;
        if (boxes[i].arg && !rg_mail_mailbox(&name, boxes[i].to, p, boxes[i].arg)) {
            return apr_psprintf(p, "%s must be an email address.", boxes[i].name);
        }
        m->from_name = i == 0 ? name : m->from_name;
    }
    return NULL;
}

static const char *words_wrong(rg_mail_conf_t *m, rg_mail_detail_t *detail, apr_pool_t *p,
                               const ctl_mail_t *c)
{
    int way = c->transport ? rg_way_parse(c->transport) : -1;
    int said = c->detail ? rg_mail_detail_parse(c->detail) : RG_MAIL_DETAIL_NONE;
    if (way <= RG_WAY_NONE) {
        return "mail-transport must be one of maildir, smtp, command.";
    }
    if (said < 0) {
        return "mail-detail must be one of none, service, full.";
    }
    if (c->starttls && strcmp(c->starttls, "on") != 0 && strcmp(c->starttls, "off") != 0) {
        return "mail-starttls must be on or off.";
    }
    if (!c->templates) {
        return "templates is missing: name the folder that RegenTemplates names.";
    }
    m->way = (rg_way_t)way;
    m->plain = c->starttls && strcmp(c->starttls, "off") == 0;
    *detail = (rg_mail_detail_t)said;
    return boxes_wrong(m, p, c);
}

static const char *read_mail(rg_mail_conf_t *m, rg_mail_detail_t *detail, apr_pool_t *p,
                             const ctl_mail_t *c)
{
    static const rg_mail_names_t names = {.transport = "mail-transport",
                                          .folder = "mail-folder",
                                          .server = "mail-server",
                                          .from = "mail-from",
                                          .command = "mail-command",
                                          .user = "mail-user",
                                          .password_file = "mail-password-file",
                                          .starttls = "mail-starttls"};
    const char *why = words_wrong(m, detail, p, c);
    m->folder = c->folder;
    m->server = c->server;
    m->user = c->user;
    m->connect_timeout = c->connect_timeout * RG_SECOND;
    m->timeout = c->timeout * RG_SECOND;
    if (!why && c->tls_ca) {
        m->tls_ca = rg_mail_pem(p, c->tls_ca);
        why = m->tls_ca ? NULL : "mail-tls-ca cannot be read.";
    }
    if (!why && c->password_file) {
        m->password = ctl_read_secret(p, c->password_file, NULL, &why);
    }
    if (!why && c->command) {
        const char *no = rg_mail_argv(&m->command, p, c->command);
        why = no ? apr_psprintf(p, "mail-command %s.", no) : NULL;
    }
    return why ? why : rg_mail_wrong(p, m, &names);
}

/* A letter without its links is no use to whoever gets it, and is not sent twice. */
static const char *links_wrong(const ctl_t *ctl)
{
    if (!ctl->policy->keys) {
        return "secret-file is missing: without it letters would have no links. Name a copy of the "
               "file that RegenSecretFile names.";
    }
    return ctl->policy->public_base
               ? NULL
               : "public-base is missing: without it letters would have no links. Set the address "
                 "that RegenPublicBase says, such as https://clinic.example/clinic.";
}

/* --- running ---------------------------------------------------------------------------------- */

static int tell_run(const rg_outbox_ran_t *ran)
{
    ctl_say("%d letters sent, %d to be tried again, %d failed, %d not needed anymore%s.", ran->sent,
            ran->later, ran->failed, ran->closed, ran->more ? "; more are waiting" : "");
    if (ran->down) {
        ctl_error("Letters cannot be sent: %s%s%s. They wait, and are tried again.",
                  rg_mail_code_name(ran->why), *ran->answer != '\0' ? ": " : "", ran->answer);
    }
    return ran->down ? CTL_FAILED : CTL_DONE;
}

static int run_once(ctl_t *ctl, const rg_outbox_run_t *how, bool quiet)
{
    rg_ctx_t own = *ctl->ctx;
    rg_outbox_ran_t ran;
    int code = CTL_FAILED;
    if (apr_pool_create(&own.pool, ctl->pool) != APR_SUCCESS) {
        return code;
    }
    rg_outcome_t rc = rg_outbox_send(&ran, &own, how);
    bool any = ran.sent + ran.later + ran.failed + ran.closed > 0 || ran.down;
    if (rc == RG_OK) {
        code = any || !quiet ? tell_run(&ran) : CTL_DONE;
    }
    else {
        code = ctl_result(ctl, rc, "outbox run");
    }
    apr_pool_destroy(own.pool);
    return code;
}

static int run_outbox(ctl_t *ctl)
{
    rg_templates_t *templates;
    rg_mail_conf_t *mail = apr_pcalloc(ctl->pool, sizeof(*mail));
    rg_outbox_run_t how = {.mail = mail,
                           .rate_count = ctl->conf.mail.rate,
                           .rate_time = RG_MINUTE,
                           .give_up = ctl->conf.mail.give_up * RG_HOUR,
                           .compose = rg_letter_compose,
                           .stop = is_asked_to_end,
                           .clock = apr_time_now,
                           .limit = LIMIT_MOST};
    const char *limit = ctl_option(ctl, "limit");
    int64_t most = LIMIT_MOST;
    const char *why = read_mail(mail, &how.detail, ctl->pool, &ctl->conf.mail);
    if (!why && limit && !rg_text_i64(&most, limit, 1, LIMIT_MOST)) {
        why = "--limit must be a number from 1 to 1000000.";
    }
    if (!why && rg_templates_load(&templates, ctl->pool, ctl->conf.mail.templates, &why) == RG_OK) {
        how.compose_baton = templates;
    }
    ctl->policy->public_base = ctl_public_base(ctl);
    why = why ? why : links_wrong(ctl);
    if (why || (!rg_post_init() && mail->way == RG_WAY_SMTP)) {
        ctl_error("%s", why ? why : "The library that sends mail (libcurl) cannot be used.");
        return CTL_USAGE;
    }
    how.limit = (int)most;
    mind_signals(ctl->conf.mail.timeout);
    if (!ctl_option(ctl, "watch")) {
        return run_once(ctl, &how, false);
    }
    while (asked_to_end == 0) {
        (void)run_once(ctl, &how, true);
        if (asked_to_end == 0) {
            apr_sleep(PAUSE);
        }
    }
    return CTL_DONE;
}

/* --- listing ---------------------------------------------------------------------------------- */

/* Ids and codes: names, addresses and texts are for the desk's page. */
static int list_outbox(ctl_t *ctl)
{
    const char *word = ctl->count > 0 ? ctl->args[0] : "failed";
    int status = rg_outbox_status_parse(word);
    rg_message_t *messages = NULL;
    int count = 0;
    if (status < 0) {
        ctl_error("The state must be one of queued, sent, failed, withdrawn, told.");
        return CTL_USAGE;
    }
    rg_outcome_t rc =
        rg_outbox_list(&messages, &count, ctl->ctx, (rg_outbox_status_t)status, LIST_MOST);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        const rg_message_t *m = &messages[i];
        ctl_say("%s %s %s tries %d %s", m->uid, rg_message_kind_name(m->kind),
                rg_time_instant(ctl->pool, m->created_at), m->tries,
                *m->code != '\0' ? m->code : "-");
    }
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "outbox list");
    }
    if (count == LIST_MOST) {
        ctl_say("Only the newest %d are listed.", LIST_MOST);
    }
    return CTL_DONE;
}

static const apr_getopt_option_t RUN_OPTIONS[] = {
    {"once", 'o', 0, "send what is due and end (the default)"},
    {"watch", 'w', 0, "go on until SIGTERM, looking every two seconds"},
    {"limit", 'l', 1, "the most letters in this run"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_outbox_commands[] = {
    {"outbox run", "[--once] [--watch] [--limit N]",
     "sends the letters that are due; exit code 1 if the mail server cannot be used", 0, 0,
     RUN_OPTIONS, run_outbox, false},
    {"outbox list", "[STATE]",
     "lists letters that failed, or of STATE: id, kind, when written, tries, reason", 0, 1, NULL,
     list_outbox, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
