// AEAD by libipsec-mb's direct calls: in place, scatter-gather, no allocation.
#include "core/port/aead.h"

#include <atomic>
#include <cassert>
#include <new>

#include "library/port/aead_manager.h"

namespace breakwater::port {
namespace {

// Written once, before the first use; acquire costs nothing on x86.
std::atomic<IMB_MGR*> aead_manager{nullptr};

IMB_MGR* manager() noexcept {
  IMB_MGR* const ready = aead_manager.load(std::memory_order_acquire);
  assert(ready != nullptr && "breakwater::port::initialise() has not been called");
  return ready;
}

// What lies in AeadKey::opaque. ChaCha20-Poly1305 has no key schedule; its key is kept as it is.
struct ExpandedKey {
  union {
    gcm_key_data gcm;
    std::uint8_t chacha[32];
  };
  Aead aead;
};
static_assert(sizeof(ExpandedKey) <= sizeof(AeadKey::opaque));
static_assert(alignof(ExpandedKey) <= alignof(AeadKey));

const ExpandedKey& view(const AeadKey& key) noexcept {
  return *std::launder(reinterpret_cast<const ExpandedKey*>(key.opaque));
}

// The library's calls, by cipher and direction, so that the piece-walking code is written once.
struct GcmCalls {
  aes_gcm_enc_dec_t whole;
  aes_gcm_init_t init;
  aes_gcm_enc_dec_update_t update;
  aes_gcm_enc_dec_finalize_t finalize;
};

enum class Direction { Seal, Open };

GcmCalls gcm_calls(const IMB_MGR& mgr, Aead aead, Direction direction) noexcept {
  const bool seal = direction == Direction::Seal;
  if (aead == Aead::Aes128Gcm) {
    return seal ? GcmCalls{mgr.gcm128_enc, mgr.gcm128_init, mgr.gcm128_enc_update, mgr.gcm128_enc_finalize}
                : GcmCalls{mgr.gcm128_dec, mgr.gcm128_init, mgr.gcm128_dec_update, mgr.gcm128_dec_finalize};
  }
  return seal ? GcmCalls{mgr.gcm256_enc, mgr.gcm256_init, mgr.gcm256_enc_update, mgr.gcm256_enc_finalize}
              : GcmCalls{mgr.gcm256_dec, mgr.gcm256_init, mgr.gcm256_dec_update, mgr.gcm256_dec_finalize};
}

struct Operation {
  const ExpandedKey& key;
  Direction direction;
  const std::uint8_t* nonce;
  ConstBytes associated_data;
  std::span<const MutableBytes> pieces;
};

// The library rejects null pointers even where the length is zero, silently, leaving the tag unwritten.
constexpr std::uint8_t kNothing[1] = {};
const std::uint8_t* address(ConstBytes bytes) noexcept { return bytes.empty() ? kNothing : bytes.data(); }

// The piece that is the whole text, or an empty one when there is no text; null when several pieces have bytes.
const MutableBytes* only_piece(std::span<const MutableBytes> pieces) noexcept {
  static constexpr MutableBytes kEmpty;
  const MutableBytes* found = &kEmpty;
  for (const MutableBytes& piece : pieces) {
    if (piece.empty()) continue;
    if (!found->empty()) return nullptr;
    found = &piece;
  }
  return found;
}

void run_gcm(const Operation& op, std::uint8_t* tag) noexcept {
  const GcmCalls calls = gcm_calls(*manager(), op.key.aead, op.direction);
  const gcm_key_data* const key = &op.key.gcm;
  const std::uint8_t* const aad = address(op.associated_data);
  const std::size_t aad_size = op.associated_data.size();
  gcm_context_data context;
  if (const MutableBytes* piece = only_piece(op.pieces)) {
    std::uint8_t no_text[1];
    std::uint8_t* const text = piece->empty() ? no_text : piece->data();
    calls.whole(key, &context, text, text, piece->size(), op.nonce, aad, aad_size, tag, kAeadTagSize);
  } else {
    calls.init(key, &context, op.nonce, aad, aad_size);
    for (const MutableBytes& part : op.pieces) {
      if (!part.empty()) calls.update(key, &context, part.data(), part.data(), part.size());
    }
    calls.finalize(key, &context, tag, kAeadTagSize);
  }
  wipe(&context, sizeof context);  // it holds a block of key stream
}

void run_chacha(const Operation& op, std::uint8_t* tag) noexcept {
  IMB_MGR* const mgr = manager();
  const std::uint8_t* const key = op.key.chacha;
  const auto update =
      op.direction == Direction::Seal ? mgr->chacha20_poly1305_enc_update : mgr->chacha20_poly1305_dec_update;
  chacha20_poly1305_context_data context;
  mgr->chacha20_poly1305_init(key, &context, op.nonce, address(op.associated_data), op.associated_data.size());
  for (const MutableBytes& part : op.pieces) {
    if (!part.empty()) update(key, &context, part.data(), part.data(), part.size());
  }
  mgr->chacha20_poly1305_finalize(&context, tag, kAeadTagSize);
  wipe(&context, sizeof context);  // it holds the Poly1305 key and key stream
}

void run(const Operation& op, std::uint8_t* tag) noexcept {
  if (op.key.aead == Aead::ChaCha20Poly1305) {
    run_chacha(op, tag);
  } else {
    run_gcm(op, tag);
  }
}

}  // namespace

bool make_aead_manager() noexcept {
  IMB_MGR* const fresh = alloc_mb_mgr(0);
  if (fresh == nullptr) return false;
  init_mb_mgr_auto(fresh, nullptr);
  if (imb_get_errno(fresh) != 0) {
    free_mb_mgr(fresh);
    return false;
  }
  aead_manager.store(fresh, std::memory_order_release);
  return true;
}

void aead_expand(AeadKey& expanded, Aead aead, const std::uint8_t* key) noexcept {
  auto* const target = new (expanded.opaque) ExpandedKey;
  target->aead = aead;
  switch (aead) {
    case Aead::Aes128Gcm:
      return manager()->gcm128_pre(key, &target->gcm);
    case Aead::Aes256Gcm:
      return manager()->gcm256_pre(key, &target->gcm);
    case Aead::ChaCha20Poly1305:
      return copy_bytes(target->chacha, {key, sizeof target->chacha});
  }
}

void aead_seal(const AeadKey& expanded, Aead aead, const std::uint8_t nonce[kAeadNonceSize], ConstBytes associated_data,
               std::span<const MutableBytes> pieces, std::uint8_t tag[kAeadTagSize]) noexcept {
  const ExpandedKey& key = view(expanded);
  assert(key.aead == aead);
  static_cast<void>(aead);
  run({key, Direction::Seal, nonce, associated_data, pieces}, tag);
}

bool aead_open(const AeadKey& expanded, Aead aead, const std::uint8_t nonce[kAeadNonceSize], ConstBytes associated_data,
               std::span<const MutableBytes> pieces, const std::uint8_t tag[kAeadTagSize]) noexcept {
  const ExpandedKey& key = view(expanded);
  assert(key.aead == aead);
  static_cast<void>(aead);
  std::uint8_t computed[kAeadTagSize];
  run({key, Direction::Open, nonce, associated_data, pieces}, computed);
  const bool right = equal_constant_time({computed, kAeadTagSize}, {tag, kAeadTagSize});
  wipe(computed, sizeof computed);  // for a forged record it is the tag the forger lacked
  return right;
}

}  // namespace breakwater::port
