// How a judged ClientHello goes on: the first steps of each version.
#pragma once

#include "core/tls/call.h"
#include "core/tls/negotiate.h"

namespace breakwater::tls {

// Moves the handshake from HelloPhase to KeyPhase; the facts of the hello are gone afterwards, but for those handed
// over.
Handshake::KeyPhase& enter_key_phase(Call& call, const Choice& choice) noexcept;

// The ephemeral key pair of negotiated.group. True: the stock had one, which is in the KeyPhase now. False: it has been
// asked for as a job.
bool take_or_request_key_pair(Call& call) noexcept;

// Sets up one job of the KeyPhase.
void request_shared_secret(Call& call) noexcept;                       // as the agreement says
void request_signature(Call& call, std::size_t digest_size) noexcept;  // over keys.digest

Error begin12(Call& call, const Choice& choice) noexcept;  // handshake12.cpp
Error begin_resumed12(Call& call, const Choice& choice, const Session& session, bool renew) noexcept;
Error begin13(Call& call, const Choice& choice, const Session* session) noexcept;  // handshake13.cpp
// With choice.retry it asks for a share of choice.group; else for nothing but the cookie.
Error send_hello_retry(Call& call, const Choice& choice) noexcept;

}  // namespace breakwater::tls
