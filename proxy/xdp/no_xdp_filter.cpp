// For builds without clang or libbpf: there is never an object, so that nothing but attach() is called.
#include "proxy/xdp/xdp_filter.h"

namespace breakwater::proxy {

std::unique_ptr<XdpFilter> XdpFilter::attach(std::span<const std::string>, std::span<const std::uint16_t>,
                                             std::string& error) {
  error = "this build has no XDP; build it where clang and libbpf-dev are installed, or leave xdp out";
  return nullptr;
}

void XdpFilter::CloseObject::operator()(bpf_object*) const noexcept {}
XdpFilter::~XdpFilter() = default;
bool XdpFilter::block(const guard::Network&, std::uint64_t) noexcept { return false; }
void XdpFilter::release(const guard::Network&) noexcept {}
std::size_t XdpFilter::release_if(const std::function<bool(const guard::Network&)>&) { return 0; }
bool XdpFilter::set_ports(std::span<const std::uint16_t>) noexcept { return false; }
XdpFilter::Counts XdpFilter::dropped() const noexcept { return {}; }
std::size_t XdpFilter::sweep(std::uint64_t) noexcept { return 0; }

}  // namespace breakwater::proxy
