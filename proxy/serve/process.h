// What serve asks of the operating system for the whole process.
#pragma once

#include <time.h>

#include <cstddef>
#include <string>
#include <thread>

namespace breakwater::proxy {

// Raises the soft limit of descriptors to the hard one; returns what it is then.
std::size_t raise_descriptor_limit() noexcept;
// Makes the kernel's table of this process's descriptors as large as so many need, at 8 bytes each. It would grow by
// itself, but when threads share it each doubling waits until every CPU has seen it (synchronize_rcu, 10 to 20 ms), and
// whoever has just come waits with it: in the first seconds of a flood of connections, of all times. Call it before
// there are threads. Where the kernel refuses, the table grows as it is needed.
void reserve_descriptors(std::size_t count) noexcept;

// Becomes another user, with his groups, for good. Returns what went wrong, empty when nothing did.
std::string become_user(const std::string& name);

// Pins a thread to one CPU. False when the system refuses.
bool pin(std::thread& thread, int cpu) noexcept;
// The clock of the CPU time of a thread, which others may read while it has not been joined.
clockid_t cpu_clock_of(std::thread& thread) noexcept;
void name_thread(std::thread& thread, const std::string& name) noexcept;

}  // namespace breakwater::proxy
