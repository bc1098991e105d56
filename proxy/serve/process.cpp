#include "proxy/serve/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace breakwater::proxy {

std::size_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return static_cast<std::size_t>(::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before);
}

void reserve_descriptors(std::size_t count) noexcept {
  const int some = ::epoll_create1(EPOLL_CLOEXEC);
  if (some < 0) return;
  // The kernel never makes the table smaller again.
  const int last = ::fcntl(some, F_DUPFD_CLOEXEC, static_cast<int>(count) - 1);
  if (last >= 0) ::close(last);
  ::close(some);
}

std::string become_user(const std::string& name) {
  const passwd* const entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return fmt::format("there is no user \"{}\"", name);
  if (::geteuid() == entry->pw_uid && entry->pw_uid != 0) return {};
  if (::geteuid() != 0) return "only root can become another user; start as root, or leave --user out";
  if (::initgroups(name.c_str(), entry->pw_gid) != 0 || ::setgid(entry->pw_gid) != 0 || ::setuid(entry->pw_uid) != 0) {
    return fmt::format("cannot become user \"{}\": {}", name, std::strerror(errno));
  }
  if (entry->pw_uid != 0 && ::setuid(0) == 0) return "root's rights could be taken back, so they were not given up";
  return {};
}

bool pin(std::thread& thread, int cpu) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  return ::pthread_setaffinity_np(thread.native_handle(), sizeof set, &set) == 0;
}

clockid_t cpu_clock_of(std::thread& thread) noexcept {
  clockid_t clock{};
  // It cannot fail: the thread is there, even if it has ended.
  ::pthread_getcpuclockid(thread.native_handle(), &clock);
  return clock;
}

void name_thread(std::thread& thread, const std::string& name) noexcept {
  ::pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
}

}  // namespace breakwater::proxy
