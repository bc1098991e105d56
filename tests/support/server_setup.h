// A tls::Configuration with everything it points to, built from a few words.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "core/tls/config.h"
#include "core/tls/ticket_keys.h"
#include "tests/support/certificates.h"

namespace breakwater::test {

// P-256 and RSA identities that every test of a process shares.
const ServerIdentity& ecdsa_identity();
const ServerIdentity& rsa_identity();

struct CertificateSpec {
  const ServerIdentity* identity = nullptr;
  std::vector<SignatureScheme> chain_schemes;  // empty: nothing that signature_algorithms_cert could refuse
  std::vector<Bytes> intermediates;            // sent behind the certificate
};

struct HostSpec {
  std::vector<CertificateSpec> certificates;
  std::vector<std::string> names;      // lower case, may begin with "*."
  std::vector<std::string> protocols;  // ALPN, in order of preference
};

class ServerSetup {
 public:
  // One host with both identities, ECDSA first, that no name selects, and ticket keys.
  ServerSetup();
  explicit ServerSetup(const std::vector<HostSpec>& hosts);
  ServerSetup(const ServerSetup&) = delete;
  ServerSetup& operator=(const ServerSetup&) = delete;

  tls::Configuration configuration;  // tests change what they like
  tls::TicketKeyRing ring;

  void set_suites(std::vector<CipherSuite> suites);
  void set_groups(std::vector<Group> groups);
  void set_advertised_groups(std::vector<std::uint16_t> groups);
  // Puts a new key in front of the ring.
  void rotate_ticket_keys(std::uint8_t mark);

 private:
  struct StoredHost {
    std::vector<tls::Certificate> certificates;
    std::vector<std::uint8_t> alpn;
  };

  void add_certificate(StoredHost& host, const CertificateSpec& spec);

  std::list<batch::SigningKey> keys_;
  std::list<Bytes> messages_;
  std::list<std::vector<SignatureScheme>> chains_;
  std::list<std::string> texts_;
  std::list<StoredHost> stored_hosts_;
  std::vector<tls::VirtualHost> hosts_;
  std::vector<tls::HostName> names_;
  std::vector<std::string_view> protocols_;
  std::vector<CipherSuite> suites_;
  std::vector<Group> groups_;
  std::vector<std::uint16_t> advertised_groups_;
};

}  // namespace breakwater::test
