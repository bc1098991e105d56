#include "library/src/key_log.h"

#include <functional>

namespace breakwater {
namespace {

// The longest line: "CLIENT_HANDSHAKE_TRAFFIC_SECRET", a random of 32 bytes, a secret of 48.
constexpr std::size_t kMaxLine = 256;

class Line {
 public:
  ~Line() { wipe(text_, sizeof text_); }

  void add(std::string_view text) noexcept {
    for (const char c : text) add(c);
  }
  void add_hex(ConstBytes bytes) noexcept {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const std::uint8_t byte : bytes) {
      add(kDigits[byte >> 4]);
      add(kDigits[byte & 15]);
    }
  }
  std::string_view text() const noexcept { return {text_, size_}; }

 private:
  void add(char c) noexcept {
    if (size_ < kMaxLine) text_[size_++] = c;
  }

  char text_[kMaxLine];
  std::size_t size_ = 0;
};

}  // namespace

void write_key_log_line(void* context, std::string_view label, ConstBytes client_random, ConstBytes secret) noexcept {
  const auto& sink = *static_cast<const std::function<void(std::string_view)>*>(context);
  Line line;
  line.add(label);
  line.add(" ");
  line.add_hex(client_random);
  line.add(" ");
  line.add_hex(secret);
  try {
    sink(line.text());
  } catch (...) {
    // A log that cannot be written must not end a connection.
  }
}

}  // namespace breakwater
