#include "tests/support/exchange.h"

#include <algorithm>

namespace breakwater::test {

void talk(Client& client, EngineServer& server, Bytes bytes) {
  for (int turn = 0; turn < 8 && !bytes.empty(); ++turn) bytes = client.receive(server.feed(bytes));
}

std::string shake_hands(Client& client, EngineServer& server) {
  talk(client, server, client.start());
  if (!server.broken_promise().empty()) return server.broken_promise();
  if (server.failed()) return "server: " + std::string(server.error().reason);
  if (!client.connected()) return "client: " + (client.error().empty() ? "not connected" : client.error());
  if (!server.done()) return "server: not done";
  return {};
}

std::string echo(Client& client, EngineServer& server, std::size_t size) {
  const std::size_t sent_before = server.received().size();
  const std::size_t received_before = client.received().size();
  const Bytes up = Random(size).bytes(size);
  const Bytes down = Random(size + 1).bytes(size);
  talk(client, server, client.send(up));
  server.feed(client.receive(server.send(down)));
  if (!server.broken_promise().empty()) return server.broken_promise();
  if (server.failed()) return "server: " + std::string(server.error().reason);
  if (!client.error().empty()) return "client: " + client.error();
  if (!same(View(server.received()).subspan(sent_before), up)) return "the server received something else";
  if (!same(View(client.received()).subspan(received_before), down)) return "the client received something else";
  return {};
}

Connected::Connected(const ServerSetup& setup, Script script, std::uint64_t seed)
    : client(std::move(script)), server(setup, seed), error(shake_hands(client, server)) {}

std::string refusal(const Client& client, EngineServer& server, const Expected& expected) {
  const auto name = [](Alert named) { return std::to_string(static_cast<int>(named)); };
  if (!server.broken_promise().empty()) return server.broken_promise();
  if (!server.failed()) return "the server has no objection; client: " + client.error();
  const std::string reason = " (" + std::string(server.error().reason) + ")";
  const Alert alert = server.error().alert;
  if (std::find(expected.any.begin(), expected.any.end(), alert) == expected.any.end())
    return "refused with alert " + name(alert) + reason;
  if (server.error().fault != tls::Fault::Peer && server.error().fault != tls::Fault::Offer) {
    return "not blamed on the peer" + reason;
  }
  if (server.events().empty() || server.events().back() != 'F') return "no Failed event" + reason;
  if (!client.alert()) return "no alert reached the client, which says: " + client.error() + reason;
  if (client.alert()->alert != alert) return "the client got alert " + name(client.alert()->alert) + reason;
  if (client.alert()->level != 2) return "the alert is not fatal" + reason;
  if (!server.feed(plain_record(22, Bytes(40))).empty()) return "bytes are sent after a fatal alert" + reason;
  return server.failed() ? "" : "came back to life";
}

std::string refusal(const ServerSetup& setup, const Script& script, const Expected& expected) {
  Client client(script);
  EngineServer server(setup);
  talk(client, server, client.start());
  return refusal(client, server, expected);
}

std::string refusal(Connected& connected, const Bytes& bytes, const Expected& expected) {
  if (!connected.error.empty()) return connected.error;
  talk(connected.client, connected.server, bytes);
  return refusal(connected.client, connected.server, expected);
}

std::string refusal_of_bytes(const ServerSetup& setup, const Bytes& bytes, const Expected& expected) {
  Client client(Script{});
  client.start();  // so that it knows what to make of an alert
  EngineServer server(setup);
  client.receive(server.feed(bytes));
  return refusal(client, server, expected);
}

}  // namespace breakwater::test
