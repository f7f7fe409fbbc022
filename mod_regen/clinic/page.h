/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that staff turn over page by page. Private to the clinic room. */
#ifndef RG_CLINIC_PAGE_H
#define RG_CLINIC_PAGE_H

/* Limits *PAGE (from 1) to the pages of ALL rows, SIZE on each; returns the number of pages, at
 * least 1. */
static inline int rg_page_fit(int *page, int all, int size)
{
    int pages = all > 0 ? (all + size - 1) / size : 1;
    *page = *page < 1 ? 1 : *page;
    *page = *page > pages ? pages : *page;
    return pages;
}

#endif
