#include "tests/client/hello.h"

#include <algorithm>

namespace breakwater::test {
namespace {

using tls::ExtensionType;

Writer u16_list(const std::vector<std::uint16_t>& values) {
  Writer list;
  for (const std::uint16_t value : values) list.u16(value);
  return list;
}

std::uint16_t grease_value(Random& random) { return static_cast<std::uint16_t>(0x0A0A + 0x1010 * random.below(16)); }

void add_psk(HelloSpec& hello, const Offer& offer, std::uint64_t now_ms) {
  std::vector<PskIdentity> identities;
  std::vector<Bytes> binders;
  for (const Session& session : offer.sessions) {
    const SuiteFacts* facts = suite_facts(session.suite);
    if (session.version != ProtocolVersion::Tls13 || facts == nullptr) continue;
    const auto age = static_cast<std::uint32_t>(now_ms - session.received_ms);
    identities.push_back({session.ticket, age + session.age_add});
    binders.emplace_back(hash_size(facts->hash));
  }
  if (identities.empty() || !offer.offers(ProtocolVersion::Tls13)) return;
  if (offer.early_data) hello.extensions.push_back(extension::of(ExtensionType::EarlyData));
  hello.extensions.push_back(extension::pre_shared_key(identities, binders));
}

}  // namespace

Bytes HelloSpec::encode() const {
  Writer body;
  body.u16(legacy_version).raw(random).vector(1, session_id).vector(2, u16_list(suites)).vector(1, compressions);
  if (extensions_field) {
    Writer list;
    for (const Extension& extension : extensions) list.u16(extension.type).vector(2, extension.data);
    body.vector(2, list);
  }
  body.raw(trailing);
  return Writer().u8(static_cast<std::uint8_t>(tls::HandshakeType::ClientHello)).vector(3, body).bytes();
}

Extension* HelloSpec::find(ExtensionType type) {
  for (Extension& extension : extensions) {
    if (extension.type == static_cast<std::uint16_t>(type)) return &extension;
  }
  return nullptr;
}

const Extension* HelloSpec::find(ExtensionType type) const { return const_cast<HelloSpec*>(this)->find(type); }

void HelloSpec::erase(ExtensionType type) {
  std::erase_if(extensions,
                [&](const Extension& extension) { return extension.type == static_cast<std::uint16_t>(type); });
}

void HelloSpec::set(Extension extension) {
  if (Extension* found = find(static_cast<ExtensionType>(extension.type))) {
    *found = std::move(extension);
    return;
  }
  const auto last = std::find_if(extensions.begin(), extensions.end(), [](const Extension& other) {
    return other.type == static_cast<std::uint16_t>(ExtensionType::PreSharedKey);
  });
  extensions.insert(last, std::move(extension));
}

namespace extension {

Extension of(ExtensionType type, Bytes data) { return {static_cast<std::uint16_t>(type), std::move(data)}; }

Extension server_name(std::string_view name) {
  return of(ExtensionType::ServerName, Writer().vector(2, Writer().u8(0).vector(2, view_of(name))).bytes());
}

Extension supported_groups(const std::vector<std::uint16_t>& groups) {
  return of(ExtensionType::SupportedGroups, Writer().vector(2, u16_list(groups)).bytes());
}

Extension ec_point_formats(const Bytes& formats) {
  return of(ExtensionType::EcPointFormats, Writer().vector(1, formats).bytes());
}

Extension signature_algorithms(const std::vector<std::uint16_t>& schemes) {
  return of(ExtensionType::SignatureAlgorithms, Writer().vector(2, u16_list(schemes)).bytes());
}

Extension signature_algorithms_cert(const std::vector<std::uint16_t>& schemes) {
  return of(ExtensionType::SignatureAlgorithmsCert, Writer().vector(2, u16_list(schemes)).bytes());
}

Extension alpn(const std::vector<std::string>& names) {
  Writer list;
  for (const std::string& name : names) list.vector(1, view_of(name));
  return of(ExtensionType::Alpn, Writer().vector(2, list).bytes());
}

Extension record_size_limit(std::uint16_t limit) {
  return of(ExtensionType::RecordSizeLimit, Writer().u16(limit).bytes());
}

Extension supported_versions(const std::vector<std::uint16_t>& versions) {
  return of(ExtensionType::SupportedVersions, Writer().vector(1, u16_list(versions)).bytes());
}

Extension cookie(View cookie) { return of(ExtensionType::Cookie, Writer().vector(2, cookie).bytes()); }

Extension psk_modes(const Bytes& modes) {
  return of(ExtensionType::PskKeyExchangeModes, Writer().vector(1, modes).bytes());
}

Extension key_share(const std::vector<std::pair<std::uint16_t, Bytes>>& shares) {
  Writer list;
  for (const auto& [group, key] : shares) list.u16(group).vector(2, key);
  return of(ExtensionType::KeyShare, Writer().vector(2, list).bytes());
}

Extension renegotiation_info(const Bytes& verify_data) {
  return of(ExtensionType::RenegotiationInfo, Writer().vector(1, verify_data).bytes());
}

Extension pre_shared_key(const std::vector<PskIdentity>& identities, const std::vector<Bytes>& binders) {
  Writer identity_list;
  for (const PskIdentity& entry : identities) identity_list.vector(2, entry.identity).u32(entry.obfuscated_age);
  Writer binder_list;
  for (const Bytes& binder : binders) binder_list.vector(1, binder);
  return of(ExtensionType::PreSharedKey, Writer().vector(2, identity_list).vector(2, binder_list).bytes());
}

}  // namespace extension

bool Offer::offers(ProtocolVersion version) const {
  return std::find(versions.begin(), versions.end(), static_cast<std::uint16_t>(version)) != versions.end();
}

Offer Offer::tls12_only() {
  Offer offer;
  offer.versions = {0x0303};
  offer.shares.clear();
  return offer;
}

Offer Offer::tls13_only() {
  Offer offer;
  offer.versions = {0x0304};
  offer.suites = {0x1301, 0x1302, 0x1303};
  return offer;
}

Offer Offer::browser() {
  Offer offer;
  offer.grease = true;
  offer.groups = {0x001D, 0x0017, 0x0018};
  offer.protocols = {"h2", "http/1.1"};
  offer.suites = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030,
                  0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x002F};
  return offer;
}

HelloSpec make_hello(const Offer& offer, std::span<const KeyPair> pairs, Random& random, std::uint64_t now_ms) {
  HelloSpec hello;
  auto add = [&](Extension extension) { hello.extensions.push_back(std::move(extension)); };
  const bool tls13 = offer.offers(ProtocolVersion::Tls13);
  const bool tls12 = offer.offers(ProtocolVersion::Tls12);
  hello.random = random.bytes(32);
  if (offer.session_id) hello.session_id = random.bytes(32);
  hello.suites = offer.suites;
  std::vector<std::uint16_t> groups = offer.groups;
  std::vector<std::uint16_t> versions = offer.versions;
  std::vector<std::pair<std::uint16_t, Bytes>> shares;
  if (offer.renegotiation_scsv) hello.suites.push_back(0x00FF);
  if (offer.fallback_scsv) hello.suites.push_back(0x5600);
  if (offer.grease) {
    hello.suites.insert(hello.suites.begin(), grease_value(random));
    groups.insert(groups.begin(), grease_value(random));
    versions.insert(versions.begin(), grease_value(random));
    shares.emplace_back(groups.front(), Bytes{0});
    add({static_cast<std::uint16_t>(0x0A0A + 0x1010 * random.below(15)), {}});  // not the one at the end
  }
  if (!offer.server_name.empty()) add(extension::server_name(offer.server_name));
  if (tls12 && offer.extended_master_secret) add(extension::of(ExtensionType::ExtendedMasterSecret));
  if (tls12 && offer.renegotiation_info) add(extension::renegotiation_info());
  add(extension::supported_groups(groups));
  if (tls12 && offer.point_formats) add(extension::ec_point_formats());
  if (tls12 && offer.session_ticket) {
    const auto session = std::find_if(offer.sessions.begin(), offer.sessions.end(),
                                      [](const Session& other) { return other.version == ProtocolVersion::Tls12; });
    add(extension::of(ExtensionType::SessionTicket, session == offer.sessions.end() ? Bytes{} : session->ticket));
  }
  if (!offer.protocols.empty()) add(extension::alpn(offer.protocols));
  if (offer.grease) add(extension::of(static_cast<ExtensionType>(5), {1, 0, 0, 0, 0}));  // status_request, RFC 6066 8
  add(extension::signature_algorithms(offer.schemes));
  if (!offer.certificate_schemes.empty()) add(extension::signature_algorithms_cert(offer.certificate_schemes));
  if (offer.grease) add(extension::of(static_cast<ExtensionType>(18)));  // signed_certificate_timestamp, RFC 6962
  if (offer.record_size_limit) add(extension::record_size_limit(*offer.record_size_limit));
  if (tls13) {
    for (const std::uint16_t group : offer.shares) {
      for (const KeyPair& pair : pairs) {
        if (static_cast<std::uint16_t>(pair.group) == group) shares.emplace_back(group, pair.public_key);
      }
    }
    add(extension::key_share(shares));
    if (offer.psk_modes) add(extension::psk_modes());
    add(extension::supported_versions(versions));
  }
  if (offer.grease) add({static_cast<std::uint16_t>(0xFAFA), {0}});
  add_psk(hello, offer, now_ms);
  return hello;
}

View without_binders(View message, std::size_t binders_size) {
  return message.first(message.size() - std::min(message.size(), binders_size));
}

}  // namespace breakwater::test
