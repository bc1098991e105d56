#include "proxy/access_log/access_log.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace breakwater::proxy {
namespace {

constexpr std::size_t kGathered = 64 * 1024;

// The name came from a stranger: nothing in it may end the line or look like another field.
char plain(char byte) noexcept { return byte > ' ' && byte < 0x7F && byte != '"' && byte != '=' ? byte : '?'; }

// Text of the network address without allocating; "-" when it is not known.
char* write_address(char* out, const SocketAddress& client) noexcept {
  if (client.size == 0) return fmt::format_to(out, "-");
  if (client.family() == AF_INET) {
    std::uint8_t b[4];
    std::memcpy(b, &client.v4.sin_addr, sizeof b);
    return fmt::format_to(out, "{}.{}.{}.{}:{}", b[0], b[1], b[2], b[3], client.port());
  }
  char text[INET6_ADDRSTRLEN] = "?";
  ::inet_ntop(AF_INET6, &client.v6.sin6_addr, text, sizeof text);
  return fmt::format_to(out, "[{}]:{}", static_cast<const char*>(text), client.port());
}

}  // namespace

void AccessRecord::set_facts(const Facts& negotiated) noexcept {
  facts = negotiated;
  const std::size_t size = std::min(negotiated.server_name.size(), name.size());
  for (std::size_t i = 0; i < size; ++i) name[i] = plain(negotiated.server_name[i]);
  facts.server_name = {name.data(), size};
}

char* write_access_line(char* out, const AccessRecord& record, std::uint64_t epoch_ms, bool clean) noexcept {
  const auto seconds = static_cast<time_t>(epoch_ms / 1000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  out = fmt::format_to(out, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z client=", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, epoch_ms % 1000);
  out = write_address(out, record.client);
  const Facts& facts = record.facts;
  const auto or_dash = [](std::string_view text) { return text.empty() ? std::string_view("-") : text; };
  // A clock that was set back must not make a duration of centuries.
  const std::uint64_t took_ms = epoch_ms > record.opened_ms ? epoch_ms - record.opened_ms : 0;
  return fmt::format_to(
      out, " name={} tls={} suite={} group={} resumed={} alpn={} requests={} in={} out={} ms={} end={}\n",
      or_dash(facts.server_name), facts.version == Version::Tls12 ? "1.2" : "1.3", or_dash(facts.suite),
      or_dash(facts.group), facts.resumed ? "yes" : "no", or_dash(facts.protocol), record.requests, record.bytes_in,
      record.bytes_out, took_ms, clean ? "clean" : "cut");
}

void AccessLog::use(std::shared_ptr<LogFile> file) {
  flush();
  file_ = std::move(file);
  if (file_ != nullptr && lines_.empty()) lines_.resize(kGathered);
}

AccessRecord* AccessLog::begin(int descriptor, const SocketAddress* client, const Facts& facts,
                               std::uint64_t epoch_ms) noexcept {
  if (file_ == nullptr) return nullptr;
  AccessRecord* const record = records_.make();
  if (record == nullptr) {
    counters_.log_lines_lost.add();
    return nullptr;
  }
  if (client != nullptr) {
    record->client = *client;
  } else if (socklen_t size = sizeof record->client.v6; ::getpeername(descriptor, &record->client.any, &size) == 0) {
    record->client.size = size;
  }
  record->opened_ms = epoch_ms;
  record->set_facts(facts);
  return record;
}

void AccessLog::end(AccessRecord* record, std::uint64_t epoch_ms, bool clean) noexcept {
  if (record == nullptr) return;
  if (file_ != nullptr) {  // it may have been switched off since
    if (lines_.size() - used_ < kMaxAccessLine) flush();
    char* const at = lines_.data() + used_;
    used_ += static_cast<std::size_t>(write_access_line(at, *record, epoch_ms, clean) - at);
    ++count_;
  }
  records_.recycle(record);
}

void AccessLog::flush() noexcept {
  if (used_ == 0) return;
  const iovec part{lines_.data(), used_};
  if (!file_->write({&part, 1})) counters_.log_lines_lost.add(count_);
  used_ = 0;
  count_ = 0;
}

}  // namespace breakwater::proxy
