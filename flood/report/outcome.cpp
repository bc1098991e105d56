#include "flood/report/outcome.h"

#include <fmt/format.h>

#include <algorithm>

namespace breakwater::flood {
namespace {

// RFC 8446 section 6
constexpr std::uint8_t kHandshakeFailure = 40;
constexpr std::uint8_t kDecryptError = 51;
constexpr std::uint8_t kProtocolVersion = 70;
constexpr std::uint8_t kInsufficientSecurity = 71;
constexpr std::uint8_t kInternalError = 80;
constexpr std::uint8_t kNoRenegotiation = 100;  // RFC 5246 section 7.2
constexpr std::uint8_t kUnrecognisedName = 112;
constexpr std::uint8_t kNoApplicationProtocol = 120;

std::string_view hint_for_alert(std::size_t alert) {
  switch (alert) {
    case kHandshakeFailure:
    case kInsufficientSecurity:
      return "nothing in common: has the server a certificate for --auth, and does it take --cipher and --group?";
    case kDecryptError:
      return "the server found our Finished wrong, as it must with --corrupt-finished";
    case kProtocolVersion:
      return "the server does not speak this version; see --tls";
    case kInternalError:
      return "the server gave up; its log may say why";
    case kNoRenegotiation:
      return "the server refuses renegotiation, as it should";
    case kUnrecognisedName:
      return "the server has no such name; give one it serves with --sni";
    case kNoApplicationProtocol:
      return "the server speaks none of the protocols offered; see --alpn";
    default:
      return {};
  }
}

std::string_view hint_for(Failure failure) {
  switch (failure) {
    case Failure::NotTls:
      return "does the server speak TLS on this port?";
    case Failure::WrongVersion:
      return "the server chose something that was not asked for; see --tls, --cipher and --group";
    case Failure::NotResumed:
      return "the server did not take the session: are tickets on, still valid, and may one be used again?";
    case Failure::NoSession:
      return "the server gives no tickets; are they switched on?";
    case Failure::ConnectionRefused:
      return "is the server running, and on this port?";
    case Failure::ConnectFailed:
      return "is there a route to the target, and from each --source?";
    case Failure::ConnectTimeout:
      return "the server's queue of new connections is full, or a firewall drops them; try fewer --connections";
    case Failure::HandshakeTimeout:
    case Failure::RequestTimeout:
      return "the server was too slow: lower --rate or --connections, or raise --timeout";
    case Failure::HttpStatus:
      return "the server did not answer 200; see --path and --host";
    case Failure::OutOfDescriptors:
      return "this process may open no more files: raise ulimit -n, or lower --connections";
    case Failure::OutOfPorts:
      return "no local port is left: give more addresses, as in --source 127.0.2.0/24, or use --end abort";
    case Failure::WrongLength:
      return "the server sent more than --pattern says";
    default:
      return {};
  }
}

}  // namespace

bool something_succeeded(const Load& load, const Tally& tally) noexcept {
  switch (load.mode) {
    case Mode::Stall:
    case Mode::Trickle:
    case Mode::Garbage:
    case Mode::Idle:
      return tally.succeeded > 0 || tally.held_max > 0 || tally.bytes_sent > 0;
    default:
      return tally.succeeded > 0;
  }
}

bool something_succeeded(const Plan& plan, const RunResult& result) noexcept {
  for (std::size_t i = 0; i < std::min(plan.loads.size(), result.loads.size()); ++i) {
    if (something_succeeded(plan.loads[i], result.loads[i])) return true;
  }
  return false;
}

double per_second(std::uint64_t count, const Tally& tally) noexcept {
  return tally.measured_s > 0 ? static_cast<double>(count) / tally.measured_s : 0;
}

const Histogram& main_latency(const Load& load, const Tally& tally) noexcept {
  return load.mode == Mode::Request ? tally.request_latency : tally.handshake_latency;
}

std::vector<FailureCount> list_failures(const Tally& tally) {
  std::vector<FailureCount> list;
  for (std::size_t i = 1; i < tally.failures.size(); ++i) {
    const auto failure = static_cast<Failure>(i);
    if (failure == Failure::Alert || tally.failures[i] == 0) continue;
    list.push_back({to_text(failure), tally.failures[i], hint_for(failure)});
  }
  for (std::size_t alert = 0; alert < tally.alerts.size(); ++alert) {
    if (tally.alerts[alert] == 0) continue;
    list.push_back({fmt::format("alert {}", alert_text(static_cast<std::uint8_t>(alert))), tally.alerts[alert],
                    hint_for_alert(alert)});
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const FailureCount& left, const FailureCount& right) { return left.count > right.count; });
  return list;
}

}  // namespace breakwater::flood
