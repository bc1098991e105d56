// The record layer: records, well-formed or not, protected with the right keys or not, to a connection in each stage of
// its life, cut anywhere.
//
//   u8 stage | operations, see Operation
#include <algorithm>
#include <string_view>

#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/stages.h"
#include "fuzz/world.h"

namespace {

using namespace breakwater;
using fuzz::Input;
using fuzz::Peer;
using fuzz::require;
using fuzz::Stage;
using test::Bytes;
using test::View;
using tls::ProtocolVersion;

// The low four bits of the byte in front of each; its top bit chooses the handshake keys where they are other ones.
enum class Operation : std::uint8_t {
  Cut,           // u8 back: what comes later than so many bytes ago arrives later
  Raw,           // u8 size, bytes
  Plain,         // u8 type, u8 version, u8 size, bytes: an unprotected record
  NextOfFlight,  // the next record of the well-behaved client
  Data,          // u8 size, bytes: protected application data
  Handshake,     // likewise: handshake messages
  Alert,         // likewise
  Typed,         // u8 type, u8 padding, u8 version, u8 size, bytes: protected
  Bare,          // u8 size, bytes: TLS 1.3 without a content type
  Large,         // u8 which of kLargeSizes, u8 type: protected
  Corrupt,       // u8 size, bytes, u16 place, u8 mask: protected, then changed
  KeyUpdate,     // u8 request
  ServerSends,   // u8 size
  ServerCloses,
  Replay,  // the last protected record again
  Many,    // u8 count, u8 type: records without content
};

constexpr std::size_t kLargeSizes[] = {16383, 16384, 16385, 16386, 16640, 16641, 16500, 18432, 18433, 64, 63, 65, 600};
constexpr std::size_t kMaxOperations = 48;
constexpr std::size_t kMaxStream = 36'000;

// Bytes for the server, cut at these places, and then something that the server does.
struct Phase {
  Bytes stream;
  std::vector<std::size_t> cuts;
  int send = -1;
  bool close = false;
};

class Script {
 public:
  Script(const Stage& stage, Input& input) : stage_(stage), peer_(stage.peer) {
    phases_.emplace_back();
    std::size_t total = 0;
    for (std::size_t i = 0; i < kMaxOperations && !input.empty() && total < kMaxStream; ++i) {
      const std::size_t before = stream().size();
      const std::uint8_t code = input.u8();
      handshake_keys_ = (code & 0x80) != 0 && !peer_.handshake.key.empty();
      add(static_cast<Operation>(code & 0x0F), input);
      total += stream().size() > before ? stream().size() - before : 0;
    }
    for (Phase& phase : phases_) std::sort(phase.cuts.begin(), phase.cuts.end());
  }

  const std::vector<Phase>& phases() const { return phases_; }
  const Bytes& allowed() const { return allowed_; }  // application data that the server may give to its host

 private:
  Bytes& stream() { return phases_.back().stream; }

  void add(Operation operation, Input& input) {
    switch (operation) {
      case Operation::Cut:
        phases_.back().cuts.push_back(stream().size() - std::min<std::size_t>(stream().size(), input.u8()));
        return;
      case Operation::Raw:
        test::append(stream(), input.bytes(input.u8()));
        return;
      case Operation::Plain: {
        const std::uint8_t type = type_of(input.u8());
        const std::uint16_t version = version_of(input.u8());
        test::append(stream(), test::plain_record(type, input.bytes(input.u8()), version));
        return;
      }
      case Operation::NextOfFlight:
        if (next_ < stage_.next_flight.size()) test::append(stream(), stage_.next_flight[next_++]);
        return;
      case Operation::Data:
        return protect(23, input.bytes(input.u8()));
      case Operation::Handshake:
        return protect(22, input.bytes(input.u8()));
      case Operation::Alert:
        return protect(21, input.bytes(input.u8()));
      case Operation::Typed: {
        const std::uint8_t type = type_of(input.u8());
        const std::size_t padding = input.u8();
        const std::uint16_t version = version_of(input.u8());
        return protect(type, input.bytes(input.u8()), padding, version);
      }
      case Operation::Bare:
        return protect(std::nullopt, input.bytes(input.u8()));
      case Operation::Large: {
        const std::size_t size = kLargeSizes[input.u8() % std::size(kLargeSizes)];
        const std::uint8_t type = type_of(input.u8());
        return type == 0 ? protect(std::nullopt, Bytes(size)) : protect(type, Bytes(size, 0x5A));
      }
      case Operation::Corrupt: {
        const Bytes payload = test::to_bytes(input.bytes(input.u8()));
        const std::size_t place = input.u16();
        const std::uint8_t mask = input.u8();
        const std::size_t before = stream().size();
        if (mask != 0 && !handshake_keys_) intact_ = false;
        protect(23, payload);
        if (stream().size() != before) stream()[before + place % (stream().size() - before)] ^= mask;
        return;
      }
      case Operation::KeyUpdate: {
        const std::uint8_t message[] = {24, 0, 0, 1, input.u8()};
        protect(22, message);
        if (peer_.version == ProtocolVersion::Tls13) peer_.update_writing();
        return;
      }
      case Operation::ServerSends: {
        phases_.back().send = input.u8();
        phases_.emplace_back();
        return;
      }
      case Operation::ServerCloses:
        phases_.back().close = true;
        phases_.emplace_back();
        return;
      case Operation::Replay:
        if (last_.empty()) return;
        if (!missed_) {
          intact_ = intact_ && last_had_handshake_keys_;
        } else if (!skips_early_data()) {
          test::append(allowed_, *missed_);
          missed_.reset();
          intact_ = true;
        }
        test::append(stream(), last_);
        return;
      case Operation::Many: {
        const std::size_t count = input.u8() % 40;
        const std::uint8_t type = type_of(input.u8());
        for (std::size_t i = 0; i < count; ++i) protect(type, {});
        return;
      }
    }
  }

  static std::uint8_t type_of(std::uint8_t choice) {
    return choice < 5 ? static_cast<std::uint8_t>(choice == 0 ? 0 : 19 + choice) : choice;
  }
  static std::uint16_t version_of(std::uint8_t choice) {
    return static_cast<std::uint16_t>(choice < 4 ? (choice == 0 ? 0x0303 : 0x0300 + choice) : choice << 8 | choice);
  }

  // What a record's content is as application data.
  static View data_of(ProtocolVersion version, std::optional<std::uint8_t> type, View payload) {
    if (type) return *type == 23 ? payload : View{};
    if (version != ProtocolVersion::Tls13) return payload;  // goes out as application data
    while (!payload.empty() && payload.back() == 0) payload = payload.first(payload.size() - 1);
    return !payload.empty() && payload.back() == 23 ? payload.first(payload.size() - 1) : View{};
  }

  void protect(std::optional<std::uint8_t> type, View payload, std::size_t padding = 0,
               std::uint16_t version = 0x0303) {
    if (peer_.version == ProtocolVersion::None) {
      test::append(stream(), test::plain_record(type.value_or(23), payload, version));
      return;
    }
    const bool tls13 = peer_.version == ProtocolVersion::Tls13;
    // A type of 0 makes the last byte of the payload the type.
    const View data =
        type == 0 && tls13 ? data_of(peer_.version, std::nullopt, payload) : data_of(peer_.version, type, payload);
    test::RecordKeys& keys = handshake_keys_ ? peer_.handshake : peer_.application;
    // Before the Finished, where early data is passed over, so is this, for the same reason: it does not open.
    const bool missed = skips_early_data() && !handshake_keys_ && keys.sequence == 0;
    missed_ = missed ? std::optional(test::to_bytes(data)) : std::nullopt;
    if (missed) intact_ = false;
    if (intact_ && !handshake_keys_) test::append(allowed_, data);
    last_ = keys.seal(type, payload, padding, version);
    last_had_handshake_keys_ = handshake_keys_;
    test::append(stream(), last_);
  }

  bool skips_early_data() const { return stage_.name.ends_with("early_data") && next_ < stage_.next_flight.size(); }

  const Stage& stage_;
  Peer peer_;
  std::vector<Phase> phases_;
  std::size_t next_ = 0;
  bool handshake_keys_ = false;
  bool intact_ = true;  // everything under the application keys so far is what the peer has sealed, in order
  Bytes allowed_;
  Bytes last_;
  bool last_had_handshake_keys_ = false;
  // What last_ holds, when it is the first record under the application keys and the server has passed it over: sent
  // again after the Finished, it is what the server waits for (RFC 8446 4.2.10).
  std::optional<Bytes> missed_;
};

Bytes server_data(int size) { return Bytes(static_cast<std::size_t>(size), 0xD5); }

enum class Cutting { None, Calls, Pieces };

void feed(fuzz::Host& host, const Phase& phase, Cutting cutting) {
  std::vector<View> pieces;
  std::size_t begin = 0;
  for (const std::size_t cut : phase.cuts) {
    pieces.push_back(View(phase.stream).subspan(begin, cut - begin));
    begin = cut;
  }
  pieces.push_back(View(phase.stream).subspan(begin));
  if (cutting == Cutting::None) {
    host.feed(phase.stream);
  } else if (cutting == Cutting::Pieces) {
    host.feed(pieces);
  } else {
    for (const View piece : pieces) host.feed(piece);
  }
}

// Reads what the server sent as its client does, and checks what can be checked of it.
void require_sound_output(const Stage& stage, const fuzz::Host& host, const Bytes& sent) {
  Peer peer = stage.peer;
  const bool opens = peer.reading.version != ProtocolVersion::None;
  Bytes data;
  std::uint8_t last_type = 0;
  Bytes last;
  for (const Bytes& record : fuzz::split_records(host.trace().output)) {
    last_type = record[0];
    last.assign(record.begin() + 5, record.end());
    if (!opens) continue;
    auto opened = peer.reading.open(record);
    require(opened.has_value(), "the server sends a record that does not open");
    last_type = opened->type;
    last = std::move(opened->payload);
    if (last_type == 23) test::append(data, last);
    if (last_type == 22 && peer.version == ProtocolVersion::Tls13 && last[0] == 24) {
      require(last.size() == 5, "a KeyUpdate that does not end its record");
      peer.update_reading();
    }
  }
  require(!opens || test::same(data, sent), "the client reads something else than the server sent");
  if (!host.trace().failed || host.trace().closed || host.error().fault == tls::Fault::PeerAlert) return;
  // Where the keys of the server are not known here, a protected alert is known by its length.
  constexpr std::size_t kSealedAlert12 = 8 + 2 + 16;
  constexpr std::size_t kSealedAlert13 = 2 + 1 + 16;
  const bool sealed = !opens && ((last_type == 21 && (last.size() == kSealedAlert12 || last.size() == 2 + 16)) ||
                                 (last_type == 23 && last.size() == kSealedAlert13));
  const Bytes alert{2, static_cast<std::uint8_t>(host.error().alert)};
  require(sealed || (last_type == 21 && last == alert), "the last record is not the alert of the error");
}

struct Outcome {
  fuzz::Trace trace;
  tls::Error error;
};

Outcome run(const Stage& stage, const Script& script, Cutting cutting) {
  fuzz::Host& host = *stage.host;
  host.restore();
  Bytes sent;
  for (const Phase& phase : script.phases()) {
    feed(host, phase, cutting);
    const fuzz::Trace& trace = host.trace();
    if (phase.send >= 0) {
      const Bytes bytes = server_data(phase.send);
      test::append(sent, View(bytes).first(host.send(bytes)));
    }
    if (phase.close && trace.done) host.close();
  }
  const fuzz::Trace& trace = host.trace();
  require(trace.done || trace.plaintext.empty(), "plaintext without a handshake");
  require(trace.plaintext.size() <= script.allowed().size() &&
              test::same(trace.plaintext, View(script.allowed()).first(trace.plaintext.size())),
          "plaintext that the peer has not sent");
  require_sound_output(stage, host, sent);
  Outcome outcome{trace, host.error()};
  // A dead connection stays dead.
  if (trace.failed || trace.peer_closed) {
    const std::size_t size = trace.output.size();
    host.feed(Bytes{23, 3, 3, 0, 1, 0});
    require(trace.output.size() == size, "output of a dead connection");
  }
  return outcome;
}

void require_same(const Outcome& one, const Outcome& other) {
  require(one.trace.events == other.trace.events, "a cut changes the events");
  require(one.trace.output == other.trace.output, "a cut changes the output");
  require(one.trace.plaintext == other.trace.plaintext, "a cut changes the plaintext");
  require(one.trace == other.trace, "a cut changes the flags");
  require(one.error.fault == other.error.fault && one.error.alert == other.error.alert &&
              std::string_view(one.error.reason) == other.error.reason,
          "a cut changes the error");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::vector<Stage>& stages = fuzz::stages();
  const Stage& stage = stages[input.below(stages.size())];
  const Script script(stage, input);
  const Outcome whole = run(stage, script, Cutting::None);
  const auto is_cut = [](const Phase& phase) { return !phase.cuts.empty(); };
  if (std::any_of(script.phases().begin(), script.phases().end(), is_cut)) {
    require_same(whole, run(stage, script, Cutting::Calls));
    require_same(whole, run(stage, script, Cutting::Pieces));
  }
  return 0;
}
