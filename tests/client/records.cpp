#include "tests/client/records.h"

namespace breakwater::test {
namespace {

constexpr std::uint8_t kApplicationData = 23;

Bytes header(std::uint8_t type, std::uint16_t version, std::size_t size) {
  return Writer().u8(type).u16(version).u16(size).bytes();
}

}  // namespace

Bytes plain_record(std::uint8_t type, View payload, std::uint16_t version) {
  return Writer().raw(header(type, version, payload.size())).raw(payload).bytes();
}

RecordKeys RecordKeys::from_secret(Hash hash, Cipher cipher, View secret) {
  RecordKeys keys;
  keys.version = ProtocolVersion::Tls13;
  keys.cipher = cipher;
  keys.key = expand_label(hash, secret, "key", {}, key_size(cipher));
  keys.iv = expand_label(hash, secret, "iv", {}, 12);
  return keys;
}

// RFC 8446 5.3 and RFC 7905 2: the sequence number is mixed into a 12-byte IV.
// RFC 5288 3: a 4-byte salt in front of 8 bytes that travel with the record.
Bytes RecordKeys::nonce(View explicit_part) const {
  Bytes nonce = iv;
  if (iv.size() == 4) {
    append(nonce, explicit_part);
    return nonce;
  }
  const Bytes number = Writer().u64(sequence).bytes();
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] ^= number[i];
  return nonce;
}

Bytes RecordKeys::seal(std::optional<std::uint8_t> type, View payload, std::size_t padding,
                       std::uint16_t record_version) {
  if (version == ProtocolVersion::Tls13) {
    Bytes inner = to_bytes(payload);
    if (type) inner.push_back(*type);
    inner.resize(inner.size() + padding);
    Bytes record = header(kApplicationData, record_version, inner.size() + kTagSize);
    append(record, aead_seal(cipher, key, nonce({}), record, inner));
    ++sequence;
    return record;
  }
  const std::uint8_t outer = type.value_or(kApplicationData);
  const Bytes number = Writer().u64(sequence).bytes();
  const Bytes associated = Writer().raw(number).u8(outer).u16(record_version).u16(payload.size()).bytes();
  const Bytes explicit_part = iv.size() == 4 ? number : Bytes{};
  const Bytes body = aead_seal(cipher, key, nonce(explicit_part), associated, payload);
  ++sequence;
  return Writer()
      .raw(header(outer, record_version, explicit_part.size() + body.size()))
      .raw(explicit_part)
      .raw(body)
      .bytes();
}

std::optional<RecordKeys::Opened> RecordKeys::open(View record) {
  Opened opened;
  const View body = record.subspan(5);
  if (version == ProtocolVersion::Tls13) {
    std::optional<Bytes> inner = aead_open(cipher, key, nonce({}), record.first(5), body);
    if (!inner) return std::nullopt;
    opened.inner_size = inner->size();
    while (!inner->empty() && inner->back() == 0) inner->pop_back();
    if (!inner->empty()) {
      opened.type = inner->back();
      inner->pop_back();
    }
    opened.payload = std::move(*inner);
  } else {
    const std::size_t explicit_size = iv.size() == 4 ? 8 : 0;
    if (body.size() < explicit_size + kTagSize) return std::nullopt;
    const Bytes associated =
        Writer().u64(sequence).raw(record.first(3)).u16(body.size() - explicit_size - kTagSize).bytes();
    std::optional<Bytes> plain =
        aead_open(cipher, key, nonce(body.first(explicit_size)), associated, body.subspan(explicit_size));
    if (!plain) return std::nullopt;
    opened.type = record[0];
    opened.inner_size = plain->size();
    opened.payload = std::move(*plain);
  }
  ++sequence;
  return opened;
}

View next_record(View stream) {
  if (stream.size() < 5) return {};
  const std::size_t size = 5 + (static_cast<std::size_t>(stream[3]) << 8 | stream[4]);
  return stream.size() < size ? View{} : stream.first(size);
}

}  // namespace breakwater::test
