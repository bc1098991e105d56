#include "flood/load/sources.h"

#include <linux/rtnetlink.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "flood/plan/address.h"
#include "flood/plan/sources.h"

namespace breakwater::flood {

const SocketAddress* Sources::at(std::uint64_t number) noexcept {
  if (ranges_.empty()) return nullptr;
  current_ = SocketAddress(nth_source(ranges_, number), 0);
  return &current_;
}

namespace {

struct RouteQuery {
  nlmsghdr header;
  rtmsg route;
  rtattr attribute;
  std::uint8_t address[16];
};

}  // namespace

bool is_local(const Address& address) noexcept {
  if (address.scope != 0) return true;  // the kernel would have to be asked by interface; bind() will say
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return true;
  const std::size_t size = address.is_v6 ? 16 : 4;
  RouteQuery query = {};
  query.header.nlmsg_len = static_cast<std::uint32_t>(offsetof(RouteQuery, address) + size);
  query.header.nlmsg_type = RTM_GETROUTE;
  query.header.nlmsg_flags = NLM_F_REQUEST;
  query.route.rtm_family = address.is_v6 ? AF_INET6 : AF_INET;
  query.route.rtm_dst_len = static_cast<std::uint8_t>(size * 8);
  query.attribute.rta_type = RTA_DST;
  query.attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
  std::memcpy(query.address, address.bytes, size);

  bool local = true;
  alignas(nlmsghdr) std::uint8_t answer[4096];
  if (send(fd, &query, query.header.nlmsg_len, 0) > 0) {
    const ssize_t got = recv(fd, answer, sizeof answer, 0);
    nlmsghdr header;
    if (got >= static_cast<ssize_t>(NLMSG_LENGTH(sizeof(rtmsg)))) {
      std::memcpy(&header, answer, sizeof header);
      rtmsg route;
      std::memcpy(&route, answer + NLMSG_HDRLEN, sizeof route);
      // An error (NLMSG_ERROR) says that there is no route at all.
      local = header.nlmsg_type == RTM_NEWROUTE && route.rtm_type == RTN_LOCAL;
    }
  }
  close(fd);
  return local;
}

std::string Sources::trouble(const Address& target) const {
  for (const SourceRange& range : ranges_) {
    if (range.first.is_v6 != target.is_v6) {
      return "the source " + to_text(range.first) + " and the target are of different IP versions; give --source an " +
             (target.is_v6 ? "IPv6" : "IPv4") + " address";
    }
    for (const Address& end : {range.first, last_source(range)}) {
      if (is_local(end)) continue;
      const std::string text = to_text(end);
      return "the source " + text + " is not an address of this machine; add it with `ip addr add " + text +
             (end.is_v6 ? "/128" : "/32") + " dev lo`, or a whole range with `ip route add local PREFIX/LEN dev lo`";
    }
  }
  return {};
}

}  // namespace breakwater::flood
