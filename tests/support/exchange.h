// Client and engine talking to each other until neither has anything to say.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/client/client.h"
#include "tests/support/engine_server.h"

namespace breakwater::test {

// Passes bytes back and forth, beginning with `bytes` for the server.
void talk(Client& client, EngineServer& server, Bytes bytes);

// A whole handshake; empty when both sides are done with it, else what went wrong.
std::string shake_hands(Client& client, EngineServer& server);

// Application data both ways, `size` bytes each; empty when all of it arrived.
std::string echo(Client& client, EngineServer& server, std::size_t size = 100);

// A handshake to be used for what comes after it.
struct Connected {
  explicit Connected(const ServerSetup& setup, Script script = {}, std::uint64_t seed = 1);

  Client client;
  EngineServer server;
  std::string error;  // of the handshake
};

// The alert that must end a connection, or several where the RFCs leave the choice.
struct Expected {
  Expected(Alert alert) : any{alert} {}  // NOLINT: meant to convert
  Expected(std::initializer_list<Alert> alerts) : any(alerts) {}
  std::vector<Alert> any;
};

// Judges how a conversation ended: empty when the engine failed with such an alert as its own decision, the alert
// reached the client as a fatal one, and the connection stays dead.
std::string refusal(const Client& client, EngineServer& server, const Expected& expected);
// A handshake by this script that has to end so.
std::string refusal(const ServerSetup& setup, const Script& script, const Expected& expected);
// These bytes on an established connection have to end it so.
std::string refusal(Connected& connected, const Bytes& bytes, const Expected& expected);
// These bytes, in place of a first flight, have to end the connection so.
std::string refusal_of_bytes(const ServerSetup& setup, const Bytes& bytes, const Expected& expected);

}  // namespace breakwater::test
