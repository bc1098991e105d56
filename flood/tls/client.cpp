// The public face, and what begins and ends a connection.
#include "flood/tls/client.h"

#include <string>

#include "flood/tls/client_impl.h"

namespace breakwater::flood {

using namespace protocol;

void Client::Impl::start(const Profile& from, const Session* resume, ConstBytes fresh, std::uint64_t now) {
  static_cast<ConnectionState&>(*this) = ConnectionState{};
  profile = &from.impl();
  now_ms = now;
  read.clear();
  write.clear();
  partial.clear();
  server_key.reset();
  const Hello& shape = profile->hello;
  const bool wants13 = profile->settings.version == Version::Tls13;
  must_resume = resume != nullptr;
  if (resume != nullptr && resume->version == profile->settings.version && is_offered(shape.suites, resume->suite) &&
      find_suite(resume->suite) != nullptr && !resume->ticket.empty() && resume->ticket.size() <= kMaxTicket &&
      resume->secret_size <= sizeof resume->secret && (wants13 ? shape.tickets13 : shape.tickets12)) {
    session = resume;
  }
  memcpy(client_random, fresh.data(), sizeof client_random);
  memcpy(session_id, fresh.data() + sizeof client_random, sizeof session_id);
  // RFC 5077 3.4: a server that takes the ticket echoes the session id, which a TLS 1.2 client makes up for this.
  session_id_size = shape.bytes.session_id || (session != nullptr && !wants13) ? 32 : 0;
  if (!put_hello({})) fail(Failure::BadMessage);
}

bool Client::Impl::fail(Failure why, std::uint8_t description) noexcept {
  state = State::Failed;
  failure = why;
  alert = description;
  out_begin = out_end = 0;
  data = {};
  return false;
}

bool Client::Impl::write_data(ConstBytes plain) noexcept {
  const bool open = state == State::Established || (tls13 && state == State::FlightRead);
  if (!open || plain.size() > kMaxData) return false;
  if (key_update_owed && !answer_key_update()) return false;
  return append_record(ContentType::ApplicationData, plain);
}

bool Client::Impl::close_notify() noexcept {
  const bool open = state == State::Established || state == State::Closed || (tls13 && state == State::FlightRead);
  const std::uint8_t alert_bytes[2] = {1, kAlertCloseNotify};
  return open && append_record(ContentType::Alert, alert_bytes);
}

bool Client::Impl::start_renegotiation(ConstBytes fresh) {
  const bool open = state == State::Established || (tls13 && state == State::FlightRead);
  if (!open) return false;
  HelloFill fill;
  fill.random = fresh;
  if (!tls13) fill.verify_data = client_verify;
  second_hello.resize(sizeof out);
  second_hello.resize(write_hello(profile->hello.bytes, fill, second_hello));
  if (second_hello.empty() || !append_record(ContentType::Handshake, second_hello)) return false;
  alert = 0;
  if (tls13) return true;  // no such thing exists there: the server has to end the connection
  memcpy(client_random, fresh.data(), sizeof client_random);
  session = nullptr;
  must_resume = false;
  session_id_size = 0;
  certificate_requested = false;
  extended_master_secret = false;
  renegotiating = true;
  state = State::Handshaking;
  step = Step::ServerHello;
  return true;
}

Client::Client() : impl_(new Impl) {}  // not value-initialised: a page that is not used costs nothing
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::start(const Profile& profile, const Session* session, ConstBytes random, std::uint64_t now_ms) {
  impl_->start(profile, session, random, now_ms);
}

std::size_t Client::receive(MutableBytes input, std::uint64_t now_ms) {
  impl_->now_ms = now_ms;
  return impl_->receive(input);
}

ConstBytes Client::output() const noexcept { return {impl_->out + impl_->out_begin, impl_->out + impl_->out_end}; }
void Client::sent(std::size_t size) noexcept { impl_->take_out(size); }
ConstBytes Client::data() const noexcept { return impl_->data; }

bool Client::write(ConstBytes data) { return impl_->write_data(data); }
bool Client::close_notify() { return impl_->close_notify(); }
bool Client::start_renegotiation(ConstBytes random) { return impl_->start_renegotiation(random); }
std::uint32_t Client::renegotiations() const noexcept { return impl_->renegotiations; }

State Client::state() const noexcept { return impl_->state; }
Failure Client::failure() const noexcept { return impl_->failure; }
std::uint8_t Client::alert() const noexcept { return impl_->alert; }
bool Client::resumed() const noexcept { return impl_->resumed; }
std::uint16_t Client::suite() const noexcept { return impl_->suite == nullptr ? std::uint16_t{0} : impl_->suite->code; }
std::uint16_t Client::negotiated_group() const noexcept { return impl_->group; }

std::optional<Session> Client::take_session() {
  Impl& connection = *impl_;
  if (!connection.has_ticket || connection.step != Step::Idle) return std::nullopt;
  connection.has_ticket = false;
  Session session;
  session.version = connection.tls13 ? Version::Tls13 : Version::Tls12;
  session.suite = connection.suite->code;
  session.extended_master_secret = connection.extended_master_secret;
  if (connection.tls13) {
    session.secret_size = static_cast<std::uint8_t>(hash_size(connection.suite->hash));
    memcpy(session.secret, connection.ticket_secret.bytes, session.secret_size);
    session.age_add = connection.ticket_age_add;
  } else {
    session.secret_size = sizeof connection.master;
    memcpy(session.secret, connection.master, session.secret_size);
  }
  session.received_ms = connection.ticket_received_ms;
  session.ticket = connection.ticket;
  return session;
}

std::string Client::describe() const {
  const Impl& connection = *impl_;
  if (connection.suite == nullptr) return "nothing negotiated";
  std::string text = connection.tls13 ? "TLS 1.3 " : "TLS 1.2 ";
  if (connection.resumed) {
    text += "resumed ";
  } else if (connection.tls13 && connection.scheme != 0) {
    text += signer(connection.scheme);
    text += ' ';
  }
  text += connection.suite->name;
  if (connection.group != 0) text += connection.group == kX25519 ? " x25519" : " secp256r1";
  return text;
}

}  // namespace breakwater::flood
