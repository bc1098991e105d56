// Blocked addresses dropped in XDP, before the kernel's network stack has seen them: a dropped SYN costs us nothing
// else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/guard/address.h"
#include "proxy/reactor/descriptor.h"

struct bpf_object;

namespace breakwater::proxy {

// One program on some interfaces, and the blocked addresses it looks at. A blocked address gets nothing through to the
// ports, established connections included: not even their ends arrive. Whoever blocks an address closes these.
// Releases come by themselves in the kernel, when the time is over. For one thread.
//
// The kernel takes the program away with the last descriptor of it, that is with this object or with the process,
// however that ends. Making it takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; afterwards nothing does, on Linux 5.19 and
// newer.
class XdpFilter {
 public:
  // interfaces: names. ports: those that are listened on, on whatever address. In the driver where that can do it
  // ("native"), else behind it ("generic"). All interfaces or none: null with `error`, which says what is wrong and
  // what to do. Another XDP program stays where it is.
  static std::unique_ptr<XdpFilter> attach(std::span<const std::string> interfaces,
                                           std::span<const std::uint16_t> ports, std::string& error);
  ~XdpFilter();
  XdpFilter(const XdpFilter&) = delete;
  XdpFilter& operator=(const XdpFilter&) = delete;

  // network: a client as guard::client_of() gives it, an IPv4 address or an IPv6 /64. until: nanoseconds of
  // CLOCK_MONOTONIC; one that is over blocks nothing. Again for the same network: the new time counts. When 65,536 of a
  // family are blocked, one that has sent nothing for a while is let go. False: another kind of network, or the kernel
  // refuses.
  bool block(const guard::Network& network, std::uint64_t until_monotonic_ns) noexcept;
  void release(const guard::Network& network) noexcept;
  // Everybody of whom `wanted` says so; returns how many. Some milliseconds at most.
  std::size_t release_if(const std::function<bool(const guard::Network&)>& wanted);

  // In place of those it knows; false when the kernel refuses.
  bool set_ports(std::span<const std::uint16_t> ports) noexcept;

  struct Counts {
    std::uint64_t packets = 0;
    std::uint64_t syns = 0;  // of them, those that would have opened a connection
  };
  Counts dropped() const noexcept;  // since attach(), on all CPUs and interfaces

  // Removes the entries whose time is over; returns how many. Some milliseconds at most; now and then, since they cost
  // nothing but room.
  std::size_t sweep(std::uint64_t now_monotonic_ns) noexcept;

  std::string describe() const { return description_; }  // "xdp on eth0 (native), eth1 (generic)"
  int program() const noexcept { return program_; }      // its descriptor, which stays ours: for BPF_PROG_TEST_RUN

 private:
  struct CloseObject {
    void operator()(bpf_object* object) const noexcept;
  };

  XdpFilter() = default;
  bool load(std::string& error);
  bool attach_to(const std::string& interface, std::string& error);

  std::unique_ptr<bpf_object, CloseObject> object_;
  int program_ = -1;  // owned by object_, as are the maps
  int ports_ = -1;
  int blocked_v4_ = -1;
  int blocked_v6_ = -1;
  int counts_ = -1;
  mutable std::vector<Counts> counts_of_cpus_;  // room for all CPUs that could be there
  std::vector<Descriptor> links_;               // one for each interface
  std::string description_;
};

}  // namespace breakwater::proxy
