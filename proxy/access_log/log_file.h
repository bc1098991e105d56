// A file that lines are appended to, by several threads at once.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <sys/uio.h>

#include "proxy/reactor/descriptor.h"

namespace breakwater::proxy {

class LogFile {
 public:
  enum class Readers : std::uint8_t {
    Owner,    // mode 0600, enforced
    AsUmask,  // mode 0644 less the umask when it is made
  };

  // Opens for appending. Null with `error` on failure: "cannot open the <what> <path>: why".
  static std::shared_ptr<LogFile> open(const std::string& path, const char* what, Readers readers, std::string& error);

  // One call of the system, so that lines of different workers do not mix. False when the bytes did not all get there.
  bool write(std::span<const iovec> parts) noexcept;

 private:
  explicit LogFile(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace breakwater::proxy
