// What JA4 asks of a ClientHello (core/guard/ja4.h), from the facts that the parser keeps.
#pragma once

#include "core/guard/ja4.h"
#include "core/tls/client_hello.h"

namespace breakwater::tls {

static_assert(guard::kMaxJa4Suites >= kMaxSuites && guard::kMaxJa4Extensions >= kMaxExtensions &&
              guard::kMaxJa4Schemes >= kMaxSignatureSchemes);

// The lists lie in hello and scratch. Only of a hello that is complete.
inline guard::Ja4Facts ja4_facts(const ClientHello& hello, const HelloScratch& scratch) noexcept {
  guard::Ja4Facts facts;
  facts.overflow = hello.suite_count > kMaxSuites || hello.extension_count > kMaxExtensions ||
                   hello.scheme_count > kMaxSignatureSchemes;
  if (facts.overflow) return facts;
  facts.version = hello.has(Known::SupportedVersions) ? hello.highest_version : hello.legacy_version;
  facts.server_name = hello.has(Known::ServerName);
  facts.protocol = hello.protocol_count != 0;
  facts.protocol_ends = {static_cast<std::uint8_t>(hello.first_protocol[0]),
                         static_cast<std::uint8_t>(hello.first_protocol[1])};
  facts.suites = std::span(hello.suites).first(hello.suite_count);
  facts.extensions = std::span(scratch.extensions).first(hello.extension_count);
  facts.schemes = std::span(scratch.signature_schemes).first(hello.scheme_count);
  return facts;
}

}  // namespace breakwater::tls
