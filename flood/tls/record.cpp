#include "flood/tls/record.h"

#include "flood/tls/wire.h"

namespace breakwater::flood::protocol {
namespace {

constexpr std::size_t kAad12 = 13;

// RFC 5246 6.2.3.3: sequence number, type, version, length of the plaintext.
void make_aad12(std::uint8_t aad[kAad12], std::uint64_t sequence, const std::uint8_t* header,
                std::size_t size) noexcept {
  put_u64(aad, sequence);
  memcpy(aad + 8, header, 3);
  put_u16(aad + 11, size);
}

}  // namespace

void RecordKey::set(Version version, port::Aead aead, const std::uint8_t* key, const std::uint8_t* iv) noexcept {
  version_ = version;
  aead_ = aead;
  memcpy(key_, key, port::aead_key_size(aead));
  memcpy(iv_, iv, iv_size(version, aead));
  sequence_ = 0;
  active_ = true;
  is_expanded_ = false;
}

void RecordKey::expand() noexcept {
  if (is_expanded_) return;
  port::aead_expand(expanded_, aead_, key_);
  is_expanded_ = true;
}

void RecordKey::make_nonce(std::uint8_t nonce[port::kAeadNonceSize], const std::uint8_t* explicit_part) const noexcept {
  if (explicit_nonce()) {
    memcpy(nonce, iv_, 4);
    memcpy(nonce + 4, explicit_part, kExplicitNonce);
    return;
  }
  memcpy(nonce, iv_, port::kAeadNonceSize);
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[4 + i] = static_cast<std::uint8_t>(nonce[4 + i] ^ (sequence_ >> (56 - 8 * i)));
  }
}

std::size_t RecordKey::seal(ContentType type, std::uint8_t* record, std::size_t payload_size) noexcept {
  expand();
  const bool tls13 = version_ == Version::Tls13;
  std::uint8_t* const payload = record + payload_offset();
  if (tls13) payload[payload_size++] = static_cast<std::uint8_t>(type);
  record[0] = static_cast<std::uint8_t>(tls13 ? ContentType::ApplicationData : type);
  put_u16(record + 1, kVersion12);
  const std::size_t size = payload_offset() + payload_size + port::kAeadTagSize;
  put_u16(record + 3, size - kHeaderSize);
  std::uint8_t aad[kAad12];
  ConstBytes associated(record, kHeaderSize);
  if (!tls13) {
    make_aad12(aad, sequence_, record, payload_size);
    associated = aad;
  }
  if (explicit_nonce()) put_u64(record + kHeaderSize, sequence_);
  std::uint8_t nonce[port::kAeadNonceSize];
  make_nonce(nonce, record + kHeaderSize);
  const MutableBytes piece(payload, payload_size);
  port::aead_seal(expanded_, aead_, nonce, associated, {&piece, 1}, payload + payload_size);
  ++sequence_;
  return size;
}

RecordKey::Opened RecordKey::open(MutableBytes record) noexcept {
  const bool tls13 = version_ == Version::Tls13;
  const std::size_t overhead = payload_offset() + port::kAeadTagSize;
  if (record.size() < overhead + (tls13 ? 1 : 0)) return {};
  const std::size_t size = record.size() - overhead;
  if (size > kMaxPlaintext + (tls13 ? 1 : 0)) return {};  // RFC 8446 5.4: the type byte and padding count
  expand();
  std::uint8_t aad[kAad12];
  ConstBytes associated = record.first(kHeaderSize);
  if (!tls13) {
    make_aad12(aad, sequence_, record.data(), size);
    associated = aad;
  }
  std::uint8_t nonce[port::kAeadNonceSize];
  make_nonce(nonce, record.data() + kHeaderSize);
  const MutableBytes piece = record.subspan(payload_offset(), size);
  if (!port::aead_open(expanded_, aead_, nonce, associated, {&piece, 1}, piece.data() + size)) return {};
  ++sequence_;
  if (!tls13) return {true, record[0], piece};
  std::size_t end = size;
  while (end > 0 && piece[end - 1] == 0) --end;
  if (end == 0) return {};  // no content type
  return {true, piece[end - 1], piece.first(end - 1)};
}

}  // namespace breakwater::flood::protocol
