// From certificates with names to the engine's virtual hosts and its table of names.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/tls/config.h"
#include "library/src/certificate_loader.h"

namespace breakwater {

// Owns what the views in `hosts` and `names` point to, certificates excepted. Does not move while in use.
struct HostTable {
  std::vector<tls::VirtualHost> hosts;  // the first is the default
  std::vector<tls::HostName> names;     // sorted by name

  std::vector<std::vector<tls::Certificate>> host_certificates;  // by host
  std::vector<std::vector<std::uint32_t>> host_sources;          // the same as indices of what build_hosts() was given
  std::vector<std::string> name_texts;                           // what `names` views
};

// Every name gets one host, and names with the same certificates share one. A name has at most one certificate of each
// key type, ECDSA first; where it lacks a type, a certificate for the wildcard that covers it fills in.
// The default host is the one that has the first certificate and, of those, the most certificates.
// A certificate without any name can only serve the default host: it is refused unless the first has none either.
// alpn: what every host offers, as tls::VirtualHost::alpn; outlives the table.
// Returns what is wrong, in one line; empty when nothing is.
std::string build_hosts(std::span<const std::unique_ptr<LoadedCertificate>> certificates,
                        std::span<const std::uint8_t> alpn, HostTable& table);

}  // namespace breakwater
