// What core/tls/connection.h promises its host: jobs that fail, misuse, scratch shared by connections.
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

struct JobCase {
  bool tls13;
  batch::JobKind kind;
};

class FailedJobs : public ::testing::TestWithParam<JobCase> {
 protected:
  // A handshake in which the job of this kind ends so; what the client sees of it.
  void run(batch::JobStatus status) {
    Script script;
    script.offer = GetParam().tls13 ? Offer::tls13_only() : Offer::tls12_only();
    client_ = std::make_unique<Client>(script);
    server_ = std::make_unique<EngineServer>(setup_);
    server_->job_hook = [=](batch::Job& job) {
      if (job.kind != GetParam().kind) return false;
      job.status = status;
      return true;
    };
    talk(*client_, *server_, client_->start());
  }

  ServerSetup setup_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<EngineServer> server_;
};

TEST_P(FailedJobs, OfOurOwn) {
  run(batch::JobStatus::Failed);
  ASSERT_TRUE(server_->failed());
  EXPECT_EQ(server_->error().fault, tls::Fault::Us);
  ASSERT_TRUE(client_->alert().has_value());
  EXPECT_EQ(client_->alert()->alert, Alert::InternalError);
  EXPECT_EQ(server_->broken_promise(), "");
}

TEST_P(FailedJobs, ByThePeersKey) {
  if (GetParam().kind != batch::JobKind::KeyAgreement) return;  // only this job has an input of the peer's
  run(batch::JobStatus::Refused);
  EXPECT_EQ(refusal(*client_, *server_, Alert::IllegalParameter), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, FailedJobs,
    ::testing::Values(JobCase{true, batch::JobKind::KeyPair}, JobCase{true, batch::JobKind::KeyAgreement},
                      JobCase{true, batch::JobKind::Signature}, JobCase{false, batch::JobKind::KeyPair},
                      JobCase{false, batch::JobKind::KeyAgreement}, JobCase{false, batch::JobKind::Signature}));

TEST(Misuse, ReceiveWhileJobsRun) {  // bytes that arrive meanwhile are left alone
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  Client client(script);
  Bytes hello = client.start();
  tls::ExpandedKeys keys;
  auto handshake = std::make_unique<tls::Handshake>();
  tls::Connection connection;
  tls::Worker worker;
  Random random(1);
  worker.entropy = {[](void* context, MutableBytes out) noexcept {
                      const Bytes bytes = static_cast<Random*>(context)->bytes(out.size());
                      std::copy(bytes.begin(), bytes.end(), out.begin());
                    },
                    &random};
  worker.keys = &keys;
  connection.start(setup.configuration, *handshake);
  Bytes storage(tls::max_flight_size(setup.configuration));
  tls::Output output{storage, 0};
  const MutableBytes first(hello);
  tls::Result result = connection.receive(worker, kTestTime, {&first, 1}, output);
  EXPECT_EQ(result.event, tls::Event::WantJobs);
  EXPECT_EQ(result.consumed, hello.size());
  Bytes more(100, 0x17);
  const MutableBytes second(more);
  result = connection.receive(worker, kTestTime, {&second, 1}, output);
  EXPECT_EQ(result.event, tls::Event::WantJobs);
  EXPECT_EQ(result.consumed, 0U);
  // Jobs that have not run: nothing happens.
  result = connection.resume(worker, kTestTime, output);
  EXPECT_EQ(result.event, tls::Event::WantJobs);
  EXPECT_EQ(connection.release_handshake(), nullptr);
  EXPECT_EQ(output.size, 0U);
  connection.finish(worker);
}

// Less output than asked for: a failure of our own, never an overrun or an endless loop.
TEST(Misuse, TooLittleOutput) {
  const ServerSetup setup;
  for (const bool tls13 : {true, false}) {
    for (const std::uint16_t limit : std::vector<std::uint16_t>{64, 16385}) {
      for (std::size_t room = 1; room < 1200; room += room < 400 ? 1 : 50) {
        Script script;
        script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
        script.offer.record_size_limit = limit;
        script.offer.session_id = false;
        Client client(script);
        EngineServer server(setup);
        server.output_room = room;
        talk(client, server, client.start());
        ASSERT_EQ(server.broken_promise(), "") << room;
        ASSERT_TRUE(server.done() || server.error().fault == tls::Fault::Us) << room;
      }
    }
  }
}

TEST(Misuse, CloseBeforeTheHandshakeIsDone) {
  const ServerSetup setup;
  Client client(Script{});
  EngineServer server(setup);
  const Bytes finished = client.receive(server.feed(client.start()));
  EXPECT_FALSE(server.close().empty());
  EXPECT_TRUE(server.feed(finished).empty());
  EXPECT_FALSE(server.done());
}

TEST(Misuse, CloseAfterAFatalAlert) {  // RFC 8446 6.2
  const ServerSetup setup;
  Connected connected(setup);
  Outgoing fatal;
  fatal.type = ContentType::Alert;
  fatal.epoch = Epoch::Application;
  fatal.payload = {2, 80};
  connected.server.feed(connected.client.send(fatal));
  ASSERT_TRUE(connected.server.failed());
  EXPECT_TRUE(connected.server.close().empty());
}

void keep_lines(void* context, std::string_view label, ConstBytes random, ConstBytes secret) noexcept {
  *static_cast<std::string*>(context) += std::string(label) + " " + to_hex(random) + " " + to_hex(secret) + "\n";
}

TEST(KeyLog, LinesAsSslkeylogfileHasThem) {
  std::string lines;
  ServerSetup setup;
  setup.configuration.key_log = {keep_lines, &lines};
  Script script;
  Connected tls13(setup, script);
  ASSERT_EQ(tls13.error, "");
  const std::string random = " " + to_hex(tls13.client.hello().random) + " ";
  const Secrets& secrets = tls13.client.secrets();
  EXPECT_EQ(lines, "CLIENT_HANDSHAKE_TRAFFIC_SECRET" + random + to_hex(secrets.client_handshake_traffic) +
                       "\nSERVER_HANDSHAKE_TRAFFIC_SECRET" + random + to_hex(secrets.server_handshake_traffic) +
                       "\nCLIENT_TRAFFIC_SECRET_0" + random + to_hex(secrets.client_application_traffic) +
                       "\nSERVER_TRAFFIC_SECRET_0" + random + to_hex(secrets.server_application_traffic) + "\n");
  lines.clear();
  script.offer = Offer::tls12_only();
  Connected tls12(setup, script);
  ASSERT_EQ(tls12.error, "");
  EXPECT_EQ(lines, "CLIENT_RANDOM " + to_hex(tls12.client.hello().random) + " " +
                       to_hex(tls12.client.secrets().master) + "\n");
}

class Sealing : public ::testing::TestWithParam<bool> {
 protected:
  Script script() const {
    Script script;
    script.offer = GetParam() ? Offer::tls13_only() : Offer::tls12_only();
    return script;
  }
  ServerSetup setup_;
};

TEST_P(Sealing, BeforeTheHandshakeIsDone) {
  EngineServer server(setup_);
  EXPECT_TRUE(server.send(view_of("x")).empty());
  EXPECT_EQ(server.broken_promise(), "");
}

TEST_P(Sealing, MoreThanMaxPayload) {
  Script by = script();
  by.offer.record_size_limit = 1000;
  Connected connected(setup_, by);
  ASSERT_EQ(connected.error, "");
  const std::size_t most = connected.server.max_payload();
  EXPECT_FALSE(connected.server.send(Bytes(most), most).empty());
  EXPECT_TRUE(connected.server.send(Bytes(most + 1), most + 1).empty());
}

TEST_P(Sealing, EmptyPayload) {
  Connected connected(setup_, script());
  ASSERT_EQ(connected.error, "");
  const Bytes record = connected.server.send(View{});
  EXPECT_FALSE(record.empty());
  connected.client.receive(record);
  EXPECT_EQ(connected.client.error(), "");
  EXPECT_TRUE(connected.client.received().empty());
}

// RFC 5288 3, RFC 8446 5.3: no nonce twice. Two records of the same plaintext must differ.
TEST_P(Sealing, NoncesAdvance) {
  Connected connected(setup_, script());
  ASSERT_EQ(connected.error, "");
  EXPECT_NE(connected.server.send(Bytes(50)), connected.server.send(Bytes(50)));
}

// One thread's scratch of expanded keys, many connections in turn.
TEST_P(Sealing, SharedScratch) {
  tls::ExpandedKeys keys;
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::unique_ptr<EngineServer>> servers;
  for (std::uint64_t i = 0; i < 6; ++i) {
    Script by = script();
    by.seed = i;
    by.offer.suites = {static_cast<std::uint16_t>((GetParam() ? 0x1301 : 0xC02B) + i % 2)};
    clients.push_back(std::make_unique<Client>(by));
    servers.push_back(std::make_unique<EngineServer>(setup_, i, kTestTime, &keys));
  }
  // Step by step, each handshake in between the others.
  std::vector<Bytes> bytes;
  for (auto& client : clients) bytes.push_back(client->start());
  for (int turn = 0; turn < 3; ++turn) {
    for (std::size_t i = 0; i < clients.size(); ++i) bytes[i] = clients[i]->receive(servers[i]->feed(bytes[i]));
  }
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const std::size_t other = (i * 5 + static_cast<std::size_t>(round)) % clients.size();
      ASSERT_EQ(echo(*clients[other], *servers[other], 100), "");
      if (GetParam() && round == 10) servers[other]->feed(clients[other]->update_keys(true));
    }
  }
  // A connection that goes, and another in the same place.
  servers[2] = std::make_unique<EngineServer>(setup_, 77, kTestTime, &keys);
  clients[2] = std::make_unique<Client>(script());
  ASSERT_EQ(shake_hands(*clients[2], *servers[2]), "");
  for (std::size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(echo(*clients[i], *servers[i], 1000), "");
}

// A connection may move to another thread, and meets the keys of others in the scratch there.
TEST_P(Sealing, MovesBetweenScratches) {
  tls::ExpandedKeys one;
  tls::ExpandedKeys two(std::uint64_t{1} << 48);
  Client first(script());
  Script other = script();
  other.seed = 2;
  Client second(other);
  EngineServer first_server(setup_, 1, kTestTime, &one);
  EngineServer second_server(setup_, 2, kTestTime, &two);
  ASSERT_EQ(shake_hands(first, first_server), "");
  ASSERT_EQ(shake_hands(second, second_server), "");
  for (int round = 0; round < 10; ++round) {
    ASSERT_EQ(echo(first, first_server), "") << round;
    ASSERT_EQ(echo(second, second_server), "") << round;
    first_server.use_keys(round % 2 == 0 ? two : one);
    second_server.use_keys(round % 3 == 0 ? one : two);
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, Sealing, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls13" : "Tls12"; });

}  // namespace
}  // namespace breakwater::test
