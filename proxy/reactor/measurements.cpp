#include "proxy/reactor/measurements.h"

namespace breakwater::proxy {

HandshakeKind kind_of(const Facts& facts) noexcept {
  if (facts.resumed) return HandshakeKind::Resumed;
  return facts.signature_scheme.starts_with("ecdsa") ? HandshakeKind::Ecdsa : HandshakeKind::Rsa;
}

HandshakeEnd end_of(FailureCause cause) noexcept {
  switch (cause) {
    case FailureCause::PeerViolation:
      return HandshakeEnd::Violation;
    case FailureCause::NothingInCommon:
      return HandshakeEnd::NothingInCommon;
    case FailureCause::PeerAlert:
      return HandshakeEnd::ClientAlert;
    case FailureCause::None:
    case FailureCause::Internal:
      break;
  }
  return HandshakeEnd::Internal;
}

void Measurements::publish(const std::array<OperationCount, kOperationKinds>& counts) noexcept {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    operations[i].alone.set(counts[i].alone);
    for (std::size_t lanes = 0; lanes < kLanesAtMost; ++lanes) {
      operations[i].runs_of[lanes].set(counts[i].runs_of[lanes]);
    }
  }
}

}  // namespace breakwater::proxy
