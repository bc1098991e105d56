#include "proxy/serve/key_log.h"

#include <array>

namespace breakwater::proxy {

std::shared_ptr<LogFile> open_key_log(const std::string& path, std::string& error) {
  return LogFile::open(path, "key log", LogFile::Readers::Owner, error);
}

void write_key_log_line(LogFile& log, std::string_view line) noexcept {
  char newline = '\n';
  const std::array<iovec, 2> parts{{{const_cast<char*>(line.data()), line.size()}, {&newline, 1}}};
  log.write(parts);
}

}  // namespace breakwater::proxy
