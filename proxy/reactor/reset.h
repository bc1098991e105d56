// Connections that end with RST: nothing of them is left in the kernel, and nothing more is sent.
#pragma once

#include <sys/socket.h>

#include <cstdint>

namespace breakwater::proxy {

// close() will send a reset.
inline void reset_on_close(int descriptor) noexcept {
  const struct linger now { .l_onoff = 1, .l_linger = 0 };
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

// close() will send what is left, and a FIN.
inline void end_on_close(int descriptor) noexcept {
  const struct linger never { .l_onoff = 0, .l_linger = 0 };
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &never, sizeof never);
}

// What a connection has of its listener. On Linux that is SO_LINGER, as it was at the moment in which the client
// connected. With net.ipv4.tcp_migrate_req, which is off by default, one that was waiting in a listener that died has
// it of that one: then its last bytes may be lost.
enum class Inherited : std::uint8_t {
  Nothing,
  Reset,    // close() sends one
  Unknown,  // the listener was told meanwhile
};

// While most who come are refused, their resets cost no system call of their own: the listener is told, and who is
// answered is excepted.
class ListenerReset {
 public:
  void tell(int listener, bool resets, std::uint64_t now_us) noexcept {
    if (resets == resets_) return;
    resets_ = resets;
    told_us_ = now_us;
    inherited_ = Inherited::Unknown;
    if (resets) {
      reset_on_close(listener);
    } else {
      end_on_close(listener);
    }
  }

  // Nobody waits to be accepted: who comes from now on has connected since it was told, or in that very moment.
  void drained(std::uint64_t now_us) noexcept {
    if (inherited_ != Inherited::Unknown || now_us - told_us_ < kMomentUs) return;
    inherited_ = resets_ ? Inherited::Reset : Inherited::Nothing;
  }

  // By who is accepted now.
  Inherited inherited() const noexcept { return inherited_; }

 private:
  static constexpr std::uint64_t kMomentUs = 1'000'000;

  std::uint64_t told_us_ = 0;
  bool resets_ = false;
  Inherited inherited_ = Inherited::Nothing;
};

}  // namespace breakwater::proxy
