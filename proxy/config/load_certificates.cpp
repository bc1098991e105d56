#include <fmt/format.h>

#include <array>

#include "proxy/config/config.h"
#include "proxy/config/read_file.h"

namespace breakwater::proxy {
namespace {

bool load(const std::string& path, const CertificateSetting& certificate, std::string& text, Problems& problems) {
  std::string error;
  if (read_file(path, text, error) && !text.empty()) return true;
  if (error.empty()) error = "the file is empty";
  problems.push_back(
      {certificate.origin, fmt::format("cannot read {}: {}; check the path and who may read it", path, error)});
  return false;
}

}  // namespace

std::vector<CertificateOptions> load_certificates(const Config& config, std::vector<CertificateOptions>& self_signed,
                                                  Problems& problems) {
  if (config.certificates.empty()) {
    if (!self_signed.empty()) return self_signed;
    const std::array<std::string, 3> names = {"localhost", "127.0.0.1", "::1"};
    for (const SelfSignedKey kind : {SelfSignedKey::EcdsaP256, SelfSignedKey::Rsa2048}) {
      auto made = make_self_signed(kind, names);
      if (!made) {
        problems.push_back({{}, "cannot make a self-signed certificate; give one with --cert and --key"});
        return {};
      }
      self_signed.push_back(std::move(*made));
    }
    return self_signed;
  }
  std::vector<CertificateOptions> loaded;
  for (const CertificateSetting& certificate : config.certificates) {
    CertificateOptions options;
    options.origin = certificate.chain;
    options.names = certificate.names;
    const bool chain = load(certificate.chain, certificate, options.chain_pem, problems);
    const bool key = load(certificate.key, certificate, options.key_pem, problems);
    if (chain && key) loaded.push_back(std::move(options));
  }
  return loaded;
}

}  // namespace breakwater::proxy
