#include "bench/floor/options.h"

#include <netdb.h>

#include <charconv>
#include <cstring>
#include <string_view>

namespace breakwater::floor {
namespace {

bool parse_number(std::string_view text, std::uint32_t& value) {
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stop == end;
}

bool parse_bytes(std::string_view text, std::uint32_t& value) {
  return parse_number(text, value) && value <= kMaxStepBytes;
}

bool parse_pattern(std::string_view text, Pattern& pattern) {
  pattern.count = 0;
  pattern.times = 1;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view step = text.substr(0, comma);
    if (const std::size_t times = step.find('x'); times != std::string_view::npos) {
      if (comma != std::string_view::npos || !parse_number(step.substr(times + 1), pattern.times)) return false;
      step = step.substr(0, times);
    }
    const std::size_t colon = step.find(':');
    if (colon == std::string_view::npos || pattern.count == kMaxSteps) return false;
    Step& filled = pattern.steps[pattern.count++];
    if (!parse_bytes(step.substr(0, colon), filled.await) || !parse_bytes(step.substr(colon + 1), filled.send)) {
      return false;
    }
    // A step without input would have to be sent before there is anything to react to.
    if (filled.await == 0) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

bool parse_address(std::string_view text, std::string& host_text, std::string& port) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty()) return false;
  host_text = host;
  port = text.substr(colon + 1);
  return true;
}

bool parse_backend(std::string_view text, Options& options) {
  std::string host;
  std::string port;
  if (!parse_address(text, host, port)) return false;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return false;
  std::memcpy(&options.backend, found->ai_addr, found->ai_addrlen);
  options.backend_size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return true;
}

bool fit_together(const Options& options, std::string& error) {
  if (options.host.empty() || (options.pattern.count == 0 && !options.reset)) {
    error = "--listen is needed, and --pattern or --reset; see --help";
    return false;
  }
  if (options.pattern.times == 0 && (options.backend_size != 0 || options.reset)) {
    error = "a pattern without end leaves nothing for --backend or --reset; leave one of them out";
    return false;
  }
  if (options.backend_size != 0 && options.reset) {
    error = "what --reset ends cannot be passed to --backend; leave one of them out";
    return false;
  }
  return true;
}

}  // namespace

bool parse_options(int argc, char** argv, Options& options, std::string& error) {
  for (int i = 1; i < argc; ++i) {
    std::string_view flag = argv[i];
    if (flag == "--help" || flag == "-h") {
      options.help = true;
      return true;
    }
    if (flag == "--reset") {
      options.reset = true;
      continue;
    }
    std::string_view value;
    if (const std::size_t equals = flag.find('='); equals != std::string_view::npos) {
      value = flag.substr(equals + 1);
      flag = flag.substr(0, equals);
    } else if (i + 1 < argc) {
      value = argv[++i];
    }
    if (flag == "--listen") {
      if (!parse_address(value, options.host, options.port)) {
        error = "--listen takes a numeric address and a port, such as 127.0.0.1:9000 or [::1]:9000";
        return false;
      }
    } else if (flag == "--pattern") {
      if (!parse_pattern(value, options.pattern)) {
        error =
            "--pattern takes up to 16 steps AWAIT:SEND in bytes, 1:0 to 1048576:1048576, such as 517:1200,80:250; the "
            "last may be AWAIT:SENDxTIMES";
        return false;
      }
    } else if (flag == "--backend") {
      if (!parse_backend(value, options)) {
        error = "--backend takes a numeric address and a port, such as 127.0.0.1:8080 or [::1]:8080";
        return false;
      }
    } else {
      error = "unknown argument " + std::string(flag) + "; see --help";
      return false;
    }
  }
  return fit_together(options, error);
}

}  // namespace breakwater::floor
