#include "library/port/initialise.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/port/sealed_text.h"

namespace breakwater::port_test {
namespace {

TEST(InitialiseTest, threads_may_race_and_then_encrypt) {
  const Case input = make_case(port::Aead::Aes128Gcm, 13, 20);
  const Bytes text = pattern(1000, 21);
  const Sealed expected = seal_by_evp(input, text);
  std::vector<Sealed> results(4);
  std::vector<std::thread> threads;
  for (Sealed& result : results) {
    threads.emplace_back([&] {
      port::initialise();
      result = seal(input, text, {333});
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Sealed& result : results) EXPECT_EQ(result, expected);
}

TEST(InitialiseTest, may_be_repeated) {
  port::initialise();
  port::initialise();
  const Case input = make_case(port::Aead::ChaCha20Poly1305, 5, 22);
  EXPECT_EQ(seal(input, pattern(99, 23)), seal_by_evp(input, pattern(99, 23)));
}

}  // namespace
}  // namespace breakwater::port_test
