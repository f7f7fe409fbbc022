/* SPDX-License-Identifier: Apache-2.0 */
/* Letters for a command (an SMS gateway): one JSON object on its standard input, an exit code for
 * an answer. No shell, no descriptors of ours, a process group of its own that is ended when its
 * time is over. */
#include "mod_regen/core/mail/mail_int.h"
#include "regen/core/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* --- what it reads ---------------------------------------------------------------------------- */

static void put_string(rg_buf_t *out, const char *s)
{
    rg_buf_puts(out, "\"");
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c < 0x20 || c == 0x7f) {
            rg_buf_printf(out, "\\u%04x", c);
        }
        else {
            rg_buf_puts(out, c == '"' || c == '\\' ? "\\" : "");
            rg_buf_add(out, s, 1);
        }
    }
    rg_buf_puts(out, "\"");
}

static void put_member(rg_buf_t *out, const char *before, const char *name, const char *value)
{
    rg_buf_printf(out, "%s\"%s\": ", before, name);
    put_string(out, value ? value : "");
}

void rg_mail_json(rg_buf_t *out, const rg_mail_conf_t *conf, const rg_mail_t *m)
{
    put_member(out, "{", "id", m->id);
    put_member(out, ", ", "kind", m->kind);
    put_member(out, ", \"to\": {", "name", m->to_name);
    put_member(out, ", ", "email", m->to);
    put_member(out, ", ", "phone", m->phone);
    put_member(out, "}, \"from\": {", "name", conf->from_name ? conf->from_name : m->from_name);
    put_member(out, ", ", "email", conf->from);
    put_member(out, "}, ", "subject", m->subject);
    put_member(out, ", ", "text", m->text);
    if (m->stop) {
        put_member(out, ", ", "stop", m->stop);
    }
    if (m->ics) {
        put_member(out, ", ", "calendar", m->ics);
    }
    rg_buf_puts(out, "}\n");
}

const char *rg_mail_argv(const char *const **out, apr_pool_t *p, const char *arg)
{
    char **argv;
    if (apr_tokenize_to_argv(arg, &argv, p) != APR_SUCCESS || !argv[0] || argv[0][0] != '/') {
        return "must begin with the absolute path of a program, such as /usr/local/bin/send-sms";
    }
    if (access(argv[0], X_OK) != 0) {
        return apr_psprintf(p, "must name a program that can be run; %s cannot", argv[0]);
    }
    *out = (const char *const *)argv;
    return NULL;
}

/* --- running it ------------------------------------------------------------------------------- */

typedef struct {
    pid_t pid;
    int in, said; /* our ends; -1: closed */
    rg_buf_t *answer;
    bool whole; /* it was given all of the letter, so it may have sent it */
    bool ended;
    int status;
} child_t;

static apr_time_t ticks(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return apr_time_from_sec(t.tv_sec) + t.tv_nsec / 1000;
}

static void close_end(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* httpd's children block signals and ignore one; a command wants neither. */
static int spawn_it(child_t *c, const char *const *argv, int in, int said)
{
    static char *env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    if (posix_spawn_file_actions_init(&files) != 0) {
        return ENOMEM;
    }
    if (posix_spawnattr_init(&how) != 0) {
        (void)posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    int rc = posix_spawn_file_actions_adddup2(&files, in, 0);
    rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&files, said, 1);
    rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&files, said, 2);
    rc = rc != 0 ? rc : posix_spawn_file_actions_addclosefrom_np(&files, 3);
    rc = rc != 0 ? rc : posix_spawn_file_actions_addchdir_np(&files, "/");
    rc = rc != 0 ? rc : posix_spawnattr_setsigmask(&how, &none);
    rc = rc != 0 ? rc : posix_spawnattr_setsigdefault(&how, &all);
    rc = rc != 0 ? rc : posix_spawnattr_setpgroup(&how, 0);
    rc = rc != 0 ? rc
                 : posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                      POSIX_SPAWN_SETPGROUP);
    rc = rc != 0 ? rc : posix_spawn(&c->pid, argv[0], &files, &how, (char *const *)argv, env);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&how);
    return rc;
}

static int start_it(child_t *c, const char *const *argv)
{
    int in[2];
    int said[2];
    if (pipe2(in, O_CLOEXEC) != 0) {
        return errno;
    }
    if (pipe2(said, O_CLOEXEC) != 0) {
        int why = errno;
        close_end(&in[0]);
        close_end(&in[1]);
        return why;
    }
    int rc = spawn_it(c, argv, in[0], said[1]);
    close_end(&in[0]);
    close_end(&said[1]);
    c->in = in[1];
    c->said = said[0];
    (void)fcntl(c->in, F_SETFL, O_NONBLOCK);
    (void)fcntl(c->said, F_SETFL, O_NONBLOCK);
    if (rc != 0) {
        close_end(&c->in);
        close_end(&c->said);
    }
    return rc;
}

static void feed_it(child_t *c, const rg_buf_t *json, size_t *at)
{
    ssize_t n = write(c->in, json->data + *at, json->len - *at);
    if (n > 0) {
        *at += (size_t)n;
    }
    c->whole = *at == json->len;
    if (c->whole || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close_end(&c->in);
    }
}

/* Read to its end, so that it never waits for us; what is too much is dropped by the buffer. */
static void hear_it(child_t *c)
{
    char some[1024];
    ssize_t n = read(c->said, some, sizeof(some));
    if (n > 0) {
        rg_buf_add(c->answer, some, (size_t)n);
    }
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_end(&c->said);
    }
}

static void reap_it(child_t *c, int options)
{
    pid_t got = waitpid(c->pid, &c->status, options);
    c->ended = c->ended || got == c->pid || (got < 0 && errno != EINTR);
}

/* Its whole group, also what it left behind. */
static void end_it(child_t *c)
{
    (void)kill(-c->pid, SIGKILL);
    while (!c->ended) {
        reap_it(c, 0);
    }
    close_end(&c->in);
    close_end(&c->said);
}

/* False: its time was over, or we are to end and it was not given the whole letter yet. Once it
 * was, we wait for what became of it: ended now, it would be run again with a letter that left. */
static bool attend_it(const rg_post_t *post, child_t *c, const rg_buf_t *json)
{
    apr_time_t until = ticks() + post->conf->timeout;
    size_t at = 0;
    while (!c->ended) {
        struct pollfd fds[] = {{.fd = c->in, .events = POLLOUT}, {.fd = c->said, .events = POLLIN}};
        if (ticks() > until || (!c->whole && rg_post_stops(post))) {
            return false;
        }
        bool any = c->in >= 0 || c->said >= 0;
        (void)poll(fds, 2, any ? 100 : 10);
        if (c->in >= 0 && fds[0].revents != 0) {
            feed_it(c, json, &at);
        }
        if (c->said >= 0 && fds[1].revents != 0) {
            hear_it(c);
        }
        reap_it(c, WNOHANG);
    }
    if (c->said >= 0) {
        hear_it(c);
    }
    return true;
}

/* Exit codes are those of sysexits.h. What nobody promised means that the command does not work. */
static rg_posted_t judge_exit(const child_t *c, const char *answer)
{
    int code = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
    switch (code) {
    case EX_OK: return rg_posted(RG_POST_SENT, RG_MAIL_FINE, "");
    case EX_TEMPFAIL: return rg_posted(RG_POST_LATER, RG_MAIL_POSTPONED, answer);
    case EX_DATAERR:
    case EX_NOUSER: return rg_posted(RG_POST_NEVER, RG_MAIL_REFUSED, answer);
    default: return rg_posted(RG_POST_DOWN, RG_MAIL_UNREACHABLE, answer);
    }
}

/* As of an exit code that nobody promised: where children are reaped by somebody else, none is
 * known. */
#define NEVER_ENDED 0xff00

rg_posted_t rg_command_send(const rg_post_t *post, apr_pool_t *p, const rg_mail_t *m)
{
    char why[120];
    rg_buf_t *json = rg_buf_make(p, RG_MAIL_MOST);
    child_t c = {.in = -1, .said = -1, .status = NEVER_ENDED, .answer = rg_buf_make(p, 1024)};
    rg_mail_json(json, post->conf, m);
    if (json->overflow) {
        return rg_posted(RG_POST_NEVER, RG_MAIL_TEMPLATE, "");
    }
    int rc = start_it(&c, post->conf->command);
    if (rc != 0) {
        apr_strerror(APR_FROM_OS_ERROR(rc), why, sizeof(why));
        return rg_posted(RG_POST_DOWN, RG_MAIL_UNREACHABLE, apr_pstrdup(p, why));
    }
    bool answered = attend_it(post, &c, json);
    end_it(&c);
    const char *answer = rg_mail_answer(p, c.answer->data, c.answer->len);
    if (!answered) {
        rg_mail_code_t code = c.whole               ? RG_MAIL_UNSURE
                              : rg_post_stops(post) ? RG_MAIL_INTERRUPTED
                                                    : RG_MAIL_SILENT;
        return rg_posted(RG_POST_LATER, code, answer);
    }
    return judge_exit(&c, answer);
}
