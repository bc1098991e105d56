#include "proxy/admin/admin_pages.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "proxy/admin/charts_page.h"
#include "proxy/admin/metrics_page.h"
#include "proxy/admin/prometheus_text.h"
#include "proxy/admin/status_page.h"

namespace breakwater::proxy {
namespace {

std::uint64_t monotonic_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// Known to one answer only: what it allows to run can be nothing that came from elsewhere.
std::string make_nonce() {
  std::array<std::uint8_t, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

AdminPages::AdminPages(std::vector<WatchedWorker> workers, std::function<ServerFacts()> facts)
    : collector_(std::move(workers)), facts_(std::move(facts)) {}

void AdminPages::tick() {
  before_ = std::move(newest_);
  newest_ = collector_.collect(monotonic_ms());
  history_.add(point_of(newest_));
}

AdminAnswer AdminPages::answer(std::string_view path) {
  AdminAnswer answer;
  if (path == "/") return charts();
  if (path == "/healthz") return health();
  if (path == "/metrics") {
    answer.type = PrometheusText::kContentType;
    answer.body = metrics_page(facts_(), collector_.collect(monotonic_ms()));
    return answer;
  }
  if (path == "/status") {
    answer.type = "application/json";
    const Totals now = collector_.collect(monotonic_ms());
    // The load of a worker over a second at least, or what there is.
    const bool fresh = now.at_ms - newest_.at_ms < 1000 && !before_.workers.empty();
    answer.body = status_page(facts_(), now, fresh ? before_ : newest_, history_);
    return answer;
  }
  return error_answer(404);
}

AdminAnswer AdminPages::health() const {
  AdminAnswer answer;
  const bool draining = facts_().draining;
  answer.status = draining ? 503 : 200;
  answer.body = draining ? "draining\n" : "ok\n";
  return answer;
}

AdminAnswer AdminPages::charts() const {
  AdminAnswer answer;
  const std::string nonce = make_nonce();
  answer.type = "text/html; charset=utf-8";
  answer.body = charts_page(nonce);
  answer.policy = fmt::format(
      "default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; connect-src 'self'; img-src data:; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      nonce);
  return answer;
}

}  // namespace breakwater::proxy
