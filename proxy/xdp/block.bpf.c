// Drops what blocked addresses send to our ports, before the kernel's network stack has seen it. Everything else
// passes: other ports, other protocols, fragments (only the first one has a port), and whatever is not understood or
// cut short.
//
// A blocked address gets nothing through, established connections included: an attacker holds these as well.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "proxy/xdp/maps.h"

// Names of maps have at most 15 characters in the kernel.
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, BREAKWATER_XDP_PORT_WORDS);
  __type(key, __u32);
  __type(value, __u64);
} ports SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, BREAKWATER_XDP_ADDRESSES);
  __type(key, __u32);
  __type(value, __u64);
} blocked_v4 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, BREAKWATER_XDP_ADDRESSES);
  __type(key, __u64);
  __type(value, __u64);
} blocked_v6 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct breakwater_xdp_counts);
} counts SEC(".maps");

// IEEE 802.1Q 9.6: what follows the type of a tag.
struct vlan_tag {
  __be16 control;
  __be16 type;
};

// RFC 791 3.1: "more fragments" and the offset; one that is not zero means a fragment.
static const __u16 fragment_bits = 0x3fff;

static __always_inline int is_ours(const struct tcphdr* tcp) {
  const __u16 port = bpf_ntohs(tcp->dest);
  const __u32 word = port / 64;
  const __u64* const bits = bpf_map_lookup_elem(&ports, &word);
  return bits && (*bits >> (port % 64) & 1);
}

// until: of the source, null when it is not blocked.
static __always_inline int verdict(const struct tcphdr* tcp, const __u64* until) {
  if (!until || *until <= bpf_ktime_get_ns()) return XDP_PASS;
  const __u32 only = 0;
  struct breakwater_xdp_counts* const mine = bpf_map_lookup_elem(&counts, &only);
  if (mine) {
    mine->packets += 1;
    if (tcp->syn && !tcp->ack) mine->syns += 1;
  }
  return XDP_DROP;
}

static __always_inline int look_at_v4(const void* at, const void* end) {
  const struct iphdr* const ip = at;
  if ((const void*)(ip + 1) > end || ip->version != 4 || ip->ihl < 5) return XDP_PASS;
  if (ip->protocol != IPPROTO_TCP || (ip->frag_off & bpf_htons(fragment_bits))) return XDP_PASS;
  const struct tcphdr* const tcp = at + ip->ihl * 4;
  if ((const void*)(tcp + 1) > end || !is_ours(tcp)) return XDP_PASS;
  const __u32 source = ip->saddr;
  return verdict(tcp, bpf_map_lookup_elem(&blocked_v4, &source));
}

// Extension headers pass, and with them fragments (RFC 8200 4.5).
static __always_inline int look_at_v6(const void* at, const void* end) {
  const struct ipv6hdr* const ip = at;
  if ((const void*)(ip + 1) > end || ip->version != 6 || ip->nexthdr != IPPROTO_TCP) return XDP_PASS;
  const struct tcphdr* const tcp = at + sizeof *ip;
  if ((const void*)(tcp + 1) > end || !is_ours(tcp)) return XDP_PASS;
  __u64 source;
  __builtin_memcpy(&source, &ip->saddr, sizeof source);
  return verdict(tcp, bpf_map_lookup_elem(&blocked_v6, &source));
}

// "frags": also on interfaces whose frames are longer than a page. The headers are in their first part.
SEC("xdp.frags")
int breakwater_drop(struct xdp_md* context) {
  const void* const end = (const void*)(long)context->data_end;
  const void* at = (const void*)(long)context->data;
  const struct ethhdr* const ethernet = at;
  if ((const void*)(ethernet + 1) > end) return XDP_PASS;
  __be16 type = ethernet->h_proto;
  at = ethernet + 1;
#pragma unroll
  for (int tags = 0; tags < 2; ++tags) {
    if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD)) break;
    const struct vlan_tag* const tag = at;
    if ((const void*)(tag + 1) > end) return XDP_PASS;
    type = tag->type;
    at = tag + 1;
  }
  if (type == bpf_htons(ETH_P_IP)) return look_at_v4(at, end);
  if (type == bpf_htons(ETH_P_IPV6)) return look_at_v6(at, end);
  return XDP_PASS;
}

char license_of_program[] SEC("license") = "Dual MIT/GPL";
