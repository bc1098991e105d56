// Reads one HTTP/1.1 response (RFC 9112) from pieces that may be cut anywhere, and keeps none of it: only where it
// ends, its status, and whether the connection may go on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/port/bytes.h"

namespace breakwater::flood {

class HttpResponse {
 public:
  enum class Result : std::uint8_t { More, Done, Bad };

  void reset() noexcept { *this = {}; }

  // Takes bytes of the body or header. After Done or Bad nothing more is taken; bytes behind the end of the response
  // are Bad, since nobody asked for them.
  Result feed(ConstBytes bytes) noexcept;
  // The connection has ended in order (close_notify): a body without a length is complete.
  Result end_of_stream() noexcept;

  bool started() const noexcept { return step_ != Step::StatusLine || header_size_ != 0; }
  int status() const noexcept { return status_; }  // 0 until the header is complete
  bool keeps_connection() const noexcept { return keep_alive_; }
  std::uint64_t body_size() const noexcept { return body_size_; }  // so far

  // One line, or all of the header, longer than this is Bad; lines that matter are short, so only their beginning is
  // kept.
  static constexpr std::size_t kMaxHeader = 64 * 1024;

 private:
  enum class Step : std::uint8_t {
    StatusLine,
    Field,
    Body,      // remaining_ bytes
    ToTheEnd,  // until the connection ends
    ChunkSize,
    Chunk,     // remaining_ bytes
    ChunkEnd,  // the line end behind a chunk
    Trailer,
    Done,
    Bad,
  };

  bool take_line(std::uint8_t byte) noexcept;  // true: line() is complete
  std::string_view line() const noexcept { return {line_.data(), line_size_}; }
  Step after_line() noexcept;
  Step status_line() noexcept;
  Step field() noexcept;
  Step end_of_header() noexcept;
  Step chunk_size() noexcept;
  Step content_length(std::string_view value) noexcept;
  Step transfer_encoding(std::string_view value) noexcept;
  void connection_options(std::string_view value) noexcept;
  Result result() const noexcept;

  Step step_ = Step::StatusLine;
  bool keep_alive_ = true;
  bool chunked_ = false;
  bool has_length_ = false;
  bool truncated_ = false;  // the line was longer than what is kept of it
  std::int16_t status_ = 0;
  std::uint16_t line_size_ = 0;
  std::uint32_t header_size_ = 0;  // bytes of header lines so far
  std::uint64_t remaining_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t body_size_ = 0;
  std::array<char, 160> line_ = {};
};

}  // namespace breakwater::flood
