// A ClientHello has arrived: everything that is decided before any private-key or key-exchange arithmetic.
#include "core/tls/begin.h"
#include "core/tls/cookie.h"
#include "core/tls/key_schedule13.h"
#include "core/tls/transitions.h"

namespace breakwater::tls {
namespace {

constexpr std::uint64_t kMillisecondsPerSecond = 1000;

std::uint64_t lifetime_ms(const Call& call) noexcept {
  return call.configuration().ticket_lifetime_s * kMillisecondsPerSecond;
}

TicketBinding binding(const Call& call, const Choice& choice) noexcept {
  return {choice.version, &call.configuration().hosts[choice.host], call.handshake().identity.name()};
}

bool may_resume(const Call& call, const ClientHello& hello) noexcept {
  return call.configuration().tickets && call.has_ticket_keys() && hello.ticket_size == kTicketSize;
}

// Whether a HelloRetryRequest may ask for a cookie alone (RFC 8446 4.1.4: once, and it has to change something).
bool can_ask_again(const Call& call) noexcept {
  return !call.handshake().retry_sent && (!call.configuration().fixed_cookie.empty() || call.has_ticket_keys());
}

// Asks the judge. choice.certificate: null where nothing is to be signed.
Verdict judge(const Call& call, const Choice& choice, std::uint64_t ticket_id) noexcept {
  const Judge& judge = call.worker.judge;
  if (judge.judge == nullptr) return Verdict::Proceed;
  const Handshake& handshake = call.handshake();
  const ClientHello& hello = handshake.hello.facts;
  const bool tls13 = choice.version == ProtocolVersion::Tls13;
  return judge.judge(judge.context,
                     {.hello = hello,
                      .scratch = call.connection.scratch,
                      .server_name = handshake.identity.name(),
                      .version = choice.version,
                      .group = choice.group,
                      .key = choice.certificate != nullptr ? choice.certificate->key : nullptr,
                      .ticket_id = ticket_id,
                      .host = choice.host,
                      .known_name = choice.host_by_name,
                      .lacks_share = choice.retry,
                      .retried = handshake.retry_sent,
                      .can_retry = tls13 && !choice.retry && can_ask_again(call),
                      .generator_share = tls13 && !choice.retry && is_generator(choice.group, hello.share)});
}

// Who is refused is told of with what it would have been.
Error refuse(Call& call, const Choice& choice, std::uint64_t ticket_id) noexcept {
  Negotiated& negotiated = call.connection.negotiated;
  negotiated.resumed = ticket_id != 0;
  negotiated.ticket_id = ticket_id;
  negotiated.signature = ticket_id == 0 && choice.certificate != nullptr ? choice.scheme : SignatureScheme::None;
  return refusal();
}

// RFC 5077 3.1, RFC 7627 5.3.
Error try_resume12(Call& call, const Choice& choice, bool& resumed) noexcept {
  const ClientHello& hello = call.handshake().hello.facts;
  if (!may_resume(call, hello) || !hello.has(Known::SessionTicket)) return kNoError;
  Session session;
  const TicketState state =
      open_ticket(*call.worker.ticket_keys, binding(call, choice), hello.ticket, call.now, lifetime_ms(call), session);
  if (state == TicketState::Unusable) return kNoError;
  const SuiteInfo* suite = find_suite(session.suite);
  Error error = kNoError;
  if (!hello.has(Known::ExtendedMasterSecret)) {
    error = peer_error(Alert::HandshakeFailure, "the resumed session had an extended master secret, the hello has not");
  } else if (suite != nullptr && suite_in_common(call.configuration(), hello, session.suite)) {
    Choice with_suite = choice;
    with_suite.suite = suite;
    resumed = true;
    error = judge(call, with_suite, session.id) == Verdict::Refuse
                ? refuse(call, with_suite, session.id)
                : begin_resumed12(call, with_suite, session, state == TicketState::Aging);
  }
  session.secret.clear();
  return error;
}

// RFC 8446 4.2.11: opens the first identity that can be ours, and verifies its binder.
Error try_psk(Call& call, const Choice& choice, Session& session, bool& accepted) noexcept {
  const ClientHello& hello = call.handshake().hello.facts;
  if (!hello.has(Known::PreSharedKey)) return kNoError;
  if (hello.identity_count != hello.binder_count) {
    return peer_error(Alert::IllegalParameter, "pre_shared_key has not as many binders as identities");
  }
  if (!may_resume(call, hello) || hello.ticket_index == kNoIndex || !hello.psk_dhe_ke) return kNoError;
  const TicketState state =
      open_ticket(*call.worker.ticket_keys, binding(call, choice), hello.ticket, call.now, lifetime_ms(call), session);
  if (state == TicketState::Unusable) return kNoError;
  const SuiteInfo* suite = find_suite(session.suite);
  if (suite == nullptr || suite->hash != choice.suite->hash) return kNoError;

  const HashKind hash = suite->hash;
  const ConstBytes partial_hello = hash == HashKind::Sha256 ? ConstBytes(call.connection.scratch.binder_hash_sha256)
                                                            : ConstBytes(call.handshake().hello.binder_hash_sha384);
  ScopedSecret early;
  ScopedSecret binder_key;
  std::uint8_t empty[kMaxDigestSize];
  std::uint8_t expected[kMaxDigestSize];
  RunningHash(hash).finish(empty);
  hkdf_extract(hash, {}, session.secret.view(hash), early);
  Expander(hash, early).derive("res binder", {empty, digest_size(hash)}, binder_key);
  Expander(hash, binder_key).finished_verify_data(partial_hello, expected);
  accepted = equal_constant_time({expected, digest_size(hash)}, {hello.binder, hello.binder_size});
  wipe(expected, sizeof expected);
  return accepted ? kNoError : peer_error(Alert::DecryptError, "the PSK binder is wrong");
}

Error go_on13(Call& call, const Choice& choice) noexcept {
  Session session;
  bool accepted = false;
  Error error = try_psk(call, choice, session, accepted);
  if (!error && !accepted && choice.certificate == nullptr) {
    error = call.handshake().hello.facts.has(Known::SignatureAlgorithms)
                ? offer_error(Alert::HandshakeFailure, "no signature algorithm in common for our certificates")
                : peer_error(Alert::MissingExtension, "signature_algorithms is missing");
  }
  if (!error) {
    Choice judged = choice;
    if (accepted) judged.certificate = nullptr;
    switch (judge(call, judged, accepted ? session.id : 0)) {
      case Verdict::Refuse:
        error = refuse(call, judged, accepted ? session.id : 0);
        break;
      case Verdict::Retry:
        if (can_ask_again(call)) {
          error = send_hello_retry(call, choice);
          break;
        }
        [[fallthrough]];
      case Verdict::Proceed:
        call.settle_transcript(choice.suite->hash);
        error = begin13(call, judged, accepted ? &session : nullptr);
        break;
    }
  }
  session.secret.clear();
  return error;
}

Error choose(Call& call, Choice& choice) noexcept {
  const Configuration& configuration = call.configuration();
  const ClientHello& hello = call.handshake().hello.facts;
  if (const Error error = choose_version(configuration, hello, choice.version)) return error;
  if (const Error error = choose_host(configuration, hello, call.handshake().identity.name(), choice)) return error;
  return choice.version == ProtocolVersion::Tls13 ? choose_keys13(configuration, hello, choice) : kNoError;
}

bool is_our_cookie(Call& call) noexcept {
  const Handshake& handshake = call.handshake();
  const ClientHello& hello = handshake.hello.facts;
  if (!call.configuration().fixed_cookie.empty()) return hello.fixed_cookie_matches;
  if (!call.has_ticket_keys()) return true;  // they are gone since, and with them the means to judge
  return hello.cookie_size == kCookieSize &&
         cookie_is_valid(*call.worker.ticket_keys, call.now, handshake.identity.random, handshake.retry_suite,
                         handshake.retry_group, hello.cookie);
}

}  // namespace

Error on_client_hello(Call& call, ConstBytes) noexcept {
  const ClientHello& hello = call.handshake().hello.facts;
  Choice choice;
  if (const Error error = choose(call, choice)) return error;
  call.connection.negotiated.version = choice.version;
  if (choice.version == ProtocolVersion::Tls13) {
    if (!choice.retry) return go_on13(call, choice);
    return judge(call, choice, 0) == Verdict::Refuse ? refuse(call, choice, 0) : send_hello_retry(call, choice);
  }

  if (!hello.null_compression) {  // RFC 5246 7.4.1.2
    return peer_error(Alert::IllegalParameter, "the null compression method is not offered");
  }
  bool resumed = false;
  if (const Error error = try_resume12(call, choice, resumed); error || resumed) return error;
  if (const Error error = choose_keys12(call.configuration(), hello, call.connection.scratch, choice)) return error;
  if (judge(call, choice, 0) == Verdict::Refuse) return refuse(call, choice, 0);
  call.settle_transcript(choice.suite->hash);
  return begin12(call, choice);
}

// RFC 8446 4.1.2: after a HelloRetryRequest the hello may differ in what was asked for, and in nothing we settled.
Error on_second_client_hello(Call& call, ConstBytes) noexcept {
  Handshake& handshake = call.handshake();
  const ClientHello& hello = handshake.hello.facts;
  Choice choice;
  if (const Error error = choose(call, choice)) return error;
  if (choice.version != ProtocolVersion::Tls13 || choice.suite->suite != handshake.retry_suite) {
    return peer_error(Alert::IllegalParameter, "the second ClientHello contradicts the first");
  }
  if (choice.retry || hello.share_group != handshake.retry_group || hello.has(Known::EarlyData)) {
    return peer_error(Alert::IllegalParameter, "the second ClientHello does not follow our HelloRetryRequest");
  }
  if (handshake.cookie_sent) {
    if (!hello.has(Known::Cookie)) {
      return peer_error(Alert::MissingExtension, "the second ClientHello lacks our cookie");
    }
    if (!is_our_cookie(call)) return peer_error(Alert::IllegalParameter, "the cookie is not the one we gave");
  }
  call.connection.negotiated.hello_retry = true;
  handshake.change_cipher_spec_seen = false;  // one may follow each hello (RFC 8446 5)
  return go_on13(call, choice);
}

}  // namespace breakwater::tls
