#include "flood/load/behaviour.h"
#include "flood/load/modes/handshake.h"
#include "flood/load/modes/hold.h"
#include "flood/load/modes/hostile.h"
#include "flood/load/modes/plain.h"
#include "flood/load/modes/request.h"
#include "flood/load/modes/resume.h"

namespace breakwater::flood {

std::unique_ptr<Behaviour> make_behaviour(Driver& driver, const Load& load) {
  switch (load.mode) {
    case Mode::Full:
      return std::make_unique<FullMode>(driver, load);
    case Mode::Resume:
      return std::make_unique<ResumeMode>(driver, load);
    case Mode::Hello:
      return std::make_unique<HelloMode>(driver, load);
    case Mode::Stall:
      return std::make_unique<StallMode>(driver, load);
    case Mode::Trickle:
      return std::make_unique<TrickleMode>(driver, load);
    case Mode::Garbage:
      return std::make_unique<GarbageMode>(driver, load);
    case Mode::Renegotiate:
      return std::make_unique<RenegotiateMode>(driver, load);
    case Mode::Request:
      return std::make_unique<RequestMode>(driver, load);
    case Mode::Idle:
      return std::make_unique<IdleMode>(driver, load);
    case Mode::Plain:
      break;
  }
  return std::make_unique<PlainMode>(driver, load);
}

}  // namespace breakwater::flood
