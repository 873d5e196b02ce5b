/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Addresses at both edges of each special network. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"
#include "f1_test.h"

static int is_public(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        return f1_address_is_public((const struct sockaddr *)&in);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return f1_address_is_public((const struct sockaddr *)&in6);
}

static void check(const char *const *texts, int expected)
{
    for (; *texts; texts++) {
        if (is_public(*texts) != expected) {
            fail_msg("%s: not %d", *texts, expected);
        }
    }
}

static void test_what_is_public(void **state)
{
    static const char *const texts[] = {"1.1.1.1",
                                        "9.255.255.255",
                                        "11.0.0.0",
                                        "100.63.255.255",
                                        "100.128.0.0",
                                        "126.255.255.255",
                                        "128.0.0.0",
                                        "169.253.255.255",
                                        "169.255.0.0",
                                        "172.15.255.255",
                                        "172.32.0.0",
                                        "192.0.1.0",
                                        "192.0.3.0",
                                        "192.88.98.1",
                                        "192.167.255.255",
                                        "192.169.0.0",
                                        "198.17.255.255",
                                        "198.20.0.0",
                                        "203.0.114.0",
                                        "223.255.255.255",
                                        "2000::1",
                                        "2606:4700::1111",
                                        "2001:200::1",
                                        "2001:db9::1",
                                        "3ffe::1",
                                        "::ffff:1.1.1.1",
                                        "64:ff9b::1.1.1.1",
                                        "2002:101:101::1",
                                        NULL};

    (void)state;
    check(texts, 1);
}

static void test_what_is_not(void **state)
{
    static const char *const texts[] = {"0.0.0.0",
                                        "0.255.255.255",
                                        "10.0.0.0",
                                        "10.255.255.255",
                                        "100.64.0.0",
                                        "100.127.255.255",
                                        "127.0.0.1",
                                        "127.255.255.255",
                                        "169.254.0.0",
                                        "169.254.169.254",
                                        "169.254.255.255",
                                        "172.16.0.0",
                                        "172.31.255.255",
                                        "192.0.0.1",
                                        "192.0.2.1",
                                        "192.88.99.1",
                                        "192.168.0.0",
                                        "192.168.255.255",
                                        "198.18.0.0",
                                        "198.19.255.255",
                                        "198.51.100.1",
                                        "203.0.113.1",
                                        "224.0.0.1",
                                        "239.255.255.255",
                                        "240.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "::7f00:1",
                                        "fc00::1",
                                        "fd12::1",
                                        "fe80::1",
                                        "fec0::1",
                                        "ff02::1",
                                        "100::1",
                                        "2001::1",
                                        "2001:db8::1",
                                        "3fff::1",
                                        "::ffff:127.0.0.1",
                                        "::ffff:10.1.2.3",
                                        "64:ff9b::169.254.169.254",
                                        "64:ff9b:1::1",
                                        "2002:7f00:1::1",
                                        "2002:a00:1::1",
                                        NULL};

    (void)state;
    check(texts, 0);
}

static void test_other_families(void **state)
{
    const struct sockaddr local = {.sa_family = AF_UNIX};

    (void)state;
    assert_false(f1_address_is_public(&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_what_is_public),
        F1_TEST(test_what_is_not),
        F1_TEST(test_other_families),
    };

    return f1_test_run(tests);
}
