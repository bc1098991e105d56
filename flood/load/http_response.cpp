#include "flood/load/http_response.h"

#include <algorithm>
#include <charconv>

namespace breakwater::flood {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_token(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next element of a comma separated list away from `list`.
std::string_view next_element(std::string_view& list) noexcept {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view element = trimmed(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return element;
}

template <typename Number>
bool parse_all(std::string_view text, Number& number, int base) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

HttpResponse::Result HttpResponse::feed(ConstBytes bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    switch (step_) {
      case Step::Body:
      case Step::Chunk: {
        const std::uint64_t part = std::min<std::uint64_t>(remaining_, bytes.size() - at);
        at += static_cast<std::size_t>(part);
        body_size_ += part;
        remaining_ -= part;
        if (remaining_ == 0) step_ = step_ == Step::Body ? Step::Done : Step::ChunkEnd;
        break;
      }
      case Step::ToTheEnd:
        body_size_ += bytes.size() - at;
        return Result::More;
      case Step::Done:
        step_ = Step::Bad;  // more than the response
        [[fallthrough]];
      case Step::Bad:
        return Result::Bad;
      default:
        if (take_line(bytes[at++])) {
          step_ = after_line();
          line_size_ = 0;
          truncated_ = false;
        }
    }
  }
  return result();
}

HttpResponse::Result HttpResponse::end_of_stream() noexcept {
  if (step_ == Step::ToTheEnd) step_ = Step::Done;
  if (step_ != Step::Done) step_ = Step::Bad;
  return result();
}

HttpResponse::Result HttpResponse::result() const noexcept {
  if (step_ == Step::Done) return Result::Done;
  return step_ == Step::Bad ? Result::Bad : Result::More;
}

bool HttpResponse::take_line(std::uint8_t byte) noexcept {
  // Chunk headers start their count anew: a body may have any number of them.
  if (++header_size_ > kMaxHeader) {
    step_ = Step::Bad;
    return false;
  }
  if (byte != '\n') {
    if (line_size_ < line_.size()) {
      line_[line_size_++] = static_cast<char>(byte);
    } else {
      truncated_ = true;
    }
    return false;
  }
  if (!truncated_ && line_size_ > 0 && line_[line_size_ - 1u] == '\r') --line_size_;
  return true;
}

HttpResponse::Step HttpResponse::after_line() noexcept {
  switch (step_) {
    case Step::StatusLine:
      return status_line();
    case Step::Field:
      return line().empty() ? end_of_header() : field();
    case Step::ChunkSize:
      return chunk_size();
    case Step::ChunkEnd:
      header_size_ = 0;
      return line().empty() ? Step::ChunkSize : Step::Bad;
    case Step::Trailer:
      return line().empty() ? Step::Done : Step::Trailer;
    default:
      return Step::Bad;
  }
}

// HTTP/1.1 200 OK
HttpResponse::Step HttpResponse::status_line() noexcept {
  const std::string_view text = line();
  if (text.size() < 12 || !text.starts_with("HTTP/1.") || text[8] != ' ') return Step::Bad;
  if (text[7] != '0' && text[7] != '1') return Step::Bad;
  if (!parse_all(text.substr(9, 3), status_, 10) || status_ < 100) return Step::Bad;
  if (text.size() > 12 && text[12] != ' ') return Step::Bad;
  keep_alive_ = text[7] == '1';
  return Step::Field;
}

HttpResponse::Step HttpResponse::field() noexcept {
  const std::string_view text = line();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return truncated_ ? Step::Field : Step::Bad;
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = trimmed(text.substr(colon + 1));
  const bool length = same_token(name, "content-length");
  const bool encoding = same_token(name, "transfer-encoding");
  if (truncated_ && (length || encoding)) return Step::Bad;
  if (length) return content_length(value);
  if (encoding) return transfer_encoding(value);
  if (same_token(name, "connection")) connection_options(value);
  return Step::Field;
}

HttpResponse::Step HttpResponse::content_length(std::string_view value) noexcept {
  std::uint64_t length = 0;
  if (!parse_all(value, length, 10) || (has_length_ && length != length_)) return Step::Bad;
  has_length_ = true;
  length_ = length;
  return Step::Field;
}

// Only the last coding says where the body ends (RFC 9112 6.3).
HttpResponse::Step HttpResponse::transfer_encoding(std::string_view value) noexcept {
  while (!value.empty()) chunked_ = same_token(next_element(value), "chunked");
  return chunked_ ? Step::Field : Step::Bad;
}

void HttpResponse::connection_options(std::string_view value) noexcept {
  while (!value.empty()) {
    const std::string_view option = next_element(value);
    if (same_token(option, "close")) keep_alive_ = false;
    if (same_token(option, "keep-alive")) keep_alive_ = true;
  }
}

HttpResponse::Step HttpResponse::end_of_header() noexcept {
  if (status_ < 200) {  // an interim response: the real one follows
    const std::uint32_t size = header_size_;
    reset();
    header_size_ = size;  // but not without end
    return Step::StatusLine;
  }
  header_size_ = 0;
  if (status_ == 204 || status_ == 304) return Step::Done;
  if (chunked_) return Step::ChunkSize;
  if (!has_length_) {
    keep_alive_ = false;
    return Step::ToTheEnd;
  }
  remaining_ = length_;
  return remaining_ == 0 ? Step::Done : Step::Body;
}

HttpResponse::Step HttpResponse::chunk_size() noexcept {
  const std::string_view text = line();
  if (!parse_all(trimmed(text.substr(0, text.find(';'))), remaining_, 16)) return Step::Bad;
  return remaining_ == 0 ? Step::Trailer : Step::Chunk;
}

}  // namespace breakwater::flood
