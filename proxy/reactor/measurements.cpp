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
    case FailureCause::Refused:
      return HandshakeEnd::Refused;
    case FailureCause::None:
    case FailureCause::Internal:
      break;
  }
  return HandshakeEnd::Internal;
}

Prospect prospect_of(const Facts& facts) noexcept {
  Prospect prospect;
  if (facts.version == Version::None) return prospect;
  prospect.version = facts.version;
  if (facts.resumed || !facts.signature_scheme.empty()) prospect.kind = kind_of(facts);
  return prospect;
}

std::size_t index_of(const Prospect& prospect) noexcept {
  if (!prospect.version) return 0;
  const std::size_t of_version = *prospect.version == Version::Tls12 ? 1 : 2 + kHandshakeKinds;
  return of_version + (prospect.kind ? 1 + static_cast<std::size_t>(*prospect.kind) : 0);
}

Prospect prospect_at(std::size_t index) noexcept {
  Prospect prospect;
  if (index == 0) return prospect;
  const std::size_t kind = (index - 1) % (1 + kHandshakeKinds);
  prospect.version = index <= 1 + kHandshakeKinds ? Version::Tls12 : Version::Tls13;
  if (kind != 0) prospect.kind = static_cast<HandshakeKind>(kind - 1);
  return prospect;
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
