#include "flood/tls/prf.h"

#include <algorithm>

namespace breakwater::flood::protocol {
namespace {

ConstBytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void prf(const Hmac& secret, std::string_view label, ConstBytes seed, ConstBytes more_seed, MutableBytes out) noexcept {
  const std::size_t size = secret.size();
  std::uint8_t chain[kMaxHash];  // A(i)
  std::uint8_t block[kMaxHash];
  Hash running = secret.begin();
  running.update(bytes_of(label));
  running.update(seed);
  running.update(more_seed);
  secret.finish(running, chain);
  while (true) {
    running = secret.begin();
    running.update({chain, size});
    running.update(bytes_of(label));
    running.update(seed);
    running.update(more_seed);
    secret.finish(running, block);
    const std::size_t part = std::min(size, out.size());
    copy_bytes(out.data(), {block, part});
    out = out.subspan(part);
    if (out.empty()) return;
    secret.mac({chain, size}, chain);
  }
}

}  // namespace breakwater::flood::protocol
