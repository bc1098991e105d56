#include "flood/tls/hkdf.h"

#include <cassert>

#include "flood/tls/wire.h"

namespace breakwater::flood::protocol {
namespace {

constexpr std::size_t kMaxContext = 255;  // a ticket's nonce can be so long (RFC 8446 4.6.1)

}  // namespace

void expand_label(const Hmac& secret, std::string_view label, ConstBytes context, MutableBytes out) noexcept {
  constexpr std::string_view kPrefix = "tls13 ";
  assert(out.size() <= secret.size() && label.size() <= 12 && context.size() <= kMaxContext);
  std::uint8_t info[2 + 1 + kPrefix.size() + 12 + 1 + kMaxContext + 1];
  std::uint8_t* at = info;
  put_u16(at, out.size());
  at += 2;
  *at++ = static_cast<std::uint8_t>(kPrefix.size() + label.size());
  memcpy(at, kPrefix.data(), kPrefix.size());
  at += kPrefix.size();
  memcpy(at, label.data(), label.size());
  at += label.size();
  *at++ = static_cast<std::uint8_t>(context.size());
  copy_bytes(at, context);
  at += context.size();
  *at++ = 1;  // the counter of HKDF-Expand's only block
  std::uint8_t block[kMaxHash];
  secret.mac({info, static_cast<std::size_t>(at - info)}, block);
  copy_bytes(out.data(), {block, out.size()});
}

}  // namespace breakwater::flood::protocol
