// Alerts, in and out.
#pragma once

#include "core/tls/call.h"
#include "core/tls/error.h"

namespace breakwater::tls {

// Ends the connection: keeps the error and appends its alert to the output, protected if our keys are in use.
void fail(Call& call, const Error& error) noexcept;

// Appends one alert record. Silent when the output has no room or an alert that ends the connection was sent before.
void send_alert(Call& call, AlertLevel level, Alert alert) noexcept;

// An alert has arrived (RFC 8446 6, RFC 5246 7.2).
Error on_alert(Call& call, std::uint8_t level, std::uint8_t description) noexcept;

}  // namespace breakwater::tls
