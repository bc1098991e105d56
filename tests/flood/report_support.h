// A run that could have been, for the tests of reports.
#pragma once

#include "flood/load/run.h"
#include "flood/plan/address.h"
#include "flood/plan/plan.h"

namespace breakwater::flood {

inline Plan sample_plan() {
  Plan plan;
  plan.target = "localhost:8443";
  plan.address = *parse_address("127.0.0.1");
  plan.port = 8443;
  Load& load = plan.loads.emplace_back();
  load.name = "full";
  load.tls.version = Version::Tls12;
  load.tls.auth = Auth::Ecdsa;
  return plan;
}

inline RunResult sample_result() {
  RunResult result;
  result.begin_s = 1234.5;
  result.duration_s = 10;
  result.generator.wall_s = 8;
  result.generator.busy_s = 2;
  result.generator.cpu_user_us = 1'200'000;
  result.generator.cpu_system_us = 800'000;
  Tally& tally = result.loads.emplace_back();
  tally.measured_s = 8;
  tally.started = 1003;
  tally.succeeded = 800;
  tally.unfinished = 3;
  for (int i = 0; i < 120; ++i) tally.fail(Failure::OutOfPorts);
  for (int i = 0; i < 50; ++i) tally.fail(Failure::Alert, 40);
  for (int i = 0; i < 30; ++i) tally.fail(Failure::ConnectionRefused);
  tally.handshakes = 800;
  tally.resumed = 7;
  tally.held_max = 64;
  tally.bytes_sent = 400'000;
  tally.bytes_received = 1'500'000;
  tally.negotiated["TLS 1.2 ECDHE-ECDSA AES128-GCM secp256r1"] = 800;
  for (std::uint64_t i = 1; i <= 100; ++i) tally.handshake_latency.add(i);  // nanoseconds: exact
  tally.tcp = {10, 45, 31, 4000, 15000, 1};
  tally.seconds = {{1, 100, 2, 0.05, 0.099}, {2, 101, 0, 0.051, 0.1}};
  return result;
}

}  // namespace breakwater::flood
