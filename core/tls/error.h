// Errors as values: the alert to send, who is at fault, and a reason a human can read.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/tls/registry.h"

namespace breakwater::tls {

enum class Fault : std::uint8_t {
  None,
  Peer,       // the peer broke a rule of the protocol
  Offer,      // the peer keeps the rules but we have nothing in common with it
  Us,         // our configuration, a failed job, an exhausted pool
  PeerAlert,  // the peer sent a fatal alert
  Refused,    // the judge finds that the handshake is not worth its price now (judge.h)
};

struct Error {
  Fault fault = Fault::None;
  Alert alert = Alert::CloseNotify;  // the alert we send; with PeerAlert the one we received
  std::uint8_t reason_size = 0;      // known when it is compiled: nobody has to count for a peer that is refused
  const char* reason = "";           // static text

  constexpr explicit operator bool() const noexcept { return fault != Fault::None; }
};

inline constexpr Error kNoError{};

constexpr Error error_of(Fault fault, Alert alert, std::string_view reason) noexcept {
  return {fault, alert, static_cast<std::uint8_t>(reason.size()), reason.data()};
}
constexpr Error peer_error(Alert alert, std::string_view reason) noexcept {
  return error_of(Fault::Peer, alert, reason);
}
constexpr Error offer_error(Alert alert, std::string_view reason) noexcept {
  return error_of(Fault::Offer, alert, reason);
}
constexpr Error refusal() noexcept {  // TLS has no alert that says: not now
  return error_of(Fault::Refused, Alert::InternalError, "the handshake was refused by the guard");
}
constexpr Error our_error(std::string_view reason) noexcept {
  return error_of(Fault::Us, Alert::InternalError, reason);
}

}  // namespace breakwater::tls
