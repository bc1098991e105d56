// The extensions of a message we send, gathered so that their length is known before they are written.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/tls/flight_writer.h"
#include "core/tls/registry.h"
#include "core/tls/wire.h"

namespace breakwater::tls {

inline constexpr std::size_t kMaxAdvertisedGroups = 64;

class ExtensionsWriter {
 public:
  void add(ExtensionType type, ConstBytes body) noexcept {
    store_u16(bytes_ + size_, static_cast<std::uint16_t>(type));
    store_u16(bytes_ + size_ + 2, body.size());
    copy_bytes(bytes_ + size_ + 4, body);
    size_ += 4 + body.size();
  }

  void add_u16(ExtensionType type, std::size_t value) noexcept {
    std::uint8_t body[2];
    store_u16(body, value);
    add(type, body);
  }

  // RFC 7301 3.1: a list of one name.
  void add_protocol(std::string_view name) noexcept {
    std::uint8_t body[3 + 255];
    store_u16(body, name.size() + 1);
    body[2] = static_cast<std::uint8_t>(name.size());
    copy_bytes(body + 3, {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
    add(ExtensionType::Alpn, {body, name.size() + 3});
  }

  void add_groups(std::span<const std::uint16_t> groups) noexcept {
    if (groups.size() > kMaxAdvertisedGroups) groups = groups.first(kMaxAdvertisedGroups);
    std::uint8_t body[2 + 2 * kMaxAdvertisedGroups];
    store_u16(body, 2 * groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) store_u16(body + 2 + 2 * i, groups[i]);
    add(ExtensionType::SupportedGroups, {body, 2 + 2 * groups.size()});
  }

  std::size_t size() const noexcept { return size_; }
  void write(FlightWriter& writer) const noexcept {
    writer.put_u16(size_);
    writer.put({bytes_, size_});
  }

 private:
  // The longest block: supported_groups, ALPN, a key share, and what is a few bytes each.
  std::uint8_t bytes_[4 + 2 + 2 * kMaxAdvertisedGroups + 4 + 3 + 255 + 128];
  std::size_t size_ = 0;
};

}  // namespace breakwater::tls
