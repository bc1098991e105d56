// Requests to the administration interface: whatever comes, the parser looks at nothing behind the bytes, agrees with
// itself however they are cut, and what it lets pass is a request for this machine.
//
//   the request
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "proxy/admin/admin_request.h"

using breakwater::fuzz::require;
using breakwater::proxy::AdminRequest;
using breakwater::proxy::kMaxAdminRequest;
using breakwater::proxy::parse_admin_request;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  size = std::min(size, kMaxAdminRequest);
  // Memory of its own for each length: a read beyond it is seen.
  std::uint16_t status = 0;
  std::size_t end = 0;
  for (std::size_t length = 0; length <= size && status == 0; ++length) {
    if (length != size && (length == 0 || data[length - 1] != '\n')) continue;  // nothing else can end a head
    const std::vector<char> bytes(data, data + length);
    status = parse_admin_request({bytes.data(), bytes.size()}).status;
    end = length;
  }
  const std::vector<char> bytes(data, data + size);
  const std::string_view text(bytes.data(), bytes.size());
  const AdminRequest whole = parse_admin_request(text);
  require(whole.status == status, "what follows the head changes the result");
  require(status != 0 || size < kMaxAdminRequest, "a request that is too long is waited for");
  if (status != 200) return 0;
  require(text.substr(0, end).starts_with("GET ") || text.starts_with("HEAD "), "another method passes");
  require(whole.head == text.starts_with("HEAD "), "GET and HEAD are confused");
  require(!whole.path.empty() && whole.path.front() == '/', "a path that is none");
  require(whole.path.find_first_of(std::string_view("? \r\n\0", 5)) == std::string_view::npos,
          "the path goes on too long");
  // A target without a path means "/".
  require(whole.path == "/" ||
              (whole.path.data() > text.data() && whole.path.data() + whole.path.size() < text.data() + end),
          "the path lies elsewhere");
  return 0;
}
