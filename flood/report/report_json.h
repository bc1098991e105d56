// The report for programs. Its shape is documented in breakwater-flood(1); others script against it.
#pragma once

#include <string>

#include "flood/load/run.h"
#include "flood/plan/plan.h"

namespace breakwater::flood {

// One line. `started`: when the run began, "2026-11-22T10:00:00Z".
std::string report_json(const Plan& plan, const RunResult& result, const std::string& started);

}  // namespace breakwater::flood
