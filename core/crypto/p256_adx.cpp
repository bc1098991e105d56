// P-256 with MULX, ADCX and ADOX.
#include "core/crypto/p256_field_adx.h"
#include "core/crypto/p256_functions.h"
#include "core/crypto/p256_lane_steps_of.h"
#include "core/crypto/p256_operations.h"
#include "core/crypto/p256_scalar_adx.h"

namespace breakwater::crypto::adx {

namespace {

struct Curve {
  using Field = P256FieldAdx;
  using Scalar = P256ScalarAdx;
};

using Operations = P256Operations<Curve>;

}  // namespace

constinit const P256Functions kP256{Operations::public_key, Operations::shared_secret, Operations::sign};
constinit const P256LaneSteps kP256LaneSteps = P256LaneStepsOf<Curve>::kTable;

}  // namespace breakwater::crypto::adx
