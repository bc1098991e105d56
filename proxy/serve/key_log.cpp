#include "proxy/serve/key_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace breakwater::proxy {

std::shared_ptr<KeyLogFile> KeyLogFile::open(const std::string& path, std::string& error) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    error = fmt::format("cannot open the key log {}: {}", path, std::strerror(errno));
    return nullptr;
  }
  return std::shared_ptr<KeyLogFile>(new KeyLogFile(descriptor));
}

void KeyLogFile::write(std::string_view line) noexcept {
  char newline = '\n';
  const std::array<iovec, 2> parts{{{const_cast<char*>(line.data()), line.size()}, {&newline, 1}}};
  // One call with O_APPEND: lines of different workers do not mix.
  [[maybe_unused]] const ssize_t written = ::writev(file_.get(), parts.data(), static_cast<int>(parts.size()));
}

}  // namespace breakwater::proxy
