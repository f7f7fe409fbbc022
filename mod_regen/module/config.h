/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of one server and one <Location>. REGEN_SERVER_DIRECTIVES is the only list of
 * directives: the struct, create, merge, defaults, ranges and the command table come out of it.
 * Private to the module room. */
#ifndef REGEN_CONFIG_H
#define REGEN_CONFIG_H

#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>

#include "mod_regen/web/platform/app.h"
#include "regen/core/mail.h"
#include "regen/core/meter.h"
#include "regen/core/outcome.h"
#include "regen/core/throttle.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/unit.h"

/* kind, member, name, default, lowest, highest, help (one sentence; `apache2 -L` prints it). Kinds:
 * TEXT a word; PATH a file that may not be there yet; FILE, DIR must be there, PEM with
 * certificates in it; SECRET a file only its owner reads; KEYS likewise, of installation keys;
 * HOST; URL an absolute http(s) address; URI; NUM; TIME; FLAG; RATE a number of tries and a time,
 * such as 20/15min, kept as count * REGEN_TRY + seconds; WAY and DETAIL words of core/mail.h; SIZE
 * and CODE of model/unit.h; BOX a mailbox; ARGV a program that can be run, with its arguments. */
#define REGEN_TRY (INT64_C(1) << 32)
#define REGEN_SERVER_DIRECTIVES(X)                                                                 \
    X(PATH, db_socket, "RegenDatabaseSocket", NULL, 0, 0,                                          \
      "the socket of the MariaDB server on this machine")                                          \
    X(HOST, db_host, "RegenDatabaseHost", NULL, 0, 0,                                              \
      "the name or address of the MariaDB server, instead of a socket; TLS unless it is "          \
      "loopback")                                                                                  \
    X(NUM, db_port, "RegenDatabasePort", 3306, 1, 65535, "the port of the MariaDB server")         \
    X(TEXT, db_user, "RegenDatabaseUser", "regen", 0, 80, "the account at the MariaDB server")     \
    X(TEXT, db_name, "RegenDatabaseName", "regen", 0, 64, "the database of the clinic")            \
    X(SECRET, db_password_file, "RegenDatabasePasswordFile", NULL, 0, 256,                         \
      "the file whose first line is the account's password")                                       \
    X(KEYS, secret_file, "RegenSecretFile", NULL, 0, 0,                                            \
      "the file of the installation's secret, made by regenctl secret make")                       \
    X(PEM, db_tls_ca, "RegenDatabaseTLSCA", NULL, 0, 0,                                            \
      "the PEM file of the authority that signed the MariaDB server's certificate")                \
    X(NUM, db_max, "RegenDatabaseMax", 8, 1, 500,                                                  \
      "the most database connections one child process opens")                                     \
    X(TIME, db_acquire_timeout, "RegenDatabaseAcquireTimeout", 2 * RG_SECOND, RG_SECOND / 100,     \
      RG_MINUTE, "how long a request waits for a free connection before it answers 503")           \
    X(TIME, db_connect_timeout, "RegenDatabaseConnectTimeout", 2 * RG_SECOND, RG_SECOND,           \
      RG_MINUTE, "how long connecting to the database may take")                                   \
    X(TIME, db_io_timeout, "RegenDatabaseIOTimeout", 5 * RG_SECOND, RG_SECOND, 5 * RG_MINUTE,      \
      "how long the database may stay silent within a statement")                                  \
    X(DIR, templates_dir, "RegenTemplates", NULL, 0, 0, "the folder of the page templates")        \
    X(DIR, static_dir, "RegenStatic", NULL, 0, 0,                                                  \
      "the folder of the style sheet, scripts and pictures")                                       \
    X(TEXT, clinic_name, "RegenClinicName", NULL, 0, 120,                                          \
      "the clinic's name on pages that cannot ask the database")                                   \
    X(TEXT, clinic_phone, "RegenClinicPhone", NULL, 0, 40,                                         \
      "the telephone number on pages that cannot ask the database")                                \
    X(TIME, hold_time, "RegenHoldTime", 15 * RG_MINUTE, RG_MINUTE, 4 * RG_HOUR,                    \
      "how long a chosen time is held while the patient fills in the forms")                       \
    X(NUM, places_per_client, "RegenWaitlistPerClient", 10, 0, 1000000,                            \
      "how many times visitors from one address may join the waitlist in a day; 0 is no limit")    \
    X(NUM, holds_per_client, "RegenHoldsPerClient", 20, 0, 1000000,                                \
      "how many times visitors from one address may hold at once; 0 is no limit")                  \
    X(NUM, desk_adjusts, "RegenDeskAdjustmentMax", 0, 0, 1000000000,                               \
      "the most, in whole units of the currency, that the front desk refunds, discounts or "       \
      "writes off at once, and on one account in a day; 0 is nothing")                             \
    X(NUM, billing_adjusts, "RegenBillingAdjustmentMax", 1000000000, 0, 1000000000,                \
      "the most, in whole units of the currency, that the billing staff refund, discount or "      \
      "write off at once, and on one account in a day; above it an administrator does")            \
    X(NUM, cash_difference, "RegenCashDifferenceMax", 20, 0, 1000000000,                           \
      "how far, in whole units of the currency, a count of the cash desk may be off before "       \
      "billing staff or an administrator who took no cash must count")                             \
    X(TIME, offer_time, "RegenOfferTime", 2 * RG_HOUR, 10 * RG_MINUTE, 48 * RG_HOUR,               \
      "how long a released time is held for the first matching waitlist entry")                    \
    X(TIME, session_idle, "RegenSessionIdle", 20 * RG_MINUTE, RG_MINUTE, 12 * RG_HOUR,             \
      "after how long without a request staff must log in again")                                  \
    X(TIME, session_max, "RegenSessionMax", 10 * RG_HOUR, 5 * RG_MINUTE, 24 * RG_HOUR,             \
      "after how long staff must log in again even if they are active")                            \
    X(TIME, patient_session, "RegenPatientSession", 12 * RG_HOUR, 10 * RG_MINUTE, 720 * RG_HOUR,   \
      "how long a patient's browser can open its bookings")                                        \
    X(NUM, link_days, "RegenLinkLifetime", 90, 1, 3650,                                            \
      "for how many days after the last visit a private link opens the booking")                   \
    X(NUM, forms_days, "RegenFormsReminder", 3, 0, 60,                                             \
      "how many days before a visit a patient is reminded to sign forms; 0 is never")              \
    X(NUM, hold_extensions, "RegenHoldExtensions", 10, 0, 100,                                     \
      "how many times a patient may extend a hold by the same time")                               \
    X(NUM, login_failures, "RegenLoginFailures", 5, 2, 100,                                        \
      "how many wrong passwords in a row lock a login")                                            \
    X(TIME, login_lock, "RegenLoginLock", 15 * RG_MINUTE, RG_MINUTE, 24 * RG_HOUR,                 \
      "how long a locked login stays locked")                                                      \
    X(NUM, logins_at_once, "RegenLoginsAtOnce", 2, 1, 64,                                          \
      "how many passwords one child process checks at a time, 64 MiB of memory each")              \
    X(RATE, login_rate, "RegenLoginRate", 20 * REGEN_TRY + 900, 1, 1000000,                        \
      "how many wrong logins one address may send in a time; Off is no limit")                     \
    X(NUM, login_failures_all, "RegenLoginFailuresAll", 100, 5, 60000,                             \
      "how many wrong passwords from everywhere lock a login on devices it never used before")     \
    X(RATE, link_rate, "RegenLinkRate", 60 * REGEN_TRY + 600, 1, 1000000,                          \
      "how many private links one address may open in a time; Off is no limit")                    \
    X(RATE, join_rate, "RegenJoinRate", 30 * REGEN_TRY + RG_HOUR_SEC, 1, 1000000,                  \
      "how many waitlist forms one address may send in a time; Off is no limit")                   \
    X(RATE, search_rate, "RegenSearchRate", 1200 * REGEN_TRY + 60, 1, 1000000,                     \
      "how many pages of free times one address may request in a time; Off is no limit")           \
    X(RATE, people_rate, "RegenPeopleRate", 600 * REGEN_TRY + 60, 1, 1000000,                      \
      "how many searches for people and their visits one token or one of the staff may make in "   \
      "which time; Off is any number")                                                             \
    X(NUM, search_days, "RegenSearchDays", 62, 31, 366,                                            \
      "the most days one search for free times may cover")                                         \
    X(FLAG, cookie_secure, "RegenCookieSecure", 1, 0, 1,                                           \
      "whether cookies are sent over TLS only; Off is for trials on one machine")                  \
    X(URL, fhir_base, "RegenFHIRBase", NULL, 0, 0,                                                 \
      "the public address of the FHIR API, without a slash at the end")                            \
    X(URI, code_system, "RegenCodeSystem", NULL, 0, 0,                                             \
      "the URI that names the clinic's own service codes")                                         \
    X(FLAG, bulk_publish, "RegenBulkPublish", 1, 0, 1,                                             \
      "whether anybody may read the public services and their free times at fhir/$bulk-publish")   \
    X(TEXT, fhir_origins, "RegenFHIROrigins", NULL, 0, 1000,                                       \
      "the origins whose pages may use the FHIR API from a browser, or a star for all")            \
    X(FILE, fhir_schema, "RegenFHIRSchema", NULL, 0, 0,                                            \
      "HL7's fhir-single.xsd, against which every claim is validated before it is stored")         \
    X(NUM, max_body, "RegenMaxBody", 1048576, 1024, 16777216,                                      \
      "the most bytes of a request's body, where a page does not allow fewer")                     \
    X(TIME, sweep_interval, "RegenSweepInterval", RG_MINUTE, RG_SECOND, RG_HOUR,                   \
      "how often expired holds, sessions and keys are removed")                                    \
    X(WAY, mail_transport, "RegenMailTransport", NULL, 0, 0,                                       \
      "how letters leave: Off, maildir, smtp or command")                                          \
    X(BOX, mail_from, "RegenMailFrom", NULL, 0, 0,                                                 \
      "the address that letters come from, with or without a name")                                \
    X(BOX, mail_reply_to, "RegenMailReplyTo", NULL, 0, 0,                                          \
      "the address that answers to letters go to")                                                 \
    X(BOX, mail_sender, "RegenMailSender", NULL, 0, 0,                                             \
      "the address that the mail server reports failures to, the envelope's sender")               \
    X(DIR, mail_folder, "RegenMailFolder", NULL, 0, 0, "the maildir for letters")                  \
    X(TEXT, mail_server, "RegenMailServer", NULL, 0, 200,                                          \
      "the mail server, as smtp://name:port or smtps://name:port")                                 \
    X(FLAG, mail_starttls, "RegenMailStartTLS", 1, 0, 1,                                           \
      "whether TLS is required; Off is for a mail server on this machine only")                    \
    X(TEXT, mail_user, "RegenMailUser", NULL, 0, 200, "the login at the mail server")              \
    X(SECRET, mail_password_file, "RegenMailPasswordFile", NULL, 0, 256,                           \
      "the file whose first line is that login's password")                                        \
    X(PEM, mail_tls_ca, "RegenMailTLSCA", NULL, 0, 0,                                              \
      "the PEM file of the authority that signed the mail server's certificate")                   \
    X(ARGV, mail_command, "RegenMailCommand", NULL, 0, 0,                                          \
      "the program and its arguments that takes a message as JSON on its standard input")          \
    X(TIME, mail_connect_timeout, "RegenMailConnectTimeout", 10 * RG_SECOND, RG_SECOND, RG_MINUTE, \
      "how long connecting to the mail server may take")                                           \
    X(TIME, mail_timeout, "RegenMailTimeout", RG_MINUTE, RG_SECOND, 10 * RG_MINUTE,                \
      "how long handing over one letter may take")                                                 \
    X(RATE, mail_rate, "RegenMailRate", 60 * REGEN_TRY + 60, 1, 1000000,                           \
      "how many letters may be handed over in a time; Off is no limit")                            \
    X(TIME, mail_give_up, "RegenMailGiveUp", 48 * RG_HOUR, 10 * RG_MINUTE, 720 * RG_HOUR,          \
      "for how long a letter is tried")                                                            \
    X(TIME, mail_interval, "RegenMailInterval", 2 * RG_SECOND, RG_SECOND, RG_HOUR,                 \
      "how often one child looks for letters to send")                                             \
    X(SIZE, label_size, "RegenLabelSize", RG_LABEL_LARGE, 0, 0,                                    \
      "the size of labels of units: large or small")                                               \
    X(CODE, label_code, "RegenLabelCode", RG_LABEL_QR, 0, 0,                                       \
      "the code on labels of units: qr, datamatrix or code128")                                    \
    X(DETAIL, mail_detail, "RegenMailDetail", 0, 0, 0,                                             \
      "what letters may say about the visit: none, service or full")

#define REGEN_TYPE_TEXT   const char *
#define REGEN_TYPE_PATH   const char *
#define REGEN_TYPE_FILE   const char *
#define REGEN_TYPE_PEM    const char *
#define REGEN_TYPE_DIR    const char *
#define REGEN_TYPE_SECRET const char *
#define REGEN_TYPE_KEYS   const char *
#define REGEN_TYPE_HOST   const char *
#define REGEN_TYPE_URL    const char *
#define REGEN_TYPE_URI    const char *
#define REGEN_TYPE_NUM    apr_int64_t
#define REGEN_TYPE_TIME   apr_int64_t
#define REGEN_TYPE_FLAG   apr_int64_t
#define REGEN_TYPE_RATE   apr_int64_t
#define REGEN_TYPE_WAY    const char *
#define REGEN_TYPE_BOX    const char *
#define REGEN_TYPE_ARGV   const char *
#define REGEN_TYPE_DETAIL apr_int64_t
#define REGEN_TYPE_SIZE   apr_int64_t
#define REGEN_TYPE_CODE   apr_int64_t

typedef enum {
    REGEN_KIND_TEXT,
    REGEN_KIND_PATH,
    REGEN_KIND_FILE,
    REGEN_KIND_PEM,
    REGEN_KIND_DIR,
    REGEN_KIND_SECRET,
    REGEN_KIND_KEYS,
    REGEN_KIND_HOST,
    REGEN_KIND_URL,
    REGEN_KIND_URI,
    REGEN_KIND_NUM,
    REGEN_KIND_TIME,
    REGEN_KIND_FLAG,
    REGEN_KIND_RATE,
    REGEN_KIND_WAY,
    REGEN_KIND_BOX,
    REGEN_KIND_ARGV,
    REGEN_KIND_DETAIL,
    REGEN_KIND_SIZE,
    REGEN_KIND_CODE
} regen_kind_t;

#define X(kind, member, ...) REGEN_ROW_##member,
typedef enum { REGEN_SERVER_DIRECTIVES(X) REGEN_ROW_COUNT } regen_row_t;
#undef X

/* One directive of the list: how to read its argument and where to put it. */
typedef struct {
    regen_kind_t kind;
    regen_row_t row;
    apr_size_t offset; /* in regen_server_t */
    apr_int64_t low, high;
} regen_directive_t;

/* Where something was set, for messages of check_config. */
typedef struct {
    const char *file;
    int line;
} regen_place_t;

typedef struct {
    const char *path; /* without a slash at the end; "" for <Location /> */
    regen_place_t at;
    const regen_where_t *where; /* made by check_config */
} regen_mount_t;

/* One RegenPublicBase. */
typedef struct {
    const char *path; /* path of its <Location>, as of a mount; NULL: of the server */
    const char *base;
    bool inherited; /* from the main server */
    regen_place_t at;
} regen_base_t;

/* What post.c remembers between its runs. */
typedef struct {
    bool down;             /* the last run could not send */
    int times;             /* in a row */
    apr_time_t wait_until; /* then nothing is tried before */
} regen_post_t;

#define X(kind, member, ...) REGEN_TYPE_##kind member;
typedef struct {
    REGEN_SERVER_DIRECTIVES(X)
    regen_place_t at[REGEN_ROW_COUNT]; /* file NULL: not set */
    apr_array_header_t *mounts;        /* of regen_mount_t: <Location>s with RegenEngine On */
    apr_array_header_t *bases;         /* of regen_base_t */
    const char *db_password;           /* read by check_config */
    regen_app_t *app;                  /* made by check_config; NULL: this server has no clinic */
    apr_uint32_t *told_on;             /* by this process: the last day on which tell_bases did */
    rg_mail_conf_t *mail;              /* made by check_config; NULL: letters wait */
    regen_post_t *post;                /* of this process: what its last run came to */
    int meter_clinic;                  /* among the clinics, for the counters */
} regen_server_t;
#undef X

typedef struct {
    int engine;        /* 1, 0; -1: not set */
    const char *mount; /* of the <Location> with On */
} regen_dir_t;

extern module AP_MODULE_DECLARE_DATA regen_module;
extern const command_rec regen_commands[];

/* --- config.c --------------------------------------------------------------------------------- */

void *regen_server_create(apr_pool_t *p, server_rec *s);
void *regen_server_merge(apr_pool_t *p, void *base, void *add);
void *regen_dir_create(apr_pool_t *p, char *dir);
void *regen_dir_merge(apr_pool_t *p, void *base, void *add);
/* A copy in which everything that was not set has its default. */
regen_server_t *regen_server_resolve(apr_pool_t *p, const regen_server_t *c);
regen_server_t *regen_server_conf(const server_rec *s);
const regen_dir_t *regen_dir_conf(const request_rec *r);
bool regen_same_database(const regen_server_t *a, const regen_server_t *b);
/* The first server from FIRST on, but before S, whose database settings are those of S: the two
 * share one pool and one sweep. NULL: none. */
const regen_server_t *regen_pool_mate(const server_rec *first, const server_rec *s);

/* --- directive.c ------------------------------------------------------------------------------ */

/* First line of a secret's file, or NULL with what would be right in *WHY. */
const char *regen_secret_read(const char **why, apr_pool_t *p, const char *path);

/* --- base.c ----------------------------------------------------------------------------------- */

/* A normalized base of ARG: lowercase letters, no port that is the scheme's own, no slash at the
 * end. NULL, or what would be right. */
const char *regen_base_read(const char **out, apr_pool_t *p, const char *arg);
/* Its path: "/clinic", or "". */
const char *regen_base_path(const char *base);
/* Whether it is http to somewhere else than this machine. */
bool regen_base_is_open(const char *base);
/* NULL, or what a path is that is not made of plain names, as the end of a sentence. */
const char *regen_path_wrong(const char *path);
/* The RegenPublicBase of MOUNT; NULL: none. */
const regen_base_t *regen_base_said(const regen_server_t *c, const char *mount);
/* From a ServerName with scheme; NULL: it has none. */
const char *regen_base_of_server(apr_pool_t *p, const server_rec *s, const char *mount);
/* Of the <Location> of R; NULL: there is no clinic. */
const regen_where_t *regen_where(const request_rec *r);

/* --- check.c: everything that can be wrong is told before the server (re)starts --------------- */

int regen_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* --- check_mail.c ----------------------------------------------------------------------------- */

/* The settings of letters, in P, or NULL where none leave. What is wrong with them is *WHY, a
 * sentence, about the directive of *ROW. */
rg_mail_conf_t *regen_mail_conf(const char **why, regen_row_t *row, apr_pool_t *p,
                                const regen_server_t *c);

/* --- hooks of mount.c, auth.c, sweep.c, post.c, status.c, throttle.c, bridge.c ---------------- */

void regen_mount_hooks(void);
void regen_auth_hooks(apr_pool_t *p);
void regen_sweep_hooks(void);
void regen_post_hooks(void);
/* Once per child, before its threads. */
void regen_post_init(server_rec *s);
/* How letters of C leave, for the page of httpd's state. */
const char *regen_post_state(const regen_server_t *c);
/* A context for work without a request, in P: what the sweep and the sender begin with. */
rg_ctx_t *regen_background_ctx(apr_pool_t *p, const regen_app_t *app);
void regen_status_hooks(void);

/* --- meter.c, metrics.c: what this machine counts --------------------------------------------- */

/* Work in the background, by the words of its metrics. */
#define REGEN_TASKS(X)                                                                             \
    X(REGEN_TASK_HOLDS, "holds")                                                                   \
    X(REGEN_TASK_SESSIONS, "sessions")                                                             \
    X(REGEN_TASK_OFFERS, "waitlist offers")                                                        \
    X(REGEN_TASK_RECALLS, "recalls")                                                               \
    X(REGEN_TASK_FORMS, "reminders of forms")                                                      \
    X(REGEN_TASK_VISITS, "reminders of visits")                                                    \
    X(REGEN_TASK_ANCHORS, "anchors of the audit log")                                              \
    X(REGEN_TASK_LETTERS, "letters")
RG_WORDS(regen_task, REGEN_TASK_COUNT, REGEN_TASKS);

void regen_meter_hooks(void);
/* Once per child, before its threads. */
void regen_meter_init(apr_pool_t *pchild, const server_rec *first);
/* The counters that all children share; NULL where there is no shared memory. After post_config. */
rg_meter_t *regen_meter_shared(void);
/* NULL: the server has a database, for the logins of others, and no clinic. */
const regen_routes_t *regen_meter_routes(const regen_server_t *c);
/* Whether there is such a process. */
bool regen_meter_alive(int pid);
/* A run of TASK for C that began at BEGAN came to RC, with so many DONE. */
void regen_meter_ran(const regen_server_t *c, regen_task_t task, apr_time_t began, int done,
                     rg_outcome_t rc);
void regen_metrics_hooks(void);
void regen_throttle_hooks(void);
/* The table that all children share; NULL where there is no shared memory. After post_config. */
rg_throttle_t *regen_throttle_shared(void);
/* Connects the library's log to httpd's; once per child. */
void regen_bridge_install(void);

#endif
