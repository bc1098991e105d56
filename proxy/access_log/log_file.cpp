#include "proxy/access_log/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace breakwater::proxy {

std::shared_ptr<LogFile> LogFile::open(const std::string& path, const char* what, Readers readers, std::string& error) {
  // Started as root, the server must not be led to another file by a link, nor wait for the reader of a FIFO.
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const bool only_owner = readers == Readers::Owner;
  Descriptor file(::open(path.c_str(), kFlags, only_owner ? 0600 : 0644));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 ||
      (only_owner && S_ISREG(status.st_mode) && ::fchmod(file.get(), 0600) != 0)) {
    error = fmt::format("cannot open the {} {}: {}", what, path, std::strerror(errno));
    return nullptr;
  }
  if (!S_ISREG(status.st_mode)) {
    error = fmt::format("cannot open the {} {}: it is not a regular file", what, path);
    return nullptr;
  }
  return std::shared_ptr<LogFile>(new LogFile(std::move(file)));
}

bool LogFile::write(std::span<const iovec> parts) noexcept {
  std::size_t size = 0;
  for (const iovec& part : parts) size += part.iov_len;
  const ssize_t written = ::writev(file_.get(), parts.data(), static_cast<int>(parts.size()));
  return written >= 0 && static_cast<std::size_t>(written) == size;
}

}  // namespace breakwater::proxy
