#include "library/src/host_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>

#include "core/port/hash.h"
#include "library/src/host_name.h"

namespace breakwater {
namespace {

constexpr std::size_t kKeyTypes = 2;

// The certificates that speak for one name, by key type in order of preference; null where there is none.
using Speakers = std::array<const LoadedCertificate*, kKeyTypes>;
using SpeakersByName = std::map<std::string, Speakers>;  // sorted, as the engine wants its names

std::size_t preference(batch::KeyType type) { return type == batch::KeyType::EcdsaP256 ? 0 : 1; }
std::string_view type_name(batch::KeyType type) { return type == batch::KeyType::EcdsaP256 ? "ECDSA" : "RSA"; }

std::string claim(SpeakersByName& speakers, const std::string& name, const LoadedCertificate& certificate) {
  const LoadedCertificate*& place = speakers[name][preference(certificate.key.type)];
  if (place == nullptr) {
    place = &certificate;
    return {};
  }
  const std::string subject = name.empty() ? "the default host" : name;
  return certificate.origin + ": " + subject + " already has an " + std::string(type_name(certificate.key.type)) +
         " certificate, " + place->origin + ": remove one of the two";
}

// Certificates without names speak for the empty name, which is no client's: it stands for the default host.
std::string collect(std::span<const std::unique_ptr<LoadedCertificate>> certificates, SpeakersByName& speakers) {
  const bool default_is_nameless = certificates.front()->names.empty();
  for (const auto& certificate : certificates) {
    if (certificate->names.empty()) {
      if (!default_is_nameless) {
        return certificate->origin +
               ": it has no host name, so no client could ask for it: give its names, or list it first";
      }
      if (std::string problem = claim(speakers, {}, *certificate); !problem.empty()) return problem;
    }
    for (const std::string& name : certificate->names) {
      if (std::string problem = claim(speakers, name, *certificate); !problem.empty()) return problem;
    }
  }
  return {};
}

void fill_in_wildcards(SpeakersByName& speakers) {
  for (auto& [name, own] : speakers) {
    if (is_wildcard(name)) continue;
    const auto covering = speakers.find(wildcard_for(name));
    if (name.empty() || covering == speakers.end()) continue;
    for (std::size_t i = 0; i < kKeyTypes; ++i) {
      if (own[i] == nullptr) own[i] = covering->second[i];
    }
  }
}

std::size_t count(const Speakers& speakers) {
  return kKeyTypes - static_cast<std::size_t>(std::count(speakers.begin(), speakers.end(), nullptr));
}

const Speakers& default_speakers(const SpeakersByName& speakers, const LoadedCertificate& first) {
  const Speakers* best = nullptr;
  for (const auto& [name, candidates] : speakers) {
    if (std::find(candidates.begin(), candidates.end(), &first) == candidates.end()) continue;
    if (best == nullptr || count(candidates) > count(*best)) best = &candidates;
  }
  return *best;  // the first certificate speaks for something: collect() saw to it
}

std::vector<tls::Certificate> as_engine_certificates(const Speakers& speakers) {
  std::vector<tls::Certificate> list;
  for (const LoadedCertificate* const certificate : speakers) {
    if (certificate == nullptr) continue;
    list.push_back({.key = &certificate->key,
                    .message_tls12 = certificate->message_tls12,
                    .message_tls13 = certificate->message_tls13,
                    .chain_schemes = certificate->chain_schemes});
  }
  return list;
}

using NumberOf = std::map<const LoadedCertificate*, std::uint32_t>;

NumberOf numbered(std::span<const std::unique_ptr<LoadedCertificate>> certificates) {
  NumberOf number_of;
  for (const auto& certificate : certificates) {
    number_of.emplace(certificate.get(), static_cast<std::uint32_t>(number_of.size()));
  }
  return number_of;
}

std::vector<std::uint32_t> sources_of(const Speakers& speakers, const NumberOf& number_of) {
  std::vector<std::uint32_t> list;
  for (const LoadedCertificate* const certificate : speakers) {
    if (certificate != nullptr) list.push_back(number_of.at(certificate));
  }
  return list;
}

// Each name with its length, so that no two lists of names hash alike.
void add_name(port::Sha256State& state, std::string_view name) {
  const auto size = static_cast<std::uint8_t>(name.size());
  port::sha256_update(state, {&size, 1});
  port::sha256_update(state, {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
}

}  // namespace

std::string build_hosts(std::span<const std::unique_ptr<LoadedCertificate>> certificates,
                        std::span<const std::uint8_t> alpn, HostTable& table) {
  SpeakersByName speakers;
  if (std::string problem = collect(certificates, speakers); !problem.empty()) return problem;
  fill_in_wildcards(speakers);

  std::map<Speakers, std::size_t> host_of{{default_speakers(speakers, *certificates.front()), 0}};
  for (const auto& [name, own] : speakers) host_of.try_emplace(own, host_of.size());
  if (host_of.size() > std::numeric_limits<std::uint16_t>::max()) return "more than 65535 hosts";

  table.hosts.resize(host_of.size());
  table.host_certificates.resize(host_of.size());
  table.host_sources.resize(host_of.size());
  const NumberOf number_of = numbered(certificates);
  for (const auto& [own, index] : host_of) {
    table.host_certificates[index] = as_engine_certificates(own);
    table.host_sources[index] = sources_of(own, number_of);
    table.hosts[index].certificates = table.host_certificates[index];
    table.hosts[index].alpn = alpn;
  }

  std::vector<port::Sha256State> hashes(host_of.size());
  for (port::Sha256State& state : hashes) port::sha256_init(state);
  table.name_texts.reserve(speakers.size());  // views into it stay valid
  for (const auto& [name, own] : speakers) {
    const std::size_t host = host_of.at(own);
    add_name(hashes[host], name);
    if (name.empty()) continue;
    const std::string& text = table.name_texts.emplace_back(name);
    table.names.push_back({.name = text, .host = static_cast<std::uint16_t>(host)});
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::uint8_t digest[32];
    port::sha256_final(hashes[i], digest);
    std::memcpy(table.hosts[i].identity, digest, sizeof table.hosts[i].identity);
  }
  return {};
}

}  // namespace breakwater
