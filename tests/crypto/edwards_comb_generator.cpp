// Prints core/crypto/edwards_comb_table.cpp: multiples of the base point of edwards25519.
// Run by hand when the shape of the tables changes; edwards_test.cpp computes every entry with libcrypto's numbers.
#include <cinttypes>
#include <cstdio>

#include "core/crypto/edwards_comb_table.h"
#include "core/crypto/edwards_group.h"
#include "core/crypto/x25519_field_portable.h"

namespace {

using namespace breakwater::crypto;
using Field = X25519FieldPortable;
using Point = EdwardsPoint<Field>;

// RFC 7748 4.1
constexpr Limbs kBaseX{0xc9562d608f25d51a, 0x692cc7609525a7b2, 0xc0a4e231fdd6dc5c, 0x216936d3cd6e53fe};
constexpr Limbs kBaseY{0x6666666666666658, 0x6666666666666666, 0x6666666666666666, 0x6666666666666666};

Field small(Limb value) { return Field::one().times_small(value); }

EdwardsMultiple<Field> multiple_of(const Field& x, const Field& y) {
  const Field half = Field::from_integer(kX25519OneHalf);
  const Field d = (Field::zero() - small(121665)) * small(121666).inverse();
  return {(y + x) * half, (y - x) * half, d * x * y};
}

EdwardsMultiple<Field> multiple_of(const Point& point) {
  const Field inverse = point.z.inverse();
  return multiple_of(point.x * inverse, point.y * inverse);
}

void print_element(const Field& element) {
  const Limbs limbs = element.to_integer();
  std::printf("E({0x%016" PRIx64 ", 0x%016" PRIx64 ", 0x%016" PRIx64 ", 0x%016" PRIx64 "})", limbs[0], limbs[1],
              limbs[2], limbs[3]);
}

}  // namespace

int main() {
  std::printf(
      "// Written by tests/crypto/edwards_comb_generator.cpp; edwards_test.cpp computes every entry with libcrypto.\n"
      "// Entry [i][j - 1] is j * 2^(8 i) times the base point.\n"
      "// clang-format off\n"
      "#include \"core/crypto/edwards_comb_table.h\"\n\n"
      "namespace breakwater::crypto {\n\n"
      "namespace {\n\n"
      "constexpr const Limbs& E(const Limbs& limbs) noexcept { return limbs; }\n\n"
      "}  // namespace\n\n"
      "constinit const EdwardsCombTables kEdwardsCombTables{{\n");
  Point base = add(Point{}, multiple_of(Field::from_integer(kBaseX), Field::from_integer(kBaseY)));
  for (std::size_t i = 0; i < kEdwardsCombTableCount; ++i) {
    std::printf("{{\n");
    Point multiple;
    for (std::size_t j = 1; j <= kDigitMost; ++j) {
      multiple = add(multiple, multiple_of(base));
      const EdwardsMultiple<Field> entry = multiple_of(multiple);
      std::printf("{");
      print_element(entry.half_sum);
      std::printf(",\n ");
      print_element(entry.half_difference);
      std::printf(",\n ");
      print_element(entry.product);
      std::printf("},\n");
    }
    std::printf("}},\n");
    for (unsigned i = 0; i < 2 * kDigitBits; ++i) base = twice(base);
  }
  std::printf("}};\n\n}  // namespace breakwater::crypto\n");
}
