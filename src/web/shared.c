/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Anonymous shared memory in the process' pool. Children of another version go on with what they have. */

#include "web/shared.h"

#include <apr_shm.h>
#include <apr_strings.h>

#define LINE 64 /* bytes of a cache line */

apr_status_t f1_shared_find(server_rec *s, const char *name, apr_size_t size, void **pmemory, int *pis_new)
{
    apr_pool_t *pool = s->process->pool;
    const char *key = apr_psprintf(s->process->pconf, "f1board:%s:%" APR_SIZE_T_FMT, name, size);
    void *shm = NULL;
    apr_status_t rv;
    size_t at;

    apr_pool_userdata_get(&shm, key, pool);
    *pis_new = !shm;
    if (!shm) {
        rv = apr_shm_create((apr_shm_t **)&shm, size + LINE, NULL, pool); /* new pages are zeroes */
        if (rv != APR_SUCCESS) {
            return rv;
        }
        apr_pool_userdata_set(shm, key, NULL, pool);
    }
    at = (size_t)apr_shm_baseaddr_get(shm);
    *pmemory = (char *)apr_shm_baseaddr_get(shm) + (LINE - at % LINE) % LINE;
    return APR_SUCCESS;
}
