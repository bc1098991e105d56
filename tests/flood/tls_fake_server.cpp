#include "tests/flood/tls_fake_server.h"

#include <algorithm>

#include "flood/tls/key_exchange.h"

namespace breakwater::flood::testing {
namespace {

using namespace breakwater::test;

const View kShare = flood::protocol::kGenerator;

}  // namespace

FakeServer::FakeServer(Version version, std::uint16_t suite)
    : tls13_(version == Version::Tls13),
      suite_(suite_facts(suite != 0 ? suite
                         : tls13_   ? std::uint16_t{0x1301}
                                    : std::uint16_t{0xC02B})),
      random_(breakwater::test::Random(77).bytes(32)),
      shared_(to_bytes(kShare.subspan(1, 32))) {}

Bytes FakeServer::message(std::uint8_t type, View body) { return Writer().u8(type).vector(3, body).bytes(); }

Bytes FakeServer::sealed(std::uint8_t type, View payload, std::size_t padded) {
  return keys_ ? keys_->seal(type, payload, padded) : plain(type, payload);
}

Bytes FakeServer::say(std::uint8_t type, View body) {
  Bytes whole = message(type, body);
  if (edit) edit(type, whole);
  append(transcript_, whole);
  Bytes out;
  for (std::size_t at = 0; at < whole.size(); at += fragment) {
    append(out, sealed(kHandshake, View(whole).subspan(at, std::min(fragment, whole.size() - at)), padding));
  }
  return out;
}

void FakeServer::take(View bytes) {
  while (true) {
    const View record = next_record(bytes);
    if (record.empty()) return;
    bytes = bytes.subspan(record.size());
    if (record[0] == kChangeCipherSpec) {
      if (!tls13_) client_keys_ = pending_keys_;
      continue;
    }
    Bytes payload = to_bytes(record.subspan(5));
    std::uint8_t type = record[0];
    if (client_keys_) {
      const std::optional<RecordKeys::Opened> opened = client_keys_->open(record);
      if (!opened) continue;
      payload = opened->payload;
      type = opened->type;
    }
    if (type != kHandshake) continue;
    append(client_messages_, payload);
    while (true) {
      Reader reader(client_messages_);
      reader.u8();
      const std::size_t size = reader.u24();
      if (reader.failed() || reader.rest().size() < size) break;
      const auto end = client_messages_.begin() + static_cast<std::ptrdiff_t>(4 + size);
      const Bytes whole(client_messages_.begin(), end);
      client_messages_.erase(client_messages_.begin(), end);
      take_message(whole);
    }
  }
}

void FakeServer::take_message(View whole) {
  append(transcript_, whole);
  if (whole[0] == 1) {
    Reader reader(whole.subspan(6));
    client_random_ = to_bytes(reader.take(32));
    session_id_ = to_bytes(reader.vector(1));
  } else if (whole[0] == 16) {
    make_keys12();
  } else if (whole[0] == 20) {
    finished_seen_ = true;
    if (tls13_) make_application_keys();
  }
}

Bytes FakeServer::hello_body(View random) const {
  Writer extensions;
  if (tls13_) {
    extensions.u16(43).u16(2).u16(0x0304);
    extensions.u16(51).vector(2, Writer().u16(0x0017).vector(2, kShare));
  } else {
    extensions.u16(23).u16(0).u16(0xFF01).u16(1).u8(0);
  }
  extensions.raw(server_hello_extensions);
  return Writer()
      .u16(0x0303)
      .raw(random)
      .vector(1, tls13_ ? View(session_id_) : View())
      .u16(static_cast<std::uint16_t>(suite_->suite))
      .u8(0)
      .vector(2, extensions)
      .bytes();
}

Bytes FakeServer::retry(View extensions) {
  transcript_ = message(254, hash());
  retried_ = true;
  const Bytes body = Writer()
                         .u16(0x0303)
                         .raw(digest(Hash::Sha256, view_of("HelloRetryRequest")))
                         .vector(1, session_id_)
                         .u16(static_cast<std::uint16_t>(suite_->suite))
                         .u8(0)
                         .vector(2, extensions)
                         .bytes();
  return say(2, body);
}

Bytes FakeServer::first_flight() {
  Bytes out = say(2, hello_body(random_));
  const Bytes certificate(300, 0x55);
  const Bytes signature(70, 0x66);
  if (tls13_) {
    make_handshake_keys();
    append(out, say(8, Writer().u16(0).bytes()));
    Bytes list = certificate_body;
    if (list.empty()) list = Writer().u8(0).vector(3, Writer().vector(3, certificate).u16(0)).bytes();
    append(out, say(11, list));
    append(out, say(15, Writer().u16(0x0403).vector(2, signature).bytes()));
    const Bytes key = expand_label(suite_->hash, server_traffic_, "finished", {}, hash_size(suite_->hash));
    append(out, say(20, hmac(suite_->hash, key, hash())));
    const Bytes handshake_hash = hash();
    const Bytes zeros(hash_size(suite_->hash));
    master_ = hkdf_extract(suite_->hash,
                           derive_secret(suite_->hash, handshake_secret_, "derived", digest(suite_->hash, {})), zeros);
    server_traffic_ = derive_secret(suite_->hash, master_, "s ap traffic", handshake_hash);
    client_application_ = derive_secret(suite_->hash, master_, "c ap traffic", handshake_hash);
    keys_ = RecordKeys::from_secret(suite_->hash, suite_->cipher, server_traffic_);
    return out;
  }
  Bytes list = certificate_body;
  if (list.empty()) list = Writer().vector(3, Writer().vector(3, certificate)).bytes();
  append(out, say(11, list));
  append(out, say(12, Writer().u8(3).u16(0x0017).vector(1, kShare).u16(0x0403).vector(2, signature).bytes()));
  append(out, say(14, {}));
  return out;
}

Bytes FakeServer::second_flight() {
  Bytes out = plain(kChangeCipherSpec, Bytes{1});
  const std::size_t key = key_size(suite_->cipher);
  const std::size_t iv = suite_->cipher == breakwater::test::Cipher::ChaCha20Poly1305 ? 12 : 4;
  const Bytes seed = Writer().raw(random_).raw(client_random_).bytes();
  const Bytes block = prf(suite_->hash, master_, "key expansion", seed, 2 * (key + iv));
  Reader reader(block);
  reader.take(key);
  RecordKeys keys;
  keys.version = ProtocolVersion::Tls12;
  keys.cipher = suite_->cipher;
  keys.key = to_bytes(reader.take(key));
  reader.take(iv);
  keys.iv = to_bytes(reader.take(iv));
  keys_ = keys;
  append(out, say(20, prf(suite_->hash, master_, "server finished", hash(), 12)));
  return out;
}

Bytes FakeServer::operator()(View bytes) {
  const bool first = transcript_.empty();
  take(bytes);
  if (first) return first_flight();
  if (!tls13_ && finished_seen_ && !keys_) return second_flight();
  return {};
}

void FakeServer::make_keys12() {
  master_ = prf(suite_->hash, shared_, "extended master secret", hash(), 48);
  const std::size_t key = key_size(suite_->cipher);
  const std::size_t iv = suite_->cipher == breakwater::test::Cipher::ChaCha20Poly1305 ? 12 : 4;
  const Bytes seed = Writer().raw(random_).raw(client_random_).bytes();
  const Bytes block = prf(suite_->hash, master_, "key expansion", seed, 2 * (key + iv));
  RecordKeys keys;
  keys.version = ProtocolVersion::Tls12;
  keys.cipher = suite_->cipher;
  keys.key = to_bytes(View(block).first(key));
  keys.iv = to_bytes(View(block).subspan(2 * key, iv));
  pending_keys_ = keys;
}

void FakeServer::make_handshake_keys() {
  const Hash kind = suite_->hash;
  const Bytes early = hkdf_extract(kind, {}, Bytes(hash_size(kind)));
  handshake_secret_ = hkdf_extract(kind, derive_secret(kind, early, "derived", digest(kind, {})), shared_);
  server_traffic_ = derive_secret(kind, handshake_secret_, "s hs traffic", hash());
  keys_ = RecordKeys::from_secret(kind, suite_->cipher, server_traffic_);
  client_keys_ =
      RecordKeys::from_secret(kind, suite_->cipher, derive_secret(kind, handshake_secret_, "c hs traffic", hash()));
}

void FakeServer::make_application_keys() {
  client_traffic_ = client_application_;
  client_keys_ = RecordKeys::from_secret(suite_->hash, suite_->cipher, client_traffic_);
}

void FakeServer::update_keys() {
  server_traffic_ = expand_label(suite_->hash, server_traffic_, "traffic upd", {}, hash_size(suite_->hash));
  keys_ = RecordKeys::from_secret(suite_->hash, suite_->cipher, server_traffic_);
}

void FakeServer::update_client_keys() {
  client_traffic_ = expand_label(suite_->hash, client_traffic_, "traffic upd", {}, hash_size(suite_->hash));
  client_keys_ = RecordKeys::from_secret(suite_->hash, suite_->cipher, client_traffic_);
}

}  // namespace breakwater::flood::testing
