// The steps of the ClientHello parser: what is read next.
#pragma once

#include "core/tls/client_hello_parser.h"

namespace breakwater::tls {

enum class ClientHelloParser::Step : std::uint8_t {
  // RFC 8446 4.1.2, RFC 5246 7.4.1.2
  LegacyVersion,
  Random,
  SessionIdLength,
  SessionId,
  SuitesLength,
  Suite,
  CompressionsLength,
  Compression,
  ExtensionsLength,
  ExtensionHeader,
  // server_name
  NamesLength,
  NameType,
  NameLength,
  Name,
  // supported_groups, signature_algorithms and signature_algorithms_cert
  GroupsLength,
  Group,
  SchemesLength,
  Scheme,
  // application_layer_protocol_negotiation
  ProtocolsLength,
  ProtocolLength,
  Protocol,
  // record_size_limit, session_ticket, cookie
  RecordLimit,
  Ticket,
  CookieLength,
  Cookie,
  // pre_shared_key
  IdentitiesLength,
  IdentityLength,
  Identity,
  TicketAge,
  BindersLength,
  BinderLength,
  Binder,
  // supported_versions, psk_key_exchange_modes, key_share
  VersionsLength,
  Version,
  ModesLength,
  Mode,
  SharesLength,
  ShareGroup,
  ShareLength,
  Share,
  // ec_point_formats, renegotiation_info
  FormatsLength,
  Format,
  RenegotiationLength,
  // an extension that is passed over, and the end of any
  Skip,
  ExtensionEnd,
};

}  // namespace breakwater::tls
