// The streaming ClientHello parser: the same hello cut anywhere gives the same facts, and what it accepts and finds is
// what a plain reading of the RFCs accepts and finds.
//
//   u16 cut | the body of a ClientHello
#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "core/tls/client_hello_parser.h"
#include "fuzz/input.h"
#include "fuzz/reference_client_hello.h"
#include "fuzz/require.h"

namespace {

using namespace breakwater;
using fuzz::ReferenceHello;
using fuzz::require;
using test::same;
using test::View;
using Progress = tls::ClientHelloParser::Progress;

constexpr std::size_t kMaxBody = 65535;
constexpr std::string_view kProtocols[] = {"h2", "http/1.1", "http/1.0", "x"};

const tls::Configuration& configuration() {
  static const tls::Configuration configuration = [] {
    tls::Configuration made;
    made.protocols = kProtocols;
    return made;
  }();
  return configuration;
}

struct Parsed {
  tls::ClientHello hello{};
  tls::HelloIdentity identity{};
  tls::HelloScratch scratch{};
  Progress progress = Progress::More;
  tls::Error error;
  std::size_t used = 0;
  std::size_t binders_at = 0;
};

// Feeds the body in pieces: up to `cut`, then `step` bytes at a time.
Parsed parse(View body, std::size_t cut, std::size_t step) {
  Parsed parsed;
  tls::ClientHelloParser parser;
  const tls::HelloSink sink{configuration(), parsed.hello, parsed.identity, parsed.scratch};
  parser.begin(static_cast<std::uint32_t>(body.size()));
  std::size_t end = std::min(cut, body.size());
  while (true) {
    // A piece of its own, so that a read behind its end is seen.
    test::Bytes piece = test::to_bytes(body.subspan(parsed.used, end - parsed.used));
    std::size_t used = 0;
    parsed.progress = parser.feed(piece, used, sink);
    require(used <= piece.size(), "the parser used more than it was given");
    parsed.used += used;
    if (parsed.progress == Progress::BindersAhead) {
      require(parsed.binders_at == 0, "the binders are ahead twice");
      parsed.binders_at = parsed.used;
      continue;
    }
    if (parsed.progress != Progress::More) break;
    require(used == piece.size(), "the parser wants more and leaves bytes");
    require(parser.remaining() == body.size() - parsed.used, "remaining() is wrong");
    require(end < body.size(), "a whole hello is neither complete nor wrong");
    end = std::min(end + step, body.size());
  }
  parsed.error = parser.error();
  require((parsed.progress == Progress::Failed) == static_cast<bool>(parsed.error), "an error without failure");
  require(parsed.progress != Progress::Complete || parsed.used == body.size(), "complete before the end");
  return parsed;
}

void require_same(const Parsed& one, const Parsed& other) {
  const tls::ClientHello& a = one.hello;
  const tls::ClientHello& b = other.hello;
  require(one.progress == other.progress && one.used == other.used && one.binders_at == other.binders_at,
          "a cut changes where parsing ends");
  require(one.error.fault == other.error.fault && one.error.alert == other.error.alert &&
              std::string_view(one.error.reason) == other.error.reason,
          "a cut changes the error");
  require(a.present == b.present && a.legacy_version == b.legacy_version && a.suite_count == b.suite_count &&
              a.extension_count == b.extension_count && a.scheme_count == b.scheme_count &&
              a.record_size_limit == b.record_size_limit && a.schemes == b.schemes &&
              a.certificate_schemes == b.certificate_schemes && a.groups == b.groups,
          "a cut changes the sets");
  require(a.offers_tls12 == b.offers_tls12 && a.offers_tls13 == b.offers_tls13 &&
              a.null_compression == b.null_compression && a.other_compression == b.other_compression &&
              a.uncompressed_points == b.uncompressed_points && a.psk_dhe_ke == b.psk_dhe_ke &&
              a.fallback_scsv == b.fallback_scsv && a.renegotiation_scsv == b.renegotiation_scsv &&
              a.protocols == b.protocols &&
              std::equal(std::begin(a.first_protocol), std::end(a.first_protocol), std::begin(b.first_protocol)),
          "a cut changes the flags");
  require(a.share_group == b.share_group && a.shares_seen == b.shares_seen && same(a.share, b.share),
          "a cut changes the key share");
  require(a.ticket_size == b.ticket_size && a.ticket_index == b.ticket_index &&
              a.obfuscated_ticket_age == b.obfuscated_ticket_age && same(a.ticket, b.ticket) &&
              a.identity_count == b.identity_count && a.binder_count == b.binder_count &&
              a.binder_size == b.binder_size && same(a.binder, b.binder),
          "a cut changes the PSK");
  require(a.cookie_size == b.cookie_size && same(a.cookie, b.cookie), "a cut changes the cookie");
  require(std::equal(std::begin(a.suites), std::end(a.suites), std::begin(b.suites)), "a cut changes the suites");
  require(same(one.identity.random, other.identity.random) &&
              one.identity.session_id_size == other.identity.session_id_size &&
              same(one.identity.session_id, other.identity.session_id) && one.identity.name() == other.identity.name(),
          "a cut changes the identity");
  require(std::memcmp(&one.scratch, &other.scratch, sizeof one.scratch) == 0, "a cut changes the lists");
}

template <typename List>
bool contains(const List& list, unsigned value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// What is kept of a host name: lower case; nothing of one that is no DNS name.
std::string kept_name(const ReferenceHello& hello) {
  if (!hello.host_name || hello.host_name->size() > tls::kMaxServerName) return {};
  std::string name = *hello.host_name;
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_')) return {};
  }
  return name;
}

void require_suites(const ReferenceHello& plain, const Parsed& parsed) {
  const tls::ClientHello& hello = parsed.hello;
  require(hello.suite_count == plain.suites.size(), "number of suites");
  const std::size_t listed = std::min(plain.suites.size(), tls::kMaxSuites);
  require(std::equal(plain.suites.begin(), plain.suites.begin() + static_cast<std::ptrdiff_t>(listed), hello.suites),
          "suites");
  require(hello.fallback_scsv == contains(plain.suites, 0x5600), "fallback SCSV");
  require(hello.renegotiation_scsv == contains(plain.suites, 0x00FF), "renegotiation SCSV");
  require(hello.null_compression == contains(plain.compressions, 0), "null compression");
  require(hello.other_compression == std::any_of(plain.compressions.begin(), plain.compressions.end(),
                                                 [](auto method) { return method != 0; }),
          "other compression");
}

void require_lists(const ReferenceHello& plain, const Parsed& parsed) {
  const tls::ClientHello& hello = parsed.hello;
  require(hello.extension_count == plain.extensions.size(), "number of extensions");
  for (std::size_t i = 0; i < std::min(plain.extensions.size(), tls::kMaxExtensions); ++i) {
    require(parsed.scratch.extensions[i] == plain.extensions[i], "extensions");
  }
  for (const std::uint16_t type : plain.extensions) {
    const tls::Known known = tls::known_extension(type);
    require(known == tls::Known::None || hello.has(known), "an extension is not seen");
  }
  require(hello.scheme_count == plain.schemes.size(), "number of signature schemes");
  tls::SchemeSet schemes = 0;
  for (std::size_t i = 0; i < plain.schemes.size(); ++i) {
    schemes = static_cast<tls::SchemeSet>(schemes | tls::scheme_bit(plain.schemes[i]));
    require(i >= tls::kMaxSignatureSchemes || parsed.scratch.signature_schemes[i] == plain.schemes[i], "schemes");
  }
  require(hello.schemes == schemes, "set of signature schemes");
  require(((hello.groups & 1) != 0) == contains(plain.groups, 0x001D), "X25519 in supported_groups");
  require(((hello.groups & 2) != 0) == contains(plain.groups, 0x0017), "secp256r1 in supported_groups");
  require(hello.offers_tls13 == contains(plain.versions, 0x0304), "TLS 1.3 in supported_versions");
  require(hello.offers_tls12 == contains(plain.versions, 0x0303), "TLS 1.2 in supported_versions");
  require(hello.uncompressed_points == contains(plain.point_formats, 0), "point formats");
  require(hello.psk_dhe_ke == contains(plain.psk_modes, 1), "psk_dhe_ke");
  require(hello.record_size_limit == plain.record_size_limit.value_or(0), "record_size_limit");
  std::uint32_t protocols = 0;
  for (std::size_t i = 0; i < std::size(kProtocols); ++i) {
    if (std::find(plain.protocols.begin(), plain.protocols.end(), kProtocols[i]) != plain.protocols.end()) {
      protocols |= std::uint32_t{1} << i;
    }
  }
  require(hello.protocols == protocols, "ALPN");
  if (!plain.protocols.empty()) {
    require(hello.first_protocol[0] == plain.protocols.front().front() &&
                hello.first_protocol[1] == plain.protocols.front().back(),
            "first ALPN name");
  }
}

void require_share(const ReferenceHello& plain, const tls::ClientHello& hello) {
  const ReferenceHello::Share* best = nullptr;  // X25519 is in front of secp256r1 in the default order
  for (const ReferenceHello::Share& share : plain.shares) {
    if (share.group == 0x001D || (share.group == 0x0017 && best == nullptr)) best = &share;
  }
  require(static_cast<std::uint16_t>(hello.share_group) == (best == nullptr ? 0 : best->group), "group of the share");
  require(best == nullptr || same(best->key, View(hello.share).first(best->key.size())), "key share");
}

void require_psk(const ReferenceHello& plain, const Parsed& parsed) {
  const tls::ClientHello& hello = parsed.hello;
  require(parsed.binders_at == plain.binders_offset, "where the binders begin");
  require(hello.identity_count == plain.identities.size(), "number of identities");
  require(hello.binder_count == plain.binders.size(), "number of binders");
  std::size_t index = 0;
  while (index < plain.identities.size() && plain.identities[index].identity.size() != tls::kTicketSize) ++index;
  if (index == plain.identities.size() || index >= tls::kNoIndex) {
    require(hello.ticket_index == tls::kNoIndex, "an identity that is none");
    const bool ticket = plain.session_ticket && plain.session_ticket->size() == tls::kTicketSize;
    require(hello.ticket_size == (ticket ? tls::kTicketSize : 0), "size of the session ticket");
    require(!ticket || same(hello.ticket, *plain.session_ticket), "session ticket");
    return;
  }
  require(hello.ticket_index == index && hello.ticket_size == tls::kTicketSize, "index of the identity");
  require(same(hello.ticket, plain.identities[index].identity), "identity");
  require(hello.obfuscated_ticket_age == plain.identities[index].age, "ticket age");
  if (index >= plain.binders.size()) return;
  const test::Bytes& binder = plain.binders[index];
  require(hello.binder_size == (binder.size() <= sizeof hello.binder ? binder.size() : 0), "size of the binder");
  require(same(View(hello.binder).first(hello.binder_size), View(binder).first(hello.binder_size)), "binder");
}

void require_agreement(const ReferenceHello& plain, const Parsed& parsed) {
  if (plain.hidden_duplicate) return;
  require(plain.accepted == (parsed.progress == Progress::Complete), "the reference disagrees about the hello");
  if (!plain.accepted) return;
  const tls::ClientHello& hello = parsed.hello;
  require(hello.legacy_version == plain.legacy_version, "legacy_version");
  require(same(parsed.identity.random, plain.random), "random");
  require(same(View(parsed.identity.session_id).first(parsed.identity.session_id_size), plain.session_id),
          "session id");
  require(parsed.identity.name() == kept_name(plain), "server name");
  const bool our_cookie = plain.cookie && plain.cookie->size() == tls::kCookieSize;
  require(hello.cookie_size == (our_cookie ? tls::kCookieSize : 0), "size of the cookie");
  require(!our_cookie || same(hello.cookie, *plain.cookie), "cookie");
  require_suites(plain, parsed);
  require_lists(plain, parsed);
  require_share(plain, hello);
  require_psk(plain, parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t cut = input.u16();
  const View body = input.bytes(kMaxBody);
  const Parsed whole = parse(body, body.size(), 0);
  require_same(whole, parse(body, 0, 1));
  require_same(whole, parse(body, body.empty() ? 0 : cut % body.size(), body.size()));
  require_agreement(fuzz::read_client_hello(body), whole);
  return 0;
}
