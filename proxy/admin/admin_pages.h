// What the administration interface answers: the pages, from what the workers count.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "proxy/admin/admin_response.h"
#include "proxy/admin/facts.h"
#include "proxy/admin/history.h"
#include "proxy/admin/totals.h"

namespace breakwater::proxy {

// Used by one thread; `facts` is called there and may take them from another.
class AdminPages {
 public:
  AdminPages(std::vector<WatchedWorker> workers, std::function<ServerFacts()> facts);

  AdminAnswer answer(std::string_view path);
  void tick();  // once a second

 private:
  AdminAnswer health() const;
  AdminAnswer charts() const;

  TotalsCollector collector_;
  std::function<ServerFacts()> facts_;
  Totals newest_;  // of the last tick, and of the one before
  Totals before_;
  History history_;
};

}  // namespace breakwater::proxy
