// The file session secrets are written to for debugging, in the format of SSLKEYLOGFILE.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proxy/access_log/log_file.h"

namespace breakwater::proxy {

// Opens for appending, readable by the owner alone. Null with `error` on failure.
std::shared_ptr<LogFile> open_key_log(const std::string& path, std::string& error);

void write_key_log_line(LogFile& log, std::string_view line) noexcept;

}  // namespace breakwater::proxy
