// The load generator's HTTP parser: pieces cut anywhere give what the whole gives.
//
//   u8 seed of the cuts | the response
#include <algorithm>

#include "flood/load/http_response.h"
#include "fuzz/require.h"

namespace {

using breakwater::ConstBytes;
using breakwater::flood::HttpResponse;
using breakwater::fuzz::require;
using Result = HttpResponse::Result;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::uint32_t seed = data[0];
  const ConstBytes bytes(data + 1, size - 1);

  HttpResponse whole;
  Result expected = whole.feed(bytes);

  HttpResponse pieces;
  Result result = Result::More;
  std::size_t last = 0;  // size of the piece that ended it
  std::size_t at = 0;
  while (at < bytes.size() && result == Result::More) {
    seed = seed * 1'664'525 + 1'013'904'223;
    last = std::min<std::size_t>(bytes.size() - at, 1 + (seed >> 24) % 7);
    result = pieces.feed(bytes.subspan(at, last));
    at += last;
  }
  // Done, and then more than was asked for: the whole shows at once that it is bad.
  if (result == Result::Done && at < bytes.size()) result = Result::Bad;
  if (bytes.empty()) result = expected;
  require(result == expected, "the cuts change the result");
  if (result == Result::More) {
    require(pieces.end_of_stream() == whole.end_of_stream(), "the cuts change what the end means");
    require(pieces.body_size() == whole.body_size(), "the cuts change the body's size");
  }
  if (expected != Result::Bad) require(pieces.status() == whole.status(), "the cuts change the status");
  return 0;
}
