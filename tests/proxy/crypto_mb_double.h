// A library in the place of Intel's crypto_mb that says what the test wants of the CPU, and counts calls.
#pragma once

namespace breakwater::test {

struct CryptoMbDouble {
  int is_applicable = 0;
  int calls = 0;  // of the one function that it has
};
CryptoMbDouble& crypto_mb_double();

}  // namespace breakwater::test
