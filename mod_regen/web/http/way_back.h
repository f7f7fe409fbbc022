/* SPDX-License-Identifier: Apache-2.0 */
/* The page after logging in. Pure. Private to the web room. */
#ifndef REGEN_WAY_BACK_H
#define REGEN_WAY_BACK_H

/* The part of TO behind BASE when TO is an address of a page below BASE, and nothing else
 * ("/clinic/staff?date=2026-12-01"; never "//elsewhere" and nothing that a browser makes another
 * place of). NULL: none, or TO is NULL. */
const char *regen_way_back(const char *base, const char *to);

#endif
