// The legal transitions, one table per version (in transitions.cpp). What a table does not name is unexpected_message.
#pragma once

#include <cstdint>

#include "core/port/bytes.h"
#include "core/tls/call.h"
#include "core/tls/error.h"
#include "core/tls/state.h"

namespace breakwater::tls {

// What can move a connection from one state to another.
enum class Input : std::uint8_t {
  ClientHello,
  ClientKeyExchange,
  ChangeCipherSpec,
  Finished,
  KeyUpdate,
  JobsDone,
  Other,  // any other handshake message
};

// Takes the whole message, header included (empty for ClientHello, whose facts are in the handshake, for
// ChangeCipherSpec and for JobsDone), and sets the next state.
using Handler = Error (*)(Call& call, ConstBytes message) noexcept;

struct Transition {
  State state;
  Input input;
  Handler handler;
  State next[6];          // the states it may lead to; unused places are Failed
  std::uint8_t max_body;  // of the message, in bytes; a ClientHello has a bound of its own
  bool ends_record;       // nothing may follow the message in its record: keys change, or it is the peer's turn to wait
};

// Null when nothing of the kind is legal now.
const Transition* find_transition(const ConnectionState& connection, Input input) noexcept;

// Runs the handler. An error leaves the connection failed.
Error run_transition(Call& call, const Transition& transition, ConstBytes message) noexcept;

// Handlers, by file.
// hello.cpp
Error on_client_hello(Call& call, ConstBytes message) noexcept;
Error on_second_client_hello(Call& call, ConstBytes message) noexcept;
// handshake12.cpp
Error on_key_pair12(Call& call, ConstBytes message) noexcept;
Error on_signature12(Call& call, ConstBytes message) noexcept;
Error on_client_key_exchange(Call& call, ConstBytes message) noexcept;
Error on_shared_secret12(Call& call, ConstBytes message) noexcept;
Error on_change_cipher_spec12(Call& call, ConstBytes message) noexcept;
Error on_finished12(Call& call, ConstBytes message) noexcept;
// handshake13.cpp
Error on_key_pair13(Call& call, ConstBytes message) noexcept;
Error on_shared_secret13(Call& call, ConstBytes message) noexcept;
Error on_finished13(Call& call, ConstBytes message) noexcept;
// established.cpp
Error on_key_update(Call& call, ConstBytes message) noexcept;
Error on_renegotiation(Call& call, ConstBytes message) noexcept;

}  // namespace breakwater::tls
