// What a Server holds: the engine's snapshot and everything its views point to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "breakwater/breakwater.h"
#include "core/batch/tuning.h"
#include "core/crypto/implementation.h"
#include "core/tls/config.h"
#include "library/src/certificate_loader.h"
#include "library/src/host_table.h"
#include "library/src/settings.h"
#include "library/src/ticket_key_store.h"

namespace breakwater {

struct Server::Impl {
  Settings settings;
  std::vector<std::unique_ptr<LoadedCertificate>> certificates;
  HostTable hosts;
  std::function<void(std::string_view)> key_log;
  tls::Configuration configuration;
  const crypto::Implementation* arithmetic = &crypto::kPortable;    // what runs the jobs of its connections
  batch::Tuning tuning = batch::default_tuning(crypto::kPortable);  // for this arithmetic
  std::string warning;                                              // of Server::warning()
  std::shared_ptr<TicketKeys> ticket_keys;                          // shared with the servers before and after this one
};

}  // namespace breakwater
