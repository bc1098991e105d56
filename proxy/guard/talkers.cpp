#include "proxy/guard/talkers.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace breakwater::proxy {
namespace {

using Talker = GuardReport::Talker;

void keep_the_first(std::vector<Talker>& list) {
  std::ranges::sort(list, [](const Talker& a, const Talker& b) { return a.hellos_per_s > b.hellos_per_s; });
  if (list.size() > Talkers::kShown) list.resize(Talkers::kShown);
}

double share(std::uint32_t used, guard::Usage::Memory memory) {
  return static_cast<double>(used) / guard::Usage::window(memory);
}

}  // namespace

std::string text_of(const guard::Network& network) {
  const guard::Address& address = network.address();
  char text[INET6_ADDRSTRLEN] = "?";
  if (address.is_v4() && network.length() >= 96) {
    const in_addr v4{htonl(static_cast<std::uint32_t>(address.low))};
    ::inet_ntop(AF_INET, &v4, text, sizeof text);
    return network.length() == 128 ? std::string(text) : fmt::format("{}/{}", text, network.length() - 96);
  }
  in6_addr v6{};
  for (unsigned i = 0; i < 8; ++i) {
    v6.s6_addr[i] = static_cast<std::uint8_t>(address.high >> (56 - 8 * i));
    v6.s6_addr[8 + i] = static_cast<std::uint8_t>(address.low >> (56 - 8 * i));
  }
  ::inet_ntop(AF_INET6, &v6, text, sizeof text);
  return network.length() == 128 ? std::string(text) : fmt::format("{}/{}", text, network.length());
}

void Talkers::refused(const guard::Client& client, std::uint64_t now) noexcept {
  if (client.address == 0) return;
  if (client.weight != 0) {
    addresses.refused(client.address, client.weight, now);
    networks.refused(client.network, client.weight, now);
  }
  if (client.fingerprint != 0) fingerprints.refused(client.fingerprint, client.fingerprint_weight, now);
}

std::vector<Talker> Talkers::report(const guard::Guard& guard, std::uint64_t now) {
  std::array<std::vector<Talker>, 3> lists;
  addresses.for_each(now, [&](std::uint64_t key, const guard::Network& client, double came, double refused) {
    const double cpu = share(guard.clients().of(key, now), guard::Usage::Memory::Long);
    lists[0].push_back({"address", text_of(client), came, refused, cpu});
  });
  networks.for_each(now, [&](std::uint64_t key, const guard::Network& network, double came, double refused) {
    const double cpu = share(guard.groups().of(key, now), guard::Usage::Memory::Short);
    lists[1].push_back({"network", text_of(network), came, refused, cpu});
  });
  fingerprints.for_each(now, [&](std::uint64_t key, const guard::Ja4& ja4, double came, double refused) {
    const double cpu = share(guard.groups().of(key, now), guard::Usage::Memory::Short);
    lists[2].push_back({"fingerprint", std::string(ja4.view()), came, refused, cpu});
  });
  std::vector<Talker> all;
  for (auto& list : lists) {
    keep_the_first(list);
    std::ranges::move(list, std::back_inserter(all));
  }
  return all;
}

}  // namespace breakwater::proxy
