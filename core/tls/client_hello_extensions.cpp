// The extensions of ClientHello, field by field.
#include "core/guard/ja4.h"
#include "core/tls/client_hello_parser.h"
#include "core/tls/client_hello_steps.h"

namespace breakwater::tls {
namespace {

constexpr std::uint8_t kHostName = 0;  // RFC 6066 3
// Bounds on the work one hello can ask for; no client comes near them.
constexpr std::uint16_t kMaxParsedExtensions = 256;
constexpr std::uint16_t kMaxMatchedProtocols = 64;  // ALPN names beyond are not compared with ours
constexpr std::uint32_t kMinBinder = 32;            // RFC 8446 4.2.11: PskBinderEntry<32..255>
constexpr std::uint32_t kMinIdentities = 7;         // opaque identity<1..>, uint32

// Place of a group in our order of preference; groups.size() when we do not use it.
std::size_t rank(Group group, std::span<const Group> groups) noexcept {
  std::size_t place = 0;
  while (place < groups.size() && groups[place] != group) ++place;
  return place;
}

}  // namespace

bool ClientHelloParser::begin_extension(std::uint32_t header, const HelloSink& sink) noexcept {
  ClientHello& hello = sink.hello;
  const std::uint16_t type = static_cast<std::uint16_t>(header >> 16);
  const std::uint32_t size = header & 0xFFFF;
  extension_ = known_extension(type);

  if (hello.has(Known::PreSharedKey)) {  // RFC 8446 4.2.11
    return fail(peer_error(Alert::IllegalParameter, "pre_shared_key is not the last extension of ClientHello"));
  }
  if (hello.extension_count == kMaxParsedExtensions) {
    return fail(peer_error(Alert::IllegalParameter, "ClientHello has more than 256 extensions"));
  }
  const std::size_t listed = hello.extension_count < kMaxExtensions ? hello.extension_count : kMaxExtensions;
  for (std::size_t i = 0; i < listed; ++i) {
    if (sink.scratch.extensions[i] == type) {  // RFC 8446 4.2
      return fail(peer_error(Alert::IllegalParameter, "an extension appears twice in ClientHello"));
    }
  }
  if (extension_ != Known::None) {  // also finds a duplicate beyond the end of the list
    const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(extension_);
    if ((hello.present & bit) != 0) {
      return fail(peer_error(Alert::IllegalParameter, "an extension appears twice in ClientHello"));
    }
    hello.present |= bit;
  }
  if (hello.extension_count < kMaxExtensions) sink.scratch.extensions[hello.extension_count] = type;
  ++hello.extension_count;

  if (!push(Level::Extension, size)) return false;
  switch (extension_) {
    case Known::ServerName:
      step_ = Step::NamesLength;
      return true;
    case Known::SupportedGroups:
      step_ = Step::GroupsLength;
      return true;
    case Known::EcPointFormats:
      step_ = Step::FormatsLength;
      return true;
    case Known::SignatureAlgorithms:
    case Known::SignatureAlgorithmsCert:
      step_ = Step::SchemesLength;
      return true;
    case Known::Alpn:
      step_ = Step::ProtocolsLength;
      return true;
    case Known::RecordSizeLimit:
      step_ = Step::RecordLimit;
      return true;
    case Known::PreSharedKey:
      step_ = Step::IdentitiesLength;
      return true;
    case Known::SupportedVersions:
      step_ = Step::VersionsLength;
      return true;
    case Known::Cookie:
      step_ = Step::CookieLength;
      return true;
    case Known::PskKeyExchangeModes:
      step_ = Step::ModesLength;
      return true;
    case Known::KeyShare:
      step_ = Step::SharesLength;
      return true;
    case Known::RenegotiationInfo:
      step_ = Step::RenegotiationLength;
      return true;
    case Known::SessionTicket:  // RFC 5077 3.2: the ticket itself, without a length of its own
      if (size == kTicketSize) {
        hello.ticket_size = static_cast<std::uint8_t>(size);
        keep_run_ = true;
      }
      return begin_run(Step::Ticket, size);
    case Known::ExtendedMasterSecret:
    case Known::EarlyData:
      if (size != 0) return fail(peer_error(Alert::DecodeError, "an extension that must be empty is not"));
      step_ = Step::ExtensionEnd;
      return true;
    case Known::None:
      break;
  }
  return begin_run(Step::Skip, size);
}

bool ClientHelloParser::on_extension_field(std::uint32_t value, const HelloSink& sink) noexcept {
  ClientHello& hello = sink.hello;
  switch (step_) {
    case Step::NamesLength:
      return open_list(Step::NameType, value, 4);
    case Step::NameType:
      if (value == kHostName) {
        if (name_seen_) {  // RFC 6066 3: one name of each type
          return fail(peer_error(Alert::IllegalParameter, "server_name holds two host names"));
        }
        keep_run_ = true;
        name_seen_ = true;
      }
      step_ = Step::NameLength;
      return true;
    case Step::NameLength:
      if (value == 0) return fail(peer_error(Alert::DecodeError, "server_name holds an empty name"));
      if (value > kMaxServerName) keep_run_ = false;
      return begin_run(Step::Name, value);

    case Step::GroupsLength:
      return open_list(Step::Group, value, 2);
    case Step::Group:
      on_group(static_cast<std::uint16_t>(value), hello);
      return true;
    case Step::SchemesLength:
      return open_list(Step::Scheme, value, 2);
    case Step::Scheme:
      on_scheme(static_cast<std::uint16_t>(value), sink);
      return true;

    case Step::ProtocolsLength:
      first_protocol_ = true;
      return open_list(Step::ProtocolLength, value, 2);
    case Step::ProtocolLength:
      if (value == 0) return fail(peer_error(Alert::DecodeError, "an ALPN protocol name is empty"));
      protocols_ = 0;
      if (hello.protocol_count < kMaxMatchedProtocols) ++hello.protocol_count;
      for (std::size_t i = 0; i < sink.configuration.protocols.size() && hello.protocol_count < kMaxMatchedProtocols;
           ++i) {
        if (sink.configuration.protocols[i].size() == value) protocols_ |= std::uint32_t{1} << i;
      }
      return begin_run(Step::Protocol, value);

    case Step::RecordLimit:
      hello.record_size_limit = static_cast<std::uint16_t>(value);
      break;
    case Step::CookieLength:
      if (value == 0) return fail(peer_error(Alert::DecodeError, "the cookie is empty"));
      if (value != ends_[depth_] - position_) {
        return fail(peer_error(Alert::DecodeError, "the cookie does not fill its extension"));
      }
      keep_run_ = value == kCookieSize;
      hello.cookie_size = keep_run_ ? kCookieSize : 0;
      hello.fixed_cookie_matches = value == sink.configuration.fixed_cookie.size();
      return begin_run(Step::Cookie, value);

    case Step::VersionsLength:
      return open_list(Step::Version, value, 2);
    case Step::Version:
      if (value > hello.highest_version && !guard::is_grease(static_cast<std::uint16_t>(value))) {
        hello.highest_version = static_cast<std::uint16_t>(value);
      }
      if (value == static_cast<std::uint16_t>(ProtocolVersion::Tls13)) hello.offers_tls13 = true;
      if (value == static_cast<std::uint16_t>(ProtocolVersion::Tls12)) hello.offers_tls12 = true;
      return true;
    case Step::ModesLength:
      return open_list(Step::Mode, value, 1);
    case Step::Mode:
      if (value == 1) hello.psk_dhe_ke = true;  // RFC 8446 4.2.9
      return true;
    case Step::FormatsLength:
      return open_list(Step::Format, value, 1);
    case Step::Format:
      if (value == 0) hello.uncompressed_points = true;  // RFC 8422 5.1.2
      return true;
    case Step::RenegotiationLength:
      if (value != ends_[depth_] - position_) {
        return fail(peer_error(Alert::DecodeError, "renegotiation_info does not fill its extension"));
      }
      if (value != 0) {  // RFC 5746 3.6: this is a first handshake
        return fail(peer_error(Alert::HandshakeFailure, "renegotiation_info is not empty in a first handshake"));
      }
      break;

    case Step::SharesLength:
      return open_list(Step::ShareGroup, value, 0);
    case Step::ShareGroup:
      share_group_ = static_cast<std::uint16_t>(value);
      step_ = Step::ShareLength;
      return true;
    case Step::ShareLength:
      return on_share_length(value, sink);
    default:
      return on_psk_field(value, sink);
  }
  step_ = Step::ExtensionEnd;
  if (position_ != ends_[depth_]) {
    return fail(peer_error(Alert::DecodeError, "an extension of ClientHello is longer than its content"));
  }
  return true;
}

bool ClientHelloParser::on_share_length(std::uint32_t value, const HelloSink& sink) noexcept {
  ClientHello& hello = sink.hello;
  if (value == 0) return fail(peer_error(Alert::DecodeError, "a key share is empty"));
  const Group group = static_cast<Group>(share_group_);
  const std::span<const Group> ours = sink.configuration.groups;
  if (const GroupSet bit = group_bit(group); bit != 0) {
    if ((hello.shares_seen & bit) != 0) {  // RFC 8446 4.2.8
      return fail(peer_error(Alert::IllegalParameter, "two key shares of one group"));
    }
    hello.shares_seen = static_cast<GroupSet>(hello.shares_seen | bit);
    if (value != batch::public_key_size(group)) {
      return fail(peer_error(Alert::IllegalParameter, "a key share is not as long as its group asks"));
    }
    if (rank(group, ours) < rank(hello.share_group, ours)) {
      hello.share_group = group;
      keep_run_ = true;
    }
  }
  return begin_run(Step::Share, value);
}

bool ClientHelloParser::on_psk_field(std::uint32_t value, const HelloSink& sink) noexcept {
  ClientHello& hello = sink.hello;
  switch (step_) {
    case Step::IdentitiesLength:
      return open_list(Step::IdentityLength, value, kMinIdentities, Level::Identities);
    case Step::IdentityLength:
      if (value == 0) return fail(peer_error(Alert::DecodeError, "a PSK identity is empty"));
      // A session_ticket extension beside pre_shared_key is for TLS 1.2: the identity takes its place.
      if (value == kTicketSize && hello.ticket_index == kNoIndex && hello.identity_count < kNoIndex) {
        hello.ticket_size = static_cast<std::uint8_t>(value);
        hello.ticket_index = static_cast<std::uint8_t>(hello.identity_count);
        keep_run_ = true;
      }
      return begin_run(Step::Identity, value);
    case Step::TicketAge:
      if (hello.ticket_index == hello.identity_count) hello.obfuscated_ticket_age = value;
      ++hello.identity_count;  // at most 2^16 / 7
      step_ = Step::IdentityLength;
      return true;
    case Step::BindersLength:
      return open_list(Step::BinderLength, value, kMinBinder + 1);
    default:
      break;  // BinderLength is the only step left
  }
  if (value < kMinBinder) return fail(peer_error(Alert::DecodeError, "a PSK binder is shorter than 32 bytes"));
  if (hello.ticket_index == hello.binder_count && hello.ticket_index != kNoIndex) {
    keep_run_ = value <= kMaxSuiteDigestSize;
    hello.binder_size = keep_run_ ? static_cast<std::uint8_t>(value) : 0;
  }
  ++hello.binder_count;
  return begin_run(Step::Binder, value);
}

void ClientHelloParser::on_group(std::uint16_t group, ClientHello& hello) noexcept {
  hello.groups = static_cast<GroupSet>(hello.groups | group_bit(static_cast<Group>(group)));
}

void ClientHelloParser::on_scheme(std::uint16_t scheme, const HelloSink& sink) noexcept {
  ClientHello& hello = sink.hello;
  if (extension_ == Known::SignatureAlgorithmsCert) {
    hello.certificate_schemes = static_cast<SchemeSet>(hello.certificate_schemes | scheme_bit(scheme));
    return;
  }
  hello.schemes = static_cast<SchemeSet>(hello.schemes | scheme_bit(scheme));
  if (hello.scheme_count < kMaxSignatureSchemes) sink.scratch.signature_schemes[hello.scheme_count] = scheme;
  ++hello.scheme_count;
}

// Keeps a host name in lower case. One with bytes that no DNS name has is dropped: it matches nothing, and must not get
// into a log.
void ClientHelloParser::keep_name(ConstBytes bytes, HelloIdentity& identity) noexcept {
  if (!keep_run_) return;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = static_cast<char>(bytes[i]);
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (!upper && !plain) {
      keep_run_ = false;
      identity.server_name_size = 0;
      return;
    }
    identity.server_name[run_done_ + i] = static_cast<char>(upper ? c + ('a' - 'A') : c);
  }
  if (run_done_ + bytes.size() == run_size_) identity.server_name_size = static_cast<std::uint8_t>(run_size_);
}

void ClientHelloParser::match_protocols(ConstBytes bytes, const HelloSink& sink) noexcept {
  if (first_protocol_) {
    if (run_done_ == 0) sink.hello.first_protocol[0] = static_cast<char>(bytes.front());
    sink.hello.first_protocol[1] = static_cast<char>(bytes.back());
  }
  for (std::size_t i = 0; i < sink.configuration.protocols.size(); ++i) {
    if ((protocols_ >> i & 1) == 0) continue;
    if (memcmp(sink.configuration.protocols[i].data() + run_done_, bytes.data(), bytes.size()) != 0) {
      protocols_ &= ~(std::uint32_t{1} << i);
    }
  }
}

}  // namespace breakwater::tls
