// Changes that a script makes to what a client sends: to its hello, its flights, its records.
#pragma once

#include <vector>

#include "fuzz/input.h"
#include "fuzz/ledger.h"
#include "tests/client/client.h"

namespace breakwater::fuzz {

// Each takes its decisions from the input, u8 how many first, and tells whether it changed anything.
bool change_hello(test::HelloSpec& hello, Input& input);
bool change_flight(std::vector<test::Outgoing>& flight, Input& input);
bool change_records(std::vector<LoggedRecord>& records, Input& input);

}  // namespace breakwater::fuzz
