// The choice of arithmetic: what a CPU gets, what is refused, and that connections are served with what was chosen.
#include "library/src/arithmetic.h"

#include <gtest/gtest.h>

#include "library/src/server_impl.h"
#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

using crypto::Implementation;
using crypto::kPortable;

TEST(ArithmeticChoice, PortableEverywhere) {
  for (const Arithmetic wanted : {Arithmetic::Auto, Arithmetic::Portable}) {
    const ArithmeticChoice choice = choose_arithmetic(wanted, {});
    EXPECT_EQ(choice.implementation, &kPortable);
    EXPECT_EQ(choice.error + choice.warning, "");
    EXPECT_TRUE(can_run(wanted));
  }
}

TEST(ArithmeticChoice, AdxIsRefusedWhereTheCpuLacksIt) {
  const ArithmeticChoice choice = choose_arithmetic(Arithmetic::Adx, {.adx = false});
  EXPECT_EQ(choice.implementation, nullptr);
  EXPECT_EQ(choice.error, "arithmetic: adx needs a CPU with BMI2 and ADX, which this one lacks: use auto or portable");
}

TEST(ArithmeticChoice, IfmaIsRefusedWhereTheCpuLacksIt) {
  const ArithmeticChoice choice = choose_arithmetic(Arithmetic::Ifma, {.adx = true, .ifma = false});
  EXPECT_EQ(choice.implementation, nullptr);
  EXPECT_EQ(
      choice.error,
      "arithmetic: ifma needs a CPU with AVX-512 IFMA, BMI2 and ADX; this one lacks AVX-512 IFMA: use auto, adx or "
      "portable");
  EXPECT_EQ(choose_arithmetic(Arithmetic::Ifma, {.adx = false, .ifma = false}).error,
            "arithmetic: ifma needs a CPU with AVX-512 IFMA, BMI2 and ADX; this one lacks BMI2 or ADX: use auto or "
            "portable");
}

class IfmaChoice : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(can_run(Arithmetic::Ifma), crypto::detect_cpu().ifma);
    if (!crypto::detect_cpu().ifma) GTEST_SKIP() << "this CPU has no AVX-512 IFMA";
  }
};

TEST_F(IfmaChoice, WhereTheCpuHasIt) {
  const crypto::CpuFeatures cpu{.adx = true, .ifma = true};
  EXPECT_STREQ(choose_arithmetic(Arithmetic::Auto, cpu).implementation->name, "ifma");
  EXPECT_STREQ(choose_arithmetic(Arithmetic::Ifma, cpu).implementation->name, "ifma");
  EXPECT_STREQ(choose_arithmetic(Arithmetic::Adx, cpu).implementation->name, "adx");
}

class AdxChoice : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(can_run(Arithmetic::Adx), crypto::detect_cpu().adx);
    if (!crypto::detect_cpu().adx) GTEST_SKIP() << "this CPU has no BMI2 and ADX";
  }
};

TEST_F(AdxChoice, WhereTheCpuHasIt) {
  const crypto::CpuFeatures cpu{.adx = true};
  EXPECT_STREQ(choose_arithmetic(Arithmetic::Auto, cpu).implementation->name, "adx");
  EXPECT_STREQ(choose_arithmetic(Arithmetic::Adx, cpu).implementation->name, "adx");
  EXPECT_EQ(choose_arithmetic(Arithmetic::Portable, cpu).implementation, &kPortable);
}

TEST(ArithmeticChoice, AnUnknownValueIsRefused) {
  EXPECT_EQ(choose_arithmetic(static_cast<Arithmetic>(99), {}).implementation, nullptr);
}

// kPortable with a counter, or with wrong signatures.
int signatures = 0;
bool count_signatures(std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* digest,
                      ConstBytes hedge) noexcept {
  ++signatures;
  return kPortable.p256->sign(out, scalar, digest, hedge);
}
bool sign_wrongly(std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* digest,
                  ConstBytes hedge) noexcept {
  const bool done = kPortable.p256->sign(out, scalar, digest, hedge);
  out[7] ^= 1;
  return done;
}
const crypto::P256Functions kCountingP256{kPortable.p256->public_key, kPortable.p256->shared_secret, count_signatures};
const crypto::P256Functions kWrongP256{kPortable.p256->public_key, kPortable.p256->shared_secret, sign_wrongly};
Implementation portable_with(const char* name, const crypto::P256Functions& p256) {
  Implementation implementation = kPortable;
  implementation.name = name;
  implementation.p256 = &p256;
  return implementation;
}
const Implementation kCounting = portable_with("counting", kCountingP256);
const Implementation kWrong = portable_with("wrong", kWrongP256);

TEST(ArithmeticChoice, WhatFailsItsSelfTestIsNotUsed) {
  const Implementation* const list[] = {&kWrong, &kPortable};
  const ArithmeticChoice choice = first_working(list);
  EXPECT_EQ(choice.implementation, &kPortable);
  EXPECT_EQ(choice.error, "");
  EXPECT_TRUE(
      choice.warning.starts_with("arithmetic: wrong gives wrong answers on this machine and is not used; "
                                 "portable is."))
      << choice.warning;
  const Implementation* const none[] = {&kWrong};
  EXPECT_EQ(first_working(none).implementation, nullptr);
  EXPECT_NE(first_working(none).error, "");
}

void expect_handshake(const ServerPtr& server) {
  Worker worker(server);
  for (const bool tls13 : {false, true}) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.now_ms = kNow;
    Both both(worker, *server, script);
    both.pump();
    EXPECT_TRUE(both.client.connected()) << both.client.error();
  }
}

TEST(ArithmeticOfAServer, IsWhatWasAskedFor) {
  ServerOptions options = options_for(Keys::Ecdsa);
  options.arithmetic = Arithmetic::Portable;
  const ServerPtr server = server_of(options);
  EXPECT_EQ(server->arithmetic(), "portable");
  expect_handshake(server);
}

void expect_handshake_with(Arithmetic wanted, std::string_view name) {
  ServerOptions options = options_for(Keys::Ecdsa);
  options.arithmetic = wanted;
  const ServerPtr server = server_of(options);
  EXPECT_EQ(server->arithmetic(), name);
  expect_handshake(server);
}

TEST_F(AdxChoice, ServesHandshakes) {
  expect_handshake_with(Arithmetic::Auto, crypto::detect_cpu().ifma ? "ifma" : "adx");
  expect_handshake_with(Arithmetic::Adx, "adx");
}

TEST_F(IfmaChoice, ServesHandshakes) { expect_handshake_with(Arithmetic::Ifma, "ifma"); }

TEST(ArithmeticOfAServer, RunsItsJobs) {
  const ServerPtr server = server_of(options_for(Keys::Ecdsa));
  const_cast<Server::Impl&>(server->impl()).arithmetic = &kCounting;
  signatures = 0;
  expect_handshake(server);
  EXPECT_EQ(signatures, 2);
}

}  // namespace
}  // namespace breakwater::test
