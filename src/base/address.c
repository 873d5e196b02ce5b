/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* The registries of special-purpose addresses as two tables of prefixes. */

#include "base/address.h"

#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>

typedef struct prefix_t {
    unsigned char bytes[16];
    int bits;
} prefix_t;

static const prefix_t special4[] = {
    {{0}, 8}, /* this network */
    {{10}, 8}, /* private */
    {{100, 64}, 10}, /* between a provider and its customers */
    {{127}, 8}, /* loopback */
    {{169, 254}, 16}, /* link-local; where clouds tell machines their secrets */
    {{172, 16}, 12}, /* private */
    {{192, 0, 0}, 24}, /* protocols */
    {{192, 0, 2}, 24}, /* documentation */
    {{192, 88, 99}, 24}, /* relays of 6to4 */
    {{192, 168}, 16}, /* private */
    {{198, 18}, 15}, /* measurements */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24}, /* documentation */
    {{224}, 3}, /* multicast, reserved, broadcast */
};

static const prefix_t global6 = {{0x20}, 3};

static const prefix_t special6[] = {
    {{0x20, 0x01, 0x00}, 23}, /* protocols, Teredo among them */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x3f, 0xff}, 20}, /* documentation */
};

/* Prefixes behind which an IPv4 address follows. */
static const prefix_t embedding6[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, /* IPv4 by a socket of IPv6 */
    {{0, 0x64, 0xff, 0x9b}, 96}, /* NAT64 */
    {{0x20, 0x02}, 16}, /* 6to4 */
};

static int is_in(const unsigned char *address, const prefix_t *prefix)
{
    int whole = prefix->bits / 8, rest = prefix->bits % 8;

    return memcmp(address, prefix->bytes, (size_t)whole) == 0 &&
           (!rest || (address[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0);
}

static int is_in_any(const unsigned char *address, const prefix_t *prefixes, size_t count)
{
    size_t i;

    for (i = 0; i < count && !is_in(address, &prefixes[i]); i++) {
    }
    return i < count;
}

static int is_public4(const unsigned char *address)
{
    return !is_in_any(address, special4, sizeof(special4) / sizeof(special4[0]));
}

static int is_public6(const unsigned char *address)
{
    size_t i;

    for (i = 0; i < sizeof(embedding6) / sizeof(embedding6[0]); i++) {
        if (is_in(address, &embedding6[i])) {
            return is_public4(address + embedding6[i].bits / 8);
        }
    }
    return is_in(address, &global6) && !is_in_any(address, special6, sizeof(special6) / sizeof(special6[0]));
}

int f1_address_is_public(const struct sockaddr *address)
{
    union {
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } of;
    int is_public = 0;

    if (address->sa_family == AF_INET) {
        memcpy(&of.in, address, sizeof(of.in));
        is_public = is_public4((const unsigned char *)&of.in.sin_addr);
    }
    else if (address->sa_family == AF_INET6) {
        memcpy(&of.in6, address, sizeof(of.in6));
        is_public = is_public6(of.in6.sin6_addr.s6_addr);
    }
    return is_public;
}
