#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "core/batch/rsa_workspace.h"
#include "core/batch/run.h"
#include "core/crypto/rsa_private_key.h"
#include "core/port/aead.h"
#include "library/port/initialise.h"
#include "library/port/system_entropy.h"
#include "library/src/measure_tuning.h"
#include "library/src/rsa_key_loader.h"
#include "library/src/specimens.h"
#include "proxy/speed/speed.h"

namespace breakwater::proxy {
namespace {

using batch::Operation;
using crypto::Implementation;

constexpr Operation kMeasured[] = {
    Operation::EcdsaSignature,  Operation::P256KeyPair,      Operation::P256Agreement,    Operation::X25519KeyPair,
    Operation::X25519Agreement, Operation::Rsa2048Signature, Operation::Rsa3072Signature, Operation::Rsa4096Signature,
};

void must(bool done) {
  if (done) return;
  std::fputs("breakwater: a primitive refused valid input; please report this\n", stderr);
  std::abort();
}

// The keys that sign, in our own form, and the room that RSA takes.
struct SigningKeys {
  explicit SigningKeys(const RsaKeys& from) {
    ecdsa.scalar[0] = 0x5a;  // any will do: no time depends on it
    for (std::size_t i = 0; i < rsa.size(); ++i) {
      std::string why;
      must(load_rsa_key(from.keys[i].get(), loaded[i], why) == RsaKeyUse::Ours);
      rsa[i].type = batch::KeyType::Rsa;
      rsa[i].rsa = &loaded[i];
      rsa[i].id = i + 1;
    }
  }
  const batch::SigningKey* of(Operation operation) const {
    return batch::is_dear(operation) ? &rsa[batch::index_of(operation) - batch::index_of(Operation::Rsa2048Signature)]
                                     : &ecdsa;
  }

  batch::SigningKey ecdsa;
  std::array<crypto::RsaPrivateKey, RsaKeys::kBits.size()> loaded;
  std::array<batch::SigningKey, RsaKeys::kBits.size()> rsa;
  batch::RsaWorkspace workspace;
};

// Jobs of one operation for one implementation, with all that they point to.
struct Jobs {
  Jobs(const Implementation& by, Operation operation, const std::shared_ptr<SigningKeys>& signing_keys)
      : keys(signing_keys),
        tools{.random = system_entropy(), .arithmetic = &by, .rsa = &signing_keys->workspace},
        specimens(operation, signing_keys->of(operation), tools) {}

  std::shared_ptr<SigningKeys> keys;
  batch::Tools tools;
  Specimens specimens;
};

// The table of functions for single operations.
const void* single_functions(const Implementation& by, Operation operation) {
  if (operation <= Operation::X25519Agreement) return by.x25519;
  return batch::is_dear(operation) ? static_cast<const void*>(by.rsa) : by.p256;
}

// An implementation with lanes does single operations as a slower one does.
bool is_measured_elsewhere(const Implementation& by, Operation operation,
                           const crypto::ImplementationList& implementations) {
  for (const Implementation* const other : implementations) {
    if (other != &by && batch::has_lanes(by, operation) && !batch::has_lanes(*other, operation) &&
        single_functions(*other, operation) == single_functions(by, operation)) {
      return true;
    }
  }
  return false;
}

void add(std::vector<Measurement>& list, const Implementation& by, Operation operation, bool alone,
         const std::shared_ptr<SigningKeys>& keys) {
  const auto jobs = std::make_shared<Jobs>(by, operation, keys);
  if (alone) {
    list.push_back({batch::operation_name(operation), by.name, [jobs] {
                      jobs->specimens.run_alone();
                      must(jobs->specimens.are_done(1));
                    }});
  }
  if (!batch::has_lanes(by, operation)) return;
  for (std::size_t count = 1; count <= crypto::kLanes; ++count) {
    const auto call = [jobs, count] {
      jobs->specimens.run_in_lanes(count);
      must(jobs->specimens.are_done(count));
    };
    list.push_back({batch::operation_name(operation), by.name, call, 0, count});
  }
}

// Every operation with each implementation that this CPU can run.
void add_arithmetic(std::vector<Measurement>& list, const RsaKeys& rsa) {
  const crypto::ImplementationList implementations = crypto::implementations_for(crypto::detect_cpu());
  const auto keys = std::make_shared<SigningKeys>(rsa);
  for (const Operation operation : kMeasured) {
    for (const Implementation* const by : implementations) {
      if (single_functions(*by, operation) == nullptr) continue;
      add(list, *by, operation, !is_measured_elsewhere(*by, operation, implementations), keys);
    }
  }
}

struct Seal {
  port::AeadKey key;
  std::array<std::uint8_t, 16384> text{};
  std::array<std::uint8_t, 13> header{2};
};

void add_seals(std::vector<Measurement>& list) {
  const std::array<std::uint8_t, 32> secret{1};
  constexpr std::pair<port::Aead, const char*> kAeads[] = {{port::Aead::Aes128Gcm, "AES-128-GCM seal"},
                                                           {port::Aead::Aes256Gcm, "AES-256-GCM seal"},
                                                           {port::Aead::ChaCha20Poly1305, "ChaCha20-Poly1305 seal"}};
  for (const auto& [aead, name] : kAeads) {
    const auto seal = std::make_shared<Seal>();
    port::aead_expand(seal->key, aead, secret.data());
    for (const std::size_t size : kSealSizes) {
      const auto call = [seal, size, aead = aead] {
        const std::array<MutableBytes, 1> pieces{MutableBytes(seal->text).first(size)};
        std::array<std::uint8_t, port::kAeadTagSize> tag;
        port::aead_seal(seal->key, aead, seal->header.data(), seal->header, pieces, tag.data());
      };
      list.push_back({std::string(name) + ", " + std::to_string(size) + " B", "libipsec-mb", call, size});
    }
  }
}

const Implementation* implementation_of_auto() {
  const auto room = std::make_unique<crypto::RsaSelfTestRoom>();
  return crypto::best_working(crypto::implementations_for(crypto::detect_cpu()), *room).chosen;
}

}  // namespace

std::string arithmetic_of_auto() {
  const Implementation* const chosen = implementation_of_auto();
  return chosen == nullptr ? "none" : chosen->name;
}

std::vector<Threshold> thresholds_of_auto(const RsaKeys& rsa) {
  const Implementation* const chosen = implementation_of_auto();
  if (chosen == nullptr) return {};
  const SigningKeys keys(rsa);
  std::vector<const batch::SigningKey*> rsa_keys;
  for (const batch::SigningKey& key : keys.rsa) rsa_keys.push_back(&key);
  const batch::Tuning tuning = measure_tuning(*chosen, rsa_keys);
  std::vector<Threshold> list;
  for (const Operation operation : kMeasured) {
    const std::size_t from = tuning.from(operation);
    list.push_back({batch::operation_name(operation), from == batch::kNeverInLanes ? 0 : from});
  }
  return list;
}

std::vector<Measurement> breakwater_measurements(const RsaKeys& rsa) {
  port::initialise();
  std::vector<Measurement> list;
  add_arithmetic(list, rsa);
  add_seals(list);
  return list;
}

}  // namespace breakwater::proxy
