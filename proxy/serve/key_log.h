// The file session secrets are written to for debugging, in the format of SSLKEYLOGFILE.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/reactor/descriptor.h"

namespace breakwater::proxy {

class KeyLogFile {
 public:
  // Opens for appending, readable by the owner alone. Null with `error` on failure.
  static std::shared_ptr<KeyLogFile> open(const std::string& path, std::string& error);
  void write(std::string_view line) noexcept;

 private:
  explicit KeyLogFile(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace breakwater::proxy
