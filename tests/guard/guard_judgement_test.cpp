// Floods against a simulated server: who is served, and that nobody is refused without need.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "tests/guard/simulated_server.h"

namespace breakwater::test {
namespace {

using guard::Address;
using guard::End;
using guard::Reason;

constexpr std::uint64_t kHonestSoftware = 11, kToolOfAttack = 13;
constexpr double kCostUs = 170;  // of a handshake, with all that is around the arithmetic

// So many parts of a CPU, in handshakes in a millisecond.
constexpr double load_of(double cpus, double cost_us = kCostUs) { return cpus * 1'000 / cost_us; }

std::function<Address(std::uint32_t)> addresses(std::uint32_t first, std::uint32_t apart) {
  return [=](std::uint32_t client) { return Address::v4(first + client * apart); };
}

// Two thousand clients from 667 networks.
Population honest(double cpus) {
  return {
      .per_ms = load_of(cpus), .clients = 2'000, .address = addresses(0x0a000000, 80), .fingerprint = kHonestSoftware};
}

// From so many addresses, in as many networks.
Population attack(double cpus, std::uint32_t clients) {
  return {.per_ms = load_of(cpus),
          .clients = clients,
          .address = addresses(0x50000000, 256),
          .fingerprint = kToolOfAttack,
          .end = End::Gone};
}

void report(const char* name, const Population& population, const SimulatedServer& server) {
  std::printf("%-24s %7lu begun, %6.2f %% served, waited at most %lu ms; server %5.1f %% busy; refused:", name,
              static_cast<unsigned long>(population.begun), 100 * population.share_served(),
              static_cast<unsigned long>(population.worst_wait_ms), 100 * server.busy());
  for (std::size_t i = 0; i < guard::kReasons; ++i) {
    if (population.refused[i] == 0) continue;
    std::printf(" %s %lu", guard::reason_name(static_cast<Reason>(i)),
                static_cast<unsigned long>(population.refused[i]));
  }
  std::printf("\n");
}

// ---- no refusal without need

TEST(GuardJudgement, BelowCapacityNobodyIsRefused) {
  SimulatedServer server;
  const Population& clients = server.add(honest(0.9));
  server.measure(10'000);
  report("honest", clients, server);
  EXPECT_EQ(clients.served, clients.begun);
  EXPECT_FALSE(server.guard().is_loaded());
}

TEST(GuardJudgement, BelowCapacityOneAddressMayHaveAll) {
  SimulatedServer server;
  const Population& one = server.add(attack(0.9, 1));
  server.measure(10'000);
  report("one", one, server);
  EXPECT_EQ(one.served, one.begun);
  EXPECT_EQ(one.all_refused(), 0U);
}

// More than there is, and nobody is blocked: what can be done is done, whoever asks, however many they are.
TEST(GuardJudgement, AboveCapacityTheServerStaysBusy) {
  for (const End end : {End::Completed, End::Gone}) {
    for (const std::uint32_t clients : {1U, 8U, 64U, 1'000U, 8'000U}) {
      guard::GuardLimits limits;
      limits.strikes = 0;
      SimulatedServer server(limits);
      Population flood = attack(2.0, clients);
      flood.end = end;
      const Population& all = server.add(flood);
      server.run(5'000);
      server.measure(10'000);
      report(std::to_string(clients).c_str(), all, server);
      EXPECT_GT(server.busy(), clients == 1 ? 0.7 : 0.9) << clients;
    }
  }
}

// The same where all come from one network, which counts against each of them.
TEST(GuardJudgement, ANetworkAboveCapacityKeepsTheServerBusy) {
  for (const End end : {End::Completed, End::Gone}) {
    for (const std::uint32_t clients : {2U, 8U, 64U, 250U}) {
      guard::GuardLimits limits;
      limits.strikes = 0;
      SimulatedServer server(limits);
      Population flood = attack(2.0, clients);
      flood.address = addresses(0x50000000, 1);
      flood.end = end;
      const Population& all = server.add(flood);
      server.run(5'000);
      server.measure(10'000);
      report(std::to_string(clients).c_str(), all, server);
      EXPECT_GT(server.busy(), 0.9) << clients;
    }
  }
}

// Two floods alike, but that one has a network to itself and the other is spread over as many: the crowd goes first.
TEST(GuardJudgement, OfTwoFloodsTheOneInANetworkGoesFirst) {
  guard::GuardLimits limits;
  limits.strikes = 0;
  SimulatedServer server(limits);
  Population together = attack(1.0, 64);
  together.address = addresses(0x60000000, 1);
  const Population& spread = server.add(attack(1.0, 64));
  const Population& crowd = server.add(together);
  server.run(5'000);
  server.measure(10'000);
  report("spread", spread, server);
  report("crowd", crowd, server);
  EXPECT_GT(crowd.refused[static_cast<std::size_t>(Reason::Address)],
            2 * spread.refused[static_cast<std::size_t>(Reason::Address)]);
}

TEST(GuardJudgement, AfterAFloodThereIsPeace) {
  SimulatedServer server;
  const Population& clients = server.add(honest(0.5));
  Population& flood = server.add(attack(3.0, 8));
  server.run(200);
  EXPECT_TRUE(server.guard().is_loaded());
  server.run(4'800);
  flood.per_ms = 0;
  server.run(5'000);
  EXPECT_FALSE(server.guard().is_loaded());
  EXPECT_TRUE(server.guard().level().is_open());
  server.measure(5'000);
  EXPECT_EQ(clients.served, clients.begun);
}

// ---- floods

TEST(GuardJudgement, AFloodFromEightAddresses) {
  for (const End end : {End::Gone, End::Completed}) {
    SimulatedServer server;
    const Population& clients = server.add(honest(0.15));
    Population& flood = server.add(attack(0, 8));
    flood.end = end;
    server.run(5'000);
    flood.per_ms = load_of(3.0);
    server.run(100);
    server.measure(20'000);
    report("honest", clients, server);
    report("flood", flood, server);
    EXPECT_GE(clients.share_served(), 0.999);
    EXPECT_LE(clients.worst_wait_ms, 10U);
    EXPECT_GT(flood.refused[static_cast<std::size_t>(Reason::Address)] +
                  flood.refused[static_cast<std::size_t>(Reason::Blocked)],
              flood.begun / 2);
  }
}

TEST(GuardJudgement, AFloodFromManyAddressesWithATool) {
  SimulatedServer server;
  const Population& clients = server.add(honest(0.15));
  const Population& flood = server.add(attack(3.0, 4'096));
  server.run(100);
  server.measure(20'000);
  report("honest", clients, server);
  report("flood", flood, server);
  EXPECT_GE(clients.share_served(), 0.99);
  EXPECT_GT(server.busy(), 0.9);
}

TEST(GuardJudgement, AFloodFromManyAddressesThatLooksLikeTheHonest) {
  SimulatedServer server;
  const Population& fresh = server.add(honest(0.15));
  Population back = honest(0.05);
  back.tickets = Tickets::Fresh;
  back.arithmetic = 40;
  const Population& resumed = server.add(back);
  Population like = attack(2.0, 4'096);
  like.fingerprint = kHonestSoftware;
  like.end = End::Completed;
  const Population& flood = server.add(like);
  server.run(200);
  server.measure(20'000);
  report("honest, resumed", resumed, server);
  report("honest, new", fresh, server);
  report("flood", flood, server);
  EXPECT_GE(resumed.share_served(), 0.99);
  // What is left of a second when all have been judged and the resumed are served goes to the new ones evenly.
  const double seconds = 20, new_ones = static_cast<double>(fresh.begun + flood.begun);
  const double judging = (new_ones + static_cast<double>(resumed.begun)) * 20e-6;
  const double left = seconds - judging - static_cast<double>(resumed.begun) * 40e-6;
  const double even = left / 150e-6 / new_ones;
  std::printf("even share: %.2f %%\n", 100 * even);
  EXPECT_GE(fresh.share_served(), 0.8 * even);
  EXPECT_LE(flood.share_served(), 1.2 * even);
  EXPECT_GT(server.busy(), 0.95);
}

TEST(GuardJudgement, AFloodOfOneTicket) {
  for (const std::uint64_t software : {kToolOfAttack, kHonestSoftware}) {
    SimulatedServer server;
    const Population& fresh = server.add(honest(0.15));
    Population back = honest(0.05);
    back.tickets = Tickets::Fresh;
    back.arithmetic = 40;
    const Population& resumed = server.add(back);
    Population replay = attack(3.0, 4'096);
    replay.fingerprint = software;
    replay.tickets = Tickets::One;
    replay.end = End::Completed;
    const Population& flood = server.add(replay);
    server.run(100);
    server.measure(20'000);
    report("honest, resumed", resumed, server);
    report("honest, new", fresh, server);
    report("flood", flood, server);
    EXPECT_GE(resumed.share_served(), 0.99);
    EXPECT_GE(fresh.share_served(), 0.99);
  }
}

// In the same /24, with the same software: the worst neighbour.
TEST(GuardJudgement, NeighboursOfAttackersAreNotBlocked) {
  SimulatedServer server;
  Population near = honest(0.05);
  near.clients = 100;
  near.address = addresses(0x0a000000, 1);
  near.tries = 4;
  const Population& neighbours = server.add(near);
  Population like = attack(3.0, 50);
  like.address = addresses(0x0a000000 + 128, 1);
  like.fingerprint = kHonestSoftware;
  const Population& flood = server.add(like);
  server.run(100);
  server.measure(20'000);
  report("neighbours", neighbours, server);
  report("flood", flood, server);
  EXPECT_EQ(server.ever_blocked(neighbours), 0U);
  EXPECT_EQ(neighbours.refused[static_cast<std::size_t>(Reason::Blocked)], 0U);
  EXPECT_GE(server.ever_blocked(flood), 50U);
  EXPECT_GE(neighbours.share_served(), 0.99);
}

// Handshakes that are left after our flight, from many addresses: software that does so has to read a cookie first.
TEST(GuardJudgement, SoftwareThatLeavesIsAskedForACookie) {
  SimulatedServer server;
  const Population& clients = server.add(honest(0.15));
  Population deaf = attack(3.0, 4'096);
  deaf.answers_retry = false;
  const Population& flood = server.add(deaf);
  server.run(500);
  server.measure(10'000);
  report("honest", clients, server);
  report("flood", flood, server);
  std::printf("retried: %lu\n", static_cast<unsigned long>(flood.retried));
  EXPECT_GE(clients.share_served(), 0.99);
  EXPECT_EQ(clients.retried, 0U);
  EXPECT_GT(flood.retried, flood.begun / 2);
  EXPECT_LT(flood.share_served(), 0.06);
}

// RSA signatures cost ten times as much as the rest.
TEST(GuardJudgement, AFloodOfRsaSignatures) {
  guard::GuardLimits limits;
  limits.address = 8 * 1'520;
  limits.rsa_rate = 100;
  SimulatedServer server(limits);
  const Population& clients = server.add(honest(0.3));
  Population dear = attack(0, 4'096);
  dear.per_ms = load_of(3.0, 1'520);
  dear.arithmetic = 1'500;
  dear.rsa = true;
  dear.fingerprint = kHonestSoftware;
  const Population& flood = server.add(dear);
  server.run(500);
  server.measure(10'000);
  report("honest", clients, server);
  report("flood", flood, server);
  EXPECT_GE(clients.share_served(), 0.99);
  // The rate binds under load; where it makes an end of load, what is left over is nobody else's.
  EXPECT_NEAR(static_cast<double>(flood.served) / 10, 100, 30);
}

}  // namespace
}  // namespace breakwater::test
