#include "flood/load/modes/request.h"

#include "flood/load/driver.h"
#include "flood/plan/http_request.h"

namespace breakwater::flood {
namespace {

ConstBytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

RequestMode::RequestMode(Driver& driver, const Load& load)
    : TlsMode(driver, load),
      keep_alive_for_(load.requests),
      paced_(load.rate > 0 && load.requests != 1),
      request_(make_request(load, false)),
      last_request_(make_request(load, true)),
      exchanges_(load.connections),
      schedule_(load.rate) {}

// With keep-alive and a rate, a start is a request: opening a connection for it counts for nothing.
NextStart RequestMode::next_start() { return paced_ ? NextStart::Uncounted : NextStart::Counted; }

void RequestMode::begin(Connection& connection) {
  exchanges_[connection.index].requests = 0;
  TlsMode::begin(connection);
}

void RequestMode::progress(Connection& connection) {
  const State state = connection.client->state();
  if (state == State::Handshaking) return;
  if (state == State::Closed) {
    if (connection.step == kWaiting) return judge(connection, exchanges_[connection.index].response.end_of_stream());
    return peer_ended(connection, false);
  }
  // TLS 1.3: the request leaves together with our Finished.
  if (connection.step == kShaking && (is_tls13() || state == State::Established)) established(connection);
}

void RequestMode::established(Connection& connection) {
  driver_.record_handshake(connection);
  if (paced_) {
    connection.step = kReady;
    driver_.disarm_deadline(connection);
    ready_.push_back(connection.tick, 0);
    return;
  }
  send_request(connection);
}

void RequestMode::send_request(Connection& connection) {
  Exchange& exchange = exchanges_[connection.index];
  exchange.response.reset();
  const bool last = is_last(exchange);
  ++exchange.requests;
  connection.step = kWaiting;
  connection.client->write(bytes_of(last ? last_request_ : request_));
  driver_.arm_deadline(connection);
  driver_.flush(connection);
}

void RequestMode::data(Connection& connection, ConstBytes bytes) {
  if (connection.step != kWaiting) return driver_.fail(connection, Failure::BadHttp);  // an answer without a question
  judge(connection, exchanges_[connection.index].response.feed(bytes));
}

void RequestMode::judge(Connection& connection, HttpResponse::Result result) {
  const HttpResponse& response = exchanges_[connection.index].response;
  // The end of the stream before the end of the response is the server's, not HTTP's.
  const bool cut = result == HttpResponse::Result::Bad && connection.client->state() == State::Closed;
  if (cut) return driver_.fail(connection, Failure::ClosedEarly);
  if (result == HttpResponse::Result::Bad) return driver_.fail(connection, Failure::BadHttp);
  if (response.status() >= 200 && response.status() != 200) return driver_.fail(connection, Failure::HttpStatus);
  if (result == HttpResponse::Result::More) return;
  driver_.record_request(connection.intended);
  driver_.count_success(connection);
  next_request(connection);
}

void RequestMode::next_request(Connection& connection) {
  const Exchange& exchange = exchanges_[connection.index];
  const bool enough = keep_alive_for_ != 0 && exchange.requests >= keep_alive_for_;
  if (enough || !exchange.response.keeps_connection() || connection.client->state() == State::Closed) {
    return driver_.finish(connection);
  }
  if (paced_) {
    connection.step = kReady;
    driver_.disarm_deadline(connection);
    ready_.push_back(connection.tick, 0);
    return;
  }
  if (!driver_.begin_another(connection, clock_now())) return driver_.finish(connection);
  send_request(connection);
}

bool RequestMode::advance(std::uint64_t now) {
  if (!paced_) return false;
  if (!begun_) schedule_.begin(now);
  begun_ = true;
  bool worked = false;
  while (schedule_.due(now) && driver_.may_start_more()) {
    if (ready_.empty()) {
      driver_.was_blocked(now);
      break;
    }
    Connection& connection = *ready_.front()->owner;
    TimedList::remove(connection.tick);
    const std::uint64_t intended = schedule_.intended();
    schedule_.taken();
    driver_.record_lateness(intended, now);
    driver_.begin_another(connection, intended);
    send_request(connection);
    worked = true;
  }
  return worked;
}

std::uint64_t RequestMode::next_due() const {
  return paced_ && !ready_.empty() && driver_.may_start_more() ? schedule_.intended() : ~std::uint64_t{0};
}

void RequestMode::peer_ended(Connection& connection, bool reset) {
  const Exchange& exchange = exchanges_[connection.index];
  // A server may close a connection that has served and has nothing to do.
  if (connection.step == kReady && exchange.requests > 0) return driver_.drop(connection);
  TlsMode::peer_ended(connection, reset);
}

void RequestMode::expired(Connection& connection) {
  driver_.fail(connection, connection.step == kShaking ? Failure::HandshakeTimeout : Failure::RequestTimeout);
}

}  // namespace breakwater::flood
