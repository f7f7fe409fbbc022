/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that share one pool: cmocka, and a pool from the first test to the last. */
#ifndef GROUP_TEST_H
#define GROUP_TEST_H

#include <apr_pools.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>

static apr_pool_t *pool;

static inline int group_setup(void **state)
{
    (void)state;
    apr_initialize();
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static inline int group_teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

/* After a test that takes much. */
static inline int group_clear(void **state)
{
    (void)state;
    apr_pool_clear(pool);
    return 0;
}

#endif
