/* SPDX-License-Identifier: Apache-2.0 */
/* One letter as bytes, and the ways it leaves: a folder, a mail server, a command. */
#ifndef REGEN_CORE_MAIL_H
#define REGEN_CORE_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/words.h"

/* How letters leave; NONE: they wait. The words of message_try.way. */
#define RG_WAYS(X)                                                                                 \
    X(RG_WAY_NONE, "")                                                                             \
    X(RG_WAY_MAILDIR, "maildir")                                                                   \
    X(RG_WAY_SMTP, "smtp")                                                                         \
    X(RG_WAY_COMMAND, "command")
RG_WORDS(rg_way, RG_WAY_COUNT, RG_WAYS);

/* Why a letter did not leave; what staff read of it is render's. The first group is about a try,
 * the second says why nothing was tried. */
#define RG_MAIL_CODES(X)                                                                           \
    X(RG_MAIL_FINE, "")                                                                            \
    X(RG_MAIL_REFUSED, "refused")         /* for good, this letter or this address */              \
    X(RG_MAIL_POSTPONED, "postponed")     /* the server said: later */                             \
    X(RG_MAIL_SILENT, "silent")           /* no answer in time, before the letter was there */     \
    X(RG_MAIL_CUT, "cut")                 /* the connection ended, before the letter was there */  \
    X(RG_MAIL_UNSURE, "unsure")           /* it was handed over, and the answer is missing */      \
    X(RG_MAIL_INTERRUPTED, "interrupted") /* the program that sends was stopped */                 \
    X(RG_MAIL_UNREACHABLE, "unreachable") /* the server, or the program to be run */               \
    X(RG_MAIL_TLS, "tls")                 /* no encryption, or a certificate that is not valid */  \
    X(RG_MAIL_LOGIN, "login")             /* the server does not accept the clinic's login */      \
    X(RG_MAIL_SENDER, "sender")           /* nor the clinic's own address */                       \
    X(RG_MAIL_FOLDER, "folder")           /* the folder cannot be written */                       \
    X(RG_MAIL_GAVE_UP, "gave-up")         /* tried for too long */                                 \
    X(RG_MAIL_NO_ADDRESS, "no-address")   /* none on file */                                       \
    X(RG_MAIL_BAD_ADDRESS, "bad-address") /* no server could take it */                            \
    X(RG_MAIL_TEMPLATE, "template")       /* its words could not be made */                        \
    X(RG_MAIL_NOT_BOOKED, "not-booked")   /* the visit is not ahead any more */                    \
    X(RG_MAIL_MOVED, "moved")             /* the visit has another time, and another letter */     \
    X(RG_MAIL_OVER, "over")                                                                        \
    X(RG_MAIL_EXPIRED, "expired")         /* what it offers */                                     \
    X(RG_MAIL_DONE, "done")               /* what it asks for */                                   \
    X(RG_MAIL_STOPPED, "stopped")         /* the patient wants none of these */                    \
    X(RG_MAIL_TOO_OLD, "too-old")         /* never tried, and written too long ago */              \
    X(RG_MAIL_BEFORE_MAIL, "before-mail") /* written before this version sent letters */           \
    X(RG_MAIL_REPLACED, "replaced")       /* by a newer one */                                     \
    X(RG_MAIL_NO_LINK, "no-link")         /* there is nothing that it could lead to */             \
    X(RG_MAIL_ON_PAPER, "on-paper")       /* what it tells was handed over */
RG_WORDS(rg_mail_code, RG_MAIL_CODE_COUNT, RG_MAIL_CODES);

/* What a letter may say of somebody's health: nothing; what the visit is for; how to prepare, too.
 * Words of a directive. */
#define RG_MAIL_DETAILS(X)                                                                         \
    X(RG_MAIL_DETAIL_NONE, "none")                                                                 \
    X(RG_MAIL_DETAIL_SERVICE, "service")                                                           \
    X(RG_MAIL_DETAIL_FULL, "full")
RG_WORDS(rg_mail_detail, RG_MAIL_DETAIL_COUNT, RG_MAIL_DETAILS);

typedef struct {
    rg_way_t way;
    const char *folder;            /* maildir */
    const char *server;            /* "smtp://mail.example:587", "smtps://mail.example" */
    const char *user, *password;   /* NULL: without a login */
    const char *tls_ca;            /* certificates as PEM; NULL: the system's */
    bool plain;                    /* no TLS: a relay on this machine */
    const char *const *command;    /* its path and arguments, up to a NULL; also beside another way,
                                    * for people without an email address. NULL: none */
    const char *from_name, *from;  /* from_name NULL: the site's name */
    const char *reply_to, *sender; /* NULL: from */
    apr_interval_time_t connect_timeout, timeout;
} rg_mail_conf_t;

typedef struct {
    const char *uid, *kind;            /* for the command */
    const char *id;                    /* of Message-ID, without its brackets */
    apr_time_t at;                     /* of Date */
    const char *to_name, *to, *phone;  /* "": none */
    const char *from_name;             /* where the configuration names none */
    const char *subject, *text, *html; /* html NULL: text alone */
    const char *ics, *ics_method;      /* a calendar file; NULL: none */
    const char *stop;                  /* address that ends letters of this kind; NULL: none */
} rg_mail_t;

/* --- mail/mime.c ------------------------------------------------------------------------------ */

/* EMAIL as a mail server takes it: its domain in ASCII. NULL: it cannot be one. */
const char *rg_mail_address(apr_pool_t *p, const char *email);
/* "Harbor Clinic <mail@clinic.example>" or the address alone; *NAME NULL: none. False: neither. */
bool rg_mail_mailbox(const char **name, const char **address, apr_pool_t *p, const char *arg);
/* The letter as RFC 5322 and MIME, lines ended by CRLF, in ASCII. RG_INVALID: an address cannot be
 * written; RG_TOO_LARGE: OUT's cap. Whatever stands in names and subject, it adds no header. */
rg_outcome_t rg_mail_bytes(rg_buf_t *out, const rg_mail_conf_t *conf, const rg_mail_t *m);

/* --- mail/command.c --------------------------------------------------------------------------- */

/* The letter as one JSON object on one line, as the command reads it. */
void rg_mail_json(rg_buf_t *out, const rg_mail_conf_t *conf, const rg_mail_t *m);
/* ARG as a path and its arguments, without a shell. NULL, or what would be right, as the end of a
 * sentence. */
const char *rg_mail_argv(const char *const **out, apr_pool_t *p, const char *arg);

/* --- mail/post.c ------------------------------------------------------------------------------ */

typedef enum {
    RG_POST_SENT,
    RG_POST_LATER, /* this letter */
    RG_POST_NEVER, /* this letter */
    RG_POST_DOWN   /* all of them: nothing can be sent now */
} rg_post_end_t;
typedef struct {
    rg_post_end_t end;
    rg_way_t way; /* that was tried; NONE: none could be */
    rg_mail_code_t code;
    const char *answer; /* what the other side said, at most 200 characters; "": nothing */
} rg_posted_t;
typedef struct rg_post_t rg_post_t;
/* Whether who sends should end soon. Asked at least once a second. */
typedef bool (*rg_post_stop_fn)(void *baton);

/* Once per process, before threads. False: nothing leaves by a mail server; each try is
 * RG_POST_DOWN. */
bool rg_post_init(void);
/* NULL, or what is wrong with the settings, as a sentence that names them by WORDS. */
typedef struct {
    const char *transport, *folder, *server, *from, *command, *user, *password_file, *starttls;
} rg_mail_names_t;
/* The text of a PEM file; NULL: it cannot be read. */
const char *rg_mail_pem(apr_pool_t *p, const char *path);
const char *rg_mail_wrong(apr_pool_t *p, const rg_mail_conf_t *conf, const rg_mail_names_t *names);
/* Connects at the first letter, and keeps the connection until P is destroyed. Used by one thread
 * at a time. */
rg_post_t *rg_post_open(apr_pool_t *p, const rg_mail_conf_t *conf, rg_post_stop_fn stop,
                        void *baton);
/* Takes at most about conf->timeout. What it answers with is in P. */
rg_posted_t rg_post_send(rg_post_t *post, apr_pool_t *p, const rg_mail_t *m);

#endif
