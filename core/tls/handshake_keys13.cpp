#include "core/tls/handshake_keys13.h"

#include "core/tls/key_schedule13.h"

namespace breakwater::tls {
namespace {

using crypto::kLanes;

void add_finished_key(HmacGroup& group, const HmacKey& secret, Secret& out) noexcept {
  add_expansion(group, secret, "finished", {}, {out.bytes, digest_size(group.kind())});
}

}  // namespace

void derive_handshake_keys13(HashKind kind, HashLanes lanes, std::span<const HandshakeKeys13> work) noexcept {
  const std::size_t count = work.size();
  HmacGroup group(kind, lanes);
  ScopedArray<HmacKey, kLanes> salts(count), stages(count), clients(count), servers(count);
  ScopedArray<Secret, kLanes> secrets(count);

  for (std::size_t i = 0; i < count; ++i) {
    if (work[i].early != nullptr) group.add_key(stages[i], work[i].early->view(kind));
  }
  group.run();
  for (std::size_t i = 0; i < count; ++i) {
    if (work[i].early != nullptr) add_derived(group, stages[i], secrets[i]);
  }
  group.run();
  for (std::size_t i = 0; i < count; ++i) {
    if (work[i].early != nullptr) {
      group.add_key(salts[i], secrets[i].view(kind));
    } else {
      salts[i] = salt_without_psk(kind);
    }
  }
  group.run();
  for (std::size_t i = 0; i < count; ++i) add_extraction(group, salts[i], work[i].shared_secret, secrets[i]);
  group.run();

  for (std::size_t i = 0; i < count; ++i) group.add_key(stages[i], secrets[i].view(kind));
  group.run();
  for (std::size_t i = 0; i < count; ++i) {
    add_derivation(group, stages[i], "c hs traffic", work[i].hello_hash, *work[i].client);
    add_derivation(group, stages[i], "s hs traffic", work[i].hello_hash, *work[i].server);
    add_derived(group, stages[i], secrets[i]);
  }
  group.run();
  for (std::size_t i = 0; i < count; ++i) {
    group.add_key(clients[i], work[i].client->view(kind));
    group.add_key(servers[i], work[i].server->view(kind));
    group.add_key(salts[i], secrets[i].view(kind));
  }
  group.run();
  for (std::size_t i = 0; i < count; ++i) {
    add_traffic_key(group, clients[i], work[i].aead, *work[i].client_key);
    add_traffic_key(group, servers[i], work[i].aead, *work[i].server_key);
    add_finished_key(group, servers[i], *work[i].server_finished);
    add_extraction(group, salts[i], {}, *work[i].master);
  }
  group.run();
}

void derive_application_keys13(HashKind kind, HashLanes lanes, const ApplicationKeys13& work) noexcept {
  HmacGroup group(kind, lanes);
  ScopedArray<HmacKey, 4> keys;
  HmacKey &master = keys[0], &handshake = keys[1], &client = keys[2], &server = keys[3];
  group.add_key(master, work.master->view(kind));
  group.add_key(handshake, work.client_handshake->view(kind));
  group.run();
  add_derivation(group, master, "c ap traffic", work.finished_hash, *work.client);
  add_derivation(group, master, "s ap traffic", work.finished_hash, *work.server);
  add_finished_key(group, handshake, *work.client_finished);
  group.run();
  group.add_key(client, work.client->view(kind));
  group.add_key(server, work.server->view(kind));
  group.run();
  add_traffic_key(group, client, work.aead, *work.client_key);
  add_traffic_key(group, server, work.aead, *work.server_key);
  group.run();
}

}  // namespace breakwater::tls
