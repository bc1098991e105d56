// What every connection of a fuzz target shares, made once and the same in each run: one ECDSA certificate, key pairs,
// ticket keys; and jobs done at once without the arithmetic of core/crypto, which is not what is fuzzed here.
#pragma once

#include <vector>

#include "core/batch/job.h"
#include "tests/client/client.h"
#include "tests/support/server_setup.h"

namespace breakwater::fuzz {

inline constexpr std::uint64_t kNow = 1'700'000'000'000;  // that of the test client's scripts

// Two hosts: one for everybody, which speaks ALPN, and fuzz.example.
const test::ServerSetup& setup();

const std::vector<test::KeyPair>& server_pairs();
const std::vector<test::KeyPair>& client_pairs();

void run_job(batch::Job& job);

// A client with the shared key pairs.
test::Script script(test::Offer offer);

}  // namespace breakwater::fuzz
