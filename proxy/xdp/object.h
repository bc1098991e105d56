// The compiled XDP program, an ELF file, as part of this one.
#pragma once

#include <span>

namespace breakwater::proxy {

std::span<const unsigned char> xdp_object() noexcept;

}  // namespace breakwater::proxy
