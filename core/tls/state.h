// The states of a connection, named for what is awaited.
#pragma once

#include <cstdint>

namespace breakwater::tls {

enum class State : std::uint8_t {
  Failed,  // also: nothing, in a list of states

  ExpectClientHello,
  ExpectSecondClientHello,  // after a HelloRetryRequest

  Tls12AwaitKeyPair,
  Tls12AwaitSignature,
  Tls12ExpectClientKeyExchange,
  Tls12AwaitSharedSecret,
  Tls12ExpectChangeCipherSpec,
  Tls12ExpectFinished,

  Tls13AwaitKeyPair,
  Tls13AwaitSharedSecret,  // and the signature, unless a PSK authenticates
  Tls13ExpectFinished,

  Connected,
};

constexpr bool awaits_jobs(State state) noexcept {
  return state == State::Tls12AwaitKeyPair || state == State::Tls12AwaitSignature ||
         state == State::Tls12AwaitSharedSecret || state == State::Tls13AwaitKeyPair ||
         state == State::Tls13AwaitSharedSecret;
}

constexpr bool expects_hello(State state) noexcept {
  return state == State::ExpectClientHello || state == State::ExpectSecondClientHello;
}

// Whether the jobs of our first flight are awaited.
constexpr bool awaits_first_jobs(State state) noexcept {
  return awaits_jobs(state) && state != State::Tls12AwaitSharedSecret;
}

}  // namespace breakwater::tls
