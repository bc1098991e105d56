// A push parser for ClientHello: takes whatever bytes have arrived, cut anywhere, and stores nothing of them but the
// facts in ClientHello. Between calls it keeps the field that it is in.
//
// Every field lies within bounds that the lengths before it have set. A bound ends exactly where its last element ends;
// anything else is decode_error.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"
#include "core/tls/client_hello.h"
#include "core/tls/config.h"
#include "core/tls/error.h"

namespace breakwater::tls {

// Where the facts go.
struct HelloSink {
  const Configuration& configuration;
  ClientHello& hello;
  HelloIdentity& identity;
  HelloScratch& scratch;
};

class ClientHelloParser {
 public:
  enum class Progress : std::uint8_t {
    More,          // all bytes are used, the hello goes on
    BindersAhead,  // stopped in front of the PSK binders: the transcript hash is wanted here (RFC 8446 4.2.11.2)
    Complete,
    Failed,  // error() tells why, until the next call
  };

  // Begins a hello whose body is `length` bytes long.
  void begin(std::uint32_t length) noexcept;

  // Takes bytes of the body, at most remaining(). Advances `used` by what it took.
  Progress feed(ConstBytes bytes, std::size_t& used, const HelloSink& sink) noexcept;

  std::uint32_t remaining() const noexcept { return ends_[0] - position_; }
  const Error& error() const noexcept { return error_; }

 private:
  enum class Step : std::uint8_t;
  enum class Level : std::uint8_t { Message, Suites, Compressions, Block, Extension, List, Identities };
  static constexpr std::size_t kMaxDepth = 4;  // message, block, extension, list

  // What is read in a step, in one byte.
  class Field {
   public:
    static constexpr unsigned kOptional = 0x10, kListed = 0x20;
    constexpr Field() noexcept = default;
    explicit constexpr Field(unsigned width, unsigned flags = 0) noexcept
        : code_(static_cast<std::uint8_t>(width | flags)) {}

    // Bytes of an integer; 0: an opaque run.
    constexpr unsigned width() const noexcept { return code_ & 0xF; }
    // It may also be missing: only in front of such a one may a bound end.
    constexpr bool is_optional() const noexcept { return (code_ & kOptional) != 0; }
    // It is one of a list of such integers that mean nothing to each other.
    constexpr bool is_listed() const noexcept { return (code_ & kListed) != 0; }

   private:
    std::uint8_t code_ = 0;
  };
  static inline Field field_of(Step step) noexcept;

  Progress take(ConstBytes bytes, const HelloSink& sink) noexcept;
  inline void take_run(ConstBytes bytes, const HelloSink& sink) noexcept;
  bool take_part(ConstBytes bytes, std::size_t width, std::uint32_t& value) noexcept;
  void take_words(ConstBytes bytes, const HelloSink& sink) noexcept;

  [[gnu::cold]] bool fail(Error error) noexcept;
  bool push(Level level, std::uint32_t size) noexcept;
  bool open_list(Step element, std::uint32_t size, std::uint32_t minimum, Level level = Level::List) noexcept;
  bool begin_run(Step step, std::uint32_t size) noexcept;
  bool begin_extension(std::uint32_t header, const HelloSink& sink) noexcept;
  bool close_bounds() noexcept;

  bool on_field(std::uint32_t value, const HelloSink& sink) noexcept;
  bool on_extension_field(std::uint32_t value, const HelloSink& sink) noexcept;
  bool on_share_length(std::uint32_t value, const HelloSink& sink) noexcept;
  bool on_psk_field(std::uint32_t value, const HelloSink& sink) noexcept;
  void on_suite(std::uint16_t suite, ClientHello& hello) noexcept;
  void on_group(std::uint16_t group, ClientHello& hello) noexcept;
  void on_scheme(std::uint16_t scheme, const HelloSink& sink) noexcept;
  inline void on_run_bytes(ConstBytes bytes, const HelloSink& sink) noexcept;
  void on_run_end(const HelloSink& sink) noexcept;
  void match_protocols(ConstBytes bytes, const HelloSink& sink) noexcept;
  void keep_name(ConstBytes bytes, HelloIdentity& identity) noexcept;

  std::uint32_t ends_[kMaxDepth];  // where each bound ends
  Level levels_[kMaxDepth];        // and what it is
  std::uint32_t position_;
  std::uint32_t value_;     // the partial field
  std::uint32_t run_size_;  // of the opaque run that is being passed
  std::uint32_t run_done_;
  std::uint32_t protocols_;  // ALPN names that still match the one being read, as bits
  std::uint16_t share_group_;
  std::uint8_t depth_;  // innermost bound
  std::uint8_t have_;   // bytes of the partial field
  Step step_;
  Known extension_;
  bool keep_run_;  // the run is one whose bytes we keep
  bool name_seen_;
  bool first_protocol_;  // the ALPN name being read is the first one
  bool binders_ahead_;
  Error error_;
};

}  // namespace breakwater::tls
