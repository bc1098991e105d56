#include "flood/load/http_request.h"

#include <stdexcept>

namespace breakwater::flood {
namespace {

constexpr std::size_t kMaxRequest = 4096;  // Client::write()

std::string text_of(const Load& load, bool last, std::size_t filler) {
  std::string text = "GET " + load.path + " HTTP/1.1\r\nHost: " + load.host + "\r\nUser-Agent: breakwater-flood";
  text += std::string(filler, '-') + "\r\n";
  text += last ? "Connection: close\r\n\r\n" : "\r\n";
  return text;
}

}  // namespace

std::string make_request(const Load& load, bool last, std::size_t size) {
  std::string text = text_of(load, last, 0);
  if (size > text.size()) text = text_of(load, last, size - text.size());
  if (text.size() > kMaxRequest) {
    throw std::invalid_argument("the request is longer than 4096 bytes; give a shorter --path or --host");
  }
  if (size != 0 && text.size() != size) {
    throw std::invalid_argument("the request for --path has " + std::to_string(text.size()) +
                                " bytes, and the repeated step of --pattern sends only " + std::to_string(size) +
                                "; let it send more");
  }
  return text;
}

}  // namespace breakwater::flood
