/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a folder that is published. */
#ifndef REGEN_CORE_FILE_H
#define REGEN_CORE_FILE_H

#include <stddef.h>

#include <apr_pools.h>

/* All of DIR/NAME, with a NUL behind it, in P: a regular file of at most MOST bytes that lies in
 * the folder, whatever links say, and that the folder's owner may read, and the owner of the folder
 * below it where NAME is "below/file". NULL, or what is wrong as the rest of a sentence: "is a link
 * that leads out of the folder". */
const char *rg_file_in_folder(const char **data, size_t *n, apr_pool_t *p, const char *dir,
                              const char *name, size_t most);

#endif
