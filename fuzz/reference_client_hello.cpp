#include "fuzz/reference_client_hello.h"

#include <algorithm>

#include "core/tls/client_hello.h"
#include "core/tls/registry.h"

namespace breakwater::fuzz {
namespace {

using test::Bytes;
using test::Reader;
using test::to_bytes;
using test::to_text;
using test::View;
using tls::ExtensionType;

// A vector of uint16 that takes all of `list`: false when it is empty or has half an element.
bool read_u16_list(View list, std::vector<std::uint16_t>& out) {
  Reader reader(list);
  while (!reader.empty()) out.push_back(reader.u16());
  return !reader.failed() && !out.empty();
}

// RFC 6066 3: ServerName server_name_list<1..2^16-1>, HostName<1..2^16-1>, one name of each type.
bool read_server_name(View data, ReferenceHello& hello) {
  Reader extension(data);
  Reader list(extension.vector(2));
  if (!extension.finished() || list.empty()) return false;
  while (!list.empty()) {
    const std::uint8_t type = list.u8();
    const View name = list.vector(2);
    if (list.failed() || name.empty()) return false;
    if (type != 0) continue;
    if (hello.host_name) return false;
    hello.host_name = to_text(name);
  }
  return true;
}

// RFC 7301 3.1: ProtocolName protocol_name_list<2..2^16-1>, ProtocolName<1..2^8-1>.
bool read_alpn(View data, ReferenceHello& hello) {
  Reader extension(data);
  Reader list(extension.vector(2));
  if (!extension.finished() || list.empty()) return false;
  while (!list.empty()) {
    const View name = list.vector(1);
    if (list.failed() || name.empty()) return false;
    hello.protocols.push_back(to_text(name));
  }
  return true;
}

std::size_t key_size(std::uint16_t group) { return group == 0x0017 ? 65 : group == 0x001D ? 32 : 0; }

// RFC 8446 4.2.8: KeyShareEntry client_shares<0..2^16-1>, key_exchange<1..2^16-1>. Sizes and repetition can be judged
// for the groups that we know only (4.2.8.1, 4.2.8.2).
bool read_key_share(View data, ReferenceHello& hello) {
  Reader extension(data);
  Reader list(extension.vector(2));
  if (!extension.finished()) return false;
  while (!list.empty()) {
    const std::uint16_t group = list.u16();
    const View key = list.vector(2);
    if (list.failed() || key.empty()) return false;
    if (const std::size_t size = key_size(group); size != 0) {
      if (key.size() != size) return false;
      for (const ReferenceHello::Share& other : hello.shares) {
        if (other.group == group) return false;
      }
    }
    hello.shares.push_back({group, to_bytes(key)});
  }
  return true;
}

// RFC 8446 4.2.11: identities<7..2^16-1> of identity<1..2^16-1> and uint32; binders<33..2^16-1> of entries<32..255>.
bool read_pre_shared_key(View data, ReferenceHello& hello) {
  Reader extension(data);
  Reader identities(extension.vector(2));
  if (extension.failed() || identities.empty()) return false;
  while (!identities.empty()) {
    const View identity = identities.vector(2);
    const std::uint32_t age = identities.u32();
    if (identities.failed() || identity.empty()) return false;
    hello.identities.push_back({to_bytes(identity), age});
  }
  hello.binders_offset = extension.rest().size();  // from the end of the body, for now
  Reader binders(extension.vector(2));
  if (!extension.finished() || binders.empty()) return false;
  while (!binders.empty()) {
    const View binder = binders.vector(1);
    if (binders.failed() || binder.size() < 32) return false;
    hello.binders.push_back(to_bytes(binder));
  }
  return true;
}

// Lists with a length in front that fill their extension.
bool read_wrapped_u16_list(View data, std::size_t prefix, std::vector<std::uint16_t>& out) {
  Reader extension(data);
  const View list = extension.vector(prefix);
  return extension.finished() && read_u16_list(list, out);
}
bool read_wrapped_bytes(View data, std::size_t prefix, Bytes& out) {
  Reader extension(data);
  out = to_bytes(extension.vector(prefix));
  return extension.finished() && !out.empty();
}

bool read_extension(std::uint16_t type, View data, ReferenceHello& hello) {
  switch (static_cast<ExtensionType>(type)) {
    case ExtensionType::ServerName:
      return read_server_name(data, hello);
    case ExtensionType::SupportedGroups:  // NamedGroup named_group_list<2..2^16-1>
      return read_wrapped_u16_list(data, 2, hello.groups);
    case ExtensionType::SignatureAlgorithms:  // SignatureScheme supported_signature_algorithms<2..2^16-2>
      return read_wrapped_u16_list(data, 2, hello.schemes);
    case ExtensionType::SignatureAlgorithmsCert:
      return read_wrapped_u16_list(data, 2, hello.certificate_schemes);
    case ExtensionType::SupportedVersions:  // ProtocolVersion versions<2..254>
      return read_wrapped_u16_list(data, 1, hello.versions);
    case ExtensionType::EcPointFormats:  // RFC 8422 5.1.2: ec_point_format_list<1..2^8-1>
      return read_wrapped_bytes(data, 1, hello.point_formats);
    case ExtensionType::PskKeyExchangeModes:  // ke_modes<1..255>
      return read_wrapped_bytes(data, 1, hello.psk_modes);
    case ExtensionType::Cookie: {  // cookie<1..2^16-1>
      Bytes cookie;
      if (!read_wrapped_bytes(data, 2, cookie)) return false;
      hello.cookie = cookie;
      return true;
    }
    case ExtensionType::Alpn:
      return read_alpn(data, hello);
    case ExtensionType::KeyShare:
      return read_key_share(data, hello);
    case ExtensionType::PreSharedKey:
      return read_pre_shared_key(data, hello);
    case ExtensionType::RecordSizeLimit: {  // RFC 8449 4: uint16
      Reader reader(data);
      hello.record_size_limit = reader.u16();
      return reader.finished();
    }
    case ExtensionType::SessionTicket:  // RFC 5077 3.2: the ticket, maybe empty
      hello.session_ticket = to_bytes(data);
      return true;
    case ExtensionType::ExtendedMasterSecret:  // RFC 7627 5.1
    case ExtensionType::EarlyData:             // RFC 8446 4.2.10
      return data.empty();
    case ExtensionType::RenegotiationInfo: {  // RFC 5746 3.2 and 3.6: empty in a first handshake
      Reader reader(data);
      return reader.vector(1).empty() && reader.finished();
    }
  }
  return true;
}

bool is_known(std::uint16_t type) { return tls::known_extension(type) != tls::Known::None; }

// RFC 8446 4.2: no type twice; pre_shared_key comes last (4.2.11).
bool read_extensions(View block, ReferenceHello& hello) {
  Reader reader(block);
  while (!reader.empty()) {
    const std::uint16_t type = reader.u16();
    const View data = reader.vector(2);
    if (reader.failed()) return false;
    const auto first = std::find(hello.extensions.begin(), hello.extensions.end(), type);
    if (first != hello.extensions.end()) {
      const auto place = static_cast<std::size_t>(first - hello.extensions.begin());
      if (place < tls::kMaxExtensions || is_known(type)) return false;
      hello.hidden_duplicate = true;
    }
    if (hello.has(static_cast<std::uint16_t>(ExtensionType::PreSharedKey))) return false;
    hello.extensions.push_back(type);
    if (!read_extension(type, data, hello)) return false;
  }
  return true;
}

}  // namespace

bool ReferenceHello::has(std::uint16_t extension) const {
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

ReferenceHello read_client_hello(View body) {
  ReferenceHello hello;
  Reader reader(body);
  hello.legacy_version = reader.u16();
  hello.random = to_bytes(reader.take(32));
  hello.session_id = to_bytes(reader.vector(1));
  const View suites = reader.vector(2);
  hello.compressions = to_bytes(reader.vector(1));
  if (reader.failed() || hello.session_id.size() > 32 || hello.compressions.empty()) return hello;
  if (!read_u16_list(suites, hello.suites)) return hello;
  // RFC 5246 7.4.1.2: the extensions may be missing altogether.
  if (!reader.empty()) {
    const View block = reader.vector(2);
    if (!reader.finished() || !read_extensions(block, hello)) return hello;
  }
  if (hello.binders_offset != 0) hello.binders_offset = body.size() - hello.binders_offset;
  hello.accepted = true;
  return hello;
}

}  // namespace breakwater::fuzz
