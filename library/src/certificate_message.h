// The Certificate messages of a chain, and the schemes its certificates are signed with.
#pragma once

#include <span>
#include <vector>

#include "library/src/certificate_loader.h"

namespace breakwater {

inline constexpr std::size_t kMaxChain = 65536;  // bytes of either message; every flight must have room for it

// Fills message_tls12, message_tls13 and chain_schemes. False when the chain is too long.
bool encode_chain(std::span<const X509Handle> chain, LoadedCertificate& certificate);

}  // namespace breakwater
