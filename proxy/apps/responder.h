// The built-in HTTP/1.1 responder: answers every request with 200 and one text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/apps/application.h"
#include "proxy/apps/http_request.h"

namespace breakwater::proxy {

class Responder final : public Application {
 public:
  explicit Responder(std::string_view text);

  void opened(Stream& stream, bool draining) noexcept override;
  std::size_t received(Stream& stream, std::span<const iovec> pieces) noexcept override;
  void input_ended(Stream& stream) noexcept override;
  void input_cut(Stream& stream) noexcept override;
  void writable(Stream& stream) noexcept override;
  void side_event(Stream&, std::uint32_t) noexcept override {}
  void drain(Stream& stream) noexcept override;
  bool idle(Stream&) noexcept override { return false; }
  void closed(Stream&, bool) noexcept override {}
  void tick(std::uint64_t epoch_s) noexcept override;

 private:
  // One connection.
  struct State {
    HttpRequestParser parser;
    bool draining = false;
    bool closing = false;  // after the response under way
    bool input_over = false;
    std::uint8_t code = 0;  // index into responses_ of the one under way
    bool with_body = false;
    std::size_t left = 0;  // bytes of it that are still to be written
  };
  static_assert(sizeof(State) <= Stream::kStateSize);

  // A response as it goes out; its date is renewed in place.
  struct Response {
    std::string bytes;
    std::size_t head_size = 0;
    std::size_t date_at = std::string::npos;
  };
  enum Code : std::uint8_t {
    Ok,
    OkKeepAlive,
    OkClose,
    Continue,
    BadRequest,
    NoExpectation,
    HeadTooLarge,
    NotImplemented,
    BadVersion,
    kCodes
  };

  class Writer;
  static State& state_of(Stream& stream) noexcept { return *static_cast<State*>(stream.state()); }
  void make(Code code, std::string_view status, std::string_view fields, std::string_view body);
  static Code code_of(std::uint16_t status) noexcept;
  void answer(State& state, Code code, bool with_body) noexcept;
  void answer_request(State& state) noexcept;
  bool write(State& state, Writer& writer) noexcept;
  void finish_if_done(Stream& stream, State& state) noexcept;

  std::array<Response, kCodes> responses_;
};

}  // namespace breakwater::proxy
