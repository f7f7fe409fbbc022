/* SPDX-License-Identifier: Apache-2.0 */
/* Any clean text as a phone number, an email address, a day, a country. What is taken fits its
 * column, and taken once more is the same; a number keeps its key. */
#include "target.h"
#include "regen/core/ident.h"
#include "regen/core/text.h"
#include "regen/core/time.h"

void fuzz_check(apr_pool_t *p, const char *s, size_t size)
{
    if (size > 400 || !rg_text_clean(s, size)) {
        return;
    }
    const rg_date_t today = {2026, 11, 22};
    rg_date_t day = {0, 0, 0};
    const char *phone = rg_phone_read(p, s);
    const char *email = rg_email_read(p, s);
    must(strlen(rg_phone_key(p, s)) <= 20);
    if (phone) {
        must(strlen(phone) <= 40);
        must_be_same(rg_phone_read(p, phone), phone);
        must_be_same(rg_phone_key(p, phone), rg_phone_key(p, s));
    }
    if (email) {
        must(rg_email_plausible(email));
        must_be_same(rg_email_read(p, email), email);
    }
    if (rg_day_read(&day, p, s, today) == RG_DAY_READ) {
        rg_date_t again = {0, 0, 0};
        must(rg_day_read(&again, p, rg_date_iso(p, day), today) == RG_DAY_READ);
        must(rg_date_compare(day, again) == 0);
    }
    (void)rg_day_read_parts(&day, p, s, s, s, today);
}
