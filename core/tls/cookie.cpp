#include "core/tls/cookie.h"

#include "core/tls/hmac.h"
#include "core/tls/wire.h"

namespace breakwater::tls {

void make_cookie(const TicketKeyRing& keys, std::uint64_t now_ms, const std::uint8_t client_random[32],
                 CipherSuite suite, Group group, std::uint8_t out[kCookieSize]) noexcept {
  std::uint8_t settled[4];
  store_u16(settled, static_cast<std::uint16_t>(suite));
  store_u16(settled + 2, static_cast<std::uint16_t>(group));
  store_u64(out, now_ms);
  hmac(HashKind::Sha256, keys.cookie_secret, {{out, 8}, {client_random, 32}, settled}, {out + 8, 32});
}

bool cookie_is_valid(const TicketKeyRing& keys, std::uint64_t now_ms, const std::uint8_t client_random[32],
                     CipherSuite suite, Group group, const std::uint8_t cookie[kCookieSize]) noexcept {
  const std::uint64_t made_ms = load_u64(cookie);
  // Either way: a clock may have been set back in between.
  const std::uint64_t distance_ms = made_ms > now_ms ? made_ms - now_ms : now_ms - made_ms;
  if (distance_ms > kCookieLifetimeMs) return false;
  std::uint8_t expected[kCookieSize];
  make_cookie(keys, made_ms, client_random, suite, group, expected);
  return equal_constant_time({expected, kCookieSize}, {cookie, kCookieSize});
}

}  // namespace breakwater::tls
