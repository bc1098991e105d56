#include "proxy/xdp/object.h"

// BREAKWATER_XDP_OBJECT is the path of the file, a string. libelf wants it aligned.
asm(".pushsection .rodata\n"
    ".balign 16\n"
    ".hidden breakwater_xdp_object_begin\n"
    ".hidden breakwater_xdp_object_end\n"
    ".globl breakwater_xdp_object_begin\n"
    ".globl breakwater_xdp_object_end\n"
    "breakwater_xdp_object_begin:\n"
    ".incbin \"" BREAKWATER_XDP_OBJECT
    "\"\n"
    "breakwater_xdp_object_end:\n"
    ".popsection\n");

extern "C" const unsigned char breakwater_xdp_object_begin[];
extern "C" const unsigned char breakwater_xdp_object_end[];

namespace breakwater::proxy {

std::span<const unsigned char> xdp_object() noexcept {
  return {breakwater_xdp_object_begin, breakwater_xdp_object_end};
}

}  // namespace breakwater::proxy
