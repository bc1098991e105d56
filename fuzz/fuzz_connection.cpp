// A whole connection with a client that follows a script: what it drops, repeats, reorders, cuts short or changes,
// before and after protection, in both versions, full, resumed and after a HelloRetryRequest.
//
//   u8 flavour | u8 options (kChangeHello, kCut) | changes in the order they are asked for | u8 steps afterwards...
#include <algorithm>

#include "fuzz/flavours.h"
#include "fuzz/host.h"
#include "fuzz/input.h"
#include "fuzz/ledger.h"
#include "fuzz/mutations.h"
#include "fuzz/require.h"
#include "fuzz/world.h"

namespace {

using namespace breakwater;
using fuzz::Input;
using fuzz::LoggedRecord;
using fuzz::require;
using test::Bytes;
using test::Epoch;
using test::Outgoing;
using test::View;
using tls::ContentType;
using tls::ProtocolVersion;

constexpr std::uint8_t kChangeHello = 1;
constexpr std::uint8_t kCut = 2;
constexpr std::size_t kMaxSteps = 7;
constexpr std::size_t kMaxPieces = 32;  // of one feeding; a record may lie in 64

// Content and type of one record, as its receiver sees them.
LoggedRecord logged(const Outgoing& item, View piece, Bytes record, bool tls13) {
  LoggedRecord made{std::move(record), item.epoch, static_cast<std::uint8_t>(item.type), {}};
  if (item.bare_inner_plaintext) {
    made.type = 23;
    while (tls13 && !piece.empty() && piece.back() == 0) piece = piece.first(piece.size() - 1);
    if (tls13) made.type = piece.empty() ? std::uint8_t{0} : piece.back();
    if (tls13 && !piece.empty()) piece = piece.first(piece.size() - 1);
  }
  made.content = test::to_bytes(piece);
  return made;
}

class Conversation {
 public:
  explicit Conversation(Input& input)
      : input_(input), host_(fuzz::setup()), client_(make_script()), ledger_(client_.script().offer.early_data) {}

  void run() {
    exchange(client_.start());
    for (std::size_t i = 0; i < kMaxSteps && !input_.empty() && !closed_; ++i) {
      if (!host_.trace().done || !client_.connected()) break;
      step();
    }
    require_sound();
  }

 private:
  bool tls13() const { return client_.facts().version == ProtocolVersion::Tls13; }
  bool tls12() const { return client_.facts().version == ProtocolVersion::Tls12; }

  test::Script make_script() {
    const auto& flavours = fuzz::flavours();
    test::Script script = fuzz::script(flavours[input_.u8() % flavours.size()]);
    const std::uint8_t options = input_.u8();
    cuts_ = (options & kCut) != 0;
    if ((options & kChangeHello) != 0) {
      script.hooks.hello = [this](test::HelloSpec& hello, bool) { touch(fuzz::change_hello(hello, input_)); };
    }
    script.hooks.flight = [this](std::vector<Outgoing>& flight) { on_flight(flight); };
    return script;
  }

  void touch(bool changed) { touched_ = touched_ || changed; }

  void on_flight(std::vector<Outgoing>& flight) {
    ledger_.expect(flight, tls12());
    for (const Outgoing& item : flight) finished_sent_ = finished_sent_ || item.step == test::Step::Finished;
    if (!early_data_sent_ && client_.script().offer.early_data) {
      early_data_sent_ = true;
      Outgoing early;
      early.type = ContentType::ApplicationData;
      early.epoch = Epoch::EarlyData;
      early.payload = Bytes(input_.u8() / 2, 0xEA);  // 0 to 127 of the 600 that are passed over
      flight.push_back(early);
    }
    touch(fuzz::change_flight(flight, input_));
    for (Outgoing& item : flight) {
      if (item.epoch != Epoch::Plain && client_.write_keys(item.epoch).key.empty()) item.epoch = Epoch::Plain;
    }
    for (Outgoing& item : flight) log(item);
  }

  // Notes each record of the item as it is made.
  void log(Outgoing& item) {
    Outgoing plain = item;
    plain.corrupt = nullptr;
    item.corrupt = [this, plain = std::move(plain), offset = std::size_t{0}](Bytes& record) mutable {
      const View rest = View(plain.payload).subspan(offset);
      const View piece = rest.first(std::min(rest.size(), plain.fragment));
      offset += piece.size();
      log_.push_back(logged(plain, piece, record, tls13()));
    };
  }

  void feed(View bytes) {
    std::vector<View> pieces;
    while (cuts_ && pieces.size() < kMaxPieces && !bytes.empty()) {
      const std::size_t cut = std::min<std::size_t>(bytes.size(), input_.u8());
      if (cut == 0) break;
      pieces.push_back(bytes.first(cut));
      bytes = bytes.subspan(cut);
    }
    pieces.push_back(bytes);
    if (!cuts_ || (input_.u8() & 1) != 0) return host_.feed(pieces);
    for (const View piece : pieces) host_.feed(piece);
  }

  // What the client sends, as the script changes it, to the server, and its answers back, until nobody answers.
  void exchange(const Bytes& stream) {
    Bytes next = stream;
    for (int turn = 0; turn < 8 && !next.empty(); ++turn) next = exchange_once(next);
  }

  Bytes exchange_once(const Bytes& stream) {
    std::vector<LoggedRecord> records = std::exchange(log_, {});
    Bytes all;
    for (const LoggedRecord& record : records) {
      ledger_.expect(record);
      test::append(all, record.bytes);
    }
    require(all == stream, "the log of records is not what the client sends");
    touch(fuzz::change_records(records, input_));
    Bytes changed;
    for (const LoggedRecord& record : records) {
      test::append(allowed_, ledger_.deliver(record, tls12()));
      test::append(changed, record.bytes);
    }
    const bool was_done = host_.trace().done;
    feed(changed);
    if (host_.trace().done && !was_done) {
      require(finished_sent_, "HandshakeDone before the client's Finished");
      require(ledger_.intact(), "HandshakeDone though the client's messages were changed");
    }
    return to_client();
  }

  Bytes to_client() {
    const Bytes answer = client_.receive(host_.take_output());
    require(touched_ || client_.error().empty(), client_.error());
    return answer;
  }

  void send(Outgoing item) {
    log(item);
    exchange(client_.send(item));
  }

  Outgoing outgoing(ContentType type, Bytes payload) const {
    Outgoing item;
    item.type = type;
    item.epoch = Epoch::Application;
    item.payload = std::move(payload);
    return item;
  }

  // One thing that client or server does once they are connected.
  void step() {
    switch (input_.u8() % 8) {
      case 0:
      case 1: {
        Outgoing item = outgoing(ContentType::ApplicationData, Bytes(input_.u16() % 2000, 0x41));
        item.fragment = 1 + input_.u16();
        item.fragment = std::clamp<std::size_t>(item.fragment, item.payload.size() / 16 + 1, 16384);
        item.padding = input_.u8();
        sent_ += item.payload.size();
        return send(item);
      }
      case 2: {
        Outgoing item = outgoing(ContentType::Handshake, {24, 0, 0, 1, static_cast<std::uint8_t>(input_.u8() & 1)});
        item.step = test::Step::KeyUpdate;
        if (!tls13()) return;
        touch(++updates_ > 3);
        return send(item);
      }
      case 3:
      case 4: {
        const Bytes data(input_.u8(), 0x42);
        server_sent_ += host_.send(data);
        return exchange(to_client());
      }
      case 5: {
        closed_ = true;
        if ((input_.u8() & 1) == 0) return send(outgoing(ContentType::Alert, {1, 0}));
        host_.close();
        return exchange(to_client());
      }
      case 6:
        touched_ = true;
        return send(outgoing(ContentType::Alert, test::to_bytes(input_.bytes(input_.u8() % 4))));
      default:
        touched_ = true;
        return send(outgoing(ContentType::Handshake, test::to_bytes(input_.bytes(input_.u8()))));
    }
  }

  void require_sound() {
    const fuzz::Trace& trace = host_.trace();
    require(trace.plaintext.size() <= allowed_.size() &&
                test::same(trace.plaintext, View(allowed_).first(trace.plaintext.size())),
            "application data that the client has not sent");
    if (touched_) return;
    require(trace.done && !trace.failed && client_.connected(), "an unchanged connection fails");
    require(trace.plaintext.size() == sent_, "application data is lost");
    require(client_.received() == Bytes(server_sent_, 0x42), "the client receives something else than the server sent");
  }

  Input& input_;
  fuzz::Host host_;
  bool cuts_ = false;
  bool touched_ = false;  // by anything that may make the connection fail
  bool finished_sent_ = false;
  bool early_data_sent_ = false;
  bool closed_ = false;
  int updates_ = 0;
  std::size_t sent_ = 0;
  std::size_t server_sent_ = 0;
  std::vector<LoggedRecord> log_;
  Bytes allowed_;
  test::Client client_;
  fuzz::Ledger ledger_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Conversation(input).run();
  return 0;
}
