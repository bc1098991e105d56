#include "flood/plan/http_request.h"

namespace breakwater::flood {
namespace {

std::string text_of(const Load& load, bool last, std::size_t filler) {
  std::string text = "GET " + load.path + " HTTP/1.1\r\nHost: " + load.host + "\r\nUser-Agent: breakwater-flood";
  text += std::string(filler, '-') + "\r\n";
  text += last ? "Connection: close\r\n\r\n" : "\r\n";
  return text;
}

}  // namespace

std::string make_request(const Load& load, bool last, std::size_t size) {
  std::string text = text_of(load, last, 0);
  return size > text.size() ? text_of(load, last, size - text.size()) : text;
}

}  // namespace breakwater::flood
