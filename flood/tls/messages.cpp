// Handshake messages: which of them may come now, and the ServerHello, by which the versions part.
#include "flood/tls/client_impl.h"
#include "flood/tls/wire.h"

namespace breakwater::flood {

using namespace protocol;

namespace {

// SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3)
constexpr std::uint8_t kRetryRandom[32] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                                           0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                                           0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

bool same(ConstBytes left, ConstBytes right) noexcept {
  return left.size() == right.size() && (left.empty() || memcmp(left.data(), right.data(), left.size()) == 0);
}

}  // namespace

std::size_t Client::Impl::transcript_hash(std::uint8_t* to) const noexcept {
  Hash fork = transcript;
  fork.finish(to);
  return hash_size(transcript.kind());
}

bool Client::Impl::is_offered(const std::vector<std::uint16_t>& list, std::uint16_t code) const noexcept {
  for (const std::uint16_t one : list) {
    if (one == code) return true;
  }
  return false;
}

bool Client::Impl::take_scheme(std::uint16_t code) noexcept {
  if (!is_offered(profile->hello.schemes, code)) return fail(Failure::WrongVersion);
  scheme = code;
  return true;
}

bool Client::Impl::take_message(ConstBytes message) {
  const auto type = static_cast<MessageType>(message[0]);
  if (type == MessageType::HelloRequest && profile->settings.version == Version::Tls12) {
    return message.size() == 4 || fail(Failure::BadMessage);  // RFC 5246 7.4.1.1: may be ignored; not in the transcript
  }
  if (step == Step::ServerHello) {
    return type == MessageType::ServerHello ? take_server_hello(message) : fail(Failure::BadMessage);
  }
  return tls13 ? on_message13(type, message) : on_message12(type, message);
}

bool Client::Impl::take_server_hello(ConstBytes message) {
  ServerHello facts;
  Reader reader(message.subspan(4));
  const std::uint16_t legacy_version = reader.u16();
  facts.random = reader.take(32);
  facts.session_id = reader.vector(1);
  facts.suite = reader.u16();
  const std::uint8_t compression = reader.u8();
  if (reader.failed() || facts.session_id.size() > 32) return fail(Failure::BadMessage);
  const bool is_retry = same(facts.random, kRetryRandom);
  Reader extensions(reader.empty() ? ConstBytes{} : reader.vector(2));
  if (!reader.finished()) return fail(Failure::BadMessage);
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    Reader body(extensions.vector(2));
    bool known = is_offered(profile->hello.extensions, type);
    switch (type) {
      case extension::kSupportedVersions:
        facts.tls13 = body.u16() == kVersion13;
        break;
      case extension::kKeyShare:
        facts.has_share = true;
        facts.group = body.u16();
        if (!is_retry) facts.share = body.vector(2);
        break;
      case extension::kPreSharedKey:
        known = session != nullptr && session->version == Version::Tls13;
        facts.has_psk = true;
        facts.psk = body.u16();
        break;
      case extension::kCookie:
        known = is_retry;
        facts.has_cookie = true;
        facts.cookie = body.vector(2);
        break;
      case extension::kRenegotiationInfo:
        known = true;  // the SCSV, or the extension, is in every hello that offers TLS 1.2
        facts.has_renegotiation_info = true;
        facts.renegotiation_info = body.vector(1);
        break;
      case extension::kExtendedMasterSecret:
        facts.extended_master_secret = true;
        break;
      default:
        body.take(body.left());
        break;
    }
    if (extensions.failed() || !known || !body.finished()) return fail(Failure::BadMessage);
  }
  const bool wants13 = profile->settings.version == Version::Tls13;
  const Suite* chosen = find_suite(facts.suite);
  if (legacy_version != kVersion12 || facts.tls13 != wants13 || chosen == nullptr ||
      chosen->version != profile->settings.version || !is_offered(profile->hello.suites, facts.suite)) {
    return fail(Failure::WrongVersion);
  }
  if (compression != 0) return fail(Failure::BadMessage);
  if (retried && suite != chosen) return fail(Failure::BadMessage);  // RFC 8446 4.1.4
  suite = chosen;
  if (!wants13) return on_server_hello12(facts, message);
  if (!same(facts.session_id, {session_id, session_id_size})) return fail(Failure::BadMessage);
  tls13 = true;
  return is_retry ? on_retry_request(facts, message) : on_server_hello13(facts, message);
}

}  // namespace breakwater::flood
