#include "tests/flood/finished_corruptor.h"

#include <algorithm>

namespace breakwater::flood::testing {
namespace {

using namespace breakwater::test;

constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kApplicationData = 23;

constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;
constexpr std::uint8_t kServerKeyExchange = 12;
constexpr std::uint8_t kClientKeyExchange = 16;
constexpr std::uint8_t kFinished = 20;
constexpr std::uint8_t kMessageHash = 254;

constexpr std::uint16_t kKeyShare = 51;
constexpr std::uint16_t kSupportedVersions = 43;
constexpr std::uint16_t kExtendedMasterSecret = 23;

// The first whole handshake message, taken from the front; empty when there is none.
Bytes pop_message(Bytes& stream) {
  Reader reader(stream);
  reader.u8();
  const std::size_t size = reader.u24();
  if (reader.failed() || reader.rest().size() < size) return {};
  const auto end = stream.begin() + static_cast<std::ptrdiff_t>(4 + size);
  Bytes message(stream.begin(), end);
  stream.erase(stream.begin(), end);
  return message;
}

void drop_front(Bytes& from, std::size_t size) {
  from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(size));
}

Bytes x_coordinate(View point) { return point.size() == 65 ? to_bytes(point.subspan(1, 32)) : Bytes{}; }

bool is_retry(View server_hello) {
  return same(server_hello.subspan(6, 32), digest(Hash::Sha256, view_of("HelloRetryRequest")));
}

}  // namespace

Bytes FinishedCorruptor::from_client(View bytes) {
  append(client_records_, bytes);
  while (true) {
    const Bytes record = to_bytes(next_record(client_records_));
    if (record.empty()) return to_bytes(bytes);
    drop_front(client_records_, record.size());
    if (record[0] == kChangeCipherSpec && !tls13_) client_protected_ = true;
    if (record[0] != kHandshake || client_protected_) continue;
    append(client_messages_, View(record).subspan(5));
    for (Bytes message = pop_message(client_messages_); !message.empty(); message = pop_message(client_messages_)) {
      take_client_message(message);
    }
  }
}

void FinishedCorruptor::take_client_message(View message) {
  append(transcript_, message);
  if (message[0] == kClientHello) client_random_ = to_bytes(message.subspan(6, 32));
  if (message[0] == kClientKeyExchange && !tls13_) make_keys12();
}

Bytes FinishedCorruptor::from_server(View bytes) {
  append(server_records_, bytes);
  Bytes out;
  while (true) {
    const Bytes record = to_bytes(next_record(server_records_));
    if (record.empty()) return out;
    drop_front(server_records_, record.size());
    append(out, take_server_record(record));
  }
}

Bytes FinishedCorruptor::take_server_record(View record) {
  if (done_) return to_bytes(record);
  if (!server_protected_) {
    if (record[0] == kHandshake) {
      append(server_messages_, record.subspan(5));
      for (Bytes message = pop_message(server_messages_); !message.empty(); message = pop_message(server_messages_)) {
        take_server_message(message);
      }
    }
    if (record[0] == kChangeCipherSpec && !tls13_) server_protected_ = keys_.has_value();
    return to_bytes(record);
  }
  if (!keys_ || (tls13_ && record[0] != kApplicationData)) return to_bytes(record);
  RecordKeys sealing = *keys_;
  std::optional<RecordKeys::Opened> opened = keys_->open(record);
  if (!opened) {  // not what this double can follow
    keys_.reset();
    return to_bytes(record);
  }
  if (opened->type == kHandshake) change_finished(opened->payload);
  const std::size_t padding = tls13_ ? opened->inner_size - opened->payload.size() - 1 : 0;
  return sealing.seal(opened->type, opened->payload, padding);
}

// Follows the messages over the records; the first byte of the Finished's body is the one that changes.
void FinishedCorruptor::change_finished(Bytes& payload) {
  for (std::uint8_t& byte : payload) {
    if (header_.size() < 4) {
      header_.push_back(byte);
      if (header_.size() < 4) continue;
      body_left_ = static_cast<std::size_t>(header_[1]) << 16 | static_cast<std::size_t>(header_[2]) << 8 | header_[3];
      if (body_left_ == 0) header_.clear();
      continue;
    }
    if (header_[0] == kFinished && !done_) {
      if (flip_) byte ^= 0x01;
      done_ = true;
    }
    if (--body_left_ == 0) header_.clear();
  }
}

void FinishedCorruptor::take_server_message(View message) {
  if (message[0] == kServerHello) return take_server_hello(message);
  append(transcript_, message);
  if (message[0] == kServerKeyExchange) {
    Reader reader(message.subspan(4));
    reader.take(3);
    shared_ = x_coordinate(reader.vector(1));
  }
}

void FinishedCorruptor::take_server_hello(View message) {
  Reader reader(message.subspan(4));
  reader.take(2);
  server_random_ = to_bytes(reader.take(32));
  reader.vector(1);
  suite_ = suite_facts(reader.u16());
  reader.u8();
  Reader extensions(reader.vector(2));
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    Reader body(extensions.vector(2));
    if (type == kSupportedVersions) tls13_ = true;
    if (type == kExtendedMasterSecret) extended_master_secret_ = true;
    if (type == kKeyShare) {
      body.u16();
      shared_ = x_coordinate(body.vector(2));
    }
  }
  if (suite_ == nullptr) return;
  if (tls13_ && is_retry(message)) {  // RFC 8446 4.4.1
    const Bytes hash = digest(suite_->hash, transcript_);
    transcript_ = Writer().u8(kMessageHash).vector(3, hash).bytes();
    append(transcript_, message);
    return;
  }
  append(transcript_, message);
  if (tls13_) make_keys13();
}

void FinishedCorruptor::make_keys12() {
  if (suite_ == nullptr || shared_.empty()) return;
  const Hash hash = suite_->hash;
  const Bytes randoms = Writer().raw(client_random_).raw(server_random_).bytes();
  const Bytes master = extended_master_secret_
                           ? prf(hash, shared_, "extended master secret", digest(hash, transcript_), 48)
                           : prf(hash, shared_, "master secret", randoms, 48);
  const std::size_t key = key_size(suite_->cipher);
  const std::size_t iv = suite_->cipher == breakwater::test::Cipher::ChaCha20Poly1305 ? 12 : 4;
  const Bytes seed = Writer().raw(server_random_).raw(client_random_).bytes();
  const Bytes block = prf(hash, master, "key expansion", seed, 2 * (key + iv));
  Reader reader(block);
  RecordKeys keys;
  keys.version = ProtocolVersion::Tls12;
  keys.cipher = suite_->cipher;
  reader.take(key);
  keys.key = to_bytes(reader.take(key));
  reader.take(iv);
  keys.iv = to_bytes(reader.take(iv));
  keys_ = keys;
}

void FinishedCorruptor::make_keys13() {
  if (shared_.empty()) return;
  const Hash hash = suite_->hash;
  const Bytes early = hkdf_extract(hash, {}, Bytes(hash_size(hash)));
  const Bytes handshake = hkdf_extract(hash, derive_secret(hash, early, "derived", digest(hash, {})), shared_);
  const Bytes traffic = derive_secret(hash, handshake, "s hs traffic", digest(hash, transcript_));
  keys_ = RecordKeys::from_secret(hash, suite_->cipher, traffic);
  server_protected_ = true;
}

}  // namespace breakwater::flood::testing
