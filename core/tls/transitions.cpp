#include "core/tls/transitions.h"

namespace breakwater::tls {
namespace {

using enum State;

constexpr std::uint8_t kKeyExchangeBody = kMaxSmallMessage;
constexpr std::uint8_t kFinishedBody12 = 12;  // RFC 5246 7.4.9
constexpr std::uint8_t kFinishedBody13 = 48;  // RFC 8446 4.4.4: as long as the hash
constexpr std::uint8_t kKeyUpdateBody = 1;    // RFC 8446 4.6.3

// clang-format off

// Before the version is known. With a key pair from the stock the states that await one are passed over.
constexpr Transition kHello[] = {
    {ExpectClientHello, Input::ClientHello, on_client_hello,
        {Tls12AwaitKeyPair, Tls12AwaitSignature, Tls12ExpectChangeCipherSpec,
         Tls13AwaitKeyPair, Tls13AwaitSharedSecret, ExpectSecondClientHello}, 0, true},
};

// RFC 5246 7.3, RFC 5077 3.1. A resumed session goes from ClientHello to ExpectChangeCipherSpec, and has no answer to
// the client's Finished.
constexpr Transition kTls12[] = {
    {Tls12AwaitKeyPair,            Input::JobsDone,          on_key_pair12,           {Tls12AwaitSignature}, 0, false},
    {Tls12AwaitSignature,          Input::JobsDone,          on_signature12,          {Tls12ExpectClientKeyExchange}, 0, false},
    {Tls12ExpectClientKeyExchange, Input::ClientKeyExchange, on_client_key_exchange,  {Tls12AwaitSharedSecret}, kKeyExchangeBody, true},
    {Tls12AwaitSharedSecret,       Input::JobsDone,          on_shared_secret12,      {Tls12ExpectChangeCipherSpec}, 0, false},
    {Tls12ExpectChangeCipherSpec,  Input::ChangeCipherSpec,  on_change_cipher_spec12, {Tls12ExpectFinished}, 0, false},
    {Tls12ExpectFinished,          Input::Finished,          on_finished12,           {Connected}, kFinishedBody12, true},
    {Connected,                    Input::ClientHello,       on_renegotiation,        {Connected}, 0, false},
};

// RFC 8446 A.2
constexpr Transition kTls13[] = {
    {ExpectSecondClientHello, Input::ClientHello, on_second_client_hello, {Tls13AwaitKeyPair, Tls13AwaitSharedSecret}, 0, true},
    {Tls13AwaitKeyPair,       Input::JobsDone,    on_key_pair13,          {Tls13AwaitSharedSecret}, 0, false},
    {Tls13AwaitSharedSecret,  Input::JobsDone,    on_shared_secret13,     {Tls13ExpectFinished}, 0, false},
    {Tls13ExpectFinished,     Input::Finished,    on_finished13,          {Connected}, kFinishedBody13, true},
    {Connected,               Input::KeyUpdate,   on_key_update,          {Connected}, kKeyUpdateBody, true},
};

// clang-format on

const Transition* find(std::span<const Transition> table, State state, Input input) noexcept {
  for (const Transition& row : table) {
    if (row.state == state && row.input == input) return &row;
  }
  return nullptr;
}

}  // namespace

const Transition* find_transition(const ConnectionState& connection, Input input) noexcept {
  switch (connection.negotiated.version) {
    case ProtocolVersion::Tls12:
      return find(kTls12, connection.state, input);
    case ProtocolVersion::Tls13:
      return find(kTls13, connection.state, input);
    case ProtocolVersion::None:
      break;
  }
  return find(kHello, connection.state, input);
}

Error run_transition(Call& call, const Transition& transition, ConstBytes message) noexcept {
  if (const Error error = transition.handler(call, message)) return error;
  for (const State next : transition.next) {
    if (next != Failed && call.connection.state == next) return kNoError;
  }
  return our_error("a handler left the transition table");
}

}  // namespace breakwater::tls
