// What the XDP program and XdpFilter share: the sizes of the maps and the shape of what is in them. C and C++.
#pragma once

#include <linux/types.h>

// Blocked addresses of one family. A map's memory is taken when it is made: about 80 bytes for each, 5 MiB. When it is
// full, an address goes that has sent nothing for a while.
#define BREAKWATER_XDP_ADDRESSES 65536

// Ports are bits: port p is bit p % 64 of word p / 64. All of them are 8 KiB, and a look costs no hash.
#define BREAKWATER_XDP_PORT_WORDS (65536 / 64)

// Keys of the maps of addresses, in the byte order of the wire: __u32, an IPv4 address; __u64, the first half of an
// IPv6 address. Values: __u64, until when it is blocked, in nanoseconds of CLOCK_MONOTONIC.

// One for each CPU.
struct breakwater_xdp_counts {
  __u64 packets;  // dropped
  __u64 syns;     // of them, those that would have opened a connection
};
