// /status: what is going on, as JSON. docs/admin.md has its shape.
#pragma once

#include <string>

#include "proxy/admin/facts.h"
#include "proxy/admin/history.h"
#include "proxy/admin/totals.h"

namespace breakwater::proxy {

// totals are those of now; before: those of about a second ago, for the load of each worker.
std::string status_page(const ServerFacts& facts, const Totals& totals, const Totals& before, const History& history);

}  // namespace breakwater::proxy
