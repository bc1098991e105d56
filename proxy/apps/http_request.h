// Incremental HTTP/1.x request parser (RFC 9112): finds where requests begin and end, wherever the bytes are cut.
// It keeps nothing of a request but what decides about framing and persistence, so its state is small and constant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace breakwater::proxy {

inline constexpr std::size_t kMaxRequestHead = 16 * 1024;  // request line and header fields; trailers count as well

enum class HttpEvent : std::uint8_t {
  NeedMore,        // all bytes were consumed
  ExpectContinue,  // the client waits for "100 Continue" before it sends the body
  RequestDone,     // the request has been read to its end; is_head() and keep_alive() hold for it
  Error,           // see status(); where requests begin is lost, so the connection must end
};

class HttpRequestParser {
 public:
  // Consumes bytes up to the first event. `consumed` is set in any case.
  HttpEvent feed(std::span<const std::uint8_t> bytes, std::size_t& consumed) noexcept;

  // Valid from RequestDone until the next call of feed().
  bool is_head() const noexcept { return head_method_; }
  bool is_http10() const noexcept { return minor_ == 0; }
  bool keep_alive() const noexcept { return minor_ == 0 ? keep_alive_ && !close_ : !close_; }

  std::uint16_t status() const noexcept { return status_; }  // after Error: 400, 417, 431, 501 or 505
  // Nothing of a request has been seen since the last one ended.
  bool between_requests() const noexcept { return state_ == State::Start; }
  // What comes next belongs to a message body.
  bool in_body() const noexcept { return state_ == State::FixedBody || state_ == State::ChunkData; }
  // The last call of feed() consumed bytes of a body (chunk sizes and the like are none).
  bool took_body() const noexcept { return took_body_; }

 private:
  enum class State : std::uint8_t {
    Start,
    Method,
    Target,
    Version,
    RequestLineEnd,
    LineStart,
    Name,
    ValueStart,
    Value,
    ValueEnd,
    HeadEnd,
    FixedBody,
    ChunkSize,
    ChunkBlank,
    ChunkExtension,
    ChunkSizeEnd,
    ChunkData,
    ChunkDataEnd,
    ChunkDataLf,
    TrailerStart,
    Trailer,
    TrailerEnd,
    Failed,
  };
  enum class Field : std::uint8_t { Other, Host, ContentLength, TransferEncoding, Connection, Expect };

  HttpEvent step(std::uint8_t byte) noexcept;
  HttpEvent request_line(std::uint8_t byte) noexcept;
  HttpEvent header(std::uint8_t byte) noexcept;
  HttpEvent body_framing(std::uint8_t byte) noexcept;
  HttpEvent fail(std::uint16_t status) noexcept;
  HttpEvent request_done() noexcept;
  HttpEvent head_done() noexcept;
  void start_request() noexcept;
  bool keep(std::uint8_t byte) noexcept;
  std::string_view token() const noexcept { return {token_.data(), token_size_}; }
  HttpEvent field_named() noexcept;
  HttpEvent value_byte(std::uint8_t byte) noexcept;
  HttpEvent value_token_done() noexcept;
  HttpEvent value_done() noexcept;
  HttpEvent length_digit(std::uint8_t byte) noexcept;

  std::uint64_t remaining_ = 0;  // of a body or chunk
  std::uint64_t content_length_ = 0;
  std::uint16_t head_size_ = 0;
  std::uint16_t status_ = 0;
  State state_ = State::Start;
  Field field_ = Field::Other;
  std::uint8_t token_size_ = 0;  // kTokenRoom + 1: too long to be a word we know
  std::uint8_t minor_ = 1;       // of the HTTP version
  std::uint8_t digits_ = 0;      // of the chunk size
  bool head_method_ : 1 = false;
  bool close_ : 1 = false;
  bool keep_alive_ : 1 = false;
  bool has_host_ : 1 = false;
  bool has_length_ : 1 = false;
  bool chunked_ : 1 = false;
  bool has_coding_ : 1 = false;  // Transfer-Encoding was there, whatever it said
  bool expect_continue_ : 1 = false;
  bool took_body_ : 1 = false;
  bool space_in_value_ : 1 = false;              // white space since the last byte of a value
  bool value_seen_ : 1 = false;                  // the field being read has had a byte
  static constexpr std::size_t kTokenRoom = 18;  // "transfer-encoding" has 17
  std::array<char, kTokenRoom> token_{};
};

}  // namespace breakwater::proxy
