#include "proxy/serve/key_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace breakwater::proxy {

std::shared_ptr<KeyLogFile> KeyLogFile::open(const std::string& path, std::string& error) {
  // Started as root, the server must not be led to another file by a link, nor wait for the reader of a FIFO.
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  Descriptor file(::open(path.c_str(), kFlags, 0600));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || (S_ISREG(status.st_mode) && ::fchmod(file.get(), 0600) != 0)) {
    error = fmt::format("cannot open the key log {}: {}", path, std::strerror(errno));
    return nullptr;
  }
  if (!S_ISREG(status.st_mode)) {
    error = fmt::format("cannot open the key log {}: it is not a regular file", path);
    return nullptr;
  }
  return std::shared_ptr<KeyLogFile>(new KeyLogFile(std::move(file)));
}

void KeyLogFile::write(std::string_view line) noexcept {
  char newline = '\n';
  const std::array<iovec, 2> parts{{{const_cast<char*>(line.data()), line.size()}, {&newline, 1}}};
  // One call with O_APPEND: lines of different workers do not mix.
  [[maybe_unused]] const ssize_t written = ::writev(file_.get(), parts.data(), static_cast<int>(parts.size()));
}

}  // namespace breakwater::proxy
