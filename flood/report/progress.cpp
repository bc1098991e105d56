#include "flood/report/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "flood/report/units.h"

namespace breakwater::flood {
namespace {

constexpr std::size_t kUsualColumns = 80;

std::size_t columns_of(std::FILE* out) {
  winsize size{};
  const bool known = ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

// At most `columns` characters of UTF-8 text.
void cut(std::string& text, std::size_t columns) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (seen++ == columns) return text.resize(i);
  }
}

bool is_held(Mode mode) { return mode == Mode::Stall || mode == Mode::Idle; }

}  // namespace

Progress::Progress(const Plan& plan, std::FILE* out)
    : Progress(plan, out, ::isatty(::fileno(out)) == 1, columns_of(out)) {}

Progress::Progress(const Plan& plan, std::FILE* out, bool terminal, std::size_t columns)
    : plan_(plan), out_(out), terminal_(terminal), columns_(columns), last_(plan.loads.size()) {}

std::string Progress::segment(std::size_t index, double seconds, const Tally& tally) {
  const Load& load = plan_.loads[index];
  if (seconds < load.start_s) return fmt::format("begins at {} s", load.start_s);
  if (tally.open == 0 && seconds > load.start_s + load.duration_s) {
    return fmt::format("done  ok {}  failed {}", tally.succeeded, tally.failed);
  }
  const bool renegotiates = load.mode == Mode::Renegotiate;
  const std::uint64_t count = renegotiates ? tally.renegotiations : tally.succeeded;
  const std::uint64_t before = std::exchange(last_[index], count);
  std::string text;
  if (seconds <= load.start_s + load.warmup_s) text += "warm-up  ";
  if (!is_held(load.mode)) {
    const double passed = seconds - last_seconds_;
    const double rate = passed > 0 && count >= before ? static_cast<double>(count - before) / passed : 0;
    text += fmt::format("{:.0f}/s  {} {}  ", rate, renegotiates ? "renegotiated" : "ok", count);
  }
  text += fmt::format("failed {}", tally.failed);
  if (!tally.seconds.empty() && tally.seconds.back().p99_us > 0) {
    const Second& second = tally.seconds.back();
    text += fmt::format("  p50 {}  p99 {}", time_text(second.p50_us * 1000), time_text(second.p99_us * 1000));
  }
  return fmt::format("{}  open {}", text, tally.open);
}

std::string Progress::line(double seconds, const std::vector<Tally>& tallies) {
  std::string text = fmt::format("{:3.0f} s  ", seconds);
  const std::size_t loads = std::min(plan_.loads.size(), tallies.size());
  for (std::size_t i = 0; i < loads; ++i) {
    if (i != 0) text += " | ";
    if (plan_.loads.size() > 1) text += plan_.loads[i].name + ": ";
    text += segment(i, seconds, tallies[i]);
  }
  last_seconds_ = seconds;
  return text;
}

void Progress::update(double seconds, const std::vector<Tally>& tallies) {
  std::string text = line(seconds, tallies);
  if (terminal_) cut(text, columns_ - 1);  // a line that wraps cannot be overwritten
  show(terminal_ ? fmt::format("\r{}\x1b[K", text) : text + '\n');
  shown_ = true;
}

void Progress::show(const std::string& text) {
  std::fputs(text.c_str(), out_);  // nobody may be looking: that it fails is no matter
  std::fflush(out_);
}

void Progress::finish() {
  if (!terminal_ || !shown_) return;
  show("\r\x1b[K");
}

}  // namespace breakwater::flood
