#include <algorithm>

#include "flood/load/driver.h"
#include "flood/load/modes/hostile.h"

namespace breakwater::flood {
namespace {

constexpr std::size_t kNoise = 64 * 1024;
constexpr std::uint32_t kLongestPiece = 4096;

}  // namespace

GarbageMode::GarbageMode(Driver& driver, const Load& load)
    : Behaviour(driver), interval_ns_(load.interval_ms * kMillisecond), noise_(kNoise), pieces_(load.connections) {
  driver.loop().random().fill(noise_);
}

void GarbageMode::begin(Connection& connection) {
  next_piece(connection);
  // Half of them look like records: a handshake, or anything of any length.
  Piece& piece = pieces_[connection.index];
  Random& random = driver_.loop().random();
  switch (random.below(4)) {
    case 0:
      piece.head = {22, 3, 1, static_cast<std::uint8_t>(piece.left >> 8), static_cast<std::uint8_t>(piece.left)};
      piece.head_left = 5;
      break;
    case 1:
      random.fill(piece.head);
      piece.head[0] = static_cast<std::uint8_t>(20 + random.below(5));
      piece.head[1] = 3;
      piece.head_left = 5;
      break;
    default:
      piece.head_left = 0;
  }
}

void GarbageMode::next_piece(Connection& connection) {
  Piece& piece = pieces_[connection.index];
  Random& random = driver_.loop().random();
  piece.left = static_cast<std::uint32_t>(1 + random.below(kLongestPiece));
  piece.at = static_cast<std::uint32_t>(random.below(noise_.size() - piece.left));
}

ConstBytes GarbageMode::output(Connection& connection) {
  const Piece& piece = pieces_[connection.index];
  if (piece.head_left > 0) return ConstBytes(piece.head).last(piece.head_left);
  return ConstBytes(noise_).subspan(piece.at, piece.left);
}

void GarbageMode::sent(Connection& connection, std::size_t size) {
  Piece& piece = pieces_[connection.index];
  if (piece.head_left > 0) {
    piece.head_left = static_cast<std::uint8_t>(piece.head_left - size);
    return;
  }
  piece.at += static_cast<std::uint32_t>(size);
  piece.left -= static_cast<std::uint32_t>(size);
  if (piece.left == 0) ticks_.push_back(connection.tick, clock_now() + interval_ns_);
}

void GarbageMode::ticked(Connection& connection) {
  next_piece(connection);
  driver_.flush(connection);
}

// That it came to an end is all that can be wanted of it.
void GarbageMode::peer_ended(Connection& connection, bool /*reset*/) { driver_.succeed(connection); }

void GarbageMode::expired(Connection& connection) { driver_.fail(connection, Failure::HandshakeTimeout); }

}  // namespace breakwater::flood
