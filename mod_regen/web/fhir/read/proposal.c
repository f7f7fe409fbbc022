/* SPDX-License-Identifier: Apache-2.0 */
/* "p-SERVICE-GRANULE-VISIT[-PRACTITIONER]". Pure: unit tests include this file directly. */
#include "proposal.h"
#include "regen/core/ident.h"
#include "regen/model/place.h"

#include <apr_strings.h>
#include <string.h>

#define GRANULE   RG_GRANULE
#define UID_CHARS 26
#define ID_MOST   64

const char *regen_proposal_make(apr_pool_t *p, const regen_proposal_id_t *id)
{
    bool anyone = id->practitioner_uid[0] == '\0';
    return apr_psprintf(p, "p%s-%x-%x%s%s", id->service_uid, (unsigned)(id->start / GRANULE),
                        (unsigned)id->visit_no, anyone ? "" : "-", id->practitioner_uid);
}

/* Hexadecimal digits of *S up to a hyphen or the end; -1 when there are none, or too many. */
static int64_t read_hex(const char **s, size_t most)
{
    static const char digits[] = "0123456789abcdef";
    int64_t n = 0;
    size_t len = strspn(*s, digits);
    if (len == 0 || len > most || (**s == '0' && len > 1)) {
        return -1;
    }
    for (; len > 0; len--, (*s)++) {
        n = n * 16 + (strchr(digits, **s) - digits);
    }
    return n;
}

bool regen_proposal_read(regen_proposal_id_t *out, apr_pool_t *p, const char *s)
{
    if (strlen(s) > ID_MOST || *s++ != 'p' || strlen(s) < UID_CHARS + 4 || s[UID_CHARS] != '-') {
        return false;
    }
    out->service_uid = apr_pstrmemdup(p, s, UID_CHARS);
    s += UID_CHARS + 1;
    int64_t granule = read_hex(&s, 7);
    if (granule < 0 || *s++ != '-') {
        return false;
    }
    int64_t visit = read_hex(&s, 2);
    out->practitioner_uid = *s == '-' ? s + 1 : "";
    out->start = granule * GRANULE;
    out->visit_no = (int)visit;
    return visit >= 0 && (*s == '\0' || (*s == '-' && rg_uid_valid(s + 1))) &&
           rg_uid_valid(out->service_uid);
}
