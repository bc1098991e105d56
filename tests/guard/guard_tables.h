// A guard with memory of its own, for tests.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/guard/guard.h"

namespace breakwater::test {

// Zeroed memory for a guard between guards, which have to stay as they are.
class GuardTables {
 public:
  explicit GuardTables(std::size_t sets)
      : clients_(sets), groups_(sets), refusals_(sets), half_open_(sets), reputation_(sets), blocks_(sets) {}

  guard::GuardMemory memory() {
    return {.clients = clients_.view(),
            .groups = groups_.view(),
            .refusals = refusals_.view(),
            .half_open = half_open_.view(),
            .reputation = reputation_.view(),
            .blocks = blocks_.view()};
  }
  bool intact() const {
    return clients_.intact() && groups_.intact() && refusals_.intact() && half_open_.intact() && reputation_.intact() &&
           blocks_.intact();
  }

 private:
  template <class Set>
  class Fenced {
   public:
    explicit Fenced(std::size_t count) : bytes_((count + 2) * sizeof(Set) + alignof(Set)) {
      void* begin = bytes_.data();
      std::size_t room = bytes_.size();
      base_ = static_cast<unsigned char*>(std::align(alignof(Set), sizeof(Set), begin, room));
      count_ = count;
      for (std::size_t i = 0; i < sizeof(Set); ++i) base_[i] = base_[(count + 1) * sizeof(Set) + i] = kFill;
    }
    std::span<Set> view() { return {reinterpret_cast<Set*>(base_ + sizeof(Set)), count_}; }
    bool intact() const {
      const auto is_fill = [](unsigned char byte) { return byte == kFill; };
      const unsigned char* const behind = base_ + (count_ + 1) * sizeof(Set);
      return std::all_of(base_, base_ + sizeof(Set), is_fill) && std::all_of(behind, behind + sizeof(Set), is_fill);
    }

   private:
    static constexpr unsigned char kFill = 0xa5;
    std::vector<unsigned char> bytes_;
    unsigned char* base_ = nullptr;
    std::size_t count_ = 0;
  };

  Fenced<guard::Usage::Set> clients_, groups_, refusals_;
  Fenced<guard::HalfOpen::Set> half_open_;
  Fenced<guard::Reputation::Set> reputation_;
  Fenced<guard::Blocks::Set> blocks_;
};

inline constexpr guard::SipKey kTestKey{{0x0123456789abcdef, 0xfedcba9876543210}};
inline constexpr std::uint64_t kMs = 1'000'000;  // nanoseconds

}  // namespace breakwater::test
