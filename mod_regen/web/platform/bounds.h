/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds of numbers in forms and addresses. Private to the web room. */
#ifndef REGEN_BOUNDS_H
#define REGEN_BOUNDS_H

#define REGEN_ID_MAX   4294967295LL /* keys of rows */
#define REGEN_TIME_MAX 7258118399LL /* unix seconds until the end of 2199 */

#endif
