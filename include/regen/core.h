/* SPDX-License-Identifier: Apache-2.0 */
/* The core room: plain values every other room speaks in. Knows APR, libc and the one library each
 * file wraps; knows no httpd, no SQL, no markup. Everything here is thread-safe unless it says
 * otherwise. */
#ifndef REGEN_CORE_H
#define REGEN_CORE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

/* --- outcome.c: how every fallible function ends --------------------------------------------- */

/* Few and expected. web/platform/outcome.c maps each to an HTTP status, a FHIR issue code, a log
 * level and a page. "Not yours" is RG_NOT_FOUND. */
typedef enum {
    RG_OK = 0,
    RG_INVALID, /* the input is wrong; ctx->problems says which fields and what would be right */
    RG_UNAUTHENTICATED, /* nobody is logged in */
    RG_FORBIDDEN,       /* somebody is, without the role */
    RG_NOT_FOUND,
    RG_CONFLICT,     /* taken, or changed meanwhile */
    RG_GONE,         /* expired or used up: a hold, a link, a unit */
    RG_PRECONDITION, /* a rule forbids it now: consent missing, wrong side, wrong state */
    RG_TOO_LARGE,
    RG_TOO_MANY,    /* by one client at a time; come back later */
    RG_UNAVAILABLE, /* the database is down or busy; come back later */
    RG_INTERNAL
} rg_outcome_t;
#define RG_OUTCOME_COUNT (RG_INTERNAL + 1)

/* The outcome's stable lower-case name ("not-found"), for logs and audit events. Static string. */
const char *rg_outcome_name(rg_outcome_t o);

/* One thing that is wrong, in words for the person who can mend it. */
typedef struct {
    const char *field; /* form field or FHIR path; NULL when it concerns the whole request */
    const char *text;  /* one sentence; says what would be right */
    const char *code;  /* FHIR's type of issue; NULL: that of the whole answer */
} rg_problem_t;

/* What went wrong, filled by whoever notices, shown once. */
typedef struct {
    apr_pool_t *pool;
    apr_array_header_t *list; /* of rg_problem_t */
} rg_problems_t;

rg_problems_t *rg_problems_make(apr_pool_t *p);
/* Copies FIELD and the text. All three functions take NULL for PS: nobody wants to know. */
void rg_problem_add(rg_problems_t *ps, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool rg_problems_any(const rg_problems_t *ps);
/* The first text there is, whatever it is about; NULL: none. */
const char *rg_problem_first(const rg_problems_t *ps);
/* The first text for this field (NULL: for the whole request), or NULL. */
const char *rg_problem_for(const rg_problems_t *ps, const char *field);

/* --- log.c: the bridge that keeps the library free of httpd ---------------------------------- */

typedef enum {
    RG_LOG_EMERG,
    RG_LOG_ALERT,
    RG_LOG_CRIT,
    RG_LOG_ERR,
    RG_LOG_WARNING,
    RG_LOG_NOTICE,
    RG_LOG_INFO,
    RG_LOG_DEBUG,
    RG_LOG_TRACE
} rg_log_level_t;

/* Every message starts with its own number: rg_log(ctx, RG_LOG_ERR, RGNO(00012) "text %s", id).
 * Five digits, unique (guarded). Ids and outcomes only: nothing a patient typed and no token ever
 * goes into a log. */
#define RGNO(n) "RG" #n ": "

typedef void (*rg_log_sink_fn)(void *baton, rg_log_level_t level, const char *file, int line,
                               const char *text);
typedef bool (*rg_log_enabled_fn)(void *baton, rg_log_level_t level);

/* Installed once per process before threads start (child_init, main of regenctl, a test's setup).
 * Without a sink messages are dropped; ENABLED may be NULL: everything is wanted. */
void rg_log_set(rg_log_sink_fn sink, rg_log_enabled_fn enabled);
/* BATON is whatever the sink understands (the glue's request_rec), or NULL. One line of at most
 * 1023 bytes; control characters come out as '?', so that no id can forge a line. */
void rg_log_write(void *baton, rg_log_level_t level, const char *file, int line, const char *fmt,
                  ...) __attribute__((format(printf, 5, 6)));
#define rg_log(ctx, level, ...)                                                                    \
    rg_log_write((ctx)->log_baton, (level), __FILE__, __LINE__, __VA_ARGS__)

/* --- ctx: what a use-case gets beside its input ---------------------------------------------- */

typedef enum {
    RG_ROLE_NONE = 0,
    RG_ROLE_PATIENT =
        1 << 0, /* a visitor's browser, whose session opens some bookings and places */
    RG_ROLE_FRONT_DESK = 1 << 1,
    RG_ROLE_CLINICIAN = 1 << 2,
    RG_ROLE_BILLING = 1 << 3,
    RG_ROLE_ADMIN = 1 << 4,
    RG_ROLE_MACHINE = 1 << 5 /* a bearer token; see scopes */
} rg_role_t;
/* Who meets patients. */
#define RG_ROLE_DESK  (RG_ROLE_FRONT_DESK | RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)
#define RG_ROLE_STAFF (RG_ROLE_FRONT_DESK | RG_ROLE_CLINICIAN | RG_ROLE_BILLING | RG_ROLE_ADMIN)

/* "front-desk" -> RG_ROLE_FRONT_DESK; 0 when there is no such role. */
unsigned rg_role_parse(const char *name);
/* The name of one role; "none" for 0, "several" for anything else. Static string. */
const char *rg_role_name(unsigned role);

/* Who asks. Zeroed = an anonymous visitor. */
typedef struct {
    unsigned roles;      /* rg_role_t bits */
    int64_t staff_id;    /* > 0 for staff */
    int64_t resource_id; /* > 0 when this staff member is a practitioner that can be booked */
    int64_t visitor_id;  /* > 0 for the session of a visitor's browser */
    int64_t booking_id;  /* > 0: the booking that a visitor's request names and may open */
    int64_t waiter_id;   /* > 0: likewise a place on the waitlist; booking_id is 0 then */
    int64_t token_id;    /* > 0 for a machine */
    bool others;         /* a machine that may see and change what others made */
    const char *name;    /* display name of staff or token; NULL otherwise */
    const char *scopes;  /* space separated, machines only */
} rg_principal_t;

/* One state-changing request that may arrive twice. The row is written in the transaction of its
 * effect (store: rg_store_transact), so the effect and its record live and die together. */
typedef struct {
    /* SHA-256 over who asks, the route and the key that came with the form or header: a name to
     * find the request by, the same whatever the installation's secret is. Opens nothing. */
    unsigned char key[32];
    /* SHA-256 of what is asked (body, query, If-Match): the same key with anything else is
     * refused */
    unsigned char request[32];
    /* The same at every repetition and never stored. Others may know it: a secret is made from it
     * and the installation's key together, and can then be answered again. All zero: there is
     * none. */
    unsigned char seed[32];
    /* Which of the installation's keys that was (rg_key_t.id); the store keeps it with the
     * request. 0: none. */
    uint32_t seed_key;
    /* The use-case stores here, inside its transaction, what is needed to answer again (an id,
     * never personal data; at most 255 bytes); given back on replay. */
    const char *result;
    bool replayed; /* true: nothing was done now, `result` is the first answer's */
    bool other; /* true: nothing was done now, the key belongs to another request (RG_CONFLICT) */
    /* The key was made from what is asked, because none was sent: it names the same request only
     * as long as its effect lasts. */
    bool natural;
} rg_idem_t;

/* The installation's secret; secret/keys.c. */
typedef struct rg_keys_t rg_keys_t;

/* Tunables from directives; one struct so that use-cases never see httpd's configuration. */
typedef struct {
    apr_interval_time_t hold_time;    /* how long a held time is kept */
    apr_interval_time_t offer_time;   /* how long one is kept for somebody on the waitlist */
    apr_interval_time_t session_idle; /* staff */
    apr_interval_time_t session_max;  /* staff */
    apr_interval_time_t patient_session_max;
    apr_interval_time_t forms_reminder; /* before a visit, when forms are to be signed; 0: none */
    int hold_extensions;                /* how often a hold may be extended by hold_time */
    apr_interval_time_t link_lifetime;  /* of a private link, after the last visit */
    int login_failures;                 /* from everywhere: lock the login after so many in a row */
    apr_interval_time_t login_lock;
    int search_days;         /* longest window one search may ask for */
    int places_per_client;   /* on the waitlist, of one address from outside, a day; 0: any */
    int holds_per_client;    /* live holds of one address from outside; 0: any number */
    const char *public_base; /* absolute URL of the pages, no trailing slash */
    const char *fhir_base;   /* absolute URL of the FHIR API, no trailing slash: links */
    const char *names;       /* URI under which the clinic's own identifiers are named: /sid/… */
    const char *code_system; /* URI of the clinic's own service codes; NULL: under names */
    const rg_keys_t *keys;   /* NULL: there is no secret, and nothing is derived from one */
    struct rg_schema_t *fhir_schema; /* NULL: emitted claims are not validated against a schema */
} rg_policy_t;

/* Y with the names that are kept (NULL: its own), and the code system that goes with them. */
const rg_policy_t *rg_policy_named(apr_pool_t *p, const rg_policy_t *y, const char *names);

struct rg_store_t;

typedef struct {
    apr_pool_t *pool; /* lives as long as the request; all results are allocated here */
    apr_time_t now;   /* UTC; the only clock a use-case knows */
    void (*random)(void *buf, size_t n);
    struct rg_store_t *store;
    const rg_policy_t *policy;
    rg_principal_t who;
    /* SHA-256 of a session's token, which is stored in the transaction of the first thing that it
     * opens: see rg_visitor_begin; NULL: none is to be made. */
    const unsigned char *visitor_new;
    rg_problems_t *problems;
    rg_idem_t *idem;        /* NULL: reads, and background work */
    bool quiet;             /* a page asks by itself: that keeps nobody logged in */
    int64_t staff_beside;   /* > 0: a patient's page, in a browser in which they are logged in */
    const char *client_ip;  /* for consent proof; NULL in tools */
    const char *user_agent; /* likewise; capped and cleaned */
    void *log_baton;
} rg_ctx_t;

/* --- text/buf.c: a growing byte buffer with a mandatory cap ----------------------------------- */

typedef struct {
    apr_pool_t *pool;
    char *data; /* always NUL terminated */
    size_t len, size, cap;
    bool overflow; /* set once the cap was hit; that append and all further ones are ignored */
} rg_buf_t;

/* CAP counts bytes of content, without the NUL. */
rg_buf_t *rg_buf_make(apr_pool_t *p, size_t cap);
void rg_buf_add(rg_buf_t *b, const char *bytes, size_t n);
void rg_buf_puts(rg_buf_t *b, const char *s);
void rg_buf_printf(rg_buf_t *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- text/text.c: bytes that people typed ----------------------------------------------------- */

/* Well-formed UTF-8 that XML can carry: no NUL, no C0/C1 controls nor DEL except TAB, LF, CR, no
 * U+FFFE, no U+FFFF. */
bool rg_text_clean(const char *s, size_t n);
/* Code points in well-formed UTF-8. */
size_t rg_text_length(const char *s);
/* rg_text_plain, trimmed, inner runs of blanks of any width folded to one space, CRLF and CR to LF.
 * NULL gives NULL. */
const char *rg_text_tidy(apr_pool_t *p, const char *s);
/* Same bytes with < > & " ' as entities; the only HTML escaping there is. */
void rg_text_escape_html(rg_buf_t *out, const char *s, size_t n);
const char *rg_text_hex(apr_pool_t *p, const unsigned char *b, size_t n);
/* No padding. */
const char *rg_text_base64url(apr_pool_t *p, const unsigned char *b, size_t n);
/* Strict: false on a wrong alphabet, padding, stray bits, or a length other than N bytes. */
bool rg_text_unbase64url(unsigned char *out, size_t n, const char *s);
/* The whole string is a decimal number within [lo, hi]; no blanks, no plus sign. OUT stays
 * untouched when false. */
bool rg_text_i64(int64_t *out, const char *s, int64_t lo, int64_t hi);
/* libc's printf into P. Not apr_pvsprintf: APR prints %lld, %zu and %jd wrongly. */
const char *rg_text_vformat(apr_pool_t *p, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* --- text/fold.c (ICU): when two texts are the same to people --------------------------------- */

/* What the edge makes of clean text before anything else sees it: composed (NFC), without what is
 * never seen (default-ignorable code points) and without what turns the direction of writing. S
 * itself when nothing changes; NULL gives NULL. */
const char *rg_text_plain(apr_pool_t *p, const char *s);
/* The same with case folded, accents kept: logins. NULL counts as "". */
const char *rg_fold_case(apr_pool_t *p, const char *s);
enum { RG_FOLD_MOST = 120 }; /* code points of a name's key, which columns hold */
/* The key of a text: case folded, accents gone, one apostrophe, one hyphen, one blank, digits of
 * all scripts as 0 to 9. Accents are what Latin, Greek, Cyrillic, Hebrew and Arabic letters carry;
 * signs that are vowels or letters of other scripts stay. NULL counts as "". */
const char *rg_fold_text(apr_pool_t *p, const char *s);
/* The key of a name, for searching and comparing: rg_fold_text without blanks and punctuation, so
 * that "oneil" finds O'Neil; a name of signs only keeps them. At most RG_FOLD_MOST code points. */
const char *rg_fold_name(apr_pool_t *p, const char *s);
/* Two names that are one: their keys are. */
bool rg_fold_same(apr_pool_t *p, const char *a, const char *b);
/* A domain in the ASCII that is looked up, in lower case ("xn--mnchen-3ya.example"); NULL when it
 * cannot be one. */
const char *rg_fold_domain(apr_pool_t *p, const char *s);
/* ISO 3166's two letters of the country whose code or English name has this key (rg_fold_name). */
const char *rg_fold_country(const char *key);
typedef struct {
    const char *code, *name; /* ISO 3166's two letters, in English */
} rg_country_t;
/* All countries, by name; *COUNT of them. Kept until the process ends. */
const rg_country_t *rg_countries(int *count);
/* The English name of two letters; the letters when there is none. */
const char *rg_country_name(const char *code);

/* --- file.c: files of a folder that is published ---------------------------------------------- */

/* All of DIR/NAME, with a NUL behind it, in P: a regular file of at most MOST bytes that lies in
 * the folder, whatever links say, and that the folder's owner may read. NULL, or what is wrong as
 * the rest of a sentence: "is a link that leads out of the folder". */
const char *rg_file_in_folder(const char **data, size_t *n, apr_pool_t *p, const char *dir,
                              const char *name, size_t most);

/* --- secret/pem.c: what a sysadmin hands over ------------------------------------------------- */

/* The first line of a password file, without its end; NULL, or what is wrong as the rest of a
 * sentence: "begins with …". */
const char *rg_secret_line_wrong(const char *line);
/* Whether PATH has certificates in PEM, each whole; NULL, or what is wrong, likewise. */
const char *rg_pem_wrong(apr_pool_t *p, const char *path);

/* --- text/form.c: application/x-www-form-urlencoded, strictly --------------------------------- */

typedef struct {
    const char *name, *value;
} rg_pair_t;
typedef struct {
    apr_array_header_t *pairs; /* of rg_pair_t, in order */
} rg_form_t;

/* RG_INVALID on a bad escape, NUL, bad UTF-8 or control characters (in names also TAB, LF, CR);
 * RG_TOO_LARGE past MAX_PAIRS. Values are rg_text_plain and have CRLF and CR as LF. A name without
 * "=" has the value ""; empty pieces ("a=1&&b=2") count as nothing. */
rg_outcome_t rg_form_parse(rg_form_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           int max_pairs);
/* First value of that name, or NULL. */
const char *rg_form_get(const rg_form_t *f, const char *name);

/* --- secret/crypto.c (libsodium) -------------------------------------------------------------- */

bool rg_crypto_init(void); /* once per process, before threads */
void rg_crypto_random(void *buf, size_t n);
void rg_crypto_sha256(unsigned char out[32], const void *data, size_t n);
/* BLAKE2b-256 of DATA under KEY. */
void rg_crypto_mac(unsigned char out[32], const unsigned char key[32], const void *data, size_t n);
/* SipHash-2-4 of A, a NUL and B: for places in a table that a stranger must not choose. */
uint64_t rg_crypto_short(const unsigned char key[16], const char *a, const char *b);
/* Constant time; NULL equals nothing. */
bool rg_crypto_equal(const void *a, const void *b, size_t n);
/* Argon2id, interactive limits (64 MiB for the moment of the call). NULL when memory ran out. */
const char *rg_crypto_password_hash(apr_pool_t *p, const char *password);
bool rg_crypto_password_verify(const char *hash, const char *password);
/* --- secret/password.c (zxcvbn) --------------------------------------------------------------- */

/* How hard a password is to guess, in bits. HINTS (up to a NULL) are words that a guesser of this
 * one would try first: login, name. */
int rg_password_bits(const char *password, const char *const *hints);
/* 128 random bits as 26 lower-case Crockford base-32 digits: the public id of a record (fits FHIR's
 * id). */
const char *rg_uid_make(rg_ctx_t *ctx);
bool rg_uid_valid(const char *s);

enum { RG_NUMBER_DIGITS = 9 };
/* A booking's number to be told on the phone: 36 random bits as 9 letters and digits that neither
 * look nor sound like each other. With the patient's date of birth it opens the booking, so that
 * what guesses it must be throttled; clinic/patient/visitor.c has the sum. */
const char *rg_number_make(rg_ctx_t *ctx);
/* As people type and paste it, with blanks, dashes, small letters; NULL when it cannot be one. */
const char *rg_number_read(apr_pool_t *p, const char *typed);
/* "K7M 4QX 9RY"; NULL for none. */
const char *rg_number_people(apr_pool_t *p, const char *number);

/* --- secret/keys.c: the installation's secret ------------------------------------------------- */

enum { RG_KEY_BYTES = 32, RG_KEYS_MOST = 8 };

typedef struct {
    uint32_t id; /* tells keys apart, and nothing about them; never 0 */
    unsigned char bytes[RG_KEY_BYTES];
} rg_key_t;

/* The first one makes what is new; the others only verify what was made with them. */
struct rg_keys_t {
    int count; /* at least 1 */
    rg_key_t key[RG_KEYS_MOST];
};

/* Reads a file that only its owner, who is root or ourselves, may open: a key a line, 43 base64url
 * characters; empty lines and lines that begin with # do not count. NULL, or what is wrong and what
 * to do, in a sentence that names PATH. */
const char *rg_keys_read(rg_keys_t **out, apr_pool_t *p, const char *path);
/* Makes the file, mode 0600; one that is there stays as it is. NULL, or what is wrong. */
const char *rg_keys_make(apr_pool_t *p, const char *path);
/* Puts a new key before the others and keeps so many EARLIER ones; *KEPT says how many there were.
 * The file changes as a whole or not at all. NULL, or what is wrong. */
const char *rg_keys_rotate(int *kept, apr_pool_t *p, const char *path, int earlier);
/* NULL: not among them (or KEYS is NULL). */
const rg_key_t *rg_keys_find(const rg_keys_t *keys, uint32_t id);
/* 32 bytes that nobody without the key can have, of DATA that others may know; PURPOSE tells uses
 * apart. */
void rg_key_derive(unsigned char out[32], const rg_key_t *key, const char *purpose,
                   const void *data, size_t n);

/* --- money.c: 64-bit minor units and an ISO 4217 code ---------------------------------------- */

typedef struct {
    int64_t minor;
    char currency[4];
} rg_money_t;

/* Digits after the point for this currency (USD 2, JPY 0, BHD 3); -1 for an unknown code. */
int rg_money_exponent(const char *currency);
/* "12.50": what FHIR and people read; never localised. NULL for an unknown currency, here and in
 * display: a sum of unknown scale must not be shown as anything. */
const char *rg_money_decimal(apr_pool_t *p, rg_money_t m);
/* "$1,250.00" for USD, "1,250.00 EUR" otherwise. */
const char *rg_money_display(apr_pool_t *p, rg_money_t m);
/* Strict decimal with at most the currency's digits, as FHIR writes it: "0.5", "-12.50"; no plus,
 * no leading zero, no separators. Negative sums are the caller's to refuse. */
bool rg_money_parse(rg_money_t *out, const char *decimal, const char *currency);
/* False on overflow or different currencies; the sum stays as it was. */
bool rg_money_add(rg_money_t *sum, rg_money_t b);
bool rg_money_times(rg_money_t *out, rg_money_t unit, int64_t quantity);

/* --- tz.c (GLib GTimeZone): the only file that knows local time ------------------------------ */

typedef struct rg_zone_t rg_zone_t;
typedef struct {
    int year, month, day; /* month and day from 1 */
} rg_date_t;
typedef struct {
    rg_date_t date;
    int minute; /* of the local day, 0..1439 */
} rg_local_t;

/* NULL for an unknown name. Read from the system's zone data once per process and then kept, so
 * opening again costs a look-up; new zone data takes effect in new processes. Exact for the years
 * 1900..2199 (but not for Europe/Dublin after 2037, whose rule GLib 2.74 misreads). */
rg_zone_t *rg_zone_open(apr_pool_t *p, const char *name);
/* Whether zone data can be read at all now. False when this process may open no more files: then a
 * name is unknown only for the moment. */
bool rg_zone_readable(void);
const char *rg_zone_name(const rg_zone_t *z);
rg_local_t rg_zone_local(const rg_zone_t *z, apr_time_t t);
/* "-05:00", "EST" at T. */
const char *rg_zone_offset(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
const char *rg_zone_abbrev(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
/* UTC of a local time. A time in the missing hour gives the instant of the change; in the repeated
 * hour, the first. MINUTE may be 1440: midnight of the next day. Allocates nothing. */
apr_time_t rg_zone_utc(const rg_zone_t *z, rg_date_t date, int minute);
/* UTC ranges [from, until) covered by local minutes [a, b) of one local day; a change within makes
 * up to two ranges so that nothing of the missing hour is covered and the repeated hour is covered
 * twice. Ranges that touch are joined: a change in the middle of [a, b) gives one range. Returns
 * how many (0..2), in order. */
int rg_zone_span(const rg_zone_t *z, rg_date_t date, int a, int b, apr_time_t from[2],
                 apr_time_t until[2]);

/* Strict YYYY-MM-DD, a real day, years 1900..2199. */
bool rg_date_parse(rg_date_t *out, const char *iso);
/* Strict hh:mm, 00:00 to 24:00, as minutes of the local day. */
bool rg_minute_parse(int *out, const char *clock);
const char *rg_date_iso(apr_pool_t *p, rg_date_t d);
const char *rg_date_long(apr_pool_t *p, rg_date_t d); /* "Tuesday 1 December 2026" */
const char *rg_date_us(apr_pool_t *p, rg_date_t d);   /* "December 1, 2026" */
int rg_date_weekday(rg_date_t d);                     /* ISO: Monday 1 … Sunday 7 */
rg_date_t rg_date_add(rg_date_t d, int days);
int rg_date_days(rg_date_t d); /* days since 1970-01-01 */
int rg_date_compare(rg_date_t a, rg_date_t b);
const char *rg_time_instant(apr_pool_t *p, apr_time_t t); /* "2026-12-01T14:40:00Z" */
/* RFC 3339 in capitals with Z or offset, whole seconds (a fraction of zeros, as browsers write it,
 * is one), years 1900..2199. */
bool rg_time_parse(apr_time_t *out, const char *instant);
/* "2026-12-01T09:40:00-05:00", what FHIR's dateTime and instant carry. */
const char *rg_time_local_instant(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
/* "Tuesday 1 December 2026, 9:40 am (New York time)" and "9:40 am". In the hour that a clock shows
 * twice, when it goes back, both say which of the two it is: "1:30 am EDT", "1:45 am UTC+10:30". */
const char *rg_time_people(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
const char *rg_time_clock(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);

/* --- text/day_words.c: days as people write them ---------------------------------------------- */

typedef enum {
    RG_DAY_READ,
    RG_DAY_NONE,      /* nothing was typed */
    RG_DAY_UNKNOWN,   /* not a day of the calendar, or not understood */
    RG_DAY_EITHER,    /* may be month and day, or day and month: both in the date's order */
    RG_DAY_SHORT_YEAR /* two digits that may be of either century */
} rg_day_read_t;

/* A day in the past in one piece: "Dec 10, 1962", "10 December 1962", "12/10/1962", "1962-12-10",
 * "12-10-62", English or Spanish names of months. The month comes first where numbers leave it
 * open, as in the United States, but with dots it is asked for. *OUT is set for RG_DAY_READ, and
 * for RG_DAY_EITHER to the reading with the month first. TODAY tells the century of a short
 * year. */
rg_day_read_t rg_day_read(rg_date_t *out, apr_pool_t *p, const char *typed, rg_date_t today);
/* The same in three pieces, the month by name or number; a whole day in one of them will do when
 * the others are empty. */
rg_day_read_t rg_day_read_parts(rg_date_t *out, apr_pool_t *p, const char *month, const char *day,
                                const char *year, rg_date_t today);

/* --- ident.c: identifiers with check digits -------------------------------------------------- */

/* 10 digits, first 1 or 2, Luhn over 80840 and them (CMS NPI standard). */
bool rg_npi_valid(const char *s);
/* In the form of a code of ICD-10-CM ("M17.11"); whether there is one is for its list. */
bool rg_icd10cm_valid(const char *s);
bool rg_place_of_service_valid(const char *s); /* one of CMS's */
bool rg_tin_valid(const char *s);              /* 9 digits, not all equal */
bool rg_taxonomy_valid(const char *s);         /* 10 letters and digits, ends with X as NUCC's do */
bool rg_mbi_valid(const char *s);              /* CMS MBI format, 11 characters */
/* ASCII, one @, a domain with a dot, nothing that could break a mail header; at most 254 bytes. */
bool rg_email_plausible(const char *s);

/* --- text/reach.c: phone numbers and email addresses as people have them ---------------------- */

/* The number as it is stored: "603-555-0142" in North America, "+44 20 7946 0958" elsewhere, "ext.
 * 12" behind it. Takes marks that phones paste, all kinds of dashes, "tel:", "(0)", "011", an
 * extension in any writing, and what kind it is ("cell"). NULL when it cannot be a number. */
const char *rg_phone_read(apr_pool_t *p, const char *typed);
/* The digits by which a number is found, those of its country in front: however it is written, it
 * has the same. "" when there are none. At most 20. */
const char *rg_phone_key(apr_pool_t *p, const char *phone);
/* The address as it is stored: out of "mailto:" and <>, its domain in ASCII and lower case. NULL
 * when it cannot be one. */
const char *rg_email_read(apr_pool_t *p, const char *typed);

/* --- net.c: addresses ------------------------------------------------------------------------- */

/* Who is one client where clients are counted: an IPv4 address itself, also as IPv6 writes it, of
 * another IPv6 address its /64, which one household has. What is no address is returned as it
 * is. */
const char *rg_net_client(apr_pool_t *p, const char *ip);

/* --- throttle.c: how often one caller may do one thing ---------------------------------------- */

/* COUNT tries at once, coming back evenly over SECONDS (5 in 60: one more each twelve seconds).
 * COUNT 0: any number. */
typedef struct {
    int count, seconds;
} rg_rate_t;

/* A table of callers, of fixed size, for any number of threads and processes. */
typedef struct rg_throttle_t rg_throttle_t;
/* Bytes of memory a table takes; the memory must be aligned to 64. */
size_t rg_throttle_size(void);
/* An empty table in MEMORY. KEY is random, and the same for all who share it. */
rg_throttle_t *rg_throttle_lay_out(void *memory, const unsigned char key[16]);
/* The table that lies in MEMORY already; NULL when it is another build's. */
rg_throttle_t *rg_throttle_found(void *memory);
/* Counts one try of WHO (an address, a login, …) for PURPOSE. 0: go on. Otherwise how long from NOW
 * until the next try will be taken; then nothing was counted. T NULL: no limit. Callers share an
 * entry by accident once in some ten thousand times. */
apr_interval_time_t rg_throttle_take(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                                     const char *purpose, const char *who);
/* The same answer without counting. */
apr_interval_time_t rg_throttle_wait(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                                     const char *purpose, const char *who);
/* Takes back TRIES of them (0: all), because they turned out to be honest. */
void rg_throttle_give_back(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                           const char *purpose, const char *who, int tries);

/* --- text/json.c (jansson), text/xml.c (libxml2): strict readers ------------------------------ */

struct json_t;
/* An object or an array. Rejects duplicate keys, bad UTF-8, trailing data, nesting past jansson's
 * limit, and strings that are not rg_text_clean. Freed with P. */
rg_outcome_t rg_json_parse(struct json_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           rg_problems_t *problems);

struct _xmlDoc;
/* text/xml_scan.c: what a document has too much of, in words, or NULL: attributes of one element,
 * namespaces, elements, depth, letters of a name. Linear in N. */
const char *rg_xml_excess(const char *bytes, size_t n);
/* UTF-8 only. No entities, no DTD, no network, no excess, clean text: any other document is
 * RG_INVALID. Freed with P. The problems quote the parser, and so perhaps the document: show them,
 * never log them. */
rg_outcome_t rg_xml_parse(struct _xmlDoc **out, apr_pool_t *p, const char *bytes, size_t n,
                          rg_problems_t *problems);
void rg_xml_init(void); /* once per process, before threads */

typedef struct rg_schema_t rg_schema_t;
/* NULL with a reason in *why. May be used by many threads: validation is serialised inside. Lives
 * as long as P. Loading needs no network and refuses a schema that asks for it; load before threads
 * start (it swaps libxml2's process-wide loader for the moment). */
rg_schema_t *rg_schema_load(apr_pool_t *p, const char *path, const char **why);
/* RG_INVALID with the validator's words as problems (the first twenty). */
rg_outcome_t rg_schema_validate(rg_schema_t *s, const char *xml, size_t n, rg_problems_t *problems);

/* --- text/val.c: the tree a template reads ---------------------------------------------------- */

typedef enum { RG_VAL_STRING, RG_VAL_BOOL, RG_VAL_LIST, RG_VAL_OBJECT } rg_val_kind_t;
typedef struct rg_val_t rg_val_t;

rg_val_t *rg_val_object(apr_pool_t *p);
rg_val_t *rg_val_list(apr_pool_t *p);
rg_val_t *rg_val_string(apr_pool_t *p, const char *s); /* keeps the pointer */
rg_val_kind_t rg_val_kind(const rg_val_t *v);
const char *rg_val_text(const rg_val_t *v); /* "" unless a string */
bool rg_val_true(const rg_val_t *v); /* Mustache truth: not NULL, not false, not an empty list */
/* Setters keep pointers, copy nothing; a NULL string (or value) leaves the key out; setting a key
 * again replaces its value. */
void rg_val_set(rg_val_t *object, const char *key, rg_val_t *v);
void rg_val_str(rg_val_t *object, const char *key, const char *s);
void rg_val_int(rg_val_t *object, const char *key, int64_t n);
void rg_val_bool(rg_val_t *object, const char *key, bool b);
rg_val_t *rg_val_get(const rg_val_t *object, const char *key); /* NULL when absent */
/* The same for who asks for one key often: HEAD is rg_val_head(KEY), its first eight bytes as a
 * number. */
uint64_t rg_val_head(const char *key);
rg_val_t *rg_val_find(const rg_val_t *object, const char *key, uint64_t head);
rg_val_t *rg_val_add(rg_val_t *list); /* a new object at the end of LIST */
void rg_val_push(rg_val_t *list, rg_val_t *v);
int rg_val_count(const rg_val_t *list);
rg_val_t *rg_val_at(const rg_val_t *list, int i);
/* A list under KEY of OBJECT, made when absent. */
rg_val_t *rg_val_set_list(rg_val_t *object, const char *key);

#endif
