// One connection of the client with a FakeServer.
#pragma once

#include <functional>

#include "tests/flood/tls_fake_server.h"
#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {

inline ClientSettings of(Version version, Shape shape = Shape::Tool) {
  ClientSettings settings;
  settings.version = version;
  settings.shape = shape;
  return settings;
}

inline constexpr Version kVersions[] = {Version::Tls12, Version::Tls13};

struct Exchange {
  explicit Exchange(const ClientSettings& settings, std::uint16_t suite = 0)
      : profile(settings), server(settings.version, suite) {
    talk.start(profile);
  }
  void run() { talk.run(std::ref(server)); }
  Failure failure() const { return talk.client.failure(); }
  // Bytes in place of the server's answer to the hello.
  Failure answer(View bytes) {
    server.take(talk.take_output());
    talk.deliver(bytes);
    return failure();
  }

  Profile profile;
  FakeServer server;
  Talk talk;
};

// What becomes of a finished handshake when these bytes follow.
inline Failure after_handshake(Version version, const std::function<Bytes(FakeServer&)>& bytes) {
  Exchange exchange(of(version));
  exchange.run();
  if (exchange.talk.client.state() != State::Established) return Failure::kCount;  // none a test expects
  exchange.talk.deliver(bytes(exchange.server));
  return exchange.failure();
}

}  // namespace breakwater::flood::testing
