// ClientHello: the first, and the one that answers a HelloRetryRequest (RFC 8446 4.1.2).
#include "flood/tls/client_impl.h"
#include "flood/tls/key_exchange.h"
#include "flood/tls/wire.h"

namespace breakwater::flood {

using namespace protocol;

ConstBytes Client::Impl::hello() const noexcept {
  if (renegotiating) return second_hello;
  return {out + hello_at, hello_size};
}

ConstBytes Client::Impl::own_share(std::uint16_t of) const noexcept {
  if (of == kX25519) return profile->shares.x25519;
  return profile->shares.secp256r1;
}

// Writes a hello to the (empty) output. After a HelloRetryRequest `group` is the one it asked for, or 0.
bool Client::Impl::put_hello(ConstBytes cookie) noexcept {
  static constexpr std::uint8_t kChangeCipherSpec[] = {20, 3, 3, 0, 1, 1};
  out_begin = out_end = 0;
  if (retried && session_id_size != 0) {  // RFC 8446 D.4
    copy_bytes(out, kChangeCipherSpec);
    out_end = sizeof kChangeCipherSpec;
  }
  HelloFill fill;
  fill.random = client_random;
  fill.session_id = {session_id, session_id_size};
  fill.cookie = cookie;
  if (group != 0) {
    fill.group = group;
    fill.share = own_share(group);
  }
  if (session != nullptr && session->version == Version::Tls12) fill.ticket = session->ticket;
  if (session != nullptr && session->version == Version::Tls13) {
    fill.psk_identity = session->ticket;
    fill.psk_age = static_cast<std::uint32_t>(now_ms - session->received_ms) + session->age_add;
    fill.binder_size = hash_size(find_suite(session->suite)->hash);
  }
  hello_at = out_end + kHeaderSize;
  const MutableBytes place = MutableBytes(out).subspan(hello_at);
  hello_size = write_hello(profile->hello.bytes, fill, place);
  if (hello_size == 0) return false;
  if (!fill.psk_identity.empty()) put_binder(place.first(hello_size));
  std::uint8_t* const record = out + out_end;
  record[0] = static_cast<std::uint8_t>(ContentType::Handshake);
  put_u16(record + 1, retried ? kVersion12 : profile->hello.bytes.record_version);
  put_u16(record + 3, hello_size);
  out_end += kHeaderSize + hello_size;
  return true;
}

// RFC 8446 4.2.11.2: over all messages so far and this one up to its binders.
void Client::Impl::put_binder(MutableBytes message) noexcept {
  const HashKind kind = find_suite(session->suite)->hash;
  const std::size_t size = hash_size(kind);
  Hash partial_hash;
  if (retried) {
    partial_hash = transcript;
  } else {
    partial_hash.start(kind);
  }
  partial_hash.update(message.first(message.size() - binders_size(size)));
  std::uint8_t digest[kMaxHash];
  partial_hash.finish(digest);
  offer_psk_secrets(kind, {digest, size}, message.data() + message.size() - size);
}

}  // namespace breakwater::flood
