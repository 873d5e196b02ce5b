/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_TEST_KEYS_H
#define F1_TEST_KEYS_H

/* Keys for tests, made when a program first asks for them: none is in the tree. */

typedef enum {
    F1_TEST_RSA,        /* 2048 bits */
    F1_TEST_RSA_OTHER,
    F1_TEST_RSA_SHORT,  /* 1024 bits: nobody should take it */
    F1_TEST_P256,
    F1_TEST_P384,
    F1_TEST_ED25519,
    F1_TEST_KEYS
} f1_test_key_kind_t;

typedef struct f1_test_key_t {
    const char *private_pem, *public_pem;
    const char *n, *e;  /* RSA: as a JWK has them */
} f1_test_key_t;

/* The same one all through a program. */
const f1_test_key_t *f1_test_key(f1_test_key_kind_t kind);

#endif
