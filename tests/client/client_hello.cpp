// The hellos of both sides: ClientHello with binders, ServerHello of both versions, HelloRetryRequest.
#include <algorithm>
#include <set>

#include "tests/client/client.h"

namespace breakwater::test {
namespace {

using tls::ExtensionType;

// SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3)
const Bytes& retry_random() {
  static const Bytes random = digest(Hash::Sha256, view_of("HelloRetryRequest"));
  return random;
}

// RFC 8446 4.1.3: "DOWNGRD" and 01 or 00 in the last eight bytes of the random.
int sentinel_of(View random) {
  const View tail = random.last(8);
  return same(tail.first(7), view_of("DOWNGRD")) && tail[7] <= 1 ? tail[7] : -1;
}

}  // namespace

bool Client::offered(std::uint16_t type) const {
  if (type == static_cast<std::uint16_t>(ExtensionType::RenegotiationInfo) &&
      std::find(hello_.suites.begin(), hello_.suites.end(), 0x00FF) != hello_.suites.end()) {
    return true;  // RFC 5746 3.4
  }
  return hello_.find(static_cast<ExtensionType>(type)) != nullptr;
}

void Client::queue_hello(bool second) {
  if (!second) hello_ = make_hello(script_.offer, key_pairs_, random_, script_.now_ms);
  if (script_.hooks.hello) script_.hooks.hello(hello_, second);
  Bytes message = hello_.encode();
  if (hello_.find(ExtensionType::PreSharedKey) != nullptr) fill_binders(message);
  const Step step = second ? Step::SecondClientHello : Step::ClientHello;
  if (script_.hooks.message) script_.hooks.message(step, message);
  append(transcript_, message);
  if (second && !hello_.session_id.empty() && !retry_ccs_sent_) {
    queue(Step::ChangeCipherSpec, ContentType::ChangeCipherSpec, Epoch::Plain, {1});  // RFC 8446 D.4
    retry_ccs_sent_ = true;
  }
  queue(step, ContentType::Handshake, Epoch::Plain, std::move(message));
  if (!second) flight_.back().version = script_.hello_version;
  if (script_.offer.early_data && !second && !script_.offer.sessions.empty()) {
    const Session& session = script_.offer.sessions.front();
    const SuiteFacts* facts = suite_facts(session.suite);
    const Bytes early = hkdf_extract(facts->hash, {}, session.secret);
    secrets_.client_early_traffic = derive_secret(facts->hash, early, "c e traffic", digest(facts->hash, transcript_));
    write_keys(Epoch::EarlyData) = RecordKeys::from_secret(facts->hash, facts->cipher, secrets_.client_early_traffic);
  }
}

// RFC 8446 4.2.11.2. Binder lengths come from the encoded extension, so that odd ones a test made stay as they are.
void Client::fill_binders(Bytes& message) {
  const Extension* psk = hello_.find(ExtensionType::PreSharedKey);
  Reader reader(psk->data);
  reader.vector(2);
  const std::size_t binders_size = reader.rest().size();
  Reader binders(reader.vector(2));
  const Bytes covered = Writer().raw(transcript_).raw(without_binders(message, binders_size)).bytes();
  std::size_t position = message.size() - std::min(binders_size, message.size()) + 2;
  for (const Session& session : script_.offer.sessions) {
    const SuiteFacts* facts = suite_facts(session.suite);
    if (session.version != ProtocolVersion::Tls13 || facts == nullptr || binders.empty()) continue;
    const std::size_t size = binders.vector(1).size();
    const Hash hash = facts->hash;
    const Bytes early = hkdf_extract(hash, {}, session.secret);
    secrets_.binder = derive_secret(hash, early, "res binder", digest(hash, {}));
    const Bytes key = expand_label(hash, secrets_.binder, "finished", {}, hash_size(hash));
    // In a second hello the transcript begins with message_hash made by the retry's suite; a PSK of another hash was
    // dropped then.
    const Bytes binder = hmac(hash, key, digest(hash, covered));
    position += 1;
    for (std::size_t i = 0; i < std::min(size, binder.size()) && position + i < message.size(); ++i) {
      message[position + i] = binder[i];
    }
    position += size;
  }
}

void Client::take_server_hello(View message) {
  Reader reader(message.subspan(4));
  const std::uint16_t legacy_version = reader.u16();
  const Bytes random = to_bytes(reader.take(32));
  const Bytes session_id = to_bytes(reader.vector(1));
  const std::uint16_t suite = reader.u16();
  const std::uint8_t compression = reader.u8();
  View extension_block;
  if (!reader.empty()) extension_block = reader.vector(2);
  if (!check(reader.finished(), "malformed ServerHello")) return;
  if (!check(legacy_version == 0x0303 && compression == 0, "ServerHello version or compression")) return;
  if (!check(std::find(hello_.suites.begin(), hello_.suites.end(), suite) != hello_.suites.end() &&
                 suite_facts(suite) != nullptr,
             "ServerHello picks a suite we did not offer")) {
    return;
  }
  const bool retry = same(random, retry_random());
  if (!check(!facts_.hello_retry || suite_facts(suite) == suite_, "suite changed after HelloRetryRequest")) return;
  suite_ = suite_facts(suite);
  facts_.suite = suite;
  facts_.session_id = session_id;

  std::uint16_t version = 0x0303;
  std::set<std::uint16_t> seen;
  Reader scan(extension_block);
  while (!scan.empty()) {
    const std::uint16_t type = scan.u16();
    Reader data(scan.vector(2));
    if (!check(!scan.failed() && seen.insert(type).second, "malformed or repeated extension in ServerHello")) return;
    const bool cookie = retry && type == static_cast<std::uint16_t>(ExtensionType::Cookie);
    if (!check(cookie || offered(type), "ServerHello extension that was not offered (RFC 8446 4.2)")) return;
    if (type == static_cast<std::uint16_t>(ExtensionType::SupportedVersions)) version = data.u16();
  }
  Reader extensions(extension_block);
  if (version == 0x0304) {
    if (!check(script_.offer.offers(ProtocolVersion::Tls13), "TLS 1.3 was not offered")) return;
    if (!check(suite_->version == ProtocolVersion::Tls13, "TLS 1.2 suite in TLS 1.3")) return;
    if (!check(session_id == hello_.session_id, "session id not echoed (RFC 8446 4.1.3)")) return;
    facts_.version = ProtocolVersion::Tls13;
    if (retry) {
      if (!check(!facts_.hello_retry, "second HelloRetryRequest")) return;
      transcript_ = Writer().u8(254).vector(3, transcript_hash()).bytes();  // RFC 8446 4.4.1
      append(transcript_, message);
      return take_hello_retry_request(extensions);
    }
    facts_.server_random = random;
    append(transcript_, message);
    take_server_hello_tls13(extensions);
    return;
  }
  if (!check(version == 0x0303 && !retry && !facts_.hello_retry && script_.offer.offers(ProtocolVersion::Tls12) &&
                 suite_->version == ProtocolVersion::Tls12,
             "ServerHello picks a version that does not fit")) {
    return;
  }
  facts_.version = ProtocolVersion::Tls12;
  facts_.server_random = random;
  facts_.downgrade_sentinel = sentinel_of(random);
  if (script_.offer.offers(ProtocolVersion::Tls13) && !script_.ignore_downgrade &&
      !check(facts_.downgrade_sentinel < 0, "downgrade sentinel (RFC 8446 4.1.3)")) {
    return;
  }
  append(transcript_, message);
  take_server_hello_tls12(extensions);
}

void Client::take_hello_retry_request(Reader& extensions) {
  facts_.hello_retry = true;
  bool changed = false;
  while (!extensions.empty()) {
    const auto type = static_cast<ExtensionType>(extensions.u16());
    Reader data(extensions.vector(2));
    if (type == ExtensionType::Cookie) {
      facts_.cookie = to_bytes(data.vector(2));
      if (!check(!facts_.cookie.empty(), "empty cookie")) return;
      hello_.set(extension::cookie(facts_.cookie));
      changed = true;
    } else if (type == ExtensionType::KeyShare) {
      const std::uint16_t group = data.u16();
      const auto& offer = script_.offer;
      if (!check(std::find(offer.groups.begin(), offer.groups.end(), group) != offer.groups.end() &&
                     std::find(offer.shares.begin(), offer.shares.end(), group) == offer.shares.end(),
                 "HelloRetryRequest for a group not offered or already shared (RFC 8446 4.2.8)")) {
        return;
      }
      facts_.group = static_cast<Group>(group);
      hello_.set(extension::key_share({{group, key_pair(facts_.group).public_key}}));
      changed = true;
    } else {
      if (!check(type == ExtensionType::SupportedVersions, "extension not allowed in HelloRetryRequest")) return;
      data.u16();
    }
    if (!check(data.finished(), "malformed extension in HelloRetryRequest")) return;
  }
  if (!check(changed, "HelloRetryRequest that changes nothing (RFC 8446 4.1.4)")) return;
  hello_.erase(ExtensionType::EarlyData);
  // RFC 8446 4.1.4: a PSK whose hash is not that of the suite is taken out.
  std::vector<Session> fitting;
  for (const Session& session : script_.offer.sessions) {
    const SuiteFacts* facts = suite_facts(session.suite);
    if (session.version == ProtocolVersion::Tls13 && facts != nullptr && facts->hash == suite_->hash) {
      fitting.push_back(session);
    }
  }
  if (hello_.find(ExtensionType::PreSharedKey) != nullptr) {
    script_.offer.sessions = fitting;
    std::vector<PskIdentity> identities;
    std::vector<Bytes> binders;
    for (const Session& session : fitting) {
      const auto age = static_cast<std::uint32_t>(script_.now_ms - session.received_ms);
      identities.push_back({session.ticket, age + session.age_add});
      binders.emplace_back(hash_size(suite_->hash));
    }
    hello_.erase(ExtensionType::PreSharedKey);
    if (!fitting.empty()) hello_.extensions.push_back(extension::pre_shared_key(identities, binders));
  }
  queue_hello(true);
}

bool Client::take_server_hello_tls13(Reader& extensions) {
  Bytes shared;
  const Session* session = nullptr;
  while (!extensions.empty()) {
    const auto type = static_cast<ExtensionType>(extensions.u16());
    Reader data(extensions.vector(2));
    if (type == ExtensionType::KeyShare) {
      const std::uint16_t group = data.u16();
      const View share = data.vector(2);
      if (facts_.hello_retry && facts_.group != Group::None &&
          !check(group == static_cast<std::uint16_t>(facts_.group), "share of another group than retried for")) {
        return false;
      }
      bool ours = facts_.hello_retry;
      for (const std::uint16_t sent : script_.offer.shares) ours = ours || sent == group;
      if (!check(ours && data.finished(), "server share of a group we sent none for")) return false;
      facts_.group = static_cast<Group>(group);
      shared = agree(key_pair(facts_.group), share);
      if (!check(!shared.empty(), "bad server share")) return false;
    } else if (type == ExtensionType::PreSharedKey) {
      facts_.selected_identity = data.u16();
      std::vector<const Session*> sent;
      for (const Session& candidate : script_.offer.sessions) {
        if (candidate.version == ProtocolVersion::Tls13) sent.push_back(&candidate);
      }
      if (!check(data.finished() && facts_.selected_identity < sent.size(), "selected_identity out of range"))
        return false;
      session = sent[facts_.selected_identity];
      if (!check(suite_facts(session->suite)->hash == suite_->hash, "PSK of another hash")) return false;
      facts_.resumed = true;
    } else if (type == ExtensionType::SupportedVersions) {
      data.u16();
      if (!check(data.finished(), "malformed supported_versions")) return false;
    } else {
      return fail("extension not allowed in a ServerHello (RFC 8446 4.2)");
    }
  }
  if (!check(!shared.empty(), "ServerHello without key_share")) return false;
  start_handshake_keys(shared, session);
  return true;
}

bool Client::take_server_hello_tls12(Reader& extensions) {
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    if (!take_extension(type, extensions.vector(2), false)) return false;
  }
  const Session* session = nullptr;
  for (const Session& candidate : script_.offer.sessions) {
    if (candidate.version == ProtocolVersion::Tls12 && session == nullptr) session = &candidate;
  }
  // RFC 5077 3.4: the session id is echoed when the ticket is taken up.
  facts_.resumed = session != nullptr && !hello_.session_id.empty() && facts_.session_id == hello_.session_id;
  if (!facts_.resumed) {
    if (!check(hello_.session_id.empty() || facts_.session_id != hello_.session_id,
               "session id echoed, nothing to resume")) {
      return false;
    }
    state_ = State::Certificate;
    return true;
  }
  if (!check(session->suite == facts_.suite, "resumed with another suite (RFC 5246 7.4.1.3)")) return false;
  if (!check(session->extended_master_secret == facts_.extended_master_secret, "EMS changed (RFC 7627 5.3)"))
    return false;
  secrets_.master = session->secret;
  ticket_tls12_ = session->ticket;
  ticket_lifetime_tls12_ = session->lifetime_s;
  make_keys_tls12();
  state_ = State::TicketOrChangeCipherSpec;
  return true;
}

// Extensions of a TLS 1.2 ServerHello, and of EncryptedExtensions.
bool Client::take_extension(std::uint16_t type, View body, bool encrypted_extensions) {
  if (!check(offered(type), "extension that was not offered (RFC 8446 4.2)")) return false;
  facts_.server_extensions.push_back(type);
  Reader data(body);
  switch (static_cast<ExtensionType>(type)) {
    case ExtensionType::ServerName:
      facts_.server_name_acknowledged = true;
      break;
    case ExtensionType::Alpn: {
      Reader list(data.vector(2));
      facts_.protocol = to_text(list.vector(1));
      const auto& offer = script_.offer.protocols;
      if (!check(list.finished() && std::find(offer.begin(), offer.end(), facts_.protocol) != offer.end(),
                 "ALPN answer that was not offered (RFC 7301 3.1)")) {
        return false;
      }
      break;
    }
    case ExtensionType::RecordSizeLimit:
      facts_.record_size_limit = data.u16();
      if (!check(*facts_.record_size_limit >= 64, "record_size_limit below 64 (RFC 8449 4)")) return false;
      break;
    case ExtensionType::SupportedGroups: {
      if (!check(encrypted_extensions, "supported_groups in a TLS 1.2 ServerHello")) return false;
      Reader list(data.vector(2));
      while (!list.empty()) facts_.advertised_groups.push_back(list.u16());
      break;
    }
    case ExtensionType::EarlyData:
      if (!check(encrypted_extensions, "early_data in a TLS 1.2 ServerHello")) return false;
      facts_.early_data_accepted = true;
      break;
    case ExtensionType::ExtendedMasterSecret:
      facts_.extended_master_secret = true;
      if (!check(!encrypted_extensions, "extended_master_secret in TLS 1.3")) return false;
      break;
    case ExtensionType::RenegotiationInfo:
      facts_.secure_renegotiation = true;
      if (!check(!encrypted_extensions && data.vector(1).empty(), "renegotiation_info")) return false;
      break;
    case ExtensionType::SessionTicket:
      facts_.ticket_promised = true;
      if (!check(!encrypted_extensions, "session_ticket in TLS 1.3")) return false;
      break;
    case ExtensionType::EcPointFormats:
      if (!check(!encrypted_extensions, "ec_point_formats in TLS 1.3")) return false;
      {
        const View formats = data.vector(1);  // RFC 8422 5.1.2: uncompressed must be among them
        if (!check(std::find(formats.begin(), formats.end(), 0) != formats.end(), "ec_point_formats")) return false;
      }
      break;
    default:
      return fail("extension " + std::to_string(type) + " is not allowed here");
  }
  return check(data.finished(), "malformed extension");
}

}  // namespace breakwater::test
