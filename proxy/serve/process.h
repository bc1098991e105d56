// What serve asks of the operating system for the whole process.
#pragma once

#include <time.h>

#include <cstddef>
#include <string>
#include <thread>

namespace breakwater::proxy {

// Raises the soft limit of descriptors to the hard one; returns what it is then.
std::size_t raise_descriptor_limit() noexcept;

// Becomes another user, with his groups, for good. Returns what went wrong, empty when nothing did.
std::string become_user(const std::string& name);

// Pins a thread to one CPU. False when the system refuses.
bool pin(std::thread& thread, int cpu) noexcept;
// The clock of the CPU time of a thread, which others may read while it has not been joined.
clockid_t cpu_clock_of(std::thread& thread) noexcept;
void name_thread(std::thread& thread, const std::string& name) noexcept;

}  // namespace breakwater::proxy
