#include "proxy/apps/http_request.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace breakwater::proxy {
namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";

// RFC 9110 5.6.2
constexpr bool is_token_byte(std::uint8_t byte) noexcept {
  if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) return true;
  return byte != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(byte)) != std::string_view::npos;
}

constexpr std::uint8_t lower(std::uint8_t byte) noexcept {
  return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte + ('a' - 'A')) : byte;
}

constexpr int hex_digit(std::uint8_t byte) noexcept {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const std::uint8_t letter = lower(byte);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

constexpr bool is_blank(std::uint8_t byte) noexcept { return byte == ' ' || byte == '\t'; }

// What a field value may hold (RFC 9110 5.5): no control characters but the tab.
constexpr bool is_value_byte(std::uint8_t byte) noexcept { return (byte >= 0x20 && byte != 0x7f) || byte == '\t'; }

}  // namespace

HttpEvent HttpRequestParser::feed(std::span<const std::uint8_t> bytes, std::size_t& consumed) noexcept {
  consumed = 0;
  took_body_ = false;
  while (consumed < bytes.size()) {
    if (in_body()) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size() - consumed));
      consumed += part;
      remaining_ -= part;
      took_body_ = true;
      if (remaining_ != 0) return HttpEvent::NeedMore;
      if (state_ == State::FixedBody) return request_done();
      state_ = State::ChunkDataEnd;
      continue;
    }
    const HttpEvent event = step(bytes[consumed]);
    if (event != HttpEvent::Error) ++consumed;
    if (event != HttpEvent::NeedMore) return event;
  }
  return HttpEvent::NeedMore;
}

HttpEvent HttpRequestParser::fail(std::uint16_t status) noexcept {
  status_ = status;
  state_ = State::Failed;
  return HttpEvent::Error;
}

HttpEvent HttpRequestParser::request_done() noexcept {
  state_ = State::Start;
  head_size_ = 0;
  return HttpEvent::RequestDone;
}

void HttpRequestParser::start_request() noexcept { *this = HttpRequestParser{}; }

// Appends to the token, in lower case; a longer one than any word we know is remembered as too long.
bool HttpRequestParser::keep(std::uint8_t byte) noexcept {
  if (token_size_ < kTokenRoom) token_[token_size_] = static_cast<char>(lower(byte));
  if (token_size_ <= kTokenRoom) ++token_size_;
  return token_size_ <= kTokenRoom;
}

HttpEvent HttpRequestParser::step(std::uint8_t byte) noexcept {
  if (state_ == State::Failed) return HttpEvent::Error;
  if (state_ <= State::HeadEnd || state_ >= State::TrailerStart) {
    if (++head_size_ > kMaxRequestHead) return fail(431);
  }
  if (state_ <= State::RequestLineEnd) return request_line(byte);
  if (state_ <= State::HeadEnd) return header(byte);
  return body_framing(byte);
}

HttpEvent HttpRequestParser::request_line(std::uint8_t byte) noexcept {
  switch (state_) {
    case State::Start:
      // Empty lines before a request are passed over (RFC 9112 2.2).
      if (byte == '\r' || byte == '\n') return HttpEvent::NeedMore;
      start_request();
      head_size_ = 1;
      state_ = State::Method;
      [[fallthrough]];
    case State::Method:
      if (byte == ' ' && token_size_ > 0) {
        state_ = State::Target;
        value_seen_ = false;
        return HttpEvent::NeedMore;
      }
      if (!is_token_byte(byte)) return fail(400);
      // Methods are case sensitive: only "HEAD" in capitals is HEAD.
      head_method_ =
          token_size_ < 4 && (token_size_ == 0 || head_method_) && byte == std::string_view("HEAD")[token_size_];
      keep(byte);
      return HttpEvent::NeedMore;
    case State::Target:
      if (byte == ' ' && value_seen_) {
        state_ = State::Version;
        head_method_ = head_method_ && token_size_ == 4;
        token_size_ = 0;
        return HttpEvent::NeedMore;
      }
      if (byte <= ' ' || byte == 0x7f) return fail(400);
      value_seen_ = true;
      return HttpEvent::NeedMore;
    case State::Version:
      if (token_size_ < kVersionPrefix.size()) {
        if (byte != static_cast<std::uint8_t>(kVersionPrefix[token_size_])) {
          const bool other_version = token_size_ == 5 && byte >= '0' && byte <= '9';
          return fail(other_version ? 505 : 400);
        }
        ++token_size_;
        return HttpEvent::NeedMore;
      }
      if (byte < '0' || byte > '9') return fail(400);
      minor_ = byte == '0' ? 0 : 1;  // a later minor version is treated as 1.1 (RFC 9110 2.5)
      state_ = State::RequestLineEnd;
      value_seen_ = false;
      return HttpEvent::NeedMore;
    default:
      // The end of the request line: CR LF, or LF alone (RFC 9112 2.2).
      if (byte == '\r' && !value_seen_) {
        value_seen_ = true;
        return HttpEvent::NeedMore;
      }
      if (byte != '\n') return fail(400);
      state_ = State::LineStart;
      return HttpEvent::NeedMore;
  }
}

HttpEvent HttpRequestParser::header(std::uint8_t byte) noexcept {
  switch (state_) {
    case State::LineStart:
      if (byte == '\r') {
        state_ = State::HeadEnd;
        return HttpEvent::NeedMore;
      }
      if (byte == '\n') return head_done();
      token_size_ = 0;
      state_ = State::Name;
      [[fallthrough]];
    case State::Name:
      if (byte == ':') return field_named();
      // This also refuses folded lines and white space before the colon (RFC 9112 5.1, 5.2).
      if (!is_token_byte(byte)) return fail(400);
      keep(byte);
      return HttpEvent::NeedMore;
    case State::ValueStart:
      if (is_blank(byte)) return HttpEvent::NeedMore;
      state_ = State::Value;
      [[fallthrough]];
    case State::Value:
      if (byte == '\r') {
        state_ = State::ValueEnd;
        return HttpEvent::NeedMore;
      }
      if (byte == '\n') return value_done();
      if (!is_value_byte(byte)) return fail(400);
      return value_byte(byte);
    case State::ValueEnd:
      return byte == '\n' ? value_done() : fail(400);
    default:
      return byte == '\n' ? head_done() : fail(400);  // HeadEnd
  }
}

HttpEvent HttpRequestParser::field_named() noexcept {
  if (token_size_ == 0) return fail(400);
  const std::string_view name = token_size_ <= kTokenRoom ? token() : std::string_view{};
  field_ = Field::Other;
  if (name == "host") field_ = Field::Host;
  if (name == "content-length") field_ = Field::ContentLength;
  if (name == "transfer-encoding") field_ = Field::TransferEncoding;
  if (name == "connection") field_ = Field::Connection;
  if (name == "expect") field_ = Field::Expect;
  if (field_ == Field::Host) {
    if (has_host_) return fail(400);  // RFC 9112 3.2
    has_host_ = true;
  }
  // Two lengths, or a second coding, are how requests are smuggled (RFC 9112 6.1, 6.3): refuse rather than choose.
  if (field_ == Field::ContentLength && has_length_) return fail(400);
  if (field_ == Field::TransferEncoding) {
    if (chunked_) return fail(400);
    has_coding_ = true;
  }
  token_size_ = 0;
  space_in_value_ = false;
  value_seen_ = false;
  state_ = State::ValueStart;
  return HttpEvent::NeedMore;
}

HttpEvent HttpRequestParser::value_byte(std::uint8_t byte) noexcept {
  switch (field_) {
    case Field::ContentLength:
      return length_digit(byte);
    case Field::TransferEncoding:
    case Field::Connection:
    case Field::Expect:
      if (is_blank(byte)) {
        space_in_value_ = token_size_ != 0;
        return HttpEvent::NeedMore;
      }
      if (byte == ',') return value_token_done();
      if (space_in_value_) token_size_ = kTokenRoom + 1;  // "a b" is no word we know
      keep(byte);
      return HttpEvent::NeedMore;
    case Field::Host:
    case Field::Other:
      return HttpEvent::NeedMore;
  }
  return HttpEvent::NeedMore;
}

HttpEvent HttpRequestParser::length_digit(std::uint8_t byte) noexcept {
  if (is_blank(byte)) {
    space_in_value_ = true;
    return HttpEvent::NeedMore;
  }
  if (byte < '0' || byte > '9' || space_in_value_) return fail(400);
  const auto digit = static_cast<std::uint64_t>(byte - '0');
  if (content_length_ > (std::numeric_limits<std::int64_t>::max() - digit) / 10) return fail(400);
  content_length_ = content_length_ * 10 + digit;
  value_seen_ = true;
  return HttpEvent::NeedMore;
}

// One element of a comma-separated value is complete.
HttpEvent HttpRequestParser::value_token_done() noexcept {
  const std::string_view word = token_size_ <= kTokenRoom ? token() : std::string_view("?");
  token_size_ = 0;
  space_in_value_ = false;
  if (word.empty()) return HttpEvent::NeedMore;
  switch (field_) {
    case Field::TransferEncoding:
      if (chunked_) return fail(400);           // chunked must be the last one
      if (word != "chunked") return fail(501);  // RFC 9112 6.1
      chunked_ = true;
      break;
    case Field::Connection:
      if (word == "close") close_ = true;
      if (word == "keep-alive") keep_alive_ = true;
      break;
    case Field::Expect:
      if (word != "100-continue") return fail(417);  // RFC 9110 10.1.1
      expect_continue_ = true;
      break;
    default:
      break;
  }
  return HttpEvent::NeedMore;
}

HttpEvent HttpRequestParser::value_done() noexcept {
  state_ = State::LineStart;
  if (field_ == Field::ContentLength) {
    if (!value_seen_) return fail(400);
    has_length_ = true;
    return HttpEvent::NeedMore;
  }
  if (field_ == Field::Other || field_ == Field::Host) return HttpEvent::NeedMore;
  return value_token_done();
}

HttpEvent HttpRequestParser::head_done() noexcept {
  if (minor_ == 1 && !has_host_) return fail(400);  // RFC 9112 3.2
  // RFC 9112 6.1, 6.3: an empty list of codings frames nothing, and others may read it differently.
  if (has_coding_ && (!chunked_ || has_length_ || minor_ == 0)) return fail(400);
  const bool body = chunked_ || content_length_ != 0;
  if (!body) return request_done();
  remaining_ = content_length_;
  digits_ = 0;
  state_ = chunked_ ? State::ChunkSize : State::FixedBody;
  return expect_continue_ && minor_ == 1 ? HttpEvent::ExpectContinue : HttpEvent::NeedMore;
}

// RFC 9112 7.1
HttpEvent HttpRequestParser::body_framing(std::uint8_t byte) noexcept {
  switch (state_) {
    case State::ChunkSize: {
      const int digit = hex_digit(byte);
      if (digit >= 0) {
        if (digits_ == 15) return fail(400);
        ++digits_;
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
        return HttpEvent::NeedMore;
      }
      if (digits_ == 0) return fail(400);
      state_ = State::ChunkBlank;
      [[fallthrough]];
    }
    case State::ChunkBlank:
      // Between the size and the line's end or an extension only blanks: "0x5" must not pass for 0 (RFC 9112 7.1.1).
      if (byte == ';') {
        state_ = State::ChunkExtension;
      } else if (!is_blank(byte) && byte != '\r') {
        return fail(400);
      }
      [[fallthrough]];
    case State::ChunkExtension:
      if (byte == '\r') {
        state_ = State::ChunkSizeEnd;
        return HttpEvent::NeedMore;
      }
      if (!is_value_byte(byte)) return fail(400);
      if (++head_size_ > kMaxRequestHead) return fail(431);
      return HttpEvent::NeedMore;
    case State::ChunkSizeEnd:
      if (byte != '\n') return fail(400);
      digits_ = 0;
      state_ = remaining_ == 0 ? State::TrailerStart : State::ChunkData;
      return HttpEvent::NeedMore;
    case State::ChunkDataEnd:
      state_ = State::ChunkDataLf;
      return byte == '\r' ? HttpEvent::NeedMore : fail(400);
    case State::ChunkDataLf:
      state_ = State::ChunkSize;
      return byte == '\n' ? HttpEvent::NeedMore : fail(400);
    case State::TrailerStart:
      if (byte == '\r') {
        state_ = State::TrailerEnd;
        return HttpEvent::NeedMore;
      }
      if (byte == '\n') return request_done();
      state_ = State::Trailer;
      [[fallthrough]];
    case State::Trailer:
      if (byte == '\n') {
        state_ = State::TrailerStart;
        return HttpEvent::NeedMore;
      }
      return is_value_byte(byte) || byte == '\r' ? HttpEvent::NeedMore : fail(400);
    default:
      return byte == '\n' ? request_done() : fail(400);  // TrailerEnd
  }
}

}  // namespace breakwater::proxy
