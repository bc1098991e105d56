// Connections in the middle of their life, each with the keys of its client: where fuzz_records begins.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/host.h"
#include "tests/client/client.h"

namespace breakwater::fuzz {

// The keys of a client, as plain values.
struct Peer {
  tls::ProtocolVersion version = tls::ProtocolVersion::None;  // None: nothing is protected yet
  test::Hash hash = test::Hash::Sha256;
  test::RecordKeys handshake;    // TLS 1.3
  test::RecordKeys application;  // writing
  test::RecordKeys reading;      // version None: the server's records are not opened
  test::Bytes write_secret;      // TLS 1.3
  test::Bytes read_secret;

  void update_writing();
  void update_reading();
};

struct Stage {
  std::string name;
  std::unique_ptr<Host> host;  // saved in this stage
  Peer peer;
  std::vector<test::Bytes> next_flight;  // records that a well-behaved client sends next
};

// Made at the first call. The order is part of the format of the corpus: new ones go to the end.
const std::vector<Stage>& stages();

// The records in a stream of whole ones.
std::vector<test::Bytes> split_records(test::View stream);

// Sessions to resume, of each version.
const test::Session& session(tls::ProtocolVersion version);

}  // namespace breakwater::fuzz
