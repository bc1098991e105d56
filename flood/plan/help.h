// The part of --help that teaches: what the modes do, and examples by what one wants to know.
#pragma once

namespace breakwater::flood {

extern const char* const kHelpFooter;

}  // namespace breakwater::flood
