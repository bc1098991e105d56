#include "proxy/config/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proxy/reactor/descriptor.h"

namespace breakwater::proxy {
namespace {

constexpr off_t kMaxSize = 16 * 1024 * 1024;

}  // namespace

bool read_file(const std::string& path, std::string& text, std::string& error) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not block the start
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    error = std::strerror(errno);
    return false;
  }
  if (!S_ISREG(status.st_mode)) {
    error = S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file";
    return false;
  }
  if (status.st_size > kMaxSize) {
    error = "the file is larger than 16 MiB";
    return false;
  }
  text.assign(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      error = std::strerror(errno);
      return false;
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return true;
}

}  // namespace breakwater::proxy
