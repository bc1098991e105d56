#include "proxy/xdp/xdp_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <fmt/format.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstring>

#include "proxy/xdp/maps.h"
#include "proxy/xdp/object.h"

namespace breakwater::proxy {
namespace {

constexpr const char* kRights =
    "it takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, which root in a container may lack: start as root, and give "
    "--user to give that up afterwards";

int be_silent(libbpf_print_level, const char*, std::va_list) { return 0; }  // errors have one line, which is ours

std::string explain_load(int error) {
  if (error == EPERM || error == EACCES)
    return fmt::format("the program may not be loaded into the kernel; {}", kRights);
  return fmt::format("the kernel does not take the program: {}; it takes Linux 5.18 with BPF", std::strerror(error));
}

std::string explain_link(const std::string& interface, int error) {
  if (error == EPERM || error == EACCES)
    return fmt::format("the program may not be attached to {}; {}", interface, kRights);
  return fmt::format("the program cannot be attached to {}: {}; leave it out of xdp", interface, std::strerror(error));
}

std::string explain_taken(const std::string& interface) {
  return fmt::format(
      "another XDP program is attached to {} already, and stays; `ip link set dev {} xdp off` takes it away, "
      "unless a running process holds it",
      interface, interface);
}

// The first half of an address as it stands in a packet.
__u64 key_v6(const guard::Network& network) noexcept { return htobe64(network.address().high); }
__u32 key_v4(const guard::Network& network) noexcept {
  return htobe32(static_cast<std::uint32_t>(network.address().low));
}

bool is_v4_client(const guard::Network& network) noexcept {
  return network.address().is_v4() && network.length() == 128;
}
bool is_v6_client(const guard::Network& network) noexcept { return network.length() == 64; }

guard::Network client_of(__u64 key) noexcept { return {{be64toh(key), 0}, 64}; }
guard::Network client_of(__u32 key) noexcept { return {guard::Address::v4(be32toh(key)), 128}; }

// From one map of addresses, those for which goes(key, until) is true. Only this thread changes it, so that what was
// read still stands when it is removed.
template <class Key, class Goes>
std::size_t remove_from(int map, const Goes& goes) {
  constexpr std::size_t kBatch = 512;  // more than one bucket of the map's hash ever holds
  std::array<Key, kBatch> keys;
  std::array<__u64, kBatch> until;
  std::size_t removed = 0;
  __u64 position = 0;  // the kernel's, at most as long as a key of either kind
  bool first = true;
  for (bool more = true; more;) {
    __u32 count = kBatch;
    const int result =
        ::bpf_map_lookup_batch(map, first ? nullptr : &position, &position, keys.data(), until.data(), &count, nullptr);
    if (result < 0 && result != -ENOENT) break;  // ENOENT: these were the last
    more = result == 0;
    first = false;
    __u32 over = 0;
    for (__u32 i = 0; i < count; ++i) {
      if (goes(keys[i], until[i])) keys[over++] = keys[i];
    }
    if (over != 0) ::bpf_map_delete_batch(map, keys.data(), &over, nullptr);
    removed += over;
  }
  return removed;
}

// The kernel writes one into the other.
static_assert(sizeof(XdpFilter::Counts) == sizeof(breakwater_xdp_counts) &&
              offsetof(XdpFilter::Counts, syns) == offsetof(breakwater_xdp_counts, syns));

}  // namespace

void XdpFilter::CloseObject::operator()(bpf_object* object) const noexcept { ::bpf_object__close(object); }

XdpFilter::~XdpFilter() = default;

std::unique_ptr<XdpFilter> XdpFilter::attach(std::span<const std::string> interfaces,
                                             std::span<const std::uint16_t> ports, std::string& error) {
  ::libbpf_set_print(be_silent);
  std::unique_ptr<XdpFilter> filter(new XdpFilter);
  if (interfaces.empty()) {
    error = "no interface was given; name one, such as eth0";
    return nullptr;
  }
  if (!filter->load(error)) return nullptr;
  if (!filter->set_ports(ports)) {
    error = explain_load(errno);
    return nullptr;
  }
  for (const std::string& interface : interfaces) {
    if (!filter->attach_to(interface, error)) return nullptr;
  }
  return filter;
}

bool XdpFilter::load(std::string& error) {
  const int cpus = ::libbpf_num_possible_cpus();
  const std::span<const unsigned char> file = xdp_object();
  if (cpus > 0) object_.reset(::bpf_object__open_mem(file.data(), file.size(), nullptr));
  if (object_ == nullptr || ::bpf_object__load(object_.get()) != 0) {
    error = explain_load(errno);
    return false;
  }
  counts_of_cpus_.resize(static_cast<std::size_t>(cpus));
  program_ = ::bpf_program__fd(::bpf_object__find_program_by_name(object_.get(), "breakwater_drop"));
  ports_ = ::bpf_object__find_map_fd_by_name(object_.get(), "ports");
  blocked_v4_ = ::bpf_object__find_map_fd_by_name(object_.get(), "blocked_v4");
  blocked_v6_ = ::bpf_object__find_map_fd_by_name(object_.get(), "blocked_v6");
  counts_ = ::bpf_object__find_map_fd_by_name(object_.get(), "counts");
  return true;
}

bool XdpFilter::set_ports(std::span<const std::uint16_t> ports) noexcept {
  std::array<__u64, BREAKWATER_XDP_PORT_WORDS> words{};
  for (const std::uint16_t port : ports) words[port / 64] |= __u64{1} << (port % 64);
  for (__u32 i = 0; i < words.size(); ++i) {
    if (::bpf_map_update_elem(ports_, &i, &words[i], BPF_ANY) != 0) return false;
  }
  return true;
}

bool XdpFilter::attach_to(const std::string& interface, std::string& error) {
  const int index = static_cast<int>(::if_nametoindex(interface.c_str()));
  if (index == 0) {
    error = fmt::format("there is no interface \"{}\"; `ip link` shows which there are", interface);
    return false;
  }
  // A link never takes the place of another program: EBUSY, or EEXIST where that one is attached the other way.
  for (const bool native : {true, false}) {
    LIBBPF_OPTS(bpf_link_create_opts, options);
    options.flags = native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
    Descriptor link(::bpf_link_create(program_, index, BPF_XDP, &options));
    if (link) {
      links_.push_back(std::move(link));
      description_ +=
          fmt::format("{} {} ({})", description_.empty() ? "xdp on" : ",", interface, native ? "native" : "generic");
      return true;
    }
  }
  error = errno == EBUSY || errno == EEXIST ? explain_taken(interface) : explain_link(interface, errno);
  return false;
}

bool XdpFilter::block(const guard::Network& network, std::uint64_t until_monotonic_ns) noexcept {
  const __u64 until = until_monotonic_ns;
  if (is_v4_client(network)) {
    const __u32 key = key_v4(network);
    return ::bpf_map_update_elem(blocked_v4_, &key, &until, BPF_ANY) == 0;
  }
  if (!is_v6_client(network)) return false;
  const __u64 key = key_v6(network);
  return ::bpf_map_update_elem(blocked_v6_, &key, &until, BPF_ANY) == 0;
}

void XdpFilter::release(const guard::Network& network) noexcept {
  if (is_v4_client(network)) {
    const __u32 key = key_v4(network);
    ::bpf_map_delete_elem(blocked_v4_, &key);
  } else if (is_v6_client(network)) {
    const __u64 key = key_v6(network);
    ::bpf_map_delete_elem(blocked_v6_, &key);
  }
}

XdpFilter::Counts XdpFilter::dropped() const noexcept {
  Counts sum;
  const __u32 only = 0;
  if (::bpf_map_lookup_elem(counts_, &only, counts_of_cpus_.data()) != 0) return sum;
  for (const Counts& of_cpu : counts_of_cpus_) {
    sum.packets += of_cpu.packets;
    sum.syns += of_cpu.syns;
  }
  return sum;
}

std::size_t XdpFilter::release_if(const std::function<bool(const guard::Network&)>& wanted) {
  const auto goes = [&wanted](auto key, __u64) { return wanted(client_of(key)); };
  return remove_from<__u32>(blocked_v4_, goes) + remove_from<__u64>(blocked_v6_, goes);
}

std::size_t XdpFilter::sweep(std::uint64_t now_monotonic_ns) noexcept {
  const auto goes = [now_monotonic_ns](auto, __u64 until) { return until <= now_monotonic_ns; };
  return remove_from<__u32>(blocked_v4_, goes) + remove_from<__u64>(blocked_v6_, goes);
}

}  // namespace breakwater::proxy
