// The load generator's client in memory, against whatever answers bytes with bytes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "flood/tls/client.h"
#include "tests/client/bytes.h"
#include "tests/client/primitives.h"
#include "tests/support/engine_server.h"

namespace breakwater::flood::testing {

using breakwater::test::Bytes;
using breakwater::test::View;

inline constexpr std::uint64_t kNow = breakwater::test::kTestTime;

// Takes the client's bytes, gives the server's.
using Server = std::function<Bytes(View)>;

// One connection of the client with what it has received.
class Talk {
 public:
  // `piece`: how many bytes of the server arrive at once; 0: all.
  explicit Talk(std::size_t piece = 0) : piece_(piece) {}

  void start(const Profile& profile, const Session* session = nullptr, std::uint64_t seed = 1,
             std::uint64_t now_ms = kNow);
  // Passes bytes back and forth until neither side has anything to say.
  void run(const Server& server);
  // The server's bytes, in pieces.
  void deliver(View bytes);
  // What the client wants sent; it is taken as sent.
  Bytes take_output();

  // "" when the connection is established, else what became of it.
  std::string trouble() const;

  Client client;
  Bytes received;     // application data
  Bytes from_server;  // everything delivered
  std::uint64_t now_ms = kNow;

 private:
  std::size_t piece_;
  Bytes inbox_;
};

// The engine's side of a Talk.
Server engine(breakwater::test::EngineServer& server);

// Every combination of settings that makes sense, with no server name.
std::vector<ClientSettings> all_settings();
// For the name of a parameterised test.
std::string name_of(const ClientSettings& settings);

}  // namespace breakwater::flood::testing
