#include "core/guard/network_list.h"

#include <utility>

namespace breakwater::guard {
namespace {

// Moves the root of a heap (the largest is at the top) down to where it belongs.
void sink(std::span<Network> heap, std::size_t root) noexcept {
  for (;;) {
    std::size_t child = 2 * root + 1;
    if (child >= heap.size()) return;
    if (child + 1 < heap.size() && heap[child] < heap[child + 1]) ++child;
    if (heap[child] <= heap[root]) return;
    std::swap(heap[root], heap[child]);
    root = child;
  }
}

// Heapsort: no order of the list, which may come from others, makes it slow or deep.
void sort(std::span<Network> networks) noexcept {
  for (std::size_t root = networks.size() / 2; root-- > 0;) sink(networks, root);
  for (std::size_t left = networks.size(); left > 1; --left) {
    std::swap(networks[0], networks[left - 1]);
    sink(networks.first(left - 1), 0);
  }
}

}  // namespace

// Two networks share nothing, or one holds the other. In order of address and length a network stands in front of all
// that it holds, and nothing else stands between.
std::size_t NetworkList::normalise(std::span<Network> networks) noexcept {
  sort(networks);
  std::size_t kept = 0;
  for (const Network& network : networks) {
    if (kept != 0 && networks[kept - 1].contains(network.address())) continue;
    networks[kept++] = network;
  }
  return kept;
}

// How many do not begin behind the address.
std::size_t NetworkList::up_to(const Address& address) const noexcept {
  std::size_t begin = 0;
  for (std::size_t count = networks_.size(); count != 0;) {
    const std::size_t half = count / 2;
    if (networks_[begin + half].address() <= address) {
      begin += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return begin;
}

// Only the last network that does not begin behind the address can hold it: those in front of it end before it begins.
bool NetworkList::contains(const Address& address) const noexcept {
  const std::size_t count = up_to(address);
  return count != 0 && networks_[count - 1].contains(address);
}

// One of them holds the network's first address, or the next one begins inside the network.
bool NetworkList::meets(const Network& network) const noexcept {
  const std::size_t next = up_to(network.address());
  return (next != 0 && networks_[next - 1].contains(network.address())) ||
         (next != networks_.size() && network.contains(networks_[next].address()));
}

}  // namespace breakwater::guard
