// Runs an XDP program on frames that no network has carried (BPF_PROG_TEST_RUN).
#pragma once

#include <string>

// frame: in hexadecimal. repeat: how often. Says "pass", "drop", or what is wrong; with_cost: and nanoseconds a time.
std::string test_run(int program, const std::string& frame, unsigned repeat, bool with_cost);
