// /metrics: the numbers for Prometheus. docs/admin.md lists them.
#pragma once

#include <string>

#include "proxy/admin/facts.h"
#include "proxy/admin/totals.h"

namespace breakwater::proxy {

std::string metrics_page(const ServerFacts& facts, const Totals& totals);

}  // namespace breakwater::proxy
