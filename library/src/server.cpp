#include <algorithm>
#include <cassert>
#include <utility>

#include "core/tls/connection.h"
#include "library/port/initialise.h"
#include "library/src/arithmetic.h"
#include "library/src/job_cost.h"
#include "library/src/key_log.h"
#include "library/src/measure_tuning.h"
#include "library/src/server_impl.h"

namespace breakwater {
namespace {

std::string load_certificates(const ServerOptions& options, Server::Impl& impl) {
  if (options.certificates.empty()) return "no certificate was given: a server needs at least one";
  for (const CertificateOptions& certificate : options.certificates) {
    LoadResult loaded = load_certificate(certificate, impl.certificates.size() + 1);
    if (loaded.certificate == nullptr) return std::move(loaded.error);
    impl.certificates.push_back(std::move(loaded.certificate));
  }
  return {};
}

std::string fill(const ServerOptions& options, Server::Impl& impl) {
  if (std::string problem = take_settings(options, impl.settings, impl.configuration); !problem.empty()) return problem;
  ArithmeticChoice choice = choose_arithmetic(options.arithmetic, crypto::detect_cpu());
  if (choice.implementation == nullptr) return std::move(choice.error);
  impl.arithmetic = choice.implementation;
  impl.warning = std::move(choice.warning);
  if (std::string problem = load_certificates(options, impl); !problem.empty()) return problem;
  if (std::string problem = build_hosts(impl.certificates, impl.settings.protocol_order, impl.hosts);
      !problem.empty()) {
    return problem;
  }
  std::vector<const batch::SigningKey*> keys;
  for (const auto& certificate : impl.certificates) keys.push_back(&certificate->key);
  impl.tuning = measure_tuning(*impl.arithmetic, keys);
  impl.configuration.hosts = impl.hosts.hosts;
  impl.configuration.names = impl.hosts.names;
  if (options.key_log) {
    impl.key_log = options.key_log;
    impl.configuration.key_log = {write_key_log_line, &impl.key_log};
  }
  return {};
}

}  // namespace

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

BuildResult Server::build(const ServerOptions& options, const Server* previous) {
  port::initialise();
  auto impl = std::make_unique<Impl>();
  if (std::string problem = fill(options, *impl); !problem.empty()) return {nullptr, std::move(problem)};
  // Last: a server that failed to build must leave the keys of the running one as they are.
  impl->ticket_keys = previous == nullptr ? std::make_shared<TicketKeys>() : previous->impl_->ticket_keys;
  impl->ticket_keys->configure(options.ticket_lifetime_s, options.ticket_rotation_s);
  return {ServerPtr(new Server(std::move(impl))), {}};
}

void Server::rotate_ticket_keys(std::uint64_t now_ms) const { impl_->ticket_keys->rotate(now_ms); }

std::size_t Server::max_flight_size() const noexcept { return tls::max_flight_size(impl_->configuration); }

std::size_t Server::host_count() const noexcept { return impl_->configuration.hosts.size(); }

std::span<const std::uint32_t> Server::certificates_of(std::size_t host) const noexcept {
  const auto& all = impl_->hosts.host_sources;
  if (host >= all.size()) return {};
  return all[host];
}

std::uint32_t Server::dearest_handshake_ns() const noexcept {
  return std::max(dearest_handshake_ns(SignatureKind::Ecdsa), dearest_handshake_ns(SignatureKind::Rsa));
}

std::uint32_t Server::dearest_handshake_ns(SignatureKind kind) const noexcept {
  const batch::KeyType type = kind == SignatureKind::Ecdsa ? batch::KeyType::EcdsaP256 : batch::KeyType::Rsa;
  std::uint32_t dearest = 0;
  for (const auto& certificate : impl_->certificates) {
    if (kind == SignatureKind::None || certificate->key.type != type) continue;
    dearest = std::max(dearest, cost_of_handshake(impl_->tuning, certificate->key));
  }
  return dearest;
}

std::vector<std::string> Server::host_names() const { return impl_->hosts.name_texts; }

std::string_view Server::arithmetic() const noexcept { return impl_->arithmetic->name; }

std::string_view Server::warning() const noexcept { return impl_->warning; }

}  // namespace breakwater
