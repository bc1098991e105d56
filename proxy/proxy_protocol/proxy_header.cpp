#include "proxy/proxy_protocol/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace breakwater::proxy {
namespace {

constexpr std::string_view kLineBegin = "PROXY ";
// Nothing else begins like it (2.2).
constexpr std::array<std::uint8_t, 12> kSignature = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

constexpr unsigned kProxy = 1;                        // command; 0: LOCAL
constexpr unsigned kInet = 1, kInet6 = 2, kUnix = 3;  // families; 0: unspecified
constexpr unsigned kStream = 1, kDatagram = 2;        // transports; 0: unspecified

// inet_pton() takes the forms that the protocol allows, without zeros in front of decimal numbers, but only up to the
// first zero byte: which must not hide the rest of a field.
bool read_address(std::string_view field, int family, void* address) noexcept {
  char text[INET6_ADDRSTRLEN] = {};
  if (field.size() >= sizeof text || field.find('\0') != std::string_view::npos) return false;
  std::memcpy(text, field.data(), field.size());
  return ::inet_pton(family, text, address) == 1;
}

std::optional<std::uint16_t> read_port(std::string_view field) noexcept {
  std::uint16_t port = 0;
  const char* const end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, port);
  if (field.empty() || error != std::errc{} || stop != end || (field.size() > 1 && field.front() == '0')) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

std::string_view proxy_header_error_text(ProxyHeaderError error) noexcept {
  switch (error) {
    case ProxyHeaderError::None:
      break;
    case ProxyHeaderError::NoHeader:
      return "something else was sent in its place";
    case ProxyHeaderError::LineTooLong:
      return "its line does not end within 107 bytes";
    case ProxyHeaderError::LineEnd:
      return "its line does not end with CR and LF";
    case ProxyHeaderError::Protocol:
      return "its protocol is neither TCP4, TCP6 nor UNKNOWN";
    case ProxyHeaderError::Fields:
      return "its line has not just two addresses and two ports";
    case ProxyHeaderError::Address:
      return "an address in it is none of its family";
    case ProxyHeaderError::Port:
      return "a port in it is no number from 0 to 65535";
    case ProxyHeaderError::Version:
      return "its version is neither 1 nor 2";
    case ProxyHeaderError::Command:
      return "its command is neither LOCAL nor PROXY";
    case ProxyHeaderError::Family:
      return "its address family or transport is unknown";
    case ProxyHeaderError::TooShort:
      return "it is too short for its addresses";
    case ProxyHeaderError::TooLong:
      return "it is longer than 4096 bytes";
  }
  return "nothing is wrong with it";
}

ProxyHeaderParser::Status ProxyHeaderParser::fail(ProxyHeaderError error) noexcept {
  error_ = error;
  return Status::Failed;
}

ProxyHeaderParser::Status ProxyHeaderParser::go_on(Stage stage) noexcept {
  stage_ = stage;
  kept_size_ = 0;
  return Status::More;
}

// What cannot become a header ends at the first byte that shows it.
ProxyHeaderParser::Progress ProxyHeaderParser::feed(std::span<const std::uint8_t> bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    Status status;
    if (stage_ == Stage::Skipped) {
      const std::size_t skipped = std::min<std::size_t>(left_, bytes.size() - at);
      left_ = static_cast<std::uint16_t>(left_ - skipped);
      at += skipped;
      status = left_ == 0 ? end_binary() : Status::More;
    } else {
      const std::uint8_t byte = bytes[at++];
      if (stage_ == Stage::Begin && seen_ == 0 && byte == kSignature[0]) stage_ = Stage::Signature;
      status = stage_ < Stage::Signature ? take_line_byte(byte) : take_binary_byte(byte);
    }
    if (status != Status::More) return {status, at};
  }
  return {Status::More, at};
}

ProxyHeaderParser::Status ProxyHeaderParser::take_line_byte(std::uint8_t byte) noexcept {
  ++seen_;
  if (stage_ == Stage::Begin) {
    if (byte != static_cast<std::uint8_t>(kLineBegin[seen_ - 1U])) return fail(ProxyHeaderError::NoHeader);
    return seen_ == kLineBegin.size() ? go_on(Stage::Protocol) : Status::More;
  }
  if ((stage_ == Stage::LineFeed) != (byte == '\n')) return fail(ProxyHeaderError::LineEnd);
  if (byte == '\n') return Status::Done;
  if (seen_ == kMaxLine) return fail(ProxyHeaderError::LineTooLong);
  if (byte == '\r') return end_line();
  if (stage_ == Stage::Ignored) return Status::More;
  if (byte == ' ') return end_field();
  if (kept_size_ == kept_.size()) {
    return fail(stage_ == Stage::Protocol    ? ProxyHeaderError::Protocol
                : stage_ < Stage::SourcePort ? ProxyHeaderError::Address
                                             : ProxyHeaderError::Port);
  }
  kept_[kept_size_++] = byte;
  return Status::More;
}

ProxyHeaderParser::Status ProxyHeaderParser::end_protocol(bool line_ends) noexcept {
  if (field() == "UNKNOWN") return go_on(line_ends ? Stage::LineFeed : Stage::Ignored);
  if (field() != "TCP4" && field() != "TCP6") return fail(ProxyHeaderError::Protocol);
  if (line_ends) return fail(ProxyHeaderError::Fields);
  family_ = field() == "TCP4" ? AF_INET : AF_INET6;
  return go_on(Stage::Source);
}

// At a space.
ProxyHeaderParser::Status ProxyHeaderParser::end_field() noexcept {
  switch (stage_) {
    case Stage::Protocol:
      return end_protocol(false);
    case Stage::Source:
      return read_address(field(), family_, source_.data()) ? go_on(Stage::Target) : fail(ProxyHeaderError::Address);
    case Stage::Target: {
      std::array<std::uint8_t, 16> target;
      return read_address(field(), family_, target.data()) ? go_on(Stage::SourcePort) : fail(ProxyHeaderError::Address);
    }
    case Stage::SourcePort: {
      const auto port = read_port(field());
      if (!port) return fail(ProxyHeaderError::Port);
      port_ = *port;
      return go_on(Stage::TargetPort);
    }
    default:  // behind the last one
      return fail(ProxyHeaderError::Fields);
  }
}

// At its CR.
ProxyHeaderParser::Status ProxyHeaderParser::end_line() noexcept {
  if (stage_ == Stage::Protocol) return end_protocol(true);
  if (stage_ == Stage::Ignored) return go_on(Stage::LineFeed);
  if (stage_ != Stage::TargetPort) return fail(ProxyHeaderError::Fields);
  return read_port(field()) ? go_on(Stage::LineFeed) : fail(ProxyHeaderError::Port);
}

ProxyHeaderParser::Status ProxyHeaderParser::take_binary_byte(std::uint8_t byte) noexcept {
  if (stage_ == Stage::Signature) {
    if (byte != kSignature[seen_++]) return fail(ProxyHeaderError::NoHeader);
    return seen_ == kSignature.size() ? go_on(Stage::Head) : Status::More;
  }
  kept_[kept_size_++] = byte;
  if (stage_ == Stage::Addresses) {
    if (--left_ == 0) return end_binary();
    if (kept_size_ == kHead + kAddresses) stage_ = Stage::Skipped;
    return Status::More;
  }
  if (const ProxyHeaderError error = check_head(); error != ProxyHeaderError::None) return fail(error);
  if (kept_size_ < kHead) return Status::More;
  stage_ = Stage::Addresses;
  left_ = static_cast<std::uint16_t>(payload_size());
  return left_ == 0 ? end_binary() : Status::More;
}

// As far as it has come: version and command, family and transport, size of the rest.
ProxyHeaderError ProxyHeaderParser::check_head() const noexcept {
  if (kept_[0] >> 4 != 2) return ProxyHeaderError::Version;
  if ((kept_[0] & 15) > kProxy) return ProxyHeaderError::Command;
  // Of a LOCAL connection the family is ignored, whatever it is (2.2).
  const bool has_family = kept_size_ >= 2 && !is_local();
  if (has_family && (kept_[1] >> 4 > kUnix || (kept_[1] & 15) > kDatagram)) return ProxyHeaderError::Family;
  if (kept_size_ < kHead) return ProxyHeaderError::None;
  if (kSignature.size() + kHead + payload_size() > kMaxBinary) return ProxyHeaderError::TooLong;
  return payload_size() < address_size() ? ProxyHeaderError::TooShort : ProxyHeaderError::None;
}

// Bytes of addresses and ports that the head promises.
std::size_t ProxyHeaderParser::address_size() const noexcept {
  if (is_local() || (kept_[1] & 15) == 0) return 0;
  constexpr std::size_t kSizes[] = {0, 12, kAddresses, 216};
  return kSizes[kept_[1] >> 4];
}

ProxyHeaderParser::Status ProxyHeaderParser::end_binary() noexcept {
  const unsigned family = kept_[1] >> 4;
  if (is_local() || (kept_[1] & 15) != kStream || (family != kInet && family != kInet6)) return Status::Done;
  // Source, destination, port of the source, port of the destination, in the order of the network.
  const std::uint8_t* const addresses = kept_.data() + kHead;
  const std::size_t size = family == kInet ? 4 : 16;
  std::memcpy(source_.data(), addresses, size);
  port_ = static_cast<std::uint16_t>(addresses[2 * size] << 8 | addresses[2 * size + 1]);
  family_ = family == kInet ? AF_INET : AF_INET6;
  return Status::Done;
}

SocketAddress ProxyHeaderParser::client() const noexcept {
  SocketAddress address;
  address.any.sa_family = family_;
  if (family_ == AF_INET) std::memcpy(&address.v4.sin_addr, source_.data(), 4);
  if (family_ == AF_INET6) std::memcpy(&address.v6.sin6_addr, source_.data(), 16);
  address.set_port(port_);
  address.size = family_ == AF_INET ? sizeof address.v4 : sizeof address.v6;
  return address;
}

}  // namespace breakwater::proxy
