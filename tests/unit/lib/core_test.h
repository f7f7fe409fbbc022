/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test of core starts with: cmocka, a pool for each test in *state, and the context
 * struct's smallest form. */
#ifndef CORE_TEST_H
#define CORE_TEST_H

#include <apr_pools.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>

static inline int pool_setup(void **state)
{
    apr_initialize();
    apr_pool_t *p = NULL;
    int rc = apr_pool_create(&p, NULL) == APR_SUCCESS ? 0 : -1;
    *state = p;
    return rc;
}

static inline int pool_teardown(void **state)
{
    apr_pool_destroy(*state);
    apr_terminate();
    return 0;
}

/* One test with a fresh pool of its own. */
#define pool_test(f) cmocka_unit_test_setup_teardown(f, pool_setup, pool_teardown)

#endif
