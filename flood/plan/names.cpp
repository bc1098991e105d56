#include "flood/plan/names.h"

#include <algorithm>
#include <vector>

namespace breakwater::flood {
namespace {

constexpr Named<Mode> kModes[] = {{"full", Mode::Full},
                                  {"resume", Mode::Resume},
                                  {"hello", Mode::Hello},
                                  {"stall", Mode::Stall},
                                  {"trickle", Mode::Trickle},
                                  {"garbage", Mode::Garbage},
                                  {"renegotiate", Mode::Renegotiate},
                                  {"request", Mode::Request},
                                  {"idle", Mode::Idle},
                                  {"plain", Mode::Plain}};
constexpr Named<Version> kVersions[] = {{"1.2", Version::Tls12}, {"1.3", Version::Tls13}};
constexpr Named<Auth> kAuths[] = {{"any", Auth::Any}, {"ecdsa", Auth::Ecdsa}, {"rsa", Auth::Rsa}};
constexpr Named<Cipher> kCiphers[] = {{"any", Cipher::Any},
                                      {"aes128", Cipher::Aes128Gcm},
                                      {"aes256", Cipher::Aes256Gcm},
                                      {"chacha20", Cipher::ChaCha20Poly1305}};
constexpr Named<Group> kGroups[] = {{"secp256r1", Group::Secp256r1}, {"x25519", Group::X25519}};
constexpr Named<Shape> kShapes[] = {
    {"tool", Shape::Tool}, {"curl", Shape::Curl}, {"browser", Shape::Browser}, {"browser-pq", Shape::BrowserPq}};
constexpr Named<End> kEnds[] = {{"abort", End::Abort}, {"close", End::Close}};
constexpr Named<Wait> kWaits[] = {{"auto", Wait::Auto}, {"spin", Wait::Spin}, {"sleep", Wait::Sleep}};

}  // namespace

template <>
std::span<const Named<Mode>> names_of<Mode>() noexcept {
  return kModes;
}
template <>
std::span<const Named<Version>> names_of<Version>() noexcept {
  return kVersions;
}
template <>
std::span<const Named<Auth>> names_of<Auth>() noexcept {
  return kAuths;
}
template <>
std::span<const Named<Cipher>> names_of<Cipher>() noexcept {
  return kCiphers;
}
template <>
std::span<const Named<Group>> names_of<Group>() noexcept {
  return kGroups;
}
template <>
std::span<const Named<Shape>> names_of<Shape>() noexcept {
  return kShapes;
}
template <>
std::span<const Named<End>> names_of<End>() noexcept {
  return kEnds;
}
template <>
std::span<const Named<Wait>> names_of<Wait>() noexcept {
  return kWaits;
}

const char* to_text(Mode mode) noexcept { return name_of(mode).data(); }  // from a literal, so it ends with a zero

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t best_distance = 3;
  std::vector<std::size_t> row;  // Levenshtein's table, a row at a time
  for (const std::string_view candidate : known) {
    row.resize(candidate.size() + 1);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
    for (std::size_t j = 1; j <= word.size(); ++j) {
      std::size_t diagonal = row[0];
      row[0] = j;
      for (std::size_t i = 1; i < row.size(); ++i) {
        const std::size_t change = diagonal + (candidate[i - 1] == word[j - 1] ? 0 : 1);
        diagonal = row[i];
        row[i] = std::min({change, row[i] + 1, row[i - 1] + 1});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace breakwater::flood
