#include "tests/support/server_setup.h"

#include <algorithm>
#include <cstring>

namespace breakwater::test {
namespace {

constexpr std::uint64_t kForever = ~std::uint64_t{0};

std::size_t sign_with_rsa(const batch::SigningKey& key, SignatureScheme scheme, ConstBytes digest,
                          MutableBytes out) noexcept {
  const auto* identity = static_cast<const ServerIdentity*>(key.host_key);
  const Bytes signature = rsa_sign_digest(identity->key.get(), scheme, digest);
  if (signature.size() > out.size()) return 0;
  std::copy(signature.begin(), signature.end(), out.begin());
  return signature.size();
}

tls::TicketKey ticket_key(std::uint8_t mark) {
  tls::TicketKey key;
  std::memset(key.name, mark, sizeof key.name);
  std::memset(key.secret, mark ^ 0x5A, sizeof key.secret);
  key.not_after_ms = kForever;
  return key;
}

}  // namespace

const ServerIdentity& ecdsa_identity() {
  static const auto identity = make_ecdsa_identity("ecdsa.example");
  return *identity;
}

const ServerIdentity& rsa_identity() {
  static const auto identity = make_rsa_identity("rsa.example");
  return *identity;
}

ServerSetup::ServerSetup()
    : ServerSetup({HostSpec{{{&ecdsa_identity(), {}, {}}, {&rsa_identity(), {}, {}}}, {}, {}}}) {}

ServerSetup::ServerSetup(const std::vector<HostSpec>& hosts) {
  ring.keys[0] = ticket_key(1);
  ring.count = 1;
  std::memset(ring.cookie_secret, 0x77, sizeof ring.cookie_secret);
  for (const HostSpec& spec : hosts) {
    StoredHost& stored = stored_hosts_.emplace_back();
    for (const CertificateSpec& certificate : spec.certificates) add_certificate(stored, certificate);
    for (const std::string& protocol : spec.protocols) {
      auto found = std::find(protocols_.begin(), protocols_.end(), protocol);
      if (found == protocols_.end()) found = protocols_.insert(found, texts_.emplace_back(protocol));
      stored.alpn.push_back(static_cast<std::uint8_t>(found - protocols_.begin()));
    }
    const auto index = static_cast<std::uint16_t>(hosts_.size());
    for (const std::string& name : spec.names) names_.push_back({texts_.emplace_back(name), index});
    tls::VirtualHost host;
    host.certificates = stored.certificates;
    host.alpn = stored.alpn;
    std::memset(host.identity, 0x40 + index, sizeof host.identity);
    hosts_.push_back(host);
  }
  std::sort(names_.begin(), names_.end(),
            [](const tls::HostName& left, const tls::HostName& right) { return left.name < right.name; });
  configuration.hosts = hosts_;
  configuration.names = names_;
  configuration.protocols = protocols_;
}

void ServerSetup::add_certificate(StoredHost& host, const CertificateSpec& spec) {
  batch::SigningKey& key = keys_.emplace_back();
  if (spec.identity->rsa) {
    key.type = batch::KeyType::Rsa;
    key.sign = sign_with_rsa;
    key.host_key = spec.identity;
  } else {
    std::copy(spec.identity->scalar.begin(), spec.identity->scalar.end(), key.scalar);
  }
  tls::Certificate certificate;
  certificate.key = &key;
  certificate.message_tls12 = messages_.emplace_back(spec.identity->message_tls12(spec.intermediates));
  certificate.message_tls13 = messages_.emplace_back(spec.identity->message_tls13(spec.intermediates));
  certificate.chain_schemes = chains_.emplace_back(spec.chain_schemes);
  host.certificates.push_back(certificate);
}

void ServerSetup::set_suites(std::vector<CipherSuite> suites) {
  suites_ = std::move(suites);
  configuration.suites = suites_;
}

void ServerSetup::set_groups(std::vector<Group> groups) {
  groups_ = std::move(groups);
  configuration.groups = groups_;
}

void ServerSetup::set_advertised_groups(std::vector<std::uint16_t> groups) {
  advertised_groups_ = std::move(groups);
  configuration.advertised_groups = advertised_groups_;
}

void ServerSetup::rotate_ticket_keys(std::uint8_t mark) {
  for (std::size_t i = tls::kMaxTicketKeys - 1; i > 0; --i) ring.keys[i] = ring.keys[i - 1];
  ring.keys[0] = ticket_key(mark);
  ring.count = static_cast<std::uint8_t>(std::min<std::size_t>(ring.count + 1U, tls::kMaxTicketKeys));
}

}  // namespace breakwater::test
