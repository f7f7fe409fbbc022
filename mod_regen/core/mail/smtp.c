/* SPDX-License-Identifier: Apache-2.0 */
/* SMTP by libcurl: TLS that is verified, one connection for all letters of a run, bounded times.
 *
 * What an answer means depends on what was said before it, so the last command and the last answer
 * are taken from libcurl's trace; nothing else of the trace is kept (it has the login). A refusal
 * of the recipient or of the letter is about this letter; a refusal of the login or of our own
 * address is about all of them. */
#include "mod_regen/core/mail/mail_int.h"
#include "regen/core/time.h"

#include <string.h>
#include <sys/socket.h>

#include <apr_strings.h>
#include <curl/curl.h>

/* How far the server got with this letter. */
typedef enum { AT_START, AT_LOGIN, AT_SENDER, AT_RECIPIENT, AT_LETTER } phase_t;

typedef struct rg_smtp_t {
    CURL *curl;
    rg_post_t *post;
    phase_t phase;
    int reply;      /* the code of the last answer; 0: none to the last command */
    char said[256]; /* its line */
    const rg_buf_t *letter;
    size_t at;           /* bytes of it that were taken */
    bool all;            /* all of them, so that it may be there */
    apr_time_t stopping; /* since when the program wants to end; 0: it does not */
    bool broken;         /* the last letter ended the connection */
    apr_time_t leaving;  /* since when the connection is being ended; 0: it is not */
} smtp_t;

/* A letter that was handed over gets this long for its answer when the program ends. */
#define LAST_ANSWER (5 * RG_SECOND)
#define LAST_WORD   RG_SECOND

static bool curl_works;

bool rg_smtp_init(void)
{
    curl_works = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return curl_works;
}

/* --- what libcurl asks and tells -------------------------------------------------------------- */

static size_t read_letter(char *to, size_t size, size_t count, void *baton)
{
    smtp_t *s = baton;
    size_t left = s->letter->len - s->at;
    size_t n = size * count < left ? size * count : left;
    memcpy(to, s->letter->data + s->at, n);
    s->at += n;
    s->all = s->at == s->letter->len;
    return n;
}

static int look_up(void *baton, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    smtp_t *s = baton;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    /* libcurl says QUIT and waits for an answer, for minutes; what matters was said before. */
    if (s->leaving != 0) {
        return apr_time_now() - s->leaving > LAST_WORD ? 1 : 0;
    }
    if (!rg_post_stops(s->post)) {
        return 0;
    }
    s->stopping = s->stopping != 0 ? s->stopping : apr_time_now();
    return s->at > 0 && apr_time_now() - s->stopping < LAST_ANSWER ? 0 : 1;
}

static void note_command(smtp_t *s, const char *line, size_t n)
{
    static const struct {
        const char *verb;
        phase_t phase;
    } verbs[] = {
        {"AUTH", AT_LOGIN}, {"MAIL", AT_SENDER}, {"RCPT", AT_RECIPIENT}, {"DATA", AT_LETTER}};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
        if (n >= 4 && memcmp(line, verbs[i].verb, 4) == 0) {
            s->phase = verbs[i].phase;
        }
    }
    if (n >= 4 && memcmp(line, "QUIT", 4) == 0) {
        s->leaving = apr_time_now();
    }
    else {
        s->reply = 0;
    }
}

static void note_answer(smtp_t *s, const char *line, size_t n)
{
    if (s->leaving != 0 || n < 3 || line[0] < '2' || line[0] > '5' || line[1] < '0' ||
        line[1] > '9' || line[2] < '0' || line[2] > '9') {
        return;
    }
    s->reply = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    n = n < sizeof(s->said) ? n : sizeof(s->said) - 1;
    memcpy(s->said, line, n);
    s->said[n] = '\0';
}

static int trace(CURL *curl, curl_infotype type, char *data, size_t n, void *baton)
{
    (void)curl;
    if (type == CURLINFO_HEADER_OUT) {
        note_command(baton, data, n);
    }
    else if (type == CURLINFO_HEADER_IN) {
        note_answer(baton, data, n);
    }
    return 0;
}

/* --- the connection --------------------------------------------------------------------------- */

/* libcurl says QUIT to whatever it closes, and waits for the answer for minutes, also of a server
 * that hangs. On a socket that is shut it finds out at once. */
static void shut(const smtp_t *s)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(s->curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD) {
        (void)shutdown(fd, SHUT_RDWR);
    }
}

/* QUIT as a command of its own has a time. */
static void quit(const smtp_t *s)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    bool open =
        curl_easy_getinfo(s->curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD;
    if (open && curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 0L) == CURLE_OK &&
        curl_easy_setopt(s->curl, CURLOPT_NOBODY, 1L) == CURLE_OK &&
        curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, "QUIT") == CURLE_OK &&
        curl_easy_setopt(s->curl, CURLOPT_TIMEOUT_MS, (long)apr_time_as_msec(LAST_WORD)) ==
            CURLE_OK) {
        (void)curl_easy_perform(s->curl);
    }
    shut(s);
}

static apr_status_t end_curl(void *baton)
{
    smtp_t *s = baton;
    if (!s->broken) {
        quit(s);
    }
    curl_easy_cleanup(s->curl);
    return APR_SUCCESS;
}

/* Some servers want to know whose program it is; the clinic's domain says nothing new. */
static const char *url_of(apr_pool_t *p, const rg_mail_conf_t *c)
{
    return apr_pstrcat(p, c->server, "/", strrchr(c->from, '@') + 1, NULL);
}

static bool set_up(const smtp_t *s, const rg_mail_conf_t *c)
{
    CURL *h = s->curl;
    bool set = true;
#define SET(option, value) set = curl_easy_setopt(h, option, value) == CURLE_OK && set
    SET(CURLOPT_URL, url_of(s->post->pool, c));
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name server that does not answer is left to its thread, which ends by itself: nobody who
     * gave up waits for it. */
    SET(CURLOPT_QUICK_EXIT, 1L);
#endif
    SET(CURLOPT_USE_SSL, (long)(c->plain ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    SET(CURLOPT_SSL_VERIFYPEER, c->plain ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, c->plain ? 0L : 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (c->tls_ca) {
        /* Read by who started us, whom more files are open to. */
        SET(CURLOPT_CAINFO_BLOB,
            (&(struct curl_blob){
                .data = (void *)c->tls_ca, .len = strlen(c->tls_ca), .flags = CURL_BLOB_COPY}));
    }
    if (c->user) {
        SET(CURLOPT_USERNAME, c->user);
        SET(CURLOPT_PASSWORD, c->password);
    }
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)apr_time_as_msec(c->connect_timeout));
    SET(CURLOPT_TIMEOUT_MS, (long)apr_time_as_msec(c->timeout));
    SET(CURLOPT_MAIL_FROM, c->sender ? c->sender : c->from);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, read_letter);
    SET(CURLOPT_READDATA, s);
    SET(CURLOPT_XFERINFOFUNCTION, look_up);
    SET(CURLOPT_XFERINFODATA, s);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_DEBUGFUNCTION, trace);
    SET(CURLOPT_DEBUGDATA, s);
    SET(CURLOPT_VERBOSE, 1L);
#undef SET
    return set;
}

static smtp_t *smtp_connection(rg_post_t *post)
{
    if (post->smtp) {
        return post->smtp;
    }
    smtp_t *s = apr_pcalloc(post->pool, sizeof(*s));
    s->post = post;
    s->curl = curl_works ? curl_easy_init() : NULL;
    if (!s->curl) {
        return NULL;
    }
    apr_pool_cleanup_register(post->pool, s, end_curl, apr_pool_cleanup_null);
    post->smtp = set_up(s, post->conf) ? s : NULL;
    return post->smtp;
}

/* --- what it came to -------------------------------------------------------------------------- */

static rg_posted_t judge_answer(const smtp_t *s, const char *answer)
{
    bool later = s->reply < 500;
    switch (s->phase) {
    case AT_LOGIN: return rg_posted(RG_POST_DOWN, RG_MAIL_LOGIN, answer);
    case AT_START: return rg_posted(RG_POST_DOWN, RG_MAIL_UNREACHABLE, answer);
    case AT_SENDER:
        /* Said to SIZE of MAIL (RFC 1870, RFC 3463): this letter is too big. Any other one is about
         * the sender, whose mailbox may be full, and will be emptied. */
        if (s->reply == 552 && (strstr(answer, "5.3.4") || strstr(answer, "5.2.3"))) {
            return rg_posted(RG_POST_NEVER, RG_MAIL_REFUSED, answer);
        }
        return later ? rg_posted(RG_POST_LATER, RG_MAIL_POSTPONED, answer)
                     : rg_posted(RG_POST_DOWN, RG_MAIL_SENDER, answer);
    default:
        return later ? rg_posted(RG_POST_LATER, RG_MAIL_POSTPONED, answer)
                     : rg_posted(RG_POST_NEVER, RG_MAIL_REFUSED, answer);
    }
}

/* No answer: whether the letter is there depends on how far it was. */
static rg_posted_t judge_silence(const smtp_t *s, CURLcode rc)
{
    const char *words = curl_easy_strerror(rc);
    if (s->all) {
        return rg_posted(RG_POST_LATER, RG_MAIL_UNSURE, words);
    }
    rg_mail_code_t code = rc == CURLE_OPERATION_TIMEDOUT ? RG_MAIL_SILENT : RG_MAIL_CUT;
    return rg_posted(s->phase >= AT_SENDER ? RG_POST_LATER : RG_POST_DOWN, code, words);
}

static rg_posted_t judge_smtp(const smtp_t *s, apr_pool_t *p, CURLcode rc)
{
    switch (rc) {
    case CURLE_OK: return rg_posted(RG_POST_SENT, RG_MAIL_FINE, "");
    case CURLE_ABORTED_BY_CALLBACK:
        return rg_posted(RG_POST_LATER, s->all ? RG_MAIL_UNSURE : RG_MAIL_INTERRUPTED, "");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return rg_posted(RG_POST_DOWN, RG_MAIL_UNREACHABLE, curl_easy_strerror(rc));
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return rg_posted(RG_POST_DOWN, RG_MAIL_TLS, curl_easy_strerror(rc));
    case CURLE_LOGIN_DENIED:
        return rg_posted(RG_POST_DOWN, RG_MAIL_LOGIN, rg_mail_answer(p, s->said, strlen(s->said)));
    default: break;
    }
    return s->reply >= 400 ? judge_answer(s, rg_mail_answer(p, s->said, strlen(s->said)))
                           : judge_silence(s, rc);
}

static CURLcode perform(smtp_t *s, const rg_buf_t *letter)
{
    s->phase = AT_START;
    s->reply = 0;
    s->leaving = 0;
    s->said[0] = '\0';
    s->letter = letter;
    s->at = 0;
    s->all = false;
    CURLcode rc = curl_easy_perform(s->curl);
    s->broken = rc != CURLE_OK;
    if (s->broken) {
        shut(s);
    }
    return rc;
}

/* A connection that was kept and that the server had ended meanwhile. */
static bool was_stale(const smtp_t *s, CURLcode rc)
{
    long made = 1;
    bool lost = rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR || rc == CURLE_GOT_NOTHING;
    return lost && s->at == 0 && s->reply == 0 &&
           curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &made) == CURLE_OK && made == 0;
}

rg_posted_t rg_smtp_send(rg_post_t *post, apr_pool_t *p, const char *to, const rg_buf_t *bytes)
{
    smtp_t *s = smtp_connection(post);
    struct curl_slist *rcpt = s ? curl_slist_append(NULL, to) : NULL;
    if (!rcpt) {
        return rg_posted(RG_POST_DOWN, RG_MAIL_UNREACHABLE, "libcurl cannot be used");
    }
    bool set =
        curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, rcpt) == CURLE_OK &&
        curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes->len) == CURLE_OK;
    CURLcode rc = set ? perform(s, bytes) : CURLE_OUT_OF_MEMORY;
    if (was_stale(s, rc)) {
        rc = perform(s, bytes);
    }
    (void)curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(rcpt);
    return judge_smtp(s, p, rc);
}
