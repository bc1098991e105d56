// The guard of one worker: judges clients from cheap facts to dear ones, and remembers in bounded memory what they have
// cost. Each step is a small function. No I/O, no locks, no allocation; time is an argument, in nanoseconds of a clock
// that does not go back.
//
//   door()      at accept, by address alone: lists, blocks, what it has cost, connections half open
//   piece()     when bytes of the handshake arrive
//   hello()     by what the ClientHello says, before any private-key or key-exchange arithmetic: gives a rank, by which
//               the host orders its queue (rank.h), or refuses
//   ended()     what came of it: leaving without finishing costs extra
//
// What binds whom: lists and blocks always; everything else only while there is more to do than can be done (Load), or
// half-open connections crowd. Costs are counted all the time, so that it is known then who has had what.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/guard/address.h"
#include "core/guard/blocks.h"
#include "core/guard/half_open.h"
#include "core/guard/ja4.h"
#include "core/guard/level.h"
#include "core/guard/load.h"
#include "core/guard/network_list.h"
#include "core/guard/rank.h"
#include "core/guard/reputation.h"
#include "core/guard/siphash.h"
#include "core/guard/usage.h"

namespace breakwater::guard {

// Why somebody is not served.
enum class Reason : std::uint8_t {
  None,
  Denied,     // on the list of those who never are
  Blocked,    // went on after refusals
  Address,    // at accept: the address has had many times its share; fewer times where its network has, too
  HalfOpen,   // at accept: the address holds too many half-open connections
  Trickle,    // the handshake's messages come in too many pieces, or too small ones
  QueueFull,  // at the hello: nobody of its rank can be served now
  TooLate,    // it has waited too long, or better ones came
  Rate,       // more of its kind than rsa_rate or tls12_rate allow
};
inline constexpr std::size_t kReasons = 9;
const char* reason_name(Reason reason) noexcept;  // "queue-full"

// What one may cost, in microseconds on record (Usage) of this worker's time.
struct GuardLimits {
  std::uint32_t address = microseconds_of_share(1'000, Usage::Memory::Long);     // 0.1 % of a CPU
  std::uint32_t ticket = microseconds_of_share(200, Usage::Memory::Long);        // uses of one ticket
  std::uint32_t network = microseconds_of_share(250'000, Usage::Memory::Short);  // the aggregate around an address
  std::uint32_t fingerprint = microseconds_of_share(250'000, Usage::Memory::Short);
  std::uint32_t host = microseconds_of_share(500'000, Usage::Memory::Short);  // one host of several
  std::span<const std::uint32_t> hosts = {};  // by number of the host, in place of `host`; the caller's, while in use
  std::uint64_t half_open_of_address = 256;   // while half-open connections crowd
  std::uint32_t rsa_rate = 0;    // full handshakes with RSA in a second while under load; 0: no limit of their own
  std::uint32_t tls12_rate = 0;  // and with TLS 1.2
  std::uint32_t strikes = 64;    // refusals of one address on record that make a block; 0: none do
  // On record for all whose addresses are within their share; with less nobody is blocked, unless half-open connections
  // crowd: there has to be somebody to protect. Otherwise one machine that measures a server would be shut out of an
  // idle one.
  std::uint32_t fair_for_blocks = microseconds_of_share(15'000, Usage::Memory::Long);
  // While there is a need to care: in how many pieces a handshake's messages may come, and how many bytes each has to
  // bring on average, from the fifth on.
  std::uint8_t pieces = 16;
  std::uint8_t piece_bytes = 64;
  bool retry = true;  // cookies for software that leaves after our flight more often than not
  LoadLimits load{};
};

// What everything but arithmetic costs, in microseconds, roughly.
struct GuardCosts {
  std::uint32_t connection = 20;   // TCP, system calls, records
  std::uint32_t refusal = 5;       // a connection refused at accept
  std::uint32_t stalled = 10'000;  // a handshake whose time ran out: it cost memory, not time
  std::uint32_t gone_factor = 4;   // a handshake left after our flight costs so many times as much again
};

struct GuardMemory {
  std::span<Usage::Set> clients;   // what addresses and tickets have cost
  std::span<Usage::Set> groups;    // and networks, fingerprints and hosts
  std::span<Usage::Set> refusals;  // of addresses
  std::span<HalfOpen::Set> half_open;
  std::span<Reputation::Set> reputation;
  std::span<Blocks::Set> blocks;
};

// What a connection carries from accept to the end of its handshake.
struct Client {
  std::uint64_t address = 0;  // keyed hashes; 0: not judged
  std::uint64_t network = 0;
  std::uint64_t fingerprint = 0;  // 0: none yet
  std::uint32_t cost = 0;         // microseconds charged for the handshake
  std::uint16_t bytes = 0;        // of its handshake so far
  std::uint8_t pieces = 0;        // in which they have come
  // For the host's reports: how many its refusal, and that of its fingerprint, stand for; 0: they are not noted.
  std::uint8_t weight = 1;
  std::uint8_t fingerprint_weight = 1;
  bool trusted = false;    // on the list of those who always are served
  bool half_open = false;  // counted as such
};

// What a hello asks for.
struct Ask {
  std::uint64_t fingerprint = 0;  // keyed hash, from Guard::key_of(Ja4); 0: it was not looked at
  std::uint64_t ticket = 0;       // identity of the ticket that resumes; 0: a full handshake
  std::uint32_t arithmetic = 0;   // microseconds
  std::uint16_t host = 0;
  bool tls12 = false;
  bool rsa = false;
  bool unknown_name = false;     // names a host that is none of ours
  bool generator_share = false;  // a key share that only tools send
  bool retried = false;
  bool can_retry = false;
};

// What the queue of jobs is like: nanoseconds of work in it, and the worst rank that waits.
struct Backlog {
  std::uint64_t queued = 0;
  std::uint64_t most = 250'000'000;  // with more than that it is full
  Rank worst = kRankFirst;
};

struct Answer {
  Reason refused = Reason::None;
  bool retry = false;  // ask for a cookie first
  Rank rank = kRankFair;
};

struct Entry {
  Reason refused = Reason::None;
  const Blocked* blocked = nullptr;  // it was blocked just now; valid until the next call
};

// How a handshake ended.
enum class End : std::uint8_t {
  Completed,
  Gone,     // left after our flight
  Failed,   // before it: broke a rule, or left
  Stalled,  // its time ran out
  Refused,  // by us
  Ours,     // by us, for reasons that are none of its
};

class Guard {
 public:
  Guard(const GuardMemory& memory, const SipKey& key, const BackOff& back_off) noexcept;

  // allow wins over deny. Their memory is the host's.
  void use(const GuardLimits& limits, const GuardCosts& costs, bool several_hosts, NetworkList allow,
           NetworkList deny) noexcept;

  std::uint64_t key_of(const Network& network) const noexcept;
  std::uint64_t key_of(const Ja4& fingerprint) const noexcept;

  // delay: how long new work would wait. strain: what tells of load besides, where there is none yet; the level does
  // not follow it.
  void note_delay(std::uint64_t delay, std::uint64_t now, std::uint64_t strain = 0) noexcept {
    load_.note(std::max(delay, strain), now);
    level_.note(delay, load_.is_high(), now);
  }
  // While the level binds somebody, there would be more to do than can be done without it.
  bool is_loaded() const noexcept { return load_.is_high() || !level_.is_open(); }
  const Level& level() const noexcept { return level_; }
  const Load& load() const noexcept { return load_; }
  // Whether half-open connections take most of the room there is for them.
  void set_crowded(bool crowded) noexcept { crowded_ = crowded; }
  bool is_crowded() const noexcept { return crowded_; }

  // At accept. Who goes on after refusals is blocked here. One who is let in has ended() once.
  Entry door(const Address& address, std::uint64_t now, Client& client) noexcept;
  // So many bytes of its handshake have arrived. False: it trickles, and there is a need to care.
  bool piece(Client& client, std::size_t bytes) noexcept;
  // Its handshake has come in too many pieces, or too small ones: this client can wait until all others are served.
  bool trickles(const Client& client) const noexcept;
  // Whether a hello will be refused whatever software sent it, so that nobody has to find out: by rates, or by what its
  // address and network have had. Charges nothing; hello() is asked all the same. ask.fingerprint is not looked at.
  bool is_refused_anyway(const Client& client, const Ask& ask, const Backlog& backlog,
                         std::uint64_t now) const noexcept;
  // At a complete hello. It is charged whatever the answer: who asks for more than there is has had it counted.
  Answer hello(Client& client, const Ask& ask, const Backlog& backlog, std::uint64_t now) noexcept;
  void ended(Client& client, End end, std::uint64_t now) noexcept;

  const Blocks& blocks() const noexcept { return blocks_; }
  Blocks& blocks() noexcept { return blocks_; }
  const Usage& clients() const noexcept { return clients_; }
  const Usage& groups() const noexcept { return groups_; }

 private:
  // What a key stands for, so that an address and a fingerprint never meet.
  enum class Space : std::uint64_t { Network, Fingerprint, Host, Ticket, Kind, Fair };
  std::uint64_t key_of(Space space, std::uint64_t value) const noexcept;

  bool goes_on(const Client& client, std::uint64_t now) const noexcept;
  bool is_over_level(const Client& client, std::uint64_t now) const noexcept;
  Reason shut_out(const Client& client, std::uint64_t now) const noexcept;

  Rank rank_by_place(const Client& client, std::uint64_t now, std::uint32_t cost) noexcept;
  Rank rank_by_kind(const Ask& ask, std::uint64_t now, std::uint32_t cost) noexcept;
  bool resumes_within_budget(const Ask& ask, std::uint64_t now, std::uint32_t cost) noexcept;
  std::uint32_t share_of_host(std::uint16_t host) const noexcept;
  bool is_over_rate(const Ask& ask, std::uint64_t now) const noexcept;
  bool over_rate(const Ask& ask, std::uint64_t now) noexcept;
  bool leaves_unfinished(std::uint64_t fingerprint, std::uint64_t now) const noexcept;
  bool is_under_rate(std::uint64_t kind, std::uint32_t rate, std::uint64_t now) const noexcept;
  void count_rate(std::uint64_t kind, std::uint32_t rate, std::uint64_t now) noexcept;

  Usage clients_;
  Usage groups_;
  Usage refusals_;
  HalfOpen half_open_;
  Reputation reputation_;
  Blocks blocks_;
  SipKey key_;
  std::uint64_t fair_key_;      // of Space::Fair
  std::uint64_t kind_keys_[2];  // of Space::Kind
  Load load_;
  Level level_;
  GuardLimits limits_;
  GuardCosts costs_;
  NetworkList allow_, deny_;
  bool several_hosts_ = false;
  bool crowded_ = false;
};

}  // namespace breakwater::guard
