#include "fuzz/stages.h"

#include <utility>

#include "fuzz/require.h"
#include "fuzz/world.h"

namespace breakwater::fuzz {
namespace {

using test::Bytes;
using test::Client;
using test::Epoch;
using test::Offer;
using test::RecordKeys;
using test::View;
using tls::ProtocolVersion;

// RFC 5246 6.3: the server's half of the key block.
RecordKeys server_keys_tls12(const Client& client, const test::SuiteFacts& suite) {
  const std::size_t key_bytes = test::key_size(suite.cipher);
  const std::size_t iv_bytes = suite.cipher == test::Cipher::ChaCha20Poly1305 ? 12 : 4;
  const Bytes seed = test::Writer().raw(client.facts().server_random).raw(client.hello().random).bytes();
  const Bytes block = test::prf(suite.hash, client.secrets().master, "key expansion", seed, 2 * (key_bytes + iv_bytes));
  test::Reader reader(block);
  RecordKeys keys;
  keys.version = ProtocolVersion::Tls12;
  keys.cipher = suite.cipher;
  reader.take(key_bytes);
  keys.key = test::to_bytes(reader.take(key_bytes));
  reader.take(iv_bytes);
  keys.iv = test::to_bytes(reader.take(iv_bytes));
  return keys;
}

// Takes the keys of a client that has sent its Finished, or could.
Peer peer_of(Client& client) {
  Peer peer;
  const test::SuiteFacts& suite = *test::suite_facts(client.facts().suite);
  peer.version = client.facts().version;
  peer.hash = suite.hash;
  peer.application = client.write_keys(Epoch::Application);
  if (peer.version == ProtocolVersion::Tls12) {
    peer.reading = server_keys_tls12(client, suite);
    return peer;
  }
  peer.handshake = RecordKeys::from_secret(suite.hash, suite.cipher, client.secrets().client_handshake_traffic);
  peer.write_secret = client.secrets().client_application_traffic;
  peer.read_secret = client.secrets().server_application_traffic;
  peer.reading = RecordKeys::from_secret(suite.hash, suite.cipher, peer.read_secret);
  return peer;
}

// How far a stage goes.
enum class Until { Start, FirstAnswer, SecondAnswer, Done };

Stage make_stage(std::string name, Offer offer, Until until) {
  Stage stage{std::move(name), std::make_unique<Host>(setup()), {}, {}};
  Host& host = *stage.host;
  Client client(script(std::move(offer)));
  Bytes flight = client.start();
  const int answers = until == Until::Start ? 0 : until == Until::SecondAnswer ? 2 : 1;
  for (int i = 0; i < answers; ++i) {
    host.feed(flight);
    flight = client.receive(host.take_output());
  }
  if (client.facts().version != ProtocolVersion::None && !client.secrets().master.empty()) stage.peer = peer_of(client);
  if (until == Until::Done) {
    host.feed(std::exchange(flight, {}));
    require(host.trace().done && !host.trace().failed, "a stage does not connect");
    const Bytes tickets = host.take_output();
    // TLS 1.3: tickets under the application keys; TLS 1.2: the server's Finished was the first record of its keys.
    if (stage.peer.version == ProtocolVersion::Tls13) stage.peer.reading.sequence = split_records(tickets).size();
    client.receive(tickets);
    require(client.connected(), "the client of a stage does not connect");
  }
  if (stage.peer.version == ProtocolVersion::Tls12) {
    if (client.connected()) {
      stage.peer.reading.sequence = 1;
    } else {
      stage.peer.reading.version = ProtocolVersion::None;  // its records begin unprotected
    }
  }
  stage.next_flight = split_records(flight);
  host.save();
  return stage;
}

Offer tls12(std::uint16_t suite) {
  Offer offer = Offer::tls12_only();
  offer.suites = {suite};
  return offer;
}

Offer tls13(std::uint16_t suite) {
  Offer offer = Offer::tls13_only();
  offer.suites = {suite};
  return offer;
}

Offer retried() {
  Offer offer = Offer::tls13_only();
  offer.shares = {};
  return offer;
}

Offer resumed(ProtocolVersion version, bool early_data = false) {
  Offer offer = version == ProtocolVersion::Tls13 ? Offer::tls13_only() : Offer::tls12_only();
  offer.sessions = {session(version)};
  offer.early_data = early_data;
  return offer;
}

test::Session make_session(ProtocolVersion version) {
  Host host(setup());
  Client client(script(version == ProtocolVersion::Tls13 ? Offer::tls13_only() : Offer::tls12_only()));
  Bytes bytes = client.start();
  for (int turn = 0; turn < 4 && !bytes.empty(); ++turn) {
    host.feed(bytes);
    bytes = client.receive(host.take_output());
  }
  require(!client.sessions().empty(), "no session to resume: " + client.error() + " / " + host.error().reason);
  return client.sessions().front();
}

std::vector<Stage> make_stages() {
  std::vector<Stage> made;
  made.push_back(make_stage("fresh13", Offer::browser(), Until::Start));
  made.push_back(make_stage("established12_gcm", tls12(0xC02B), Until::Done));
  made.push_back(make_stage("established12_chacha", tls12(0xCCA9), Until::Done));
  made.push_back(make_stage("established13_gcm", tls13(0x1301), Until::Done));
  made.push_back(make_stage("established13_gcm256", tls13(0x1302), Until::Done));
  made.push_back(make_stage("established13_chacha", tls13(0x1303), Until::Done));
  made.push_back(make_stage("finished13", tls13(0x1301), Until::FirstAnswer));
  made.push_back(make_stage("finished13_early_data", resumed(ProtocolVersion::Tls13, true), Until::FirstAnswer));
  made.push_back(make_stage("retry13", retried(), Until::FirstAnswer));
  Offer retried_early = resumed(ProtocolVersion::Tls13, true);
  retried_early.shares = {};
  made.push_back(make_stage("retry13_early_data", retried_early, Until::FirstAnswer));
  made.push_back(make_stage("retried13", retried(), Until::SecondAnswer));
  made.push_back(make_stage("key_exchange12", tls12(0xC02C), Until::FirstAnswer));
  made.push_back(make_stage("resumed12", resumed(ProtocolVersion::Tls12), Until::FirstAnswer));
  made.push_back(make_stage("fresh12", tls12(0xC02B), Until::Start));
  Offer limited = tls13(0x1301);
  limited.record_size_limit = 64;
  limited.session_id = false;
  made.push_back(make_stage("limited13", limited, Until::Done));
  return made;
}

}  // namespace

void Peer::update_writing() {
  write_secret = test::expand_label(hash, write_secret, "traffic upd", {}, test::hash_size(hash));
  application = RecordKeys::from_secret(hash, application.cipher, write_secret);
}

void Peer::update_reading() {
  read_secret = test::expand_label(hash, read_secret, "traffic upd", {}, test::hash_size(hash));
  reading = RecordKeys::from_secret(hash, reading.cipher, read_secret);
}

std::vector<Bytes> split_records(View stream) {
  std::vector<Bytes> records;
  while (!stream.empty()) {
    const View record = test::next_record(stream);
    require(!record.empty(), "half a record is sent");
    records.push_back(test::to_bytes(record));
    stream = stream.subspan(record.size());
  }
  return records;
}

const test::Session& session(ProtocolVersion version) {
  static const test::Session tls12_session = make_session(ProtocolVersion::Tls12);
  static const test::Session tls13_session = make_session(ProtocolVersion::Tls13);
  return version == ProtocolVersion::Tls13 ? tls13_session : tls12_session;
}

const std::vector<Stage>& stages() {
  static const std::vector<Stage> made = make_stages();
  return made;
}

}  // namespace breakwater::fuzz
