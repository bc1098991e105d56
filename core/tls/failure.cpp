#include "core/tls/failure.h"

#include "core/tls/ingress.h"
#include "core/tls/wire.h"

namespace breakwater::tls {
namespace {

constexpr std::uint8_t kMaxWarnings = 4;
constexpr std::size_t kAlertSize = 2;

}  // namespace

void send_alert(Call& call, AlertLevel level, Alert alert) noexcept {
  ConnectionState& connection = call.connection;
  if (connection.close_sent) return;
  const bool sealed = connection.write_protected;
  const std::size_t overhead = sealed ? call.protection().overhead() : kRecordHeaderSize;
  if (call.output.room() < overhead + kAlertSize) return;

  std::uint8_t* const record = call.output.free_space().data();
  std::uint8_t* const content = record + (sealed ? call.protection().head() : kRecordHeaderSize);
  content[0] = static_cast<std::uint8_t>(level);
  content[1] = static_cast<std::uint8_t>(alert);
  if (sealed) {
    call.output.size += seal_record(call.protection(), *call.worker.keys, connection.traffic.write, ContentType::Alert,
                                    record, kAlertSize);
  } else {
    record[0] = static_cast<std::uint8_t>(ContentType::Alert);
    store_u16(record + 1, static_cast<std::uint16_t>(ProtocolVersion::Tls12));
    store_u16(record + 3, kAlertSize);
    call.output.size += kRecordHeaderSize + kAlertSize;
  }
  if (level == AlertLevel::Fatal || alert == Alert::CloseNotify) connection.close_sent = true;
}

void fail(Call& call, const Error& error) noexcept {
  if (error.fault != Fault::PeerAlert) send_alert(call, AlertLevel::Fatal, error.alert);
  call.connection.error = error;
  call.connection.state = State::Failed;
}

Error on_alert(Call& call, std::uint8_t level, std::uint8_t description) noexcept {
  const Alert alert = static_cast<Alert>(description);
  if (alert == Alert::CloseNotify) {
    call.connection.peer_closed = true;
    return kNoError;
  }
  // RFC 8446 6: TLS 1.3 ignores the level; every alert but user_canceled is an error.
  const bool warning =
      call.tls13() ? alert == Alert::UserCanceled : level == static_cast<std::uint8_t>(AlertLevel::Warning);
  if (!warning) {
    if (level != static_cast<std::uint8_t>(AlertLevel::Fatal) && !call.tls13()) {
      return peer_error(Alert::IllegalParameter, "an alert has a level that does not exist");
    }
    return error_of(Fault::PeerAlert, alert, "the peer sent a fatal alert");
  }
  if (message_is_open(call)) {  // RFC 8446 5.1; an alert that ends the connection is taken at any time
    return peer_error(Alert::UnexpectedMessage, "a warning alert comes in the middle of a handshake message");
  }
  if (++call.connection.warnings > kMaxWarnings) {
    return peer_error(Alert::UnexpectedMessage, "too many warning alerts");
  }
  return kNoError;
}

}  // namespace breakwater::tls
