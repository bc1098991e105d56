#include "core/tls/record_protection.h"

#include "core/tls/wire.h"

namespace breakwater::tls {
namespace {

constexpr std::size_t kAdditionalDataSize12 = 13;

struct Nonce {
  std::uint8_t bytes[port::kAeadNonceSize];
};

// RFC 8446 5.3 and RFC 7905 2: the sequence number, right-aligned, xor the static iv.
Nonce xor_nonce(const TrafficKey& key) noexcept {
  Nonce nonce;
  copy_bytes(nonce.bytes, key.iv);
  for (unsigned i = 0; i < 8; ++i) {
    nonce.bytes[11 - i] = static_cast<std::uint8_t>(nonce.bytes[11 - i] ^ (key.sequence >> (8 * i)));
  }
  return nonce;
}

// RFC 5288 3: 4 implicit bytes, 8 explicit ones.
Nonce explicit_nonce(const TrafficKey& key, const std::uint8_t* explicit_part) noexcept {
  Nonce nonce;
  copy_bytes(nonce.bytes, {key.iv, 4});
  copy_bytes(nonce.bytes + 4, {explicit_part, Protection::kExplicitNonceSize});
  return nonce;
}

// RFC 5246 6.2.3.3: seq_num + type + version + length of the plaintext.
void additional_data12(std::uint8_t out[kAdditionalDataSize12], const TrafficKey& key, ContentType type,
                       std::size_t plaintext_size) noexcept {
  store_u64(out, key.sequence);
  out[8] = static_cast<std::uint8_t>(type);
  store_u16(out + 9, static_cast<std::uint16_t>(ProtocolVersion::Tls12));
  store_u16(out + 11, plaintext_size);
}

// Drops the last `size` bytes from the pieces, copying them to `out` (null: nowhere). The pieces hold that many.
std::span<MutableBytes> drop_tail(std::span<MutableBytes> pieces, std::size_t size, std::uint8_t* out) noexcept {
  while (size != 0) {
    MutableBytes& last = pieces.back();
    const std::size_t here = last.size() < size ? last.size() : size;
    if (out != nullptr) copy_bytes(out + size - here, last.last(here));
    size -= here;
    last = last.first(last.size() - here);
    if (last.empty()) pieces = pieces.first(pieces.size() - 1);
  }
  return pieces;
}

// Drops the first `size` bytes from the pieces, copying them to `out`. The pieces hold that many.
std::span<MutableBytes> drop_head(std::span<MutableBytes> pieces, std::size_t size, std::uint8_t* out) noexcept {
  while (size != 0) {
    MutableBytes& first = pieces.front();
    const std::size_t here = first.size() < size ? first.size() : size;
    copy_bytes(out, first.first(here));
    out += here;
    size -= here;
    first = first.subspan(here);
    if (first.empty()) pieces = pieces.subspan(1);
  }
  return pieces;
}

std::size_t total_size(std::span<const MutableBytes> pieces) noexcept {
  std::size_t size = 0;
  for (const MutableBytes& piece : pieces) size += piece.size();
  return size;
}

// RFC 8446 5.4: the last byte that is not zero is the type. Scans from the end.
void strip_padding(std::span<const MutableBytes> pieces, Opened& opened) noexcept {
  std::size_t end = total_size(pieces);
  opened.padded_size = end == 0 ? 0 : end - 1;
  for (std::size_t p = pieces.size(); p-- > 0;) {
    const MutableBytes piece = pieces[p];
    for (std::size_t i = piece.size(); i-- > 0;) {
      --end;
      if (piece[i] != 0) {
        opened.type = static_cast<ContentType>(piece[i]);
        opened.size = end;
        return;
      }
    }
  }
}

Opened open13(Protection protection, ExpandedKeys& keys, TrafficKey& key, const std::uint8_t* header,
              std::span<MutableBytes> pieces) noexcept {
  std::uint8_t tag[port::kAeadTagSize];
  pieces = drop_tail(pieces, sizeof tag, tag);
  const port::AeadKey& expanded = keys.for_reading(key, protection.aead);
  Opened opened;
  opened.authentic =
      port::aead_open(expanded, protection.aead, xor_nonce(key).bytes, {header, kRecordHeaderSize}, pieces, tag);
  if (opened.authentic) strip_padding(pieces, opened);
  return opened;
}

Opened open12(Protection protection, ExpandedKeys& keys, TrafficKey& key, const std::uint8_t* header,
              std::span<MutableBytes> pieces) noexcept {
  std::uint8_t tag[port::kAeadTagSize];
  std::uint8_t explicit_part[Protection::kExplicitNonceSize];
  std::uint8_t additional_data[kAdditionalDataSize12];
  pieces = drop_tail(pieces, sizeof tag, tag);
  if (protection.has_explicit_nonce()) pieces = drop_head(pieces, sizeof explicit_part, explicit_part);
  const Nonce nonce = protection.has_explicit_nonce() ? explicit_nonce(key, explicit_part) : xor_nonce(key);
  Opened opened;
  opened.type = static_cast<ContentType>(header[0]);
  opened.offset = protection.head() - kRecordHeaderSize;
  opened.size = total_size(pieces);
  opened.padded_size = opened.size;
  additional_data12(additional_data, key, opened.type, opened.size);
  const port::AeadKey& expanded = keys.for_reading(key, protection.aead);
  opened.authentic = port::aead_open(expanded, protection.aead, nonce.bytes, additional_data, pieces, tag);
  return opened;
}

}  // namespace

std::size_t seal_record(Protection protection, ExpandedKeys& keys, TrafficKey& key, ContentType type,
                        std::uint8_t* record, std::size_t plaintext_size) noexcept {
  const bool tls13 = protection.version == ProtocolVersion::Tls13;
  const std::size_t size = plaintext_size + protection.overhead();
  std::uint8_t* const plaintext = record + protection.head();
  record[0] = static_cast<std::uint8_t>(tls13 ? ContentType::ApplicationData : type);
  store_u16(record + 1, static_cast<std::uint16_t>(ProtocolVersion::Tls12));
  store_u16(record + 3, size - kRecordHeaderSize);

  const port::AeadKey& expanded = keys.for_writing(key, protection.aead);
  if (tls13) {
    plaintext[plaintext_size] = static_cast<std::uint8_t>(type);
    const MutableBytes piece(plaintext, plaintext_size + 1);
    port::aead_seal(expanded, protection.aead, xor_nonce(key).bytes, {record, kRecordHeaderSize}, {&piece, 1},
                    plaintext + piece.size());
  } else {
    std::uint8_t additional_data[kAdditionalDataSize12];
    additional_data12(additional_data, key, type, plaintext_size);
    Nonce nonce;
    if (protection.has_explicit_nonce()) {
      store_u64(record + kRecordHeaderSize, key.sequence);  // never repeats under one key
      nonce = explicit_nonce(key, record + kRecordHeaderSize);
    } else {
      nonce = xor_nonce(key);
    }
    const MutableBytes piece(plaintext, plaintext_size);
    port::aead_seal(expanded, protection.aead, nonce.bytes, additional_data, {&piece, 1}, plaintext + plaintext_size);
  }
  ++key.sequence;
  return size;
}

Opened open_record(Protection protection, ExpandedKeys& keys, TrafficKey& key,
                   const std::uint8_t header[kRecordHeaderSize], std::span<MutableBytes> pieces) noexcept {
  const Opened opened = protection.version == ProtocolVersion::Tls13 ? open13(protection, keys, key, header, pieces)
                                                                     : open12(protection, keys, key, header, pieces);
  if (opened.authentic) ++key.sequence;
  return opened;
}

}  // namespace breakwater::tls
