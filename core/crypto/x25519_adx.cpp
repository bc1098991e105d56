// X25519 with MULX, ADCX and ADOX.
#include "core/crypto/x25519_field_adx.h"
#include "core/crypto/x25519_functions.h"
#include "core/crypto/x25519_operations.h"

namespace breakwater::crypto::adx {

using Operations = X25519Operations<X25519FieldAdx>;

constinit const X25519Functions kX25519{Operations::public_key, Operations::shared_secret};

}  // namespace breakwater::crypto::adx
