#include "core/tls/ticket.h"

#include "core/port/aead.h"
#include "core/tls/hash.h"
#include "core/tls/hmac.h"
#include "core/tls/wire.h"

namespace breakwater::tls {
namespace {

constexpr std::size_t kNameSize = 8;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kStateOffset = kNameSize + kSaltSize;
constexpr std::size_t kTagOffset = kStateOffset + kTicketStateSize;
constexpr std::size_t kAssociatedSize = 2 + 16 + 32;
// A clock that was set back must not make a fresh ticket unusable.
constexpr std::uint64_t kClockSlackMs = 60'000;
constexpr std::uint8_t kZeroNonce[port::kAeadNonceSize] = {};  // each ticket has a key of its own

void associated_data(const TicketBinding& binding, std::uint8_t out[kAssociatedSize]) noexcept {
  store_u16(out, static_cast<std::uint16_t>(binding.version));
  copy_bytes(out + 2, binding.host->identity);
  RunningHash name(HashKind::Sha256);
  name.update({reinterpret_cast<const std::uint8_t*>(binding.server_name.data()), binding.server_name.size()});
  name.finish(out + 18);
}

void expand_key(const TicketKey& key, const std::uint8_t* salt, port::AeadKey& expanded) noexcept {
  std::uint8_t ticket_key[32];
  hmac(HashKind::Sha256, key.secret, {{salt, kSaltSize}}, ticket_key);
  port::aead_expand(expanded, port::Aead::Aes256Gcm, ticket_key);
  wipe(ticket_key, sizeof ticket_key);
}

void encode(const Session& session, std::uint8_t* out) noexcept {
  store_u16(out, static_cast<std::uint16_t>(session.suite));
  store_u64(out + 2, session.created_ms);
  store_u64(out + 10, session.id);
  store_u32(out + 18, session.age_add);
  copy_bytes(out + 22, session.secret.bytes);
}

void decode(const std::uint8_t* in, Session& session) noexcept {
  session.suite = static_cast<CipherSuite>(load_u16(in));
  session.created_ms = load_u64(in + 2);
  session.id = load_u64(in + 10);
  session.age_add = load_u32(in + 18);
  copy_bytes(session.secret.bytes, {in + 22, kMaxSuiteDigestSize});
}

const TicketKey* find_key(const TicketKeyRing& keys, const std::uint8_t* name, std::uint64_t now_ms) noexcept {
  for (std::size_t i = 0; i < keys.count; ++i) {
    if (memcmp(keys.keys[i].name, name, kNameSize) == 0) {
      return now_ms < keys.keys[i].not_after_ms ? &keys.keys[i] : nullptr;
    }
  }
  return nullptr;
}

}  // namespace

void seal_ticket(const TicketKeyRing& keys, const Entropy& entropy, const TicketBinding& binding,
                 const Session& session, std::uint8_t out[kTicketSize]) noexcept {
  const TicketKey& key = keys.keys[0];
  std::uint8_t associated[kAssociatedSize];
  associated_data(binding, associated);
  copy_bytes(out, key.name);
  entropy.fill({out + kNameSize, kSaltSize});
  encode(session, out + kStateOffset);

  port::AeadKey expanded;
  expand_key(key, out + kNameSize, expanded);
  const MutableBytes piece(out + kStateOffset, kTicketStateSize);
  port::aead_seal(expanded, port::Aead::Aes256Gcm, kZeroNonce, associated, {&piece, 1}, out + kTagOffset);
  wipe(&expanded, sizeof expanded);
}

TicketState open_ticket(const TicketKeyRing& keys, const TicketBinding& binding, const std::uint8_t ticket[kTicketSize],
                        std::uint64_t now_ms, std::uint64_t lifetime_ms, Session& session) noexcept {
  const TicketKey* key = find_key(keys, ticket, now_ms);
  if (key == nullptr) return TicketState::Unusable;

  std::uint8_t associated[kAssociatedSize];
  associated_data(binding, associated);
  std::uint8_t state[kTicketStateSize];
  copy_bytes(state, {ticket + kStateOffset, kTicketStateSize});
  port::AeadKey expanded;
  expand_key(*key, ticket + kNameSize, expanded);
  const MutableBytes piece(state);
  const bool authentic =
      port::aead_open(expanded, port::Aead::Aes256Gcm, kZeroNonce, associated, {&piece, 1}, ticket + kTagOffset);
  wipe(&expanded, sizeof expanded);
  if (authentic) decode(state, session);
  wipe(state, sizeof state);
  if (!authentic) return TicketState::Unusable;
  if (session.created_ms > now_ms + kClockSlackMs || now_ms >= session.created_ms + lifetime_ms) {
    session.secret.clear();
    return TicketState::Unusable;
  }
  return key == &keys.keys[0] ? TicketState::Usable : TicketState::Aging;
}

}  // namespace breakwater::tls
