// Tickets and cookies: what is not byte for byte one that was given, for this use, is refused.
//
//   u8 kind | u8 change | for a ticket or cookie that was given: (u16 place, u8 mask)...; else the bytes themselves
#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/tls/cookie.h"
#include "core/tls/ticket.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/world.h"

namespace {

using namespace breakwater;
using fuzz::Input;
using fuzz::kNow;
using fuzz::require;
using test::Bytes;
using test::View;
using tls::ProtocolVersion;
using tls::TicketState;

constexpr std::uint64_t kLifetimeMs = 3'600'000;

void fill(void* context, MutableBytes out) noexcept {
  std::memset(out.data(), *static_cast<int*>(context), out.size());
}

tls::TicketBinding binding(std::size_t which) {
  const auto hosts = fuzz::setup().configuration.hosts;
  switch (which) {
    case 0:
      return {ProtocolVersion::Tls13, &hosts[0], "fuzz.example"};
    case 1:
      return {ProtocolVersion::Tls12, &hosts[0], "fuzz.example"};
    case 2:
      return {ProtocolVersion::Tls13, &hosts[1], "fuzz.example"};
    case 3:
      return {ProtocolVersion::Tls13, &hosts[0], "fuzz.exampl"};
    default:
      return {ProtocolVersion::Tls13, &hosts[0], ""};
  }
}

tls::Session session() {
  tls::Session session;
  session.suite = tls::CipherSuite::Aes128GcmSha256;
  session.created_ms = kNow;
  session.id = 0x0102030405060708;
  session.age_add = 0x090A0B0C;
  for (std::size_t i = 0; i < sizeof session.secret.bytes; ++i) session.secret.bytes[i] = static_cast<std::uint8_t>(i);
  return session;
}

// The ring as it was when it had only the key that is now its `index`th.
tls::TicketKeyRing ring_of(std::size_t index) {
  tls::TicketKeyRing ring = fuzz::setup().ring;
  ring.keys[0] = ring.keys[index];
  ring.count = 1;
  return ring;
}

const Bytes& given_ticket(std::size_t key) {
  static const std::vector<Bytes> tickets = [] {
    std::vector<Bytes> made;
    for (std::size_t i = 0; i < 2; ++i) {
      int byte = 0x30 + static_cast<int>(i);
      Bytes ticket(tls::kTicketSize);
      tls::seal_ticket(ring_of(i), {fill, &byte}, binding(0), session(), ticket.data());
      made.push_back(ticket);
    }
    return made;
  }();
  return tickets[key];
}

// The bytes of the input, over what was given or instead of it.
Bytes changed(Bytes bytes, Input& input) {
  if ((input.u8() & 1) != 0) {
    const View own = input.bytes(bytes.size());
    std::copy(own.begin(), own.end(), bytes.begin());
    return bytes;
  }
  while (!input.empty()) {
    const std::size_t place = input.u16() % bytes.size();
    bytes[place] ^= input.u8();
  }
  return bytes;
}

// Of a given ticket: the binding it is opened with, and when.
void open_ticket(Input& input, std::size_t key, std::size_t bound_to, std::uint64_t now, bool right) {
  const Bytes& given = given_ticket(key);
  const Bytes ticket = changed(given, input);
  const Bytes before = ticket;
  tls::Session opened;
  const TicketState state =
      tls::open_ticket(fuzz::setup().ring, binding(bound_to), ticket.data(), now, kLifetimeMs, opened);
  require(ticket == before, "opening changes the ticket");
  const TicketState expected = key == 0 ? TicketState::Usable : TicketState::Aging;
  require(state == (right && ticket == given ? expected : TicketState::Unusable), "the state of a ticket");
  if (state == TicketState::Unusable) return;
  const tls::Session sealed = session();
  require(opened.suite == sealed.suite && opened.created_ms == sealed.created_ms && opened.id == sealed.id &&
              opened.age_add == sealed.age_add && test::same(opened.secret.bytes, sealed.secret.bytes),
          "a ticket opens to another session");
}

void open_cookie(Input& input, std::uint64_t now, bool right) {
  constexpr std::uint8_t kRandom[32] = {1, 2, 3};
  const tls::TicketKeyRing& ring = fuzz::setup().ring;
  Bytes given(tls::kCookieSize);
  tls::make_cookie(ring, kNow, kRandom, tls::CipherSuite::Aes128GcmSha256, tls::Group::X25519, given.data());
  const Bytes cookie = changed(given, input);
  const auto valid = [&](const std::uint8_t* random, tls::CipherSuite suite, tls::Group group) {
    return tls::cookie_is_valid(ring, now, random, suite, group, cookie.data());
  };
  require(valid(kRandom, tls::CipherSuite::Aes128GcmSha256, tls::Group::X25519) == (right && cookie == given),
          "the validity of a cookie");
  constexpr std::uint8_t kOther[32] = {1, 2, 4};
  require(!valid(kOther, tls::CipherSuite::Aes128GcmSha256, tls::Group::X25519), "a cookie of another client");
  require(!valid(kRandom, tls::CipherSuite::Aes256GcmSha384, tls::Group::X25519), "a cookie of another suite");
  require(!valid(kRandom, tls::CipherSuite::Aes128GcmSha256, tls::Group::Secp256r1), "a cookie of another group");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::size_t kind = input.below(13);
  switch (kind) {
    case 0:
    case 1:
      open_ticket(input, kind, 0, kNow, true);
      break;
    case 2:
      open_ticket(input, 0, 0, kNow + kLifetimeMs - 1, true);
      break;
    case 3:
      open_ticket(input, 0, 0, kNow + kLifetimeMs, false);
      break;
    case 4:
    case 5:
    case 6:
    case 7:
      open_ticket(input, 0, kind - 3, kNow, false);
      break;
    case 8:
      open_cookie(input, kNow, true);
      break;
    case 9:
      open_cookie(input, kNow + tls::kCookieLifetimeMs, true);
      break;
    case 10:
      open_cookie(input, kNow + tls::kCookieLifetimeMs + 1, false);
      break;
    case 11:  // the clock was set back
      open_cookie(input, kNow - tls::kCookieLifetimeMs, true);
      break;
    default:
      open_cookie(input, kNow - tls::kCookieLifetimeMs - 1, false);
      break;
  }
  return 0;
}
