// For software and for networks; made here, so that the checks of core/ see the template.
#include "core/guard/heavy_hitters.h"

#include "core/guard/address.h"
#include "core/guard/ja4.h"

namespace breakwater::guard {

template class HeavyHitters<Network, 128>;
template class HeavyHitters<Ja4, 64>;

}  // namespace breakwater::guard
