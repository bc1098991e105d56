#include "proxy/apps/responder.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace breakwater::proxy {
namespace {

constexpr std::string_view kDatePlace = "Thu, 01 Jan 1970 00:00:00 GMT";  // RFC 9110 5.6.7: always this long
constexpr std::size_t kRooms = 4;

// RFC 9110 5.6.7, written out because strftime's names depend on the locale.
void write_date(char* out, std::uint64_t epoch_s) noexcept {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<time_t>(epoch_s);
  tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return;
  char text[kDatePlace.size() + 1];
  const auto result = fmt::format_to_n(text, kDatePlace.size(), "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                                       kDays[parts.tm_wday], parts.tm_mday, kMonths[parts.tm_mon], parts.tm_year + 1900,
                                       parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (result.size == kDatePlace.size()) std::memcpy(out, text, kDatePlace.size());
}

}  // namespace

// Leases rooms when the first byte is written and sends all of them at the end, as few records as possible.
class Responder::Writer {
 public:
  explicit Writer(Stream& stream) noexcept : stream_(stream) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { commit(); }

  // Returns how many bytes found room.
  std::size_t put(std::string_view bytes) noexcept {
    if (!leased_) {
      count_ = stream_.lease(rooms_);
      leased_ = true;
    }
    std::size_t done = 0;
    while (done < bytes.size() && current_ < count_) {
      const std::span<std::uint8_t> room = rooms_[current_].subspan(used_);
      const std::size_t part = std::min(room.size(), bytes.size() - done);
      std::memcpy(room.data(), bytes.data() + done, part);
      done += part;
      used_ += part;
      if (used_ == rooms_[current_].size()) {
        ++current_;
        used_ = 0;
      }
    }
    written_ += done;
    if (done < bytes.size()) stream_.want_output();
    return done;
  }

  void commit() noexcept {
    if (leased_) stream_.commit(written_);
    leased_ = false;
    written_ = used_ = current_ = count_ = 0;
  }

 private:
  Stream& stream_;
  std::array<std::span<std::uint8_t>, kRooms> rooms_;
  std::size_t count_ = 0;
  std::size_t current_ = 0;
  std::size_t used_ = 0;
  std::size_t written_ = 0;
  bool leased_ = false;
};

Responder::Responder(std::string_view text) {
  make(Ok, "200 OK", "", text);
  make(OkKeepAlive, "200 OK", "Connection: keep-alive\r\n", text);
  make(OkClose, "200 OK", "Connection: close\r\n", text);
  responses_[Continue].bytes = "HTTP/1.1 100 Continue\r\n\r\n";
  responses_[Continue].head_size = responses_[Continue].bytes.size();
  constexpr std::string_view kClose = "Connection: close\r\n";
  make(BadRequest, "400 Bad Request", kClose, "The request is malformed.\n");
  make(NoExpectation, "417 Expectation Failed", kClose, "This expectation cannot be met.\n");
  make(HeadTooLarge, "431 Request Header Fields Too Large", kClose, "The request header is longer than 16 KiB.\n");
  make(NotImplemented, "501 Not Implemented", kClose, "This transfer coding is not understood.\n");
  make(BadVersion, "505 HTTP Version Not Supported", kClose, "HTTP/1.1 is spoken here.\n");
}

void Responder::make(Code code, std::string_view status, std::string_view fields, std::string_view body) {
  Response& response = responses_[code];
  response.bytes = fmt::format("HTTP/1.1 {}\r\nDate: ", status);
  response.date_at = response.bytes.size();
  response.bytes += fmt::format("{}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n{}\r\n",
                                kDatePlace, body.size(), fields);
  response.head_size = response.bytes.size();
  response.bytes += body;
}

Responder::Code Responder::code_of(std::uint16_t status) noexcept {
  switch (status) {
    case 417:
      return NoExpectation;
    case 431:
      return HeadTooLarge;
    case 501:
      return NotImplemented;
    case 505:
      return BadVersion;
    default:
      return BadRequest;
  }
}

void Responder::tick(std::uint64_t epoch_s) noexcept {
  for (Response& response : responses_) {
    if (response.date_at != std::string::npos) write_date(response.bytes.data() + response.date_at, epoch_s);
  }
}

void Responder::opened(Stream& stream, bool draining) noexcept {
  auto* const state = new (stream.state()) State;
  state->draining = draining;  // the first request is answered, and the answer says that it is the last
}

void Responder::answer(State& state, Code code, bool with_body) noexcept {
  state.code = code;
  state.with_body = with_body;
  state.left = with_body ? responses_[code].bytes.size() : responses_[code].head_size;
}

void Responder::answer_request(State& state) noexcept {
  const HttpRequestParser& parser = state.parser;
  state.closing = state.draining || !parser.keep_alive();
  answer(state, state.closing ? OkClose : parser.is_http10() ? OkKeepAlive : Ok, !parser.is_head());
}

// Writes what is left of the response under way. True when nothing is left.
bool Responder::write(State& state, Writer& writer) noexcept {
  if (state.left == 0) return true;
  const Response& response = responses_[state.code];
  const std::string_view whole(response.bytes.data(), state.with_body ? response.bytes.size() : response.head_size);
  state.left -= writer.put(whole.substr(whole.size() - state.left));
  return state.left == 0;
}

std::size_t Responder::received(Stream& stream, std::span<const iovec> pieces) noexcept {
  State& state = state_of(stream);
  std::size_t taken = 0;
  {
    Writer writer(stream);
    if (!write(state, writer)) return 0;
    for (const iovec& piece : pieces) {
      std::span<const std::uint8_t> bytes(static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len);
      while (!bytes.empty() && !state.closing && state.left == 0) {
        std::size_t consumed = 0;
        const HttpEvent event = state.parser.feed(bytes, consumed);
        taken += consumed;
        bytes = bytes.subspan(consumed);
        if (event == HttpEvent::RequestDone) {
          answer_request(state);
          stream.note_request();
          stream.touch();
        } else if (event == HttpEvent::ExpectContinue) {
          answer(state, Continue, false);
        } else if (event == HttpEvent::Error) {
          state.closing = true;
          answer(state, code_of(state.parser.status()), true);
          stream.note_request();
        }
        // A slow upload is no idle connection, a slow request header is.
        if (state.parser.took_body() || state.parser.in_body()) stream.touch();
        write(state, writer);
      }
      if (state.closing) taken += bytes.size();  // nothing that follows will be answered
      if (state.left != 0 && !state.closing) break;
    }
  }
  finish_if_done(stream, state);
  return taken;
}

void Responder::finish_if_done(Stream& stream, State& state) noexcept {
  if (state.left != 0) return;
  if (state.closing || state.input_over) {
    stream.finish_output();
    stream.abandon();
  }
}

void Responder::writable(Stream& stream) noexcept {
  State& state = state_of(stream);
  {
    Writer writer(stream);
    write(state, writer);
  }
  finish_if_done(stream, state);
}

void Responder::input_ended(Stream& stream) noexcept {
  State& state = state_of(stream);
  state.input_over = true;
  finish_if_done(stream, state);
}

// A request is complete or not by its own framing: a missing close_notify cuts nothing that matters here.
void Responder::input_cut(Stream& stream) noexcept { input_ended(stream); }

void Responder::drain(Stream& stream) noexcept {
  State& state = state_of(stream);
  state.draining = true;
  if (!state.parser.between_requests() || state.left != 0) return;  // the response under way says that it is the last
  state.closing = true;
  finish_if_done(stream, state);
}

}  // namespace breakwater::proxy
