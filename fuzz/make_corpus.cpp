// Writes the seeds of every target below fuzz/corpus: hellos and handshakes of the test client, and short scripts of
// each kind. Run it from the root of the repository after a change to a target's format:
//   build/fuzz/bin/make_fuzz_corpus fuzz/corpus
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "core/tls/client_hello.h"
#include "fuzz/flavours.h"
#include "fuzz/host.h"
#include "fuzz/stages.h"
#include "fuzz/world.h"

namespace {

using namespace breakwater;
using test::Bytes;
using test::Offer;
using test::View;
using test::Writer;
namespace extension = test::extension;

class Folder {
 public:
  Folder(const std::filesystem::path& root, const std::string& target) : path_(root / target) {
    std::filesystem::create_directories(path_);
  }
  void add(const std::string& name, const Bytes& seed) const {
    std::ofstream(path_ / ("seed_" + name), std::ios::binary)
        .write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
  }

 private:
  std::filesystem::path path_;
};

using ChangeHello = std::function<void(test::HelloSpec&)>;

// The bodies of the hellos of a handshake: one, or two with a HelloRetryRequest.
std::vector<Bytes> hello_bodies(const Offer& offer, const ChangeHello& change = nullptr) {
  std::vector<Bytes> bodies;
  test::Script script = fuzz::script(offer);
  script.hooks.message = [&](test::Step step, const Bytes& message) {
    if (step != test::Step::ClientHello && step != test::Step::SecondClientHello) return;
    bodies.emplace_back(message.begin() + 4, message.end());
  };
  if (change) script.hooks.hello = [&](test::HelloSpec& hello, bool) { change(hello); };
  test::Client client(script);
  fuzz::Host host(fuzz::setup());
  host.feed(client.start());
  client.receive(host.take_output());
  return bodies;
}

Offer everything() {
  Offer offer = Offer::browser();
  offer.certificate_schemes = {0x0403, 0x0804};
  offer.record_size_limit = 1000;
  offer.renegotiation_scsv = true;
  offer.fallback_scsv = true;
  offer.shares = {0x0017, 0x001D};
  offer.server_name = "WWW.Fuzz.Example";
  offer.sessions = {fuzz::session(tls::ProtocolVersion::Tls13), fuzz::session(tls::ProtocolVersion::Tls12)};
  offer.early_data = true;
  return offer;
}

Bytes many_identities(std::size_t count) {
  std::vector<test::PskIdentity> identities(count, {Bytes{1}, 0xA0B0C0D0});
  identities.push_back({Bytes(tls::kTicketSize, 0x77), 0x01020304});
  return extension::pre_shared_key(identities, {Bytes(32), Bytes(48), Bytes(64)}).data;
}

// Hellos that break one rule each.
void write_refused_hellos(const std::function<void(const std::string&, const Offer&, const ChangeHello&)>& add) {
  const auto set = [&](const std::string& name, tls::ExtensionType type, const Writer& data) {
    add(name, Offer{}, [=](test::HelloSpec& hello) { hello.set(extension::of(type, data.bytes())); });
  };
  using Type = tls::ExtensionType;
  const Writer name = Writer().u8(0).vector(2, Bytes{'a'});
  set("two_names", Type::ServerName, Writer().vector(2, Writer().raw(name.bytes()).raw(name.bytes())));
  set("empty_name", Type::ServerName, Writer().vector(2, Writer().u8(0).u16(0)));
  set("other_name_type", Type::ServerName, Writer().vector(2, Writer().u8(1).vector(2, Bytes{7}).raw(name.bytes())));
  set("half_a_group", Type::SupportedGroups, Writer().vector(2, Bytes(3)));
  set("no_groups", Type::SupportedGroups, Writer().u16(0));
  set("empty_protocol", Type::Alpn, Writer().vector(2, Bytes{0, 1, 'x'}));
  set("long_limit", Type::RecordSizeLimit, Writer().u16(64).u8(0));
  set("full_ems", Type::ExtendedMasterSecret, Writer().u8(0));
  set("renegotiation", Type::RenegotiationInfo, Writer().vector(1, Bytes(12)));
  set("empty_cookie", Type::Cookie, Writer().u16(0));
  set("short_share", Type::KeyShare, Writer().vector(2, Writer().u16(0x001D).vector(2, Bytes(31))));
  set("empty_share", Type::KeyShare, Writer().vector(2, Writer().u16(0x4444).vector(2, Bytes{})));
  const Writer share = Writer().u16(0x001D).vector(2, Bytes(32));
  set("two_shares", Type::KeyShare, Writer().vector(2, Writer().raw(share.bytes()).raw(share.bytes())));
  const Bytes identities = Writer().vector(2, Writer().vector(2, Bytes{1}).u32(5)).bytes();
  set("short_binder", Type::PreSharedKey, Writer().raw(identities).vector(2, Writer().vector(1, Bytes(31))));
  set("no_binders", Type::PreSharedKey, Writer().raw(identities).u16(0));
  set("empty_identity", Type::PreSharedKey, Writer().vector(2, Writer().u16(0).u32(5).u8(0)).u16(0));
  add("repeated", Offer{},
      [](test::HelloSpec& hello) { hello.extensions.push_back(test::Extension(hello.extensions.front())); });
  add("psk_not_last", Offer::tls13_only(), [](test::HelloSpec& hello) {
    hello.extensions.insert(hello.extensions.begin(), extension::of(Type::PreSharedKey, many_identities(1)));
  });
  add("long_session_id", Offer{}, [](test::HelloSpec& hello) { hello.session_id.resize(33); });
  add("no_suites", Offer{}, [](test::HelloSpec& hello) { hello.suites.clear(); });
  add("no_compressions", Offer{}, [](test::HelloSpec& hello) { hello.compressions.clear(); });
  add("trailing", Offer{}, [](test::HelloSpec& hello) { hello.trailing = {0}; });
}

void write_client_hellos(const Folder& folder) {
  const auto add = [&](const std::string& name, const Offer& offer, const ChangeHello& change = nullptr) {
    std::string suffix;
    for (const Bytes& body : hello_bodies(offer, change)) {
      folder.add(name + suffix, Writer().u16(body.size() / 2).raw(body).bytes());
      suffix = "_second";
    }
  };
  for (std::size_t i = 0; i < fuzz::flavours().size(); ++i) add("flavour" + std::to_string(i), fuzz::flavours()[i]);
  add("everything", everything());
  add("no_extensions", Offer{}, [](test::HelloSpec& hello) {
    hello.extensions.clear();
    hello.extensions_field = false;
  });
  add("many_suites", Offer{}, [](test::HelloSpec& hello) { hello.suites.resize(tls::kMaxSuites + 3, 0x1301); });
  add("many_extensions", Offer{}, [](test::HelloSpec& hello) {
    for (std::uint16_t i = 0; i < tls::kMaxExtensions; ++i) {
      hello.extensions.push_back({static_cast<std::uint16_t>(0x4000 + i), Bytes(i % 3)});
    }
  });
  add("many_identities", Offer::tls13_only(), [](test::HelloSpec& hello) {
    hello.extensions.push_back(extension::of(tls::ExtensionType::PreSharedKey, many_identities(3)));
  });
  add("too_many_identities", Offer::tls13_only(), [](test::HelloSpec& hello) {
    hello.extensions.push_back(extension::of(tls::ExtensionType::PreSharedKey, many_identities(tls::kNoIndex + 1)));
  });
  add("long_name", Offer{},
      [](test::HelloSpec& hello) { hello.set(extension::server_name(std::string(tls::kMaxServerName, 'A'))); });
  add("longer_name", Offer{},
      [](test::HelloSpec& hello) { hello.set(extension::server_name(std::string(tls::kMaxServerName + 1, 'a'))); });
  add("odd_name", Offer{}, [](test::HelloSpec& hello) { hello.set(extension::server_name("fuzz example")); });
  add("cookies", Offer::tls13_only(), [](test::HelloSpec& hello) { hello.set(extension::cookie(Bytes(7))); });
  write_refused_hellos(add);
}

// The numbers of fuzz_records' operations.
enum Op : std::uint8_t {
  kCut,
  kRaw,
  kPlain,
  kNext,
  kData,
  kHandshake,
  kAlert,
  kTyped,
  kBare,
  kLarge,
  kCorrupt,
  kKeyUpdate,
  kServerSends,
  kServerCloses,
  kReplay,
  kMany,
};

void write_records(const Folder& folder) {
  // A whole flight, data both ways, keys changed, closed.
  // A whole flight, data both ways, keys changed, closed.
  const Bytes life{kNext,  kCut,       3,
                   kNext,  kNext,      kCut,
                   9,      kNext,      kServerSends,
                   9,      kData,      3,
                   'a',    'b',        'c',
                   kCut,   4,          kCut,
                   20,     kKeyUpdate, 1,
                   kData,  1,          'd',
                   kCut,   1,          kServerSends,
                   5,      kMany,      4,
                   23,     kTyped,     4,
                   9,      0,          2,
                   'e',    'f',        kServerCloses,
                   kData,  1,          'g',
                   kAlert, 2,          1,
                   0};
  const std::vector<std::pair<const char*, Bytes>> scripts{
      {"life", life},
      {"corrupt", {kNext, kNext, kNext, kCorrupt, 4, 1, 2, 3, 4, 0, 9, 0x10, kData, 1, 'x'}},
      {"large", {kNext, kNext, kNext, kLarge, 1, 23, kCut, 80, kCut, 2, kLarge, 2, 23}},
      {"replay", {kNext, kNext, kNext, kData, 2, 'h', 'i', kReplay, kCut, 30, kData, 1, 'j'}},
      {"renegotiation",
       {kNext, kNext, kNext, kHandshake, 6, 1, 0, 0, 2, 3, 4, kCut, 5, kHandshake, 1, 3, kAlert, 2, 1, 100}},
      {"bare", {kNext, kNext, kNext, kBare, 6, 'k', 'l', 23, 0, 0, 0, kLarge, 12, 0}},
      {"plain",
       {kPlain, 2, 0, 2, 1, 90, kCut, 6, kPlain, 1, 0, 1, 1, kPlain, 3, 0, 4, 1, 0, 0, 9, kRaw, 5, 23, 3, 3, 0, 9}},
      {"early", {kPlain, 23, 0, 3, 1, 2, 3, kNext, kCut, 0, 0x80 | kData, 2, 'm', 'n', kNext, kNext}},
      {"empty", {kNext, kNext, kNext, kMany, 33, 23, kMany, 9, 22}},
  };
  for (std::size_t stage = 0; stage < fuzz::stages().size(); ++stage) {
    for (const auto& [name, operations] : scripts) {
      folder.add(fuzz::stages()[stage].name + "_" + name, Writer().u8(stage).raw(operations).bytes());
    }
  }
}

// Scripts without changes end in these steps: data from the client, keys changed, data from the server, close.
const Bytes kSteps{0, 0, 0x40, 0, 0x20, 3, 0, 2, 1, 0, 3, 50, 0, 0, 0, 1, 0xFF, 0xFF, 0, 0, 5, 0, 0};

void write_connections(const Folder& folder) {
  for (std::size_t i = 0; i < fuzz::flavours().size(); ++i) {
    const Offer& offer = fuzz::flavours()[i];
    // Two flights and their records, unchanged; one more after a HelloRetryRequest; the size of the early data.
    const bool retried = offer.offers(tls::ProtocolVersion::Tls13) && offer.shares.empty();
    const Bytes unchanged((retried ? 6u : 4u) + (offer.early_data ? 1u : 0u));
    const std::string name = "flavour" + std::to_string(i);
    folder.add(name + "_whole", Writer().u8(i).u8(0).raw(unchanged).raw(kSteps).bytes());
    folder.add(name + "_hello", Writer().u8(i).u8(1).raw(Bytes{1, 4, 3, 2, 0, 1, 0x20}).raw(unchanged).bytes());
    folder.add(name + "_cut", Writer().u8(i).u8(2).raw(Bytes{0, 0, 7, 200, 0, 1, 0, 0, 30, 9, 0, 0}).bytes());
    const Bytes first(unchanged.size() - 2);  // of the last flight
    folder.add(name + "_drop", Writer().u8(i).u8(0).raw(first).raw(Bytes{1, 0, 0, 0}).bytes());
    folder.add(name + "_repeat", Writer().u8(i).u8(0).raw(first).raw(Bytes{1, 1, 1, 0}).bytes());
    folder.add(name + "_swap", Writer().u8(i).u8(0).raw(first).raw(Bytes{1, 1, 2, 0}).bytes());
    folder.add(name + "_byte", Writer().u8(i).u8(0).raw(first).raw(Bytes{1, 1, 4, 0, 5, 1, 0}).bytes());
    folder.add(name + "_fragments", Writer().u8(i).u8(0).raw(first).raw(Bytes{1, 1, 7, 0, 0}).raw(kSteps).bytes());
    folder.add(name + "_record", Writer().u8(i).u8(0).raw(first).raw(Bytes{0, 1, 1, 4, 0, 9, 4}).bytes());
  }
}

void write_tickets(const Folder& folder) {
  for (std::uint8_t kind = 0; kind < 13; ++kind) {
    folder.add("kind" + std::to_string(kind), {kind, 0});
    folder.add("kind" + std::to_string(kind) + "_changed", {kind, 0, 0, 3, 1, 0, 30, 0x80});
  }
  folder.add("own", Writer().u8(0).u8(1).raw(Bytes(tls::kTicketSize, 2)).bytes());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
    return 2;
  }
  const std::filesystem::path root(arguments[1]);
  write_client_hellos({root, "client_hello"});
  write_records({root, "records"});
  write_connections({root, "connection"});
  write_tickets({root, "ticket"});
  return 0;
}
