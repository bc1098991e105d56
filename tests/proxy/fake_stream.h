// A Stream without sockets or TLS: rooms of a chosen size, credit of a chosen amount.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "proxy/apps/application.h"

namespace breakwater::proxy {

class FakeStream final : public Stream {
 public:
  std::size_t lease(std::span<std::span<std::uint8_t>> rooms) noexcept override {
    std::size_t count = 0;
    storage_.assign(rooms.size(), std::vector<std::uint8_t>(room_size));
    while (count < rooms.size() && count < credit) {
      rooms[count] = storage_[count];
      ++count;
    }
    leased_ = count;
    if (count < rooms.size()) wants_output = true;
    return count;
  }
  void commit(std::size_t size) noexcept override {
    if (size != 0) ++commits;
    for (std::size_t i = 0; i < leased_ && size != 0; ++i) {
      const std::size_t part = size < room_size ? size : room_size;
      sent.append(reinterpret_cast<const char*>(storage_[i].data()), part);
      size -= part;
      --credit;
    }
    overrun = overrun || size != 0;
    leased_ = 0;
  }
  void want_output() noexcept override { wants_output = true; }
  void finish_output() noexcept override { finished = true; }
  void abandon() noexcept override { abandoned = true; }
  void touch() noexcept override { ++touches; }
  bool watch(int descriptor) noexcept override {
    watched = descriptor;
    return true;
  }
  bool free_descriptor() noexcept override { return false; }
  void start_connect_timer() noexcept override {}
  void note_request() noexcept override { ++requests; }
  void note_failure(std::string_view, std::string_view) noexcept override {}
  void* state() noexcept override { return state_.data(); }

  std::size_t room_size = 16384;
  std::size_t credit = 1000;
  std::string sent;
  int commits = 0;
  int touches = 0;
  int requests = 0;
  int watched = -1;  // the descriptor given last
  bool wants_output = false;
  bool finished = false;
  bool abandoned = false;
  bool overrun = false;

 private:
  std::vector<std::vector<std::uint8_t>> storage_;
  std::size_t leased_ = 0;
  alignas(16) std::array<std::byte, kStateSize> state_{};
};

}  // namespace breakwater::proxy
