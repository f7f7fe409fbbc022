/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the files of a published folder. */
#ifndef REGEN_CORE_FILE_H
#define REGEN_CORE_FILE_H

#include <stddef.h>

#include <apr_pools.h>

/* All of DIR/NAME, with a NUL behind it, in P: a regular file of at most MOST bytes that is in the
 * folder even after following links, and that belongs to the folder's owner (for "below/file" to
 * the owner of "below") or is readable by everybody. NULL, or what is wrong as the end of a
 * sentence: "is a link that leads out of the folder". */
const char *rg_file_in_folder(const char **data, size_t *n, apr_pool_t *p, const char *dir,
                              const char *name, size_t most);

#endif
