// The report for people: a few lines for each load, and what to do about what went wrong.
#pragma once

#include <string>

#include "flood/load/run.h"
#include "flood/plan/plan.h"

namespace breakwater::flood {

std::string report_text(const Plan& plan, const RunResult& result);

}  // namespace breakwater::flood
