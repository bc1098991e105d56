// The load generator's TLS client against a server that lies: every handshake message may be changed before it is
// protected, and every record after.
//
//   u8 settings | u8 piece | for each message the server sends: u8 change (0: none), and what it needs | u8 steps
//   behind the handshake...
#include <algorithm>
#include <array>

#include "core/port/bytes.h"
#include "flood/tls/client.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "library/port/initialise.h"
#include "tests/flood/tls_fake_server.h"

namespace {

using namespace breakwater;
using flood::Client;
using flood::State;
using flood::testing::FakeServer;
using fuzz::Input;
using fuzz::require;
using test::Bytes;
using test::View;

constexpr std::uint64_t kNow = 1'700'000'000'000;
constexpr std::size_t kMaxRounds = 8;
constexpr std::size_t kMaxSteps = 7;

flood::ClientSettings settings_of(std::size_t which) {
  flood::ClientSettings settings;
  settings.version = (which & 1) != 0 ? flood::Version::Tls12 : flood::Version::Tls13;
  settings.tickets = (which & 2) != 0;
  settings.check_signature = (which & 4) != 0;
  settings.shape = (which & 8) != 0 ? flood::Shape::Curl : flood::Shape::Tool;
  settings.server_name = "fuzz.example";
  return settings;
}

const flood::Profile& profile_of(std::size_t which) {
  static const auto profiles = [] {
    port::initialise();
    std::array<std::unique_ptr<flood::Profile>, 16> made;
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = std::make_unique<flood::Profile>(settings_of(i));
    return made;
  }();
  return *profiles[which % profiles.size()];
}

// One change to bytes: a byte, a cut, an insertion, or other bytes altogether.
void change(Bytes& bytes, Input& input) {
  switch (input.below(6)) {
    case 1:
      if (!bytes.empty()) bytes[input.below(std::min<std::size_t>(bytes.size(), 65536))] ^= input.u8();
      break;
    case 2:
      bytes.resize(input.below(bytes.size() + 1));
      break;
    case 3: {
      const std::size_t at = input.below(bytes.size() + 1);
      const View more = input.bytes(input.u8());
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
      break;
    }
    case 4:
      bytes = test::to_bytes(input.bytes(input.u16()));
      break;
    case 5:  // a message with its length set right again
      if (bytes.size() >= 4) {
        const View more = input.bytes(input.u8());
        bytes.insert(bytes.end(), more.begin(), more.end());
        const std::size_t size = bytes.size() - 4;
        bytes[1] = static_cast<std::uint8_t>(size >> 16);
        bytes[2] = static_cast<std::uint8_t>(size >> 8);
        bytes[3] = static_cast<std::uint8_t>(size);
      }
      break;
    default:
      break;
  }
}

class Conversation {
 public:
  explicit Conversation(Input& input)
      : input_(input), which_(input.u8()), piece_(input.u8()), server_(profile_of(which_).settings().version) {
    server_.edit = [this](std::uint8_t, Bytes& message) { change(message, input_); };
    server_.padding = (which_ & 32) != 0 ? 17 : 0;
    server_.fragment = (which_ & 64) != 0 ? 50 : 16384;
  }

  void run() {
    std::array<std::uint8_t, 64> random{};
    client_.start(profile_of(which_), nullptr, random, kNow);
    for (std::size_t round = 0; round < kMaxRounds; ++round) {
      const Bytes said = test::to_bytes(client_.output());
      client_.sent(said.size());
      if (said.empty()) break;
      Bytes answer = server_(said);
      if ((which_ & 128) != 0) change(answer, input_);  // the records themselves
      deliver(answer);
    }
    for (std::size_t i = 0; i < kMaxSteps && !input_.empty(); ++i) step();
  }

 private:
  void deliver(View bytes) {
    inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
    for (std::size_t given = 0; given < inbox_.size();) {
      const std::size_t more = piece_ == 0 ? inbox_.size() : piece_;
      given = std::min(inbox_.size(), given + more);
      // In memory of exactly this size, so that a byte too far is seen.
      for (;;) {
        Bytes exact(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(given));
        const std::size_t used = client_.receive(exact, kNow);
        require(used <= exact.size(), "more was used than there was");
        require(client_.data().size() <= Client::kMaxRecord, "application data longer than a record");
        inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(used));
        given -= used;
        require_sound();
        if (used == 0) break;
      }
      require(inbox_.size() <= Client::kMaxRecord || client_.state() == State::Failed || given < inbox_.size(),
              "more than a record is kept");
    }
  }

  void require_sound() {
    const bool failed = client_.state() == State::Failed;
    require(failed == (client_.failure() != flood::Failure::None), "failure and state contradict each other");
    if (failed) require(client_.output().empty(), "a failed client has something to say");
  }

  void step() {
    const View content = input_.bytes(input_.u8());
    switch (input_.below(6)) {
      case 0:
        deliver(server_.sealed(FakeServer::kData, content));
        break;
      case 1:
        deliver(server_.sealed(FakeServer::kHandshake, content));
        break;
      case 2:
        deliver(server_.sealed(FakeServer::kAlert, content));
        break;
      case 3:
        deliver(FakeServer::plain(FakeServer::kHandshake, content));
        break;
      case 4:
        if (client_.state() == State::Established) {
          std::array<std::uint8_t, 64> random{};
          client_.start_renegotiation(random);
        }
        break;
      default:
        if (client_.state() == State::Established) client_.write(content);
        client_.take_session();
        break;
    }
    client_.sent(client_.output().size());
  }

  Input& input_;
  std::size_t which_;
  std::size_t piece_;
  FakeServer server_;
  Client client_;
  Bytes inbox_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Conversation(input).run();
  return 0;
}
