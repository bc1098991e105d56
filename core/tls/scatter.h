// A view of received bytes that lie in several pieces, read from front to back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/port/bytes.h"

namespace breakwater::tls {

// The most pieces one protected record may lie in. A peer decides how small its segments are: a host whose pieces
// follow them joins small ones before it presents them.
inline constexpr std::size_t kMaxRecordPieces = 64;

class Cursor {
 public:
  explicit Cursor(std::span<const MutableBytes> pieces) noexcept : pieces_(pieces) {
    for (const MutableBytes& piece : pieces) remaining_ += piece.size();
    skip_empty();
  }

  std::size_t remaining() const noexcept { return remaining_; }
  std::size_t position() const noexcept { return position_; }  // bytes passed so far

  // The bytes at hand without a cut, at most `limit`.
  MutableBytes contiguous(std::size_t limit) const noexcept {
    if (remaining_ == 0) return {};
    const MutableBytes rest = pieces_[piece_].subspan(offset_);
    return rest.size() > limit ? rest.first(limit) : rest;
  }

  // size <= remaining().
  void advance(std::size_t size) noexcept {
    position_ += size;
    remaining_ -= size;
    while (size != 0) {
      const std::size_t here = pieces_[piece_].size() - offset_;
      const std::size_t step = size < here ? size : here;
      offset_ += step;
      size -= step;
      skip_empty();
    }
  }

  // Copies the next out.size() bytes without passing them; out.size() <= remaining().
  void peek(MutableBytes out) const noexcept {
    Cursor copy = *this;
    copy.take(out);
  }

  void take(MutableBytes out) noexcept {
    std::size_t done = 0;
    while (done < out.size()) {
      const ConstBytes part = contiguous(out.size() - done);
      copy_bytes(out.data() + done, part);
      done += part.size();
      advance(part.size());
    }
  }

  // Fills `out` with the pieces of the next `size` bytes, without passing them. Returns their number, or
  // out.size() + 1 when there are too many. size <= remaining().
  std::size_t pieces(std::size_t size, std::span<MutableBytes> out) const noexcept {
    Cursor copy = *this;
    std::size_t count = 0;
    while (size != 0) {
      if (count == out.size()) return out.size() + 1;
      out[count] = copy.contiguous(size);
      size -= out[count].size();
      copy.advance(out[count].size());
      ++count;
    }
    return count;
  }

 private:
  void skip_empty() noexcept {
    while (piece_ < pieces_.size() && offset_ == pieces_[piece_].size()) {
      ++piece_;
      offset_ = 0;
    }
  }

  std::span<const MutableBytes> pieces_;
  std::size_t piece_ = 0;
  std::size_t offset_ = 0;
  std::size_t position_ = 0;
  std::size_t remaining_ = 0;
};

}  // namespace breakwater::tls
