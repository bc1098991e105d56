// RSA with MULX, ADCX and ADOX.
#include "core/crypto/rsa_functions.h"
#include "core/crypto/rsa_kernel_adx.h"
#include "core/crypto/rsa_limb_layer.h"
#include "core/crypto/rsa_sign.h"

namespace breakwater::crypto::adx {

constinit const RsaFunctions kRsa{.sign = RsaSingle<RsaLimbLayer<RsaKernel>>::sign};

}  // namespace breakwater::crypto::adx
