/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */
#ifndef F1_BASE_ADDRESS_H
#define F1_BASE_ADDRESS_H

/* Whether an address of the network is one of the public Internet. What strangers name as a destination must not lead
 * into the network that the service itself is in. */

#include <sys/socket.h>

/* 0 for everything that is not globally reachable by the registries of special-purpose addresses (RFC 6890 and its
 * successors): loopback, private and link-local networks, multicast, documentation and the like. IPv6 addresses that
 * stand for an IPv4 address are judged by that. */
int f1_address_is_public(const struct sockaddr *address);

#endif
