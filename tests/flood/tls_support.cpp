#include "tests/flood/tls_support.h"

#include <algorithm>

namespace breakwater::flood::testing {

void Talk::start(const Profile& profile, const Session* session, std::uint64_t seed, std::uint64_t now) {
  now_ms = now;
  received.clear();
  from_server.clear();
  inbox_.clear();
  client.start(profile, session, breakwater::test::Random(seed).bytes(64), now_ms);
}

Bytes Talk::take_output() {
  const Bytes out = breakwater::test::to_bytes(client.output());
  client.sent(out.size());
  return out;
}

void Talk::deliver(View bytes) {
  breakwater::test::append(from_server, bytes);
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const std::size_t part = piece_ == 0 ? bytes.size() : std::min(piece_, bytes.size() - taken);
    breakwater::test::append(inbox_, bytes.subspan(taken, part));
    taken += part;
    while (!inbox_.empty()) {
      // An allocation of its own size, so that sanitizers see reads past its end.
      Bytes input = inbox_;
      const std::size_t used = client.receive(input, now_ms);
      breakwater::test::append(received, client.data());
      inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(std::min(used, inbox_.size())));
      if (used == 0) break;
    }
  }
}

void Talk::run(const Server& server) {
  for (int turn = 0; turn < 16; ++turn) {
    const Bytes out = take_output();
    if (out.empty()) return;
    const Bytes answer = server(out);
    if (!answer.empty()) deliver(answer);
  }
}

std::string Talk::trouble() const {
  if (client.state() == State::Established) return {};
  std::string text = "state " + std::to_string(static_cast<int>(client.state())) + ", " + to_text(client.failure());
  if (client.failure() == Failure::Alert) text += std::string(" ") + alert_text(client.alert());
  return text;
}

Server engine(breakwater::test::EngineServer& server) {
  return [&server](View bytes) { return server.feed(bytes); };
}

std::vector<ClientSettings> all_settings() {
  std::vector<ClientSettings> all;
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    for (const Auth auth : {Auth::Any, Auth::Ecdsa, Auth::Rsa}) {
      for (const Cipher cipher : {Cipher::Any, Cipher::Aes128Gcm, Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305}) {
        for (const Group group : {Group::Secp256r1, Group::X25519}) {
          for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser, Shape::BrowserPq}) {
            if (shape == Shape::BrowserPq && version == Version::Tls12) continue;
            ClientSettings settings;
            settings.version = version;
            settings.auth = auth;
            settings.cipher = cipher;
            settings.group = group;
            settings.shape = shape;
            all.push_back(settings);
          }
        }
      }
    }
  }
  return all;
}

std::string name_of(const ClientSettings& settings) {
  static const char* const kAuth[] = {"Any", "Ecdsa", "Rsa"};
  static const char* const kCipher[] = {"Any", "Aes128", "Aes256", "ChaCha"};
  static const char* const kShape[] = {"Tool", "Curl", "Browser", "BrowserPq"};
  return std::string(settings.version == Version::Tls12 ? "Tls12" : "Tls13") + "_" +
         kAuth[static_cast<int>(settings.auth)] + "_" + kCipher[static_cast<int>(settings.cipher)] +
         (settings.group == Group::X25519 ? "_X25519_" : "_P256_") + kShape[static_cast<int>(settings.shape)];
}

}  // namespace breakwater::flood::testing
