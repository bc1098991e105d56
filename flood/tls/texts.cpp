// What failures and alerts are called in reports.
#include "flood/tls/client.h"

namespace breakwater::flood {

const char* to_text(Failure failure) noexcept {
  switch (failure) {
    case Failure::None:
      return "none";
    case Failure::NotTls:
      return "not TLS";
    case Failure::Alert:
      return "alert";
    case Failure::BadRecord:
      return "bad record";
    case Failure::BadFinished:
      return "bad Finished";
    case Failure::BadSignature:
      return "bad signature";
    case Failure::BadMessage:
      return "bad message";
    case Failure::WrongVersion:
      return "not what was asked for";
    case Failure::NotResumed:
      return "not resumed";
    case Failure::ConnectionRefused:
      return "connection refused";
    case Failure::ConnectFailed:
      return "connect failed";
    case Failure::Reset:
      return "reset";
    case Failure::ClosedEarly:
      return "closed early";
    case Failure::ConnectTimeout:
      return "connect timeout";
    case Failure::HandshakeTimeout:
      return "handshake timeout";
    case Failure::RequestTimeout:
      return "request timeout";
    case Failure::HttpStatus:
      return "HTTP status";
    case Failure::BadHttp:
      return "bad HTTP";
    case Failure::OutOfDescriptors:
      return "out of descriptors";
    case Failure::OutOfPorts:
      return "out of ports";
    case Failure::NoSession:
      return "no session";
    case Failure::WrongLength:
      return "wrong length";
    case Failure::kCount:
      break;
  }
  return "unknown";
}

const char* alert_text(std::uint8_t alert) noexcept {
  switch (alert) {
    case 0:
      return "close_notify";
    case 10:
      return "unexpected_message";
    case 20:
      return "bad_record_mac";
    case 21:
      return "decryption_failed";
    case 22:
      return "record_overflow";
    case 30:
      return "decompression_failure";
    case 40:
      return "handshake_failure";
    case 41:
      return "no_certificate";
    case 42:
      return "bad_certificate";
    case 43:
      return "unsupported_certificate";
    case 44:
      return "certificate_revoked";
    case 45:
      return "certificate_expired";
    case 46:
      return "certificate_unknown";
    case 47:
      return "illegal_parameter";
    case 48:
      return "unknown_ca";
    case 49:
      return "access_denied";
    case 50:
      return "decode_error";
    case 51:
      return "decrypt_error";
    case 60:
      return "export_restriction";
    case 70:
      return "protocol_version";
    case 71:
      return "insufficient_security";
    case 80:
      return "internal_error";
    case 86:
      return "inappropriate_fallback";
    case 90:
      return "user_canceled";
    case 100:
      return "no_renegotiation";
    case 109:
      return "missing_extension";
    case 110:
      return "unsupported_extension";
    case 111:
      return "certificate_unobtainable";
    case 112:
      return "unrecognized_name";
    case 113:
      return "bad_certificate_status_response";
    case 114:
      return "bad_certificate_hash_value";
    case 115:
      return "unknown_psk_identity";
    case 116:
      return "certificate_required";
    case 120:
      return "no_application_protocol";
    case 121:
      return "ech_required";
    default:
      return "unknown_alert";
  }
}

}  // namespace breakwater::flood
