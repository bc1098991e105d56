// Headers of the PROXY protocol: pieces cut anywhere give what the whole gives, bounds hold, and the client that is
// named is named again by a header made for it.
//
//   u8 seed of the cuts | the header, and what follows
#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "fuzz/require.h"
#include "proxy/proxy_protocol/proxy_header.h"

namespace {

using breakwater::fuzz::require;
using breakwater::proxy::ProxyHeaderError;
using breakwater::proxy::ProxyHeaderParser;
using breakwater::proxy::SocketAddress;
using Bytes = std::span<const std::uint8_t>;
using Status = ProxyHeaderParser::Status;

bool same(const SocketAddress& a, const SocketAddress& b) {
  return a.size == b.size && std::memcmp(&a.v6, &b.v6, a.size) == 0;
}

void names(const std::string& header, const SocketAddress& client) {
  ProxyHeaderParser parser;
  const auto [status, consumed] = parser.feed({reinterpret_cast<const std::uint8_t*>(header.data()), header.size()});
  require(status == Status::Done && consumed == header.size(), "a header that was made is not taken");
  require(parser.has_client() && same(parser.client(), client), "it names somebody else");
}

void say_it_again(const SocketAddress& client) {
  const bool is_v4 = client.family() == AF_INET;
  const void* const numbers = is_v4 ? static_cast<const void*>(&client.v4.sin_addr) : &client.v6.sin6_addr;
  char text[INET6_ADDRSTRLEN];
  require(::inet_ntop(client.family(), numbers, text, sizeof text) != nullptr, "no address");
  const std::string address(text);
  names("PROXY " + std::string(is_v4 ? "TCP4 " : "TCP6 ") + address + " " + address + " " +
            std::to_string(client.port()) + " 443\r\n",
        client);
  const std::string raw(static_cast<const char*>(numbers), is_v4 ? 4 : 16);
  std::string header("\r\n\r\n\0\r\nQUIT\n\x21", 13);
  header += is_v4 ? '\x11' : '\x21';
  header += std::string(1, '\0') + static_cast<char>(2 * raw.size() + 4) + raw + raw;
  header += static_cast<char>(client.port() >> 8);
  header += static_cast<char>(client.port() & 255);
  names(header + "\x01\xBB", client);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::uint32_t seed = data[0];
  const Bytes bytes(data + 1, size - 1);

  ProxyHeaderParser whole;
  const ProxyHeaderParser::Progress expected = whole.feed(bytes);
  const bool is_line = !bytes.empty() && bytes[0] == 'P';
  require(expected.consumed <= (is_line ? ProxyHeaderParser::kMaxLine : ProxyHeaderParser::kMaxBinary), "no bound");
  require(expected.status != Status::More || expected.consumed == bytes.size(), "bytes are left though more must come");
  require((expected.status == Status::Failed) == (whole.error() != ProxyHeaderError::None), "no reason");

  ProxyHeaderParser pieces;
  Status status = Status::More;
  std::size_t at = 0;
  while (at < bytes.size() && status == Status::More) {
    seed = seed * 1'664'525 + 1'013'904'223;
    const std::size_t part = std::min<std::size_t>(bytes.size() - at, 1 + (seed >> 24) % 7);
    const ProxyHeaderParser::Progress progress = pieces.feed(bytes.subspan(at, part));
    status = progress.status;
    at += progress.consumed;
  }
  require(status == expected.status && at == expected.consumed, "the cuts change the result");
  require(pieces.error() == whole.error(), "the cuts change the reason");
  if (status != Status::Done) return 0;
  require(pieces.has_client() == whole.has_client(), "the cuts change whether there is a client");
  if (!whole.has_client()) return 0;
  require(same(pieces.client(), whole.client()), "the cuts change the client");
  say_it_again(whole.client());
  return 0;
}
