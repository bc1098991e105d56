// The terminal while `breakwater top` has it: its size, keys as they are pressed, a screen of its own.
#pragma once

#include <termios.h>

#include <string>
#include <string_view>
#include <vector>

namespace breakwater::proxy {

class Terminal {
 public:
  struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
  };

  // False when standard input and output are no terminal.
  static bool is_there() noexcept;

  Terminal() noexcept;
  ~Terminal();  // everything is as it was
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  Size size() const noexcept;
  // Shows these lines from the top on, and nothing else. They fit the size.
  void show(const std::vector<std::string>& lines) noexcept;

 private:
  void write(std::string_view text) noexcept;

  termios before_{};
  bool changed_ = false;
};

}  // namespace breakwater::proxy
