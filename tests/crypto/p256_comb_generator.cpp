// Prints core/crypto/p256_comb_table.cpp: the multiples of the P-256 generator in Montgomery form.
// Run by hand when the shape of the tables changes; crypto_test compares every entry with libcrypto.
#include <cinttypes>
#include <cstdio>

#include "core/crypto/p256_field_portable.h"
#include "core/crypto/p256_multiply.h"

namespace {

using namespace breakwater::crypto;
using Field = P256FieldPortable;
using Point = JacobianPoint<Field>;

AffinePoint<Field> to_affine(const Point& point) {
  const Field inverse = point.z.inverse();
  return {affine_x(point, inverse), affine_y(point, inverse)};
}

Point twice_times(const AffinePoint<Field>& point, unsigned count) {
  Point result{point.x, point.y, Field::one()};
  NoNext none;
  twice_times(result, Field::one(), count, none);
  return result;
}

void print_element(const Field& element) {
  const Limbs& limbs = element.montgomery();
  std::printf("E({0x%016" PRIx64 ", 0x%016" PRIx64 ", 0x%016" PRIx64 ", 0x%016" PRIx64 "})", limbs[0], limbs[1],
              limbs[2], limbs[3]);
}

}  // namespace

int main() {
  std::printf(
      "// Written by tests/crypto/p256_comb_generator.cpp; crypto_test compares every entry with libcrypto.\n"
      "// Entry [i][j - 1] is j * 2^(10 i) * G, Montgomery form.\n"
      "// clang-format off\n"
      "#include \"core/crypto/p256_comb_table.h\"\n\n"
      "namespace breakwater::crypto {\n\n"
      "namespace {\n\n"
      "constexpr const Limbs& E(const Limbs& limbs) noexcept { return limbs; }\n\n"
      "constexpr CombTables kTables{{\n");
  AffinePoint<Field> base{Field::from_integer(kP256GeneratorX), Field::from_integer(kP256GeneratorY)};
  for (std::size_t i = 0; i < kCombTableCount; ++i) {
    std::printf("{{\n");
    Multiples<Field, kWindowTableSize> multiples;
    set_multiples(multiples, base);
    for (const AffinePoint<Field>& multiple : multiples.points) {
      const AffinePoint<Field> affine = to_affine({multiple.x, multiple.y, multiples.c});
      std::printf("{");
      print_element(affine.x);
      std::printf(",\n ");
      print_element(affine.y);
      std::printf("},\n");
    }
    std::printf("}},\n");
    base = to_affine(twice_times(base, 2 * kWindowBits));
  }
  std::printf(
      "}};\n\n"
      "constexpr CombColumnTables columns_of(const CombTables& tables) noexcept {\n"
      "  CombColumnTables columns{};\n"
      "  for (std::size_t i = 0; i < kCombTableCount; ++i) {\n"
      "    for (std::size_t j = 0; j < kWindowTableSize; ++j) {\n"
      "      for (std::size_t limb = 0; limb < 4; ++limb) {\n"
      "        columns[i].x[limb][j] = tables[i][j].x[limb];\n"
      "        columns[i].y[limb][j] = tables[i][j].y[limb];\n"
      "      }\n"
      "    }\n"
      "  }\n"
      "  return columns;\n"
      "}\n\n"
      "}  // namespace\n\n"
      "constinit const CombTables kP256CombTables = kTables;\n"
      "constinit const CombColumnTables kP256CombColumns = columns_of(kTables);\n\n"
      "}  // namespace breakwater::crypto\n");
}
