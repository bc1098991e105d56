// resume: collects sessions with full handshakes, then resumes them in turn.
#pragma once

#include <memory>
#include <vector>

#include "flood/load/modes/handshake.h"

namespace breakwater::flood {

class ResumeMode final : public FullMode {
 public:
  ResumeMode(Driver& driver, const Load& load);

  NextStart next_start() override;
  std::optional<std::uint64_t> source(Connection& connection) override;
  void begin(Connection& connection) override;
  void peer_ended(Connection& connection, bool reset) override;
  void expired(Connection& connection) override;
  void released(Connection& connection) override;

 private:
  bool collects(const Connection& connection) const noexcept { return uses_[connection.index].collects; }
  void progress(Connection& connection) override;
  bool accepts(Connection& connection) override;
  void completed(Connection& connection) override;
  bool ours_is_last() const noexcept override { return true; }
  const Session* session_for(Connection& connection) override;
  bool take_session(Connection& connection);
  void no_session(Connection& connection);

  // A connection keeps the session it resumes, though a fresh ticket may have taken its place meanwhile.
  struct Use {
    bool collects = false;
    std::size_t slot = 0;
    std::shared_ptr<const Session> session;
  };
  struct Slot {
    std::shared_ptr<const Session> session;
    std::uint64_t source = 0;  // number of the address that got it
  };

  const std::size_t wanted_;
  const bool fresh_;
  const bool own_;
  std::vector<Slot> sessions_;
  std::size_t turn_ = 0;
  std::size_t collecting_ = 0;  // connections under way for it
  std::vector<Use> uses_;       // by connection
};

}  // namespace breakwater::flood
