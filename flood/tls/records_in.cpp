// Records on their way in: headers, protection, and the messages in them put together (RFC 8446 5.1, RFC 5246 6.2).
#include "flood/tls/client_impl.h"
#include "flood/tls/wire.h"

namespace breakwater::flood {

using namespace protocol;

namespace {

constexpr std::size_t kMaxFragment12 = kMaxPlaintext + 2048;
constexpr std::size_t kMaxFragment13 = kMaxPlaintext + 256;
constexpr std::uint8_t kMaxIgnoredChanges = 8;

std::size_t read_u16(const std::uint8_t* at) noexcept { return static_cast<std::size_t>(at[0] << 8 | at[1]); }

// Judges as much of a record header as there is.
bool is_plausible(ConstBytes start, std::size_t limit) noexcept {
  if (!start.empty() && (start[0] < static_cast<std::uint8_t>(ContentType::ChangeCipherSpec) ||
                         start[0] > static_cast<std::uint8_t>(ContentType::ApplicationData))) {
    return false;
  }
  if (start.size() >= 2 && start[1] != 3) return false;
  return start.size() < kHeaderSize || read_u16(start.data() + 3) <= limit;
}

}  // namespace

std::size_t Client::Impl::receive(MutableBytes input) {
  data = {};
  std::size_t used = 0;
  while (state != State::Failed && state != State::Closed) {
    const MutableBytes rest = input.subspan(used);
    const std::size_t limit = !read.active() ? kMaxPlaintext : tls13 ? kMaxFragment13 : kMaxFragment12;
    if (!is_plausible(rest.first(rest.size() < kHeaderSize ? rest.size() : kHeaderSize), limit)) {
      fail(heard ? Failure::BadRecord : Failure::NotTls);
      break;
    }
    if (rest.size() < kHeaderSize) return used;
    const std::size_t size = kHeaderSize + read_u16(rest.data() + 3);
    if (rest.size() < size) return used;
    used += size;
    heard = true;
    if (!take_record(rest.first(size))) break;
    if (!data.empty()) return used;
  }
  return input.size();
}

bool Client::Impl::take_record(MutableBytes record) {
  const auto type = static_cast<ContentType>(record[0]);
  if (!read.active()) return take_content(record[0], record.subspan(kHeaderSize));
  if (tls13) {
    if (type == ContentType::ChangeCipherSpec) return take_content(record[0], record.subspan(kHeaderSize));
    if (type != ContentType::ApplicationData) return fail(Failure::BadRecord);
    if (read_pending) {
      make_application_secrets();
      use_secret(read, server_application);
      read_pending = false;
    }
  }
  const RecordKey::Opened opened = read.open(record);
  if (!opened.good) return fail(Failure::BadRecord);
  if (tls13 && opened.type == static_cast<std::uint8_t>(ContentType::ChangeCipherSpec)) {
    return fail(Failure::BadMessage);  // RFC 8446 5: never protected
  }
  return take_content(opened.type, opened.payload);
}

bool Client::Impl::take_content(std::uint8_t type, ConstBytes payload) {
  // RFC 8446 5.1: nothing may come between the parts of a message.
  if (!partial.empty() && type != static_cast<std::uint8_t>(ContentType::Handshake)) return fail(Failure::BadMessage);
  switch (static_cast<ContentType>(type)) {
    case ContentType::Handshake:
      return take_handshake(payload);
    case ContentType::ApplicationData:
      // TLS 1.2 lets data go on while keys are negotiated anew.
      if (!read.active() || (step != Step::Idle && !renegotiating)) return fail(Failure::BadMessage);
      data = payload;
      return true;
    case ContentType::Alert:
      return take_alert(payload);
    case ContentType::ChangeCipherSpec:
      return take_change_cipher_spec(payload);
  }
  return fail(Failure::BadMessage);
}

bool Client::Impl::take_alert(ConstBytes payload) noexcept {
  if (payload.size() != 2) return fail(Failure::BadMessage);
  const bool is_warning = payload[0] == 1 && !(tls13 && read.active());
  const std::uint8_t description = payload[1];
  if (description == kAlertCloseNotify) {
    const bool open = state == State::Established || (tls13 && state == State::FlightRead) || renegotiating;
    if (!open) return fail(Failure::ClosedEarly);
    state = State::Closed;
    return true;
  }
  if (description == kAlertUserCanceled) return true;  // close_notify follows (RFC 8446 6.1)
  if (!is_warning) return fail(Failure::Alert, description);
  if (description == kAlertNoRenegotiation && renegotiating) {
    alert = description;
    renegotiating = false;
    state = State::Established;
    step = Step::Idle;
  }
  return true;
}

bool Client::Impl::take_change_cipher_spec(ConstBytes payload) {
  if (payload.size() != 1 || payload[0] != 1) return fail(Failure::BadMessage);
  if (profile->settings.version == Version::Tls12) return on_change_cipher_spec12();
  // RFC 8446 5 and D.4: without meaning, and only while the handshake lasts.
  if (step == Step::Idle || ++ignored_changes > kMaxIgnoredChanges) return fail(Failure::BadMessage);
  return true;
}

bool Client::Impl::take_handshake(ConstBytes payload) {
  if (payload.empty()) return fail(Failure::BadMessage);
  if (!partial.empty() && !take_partial(payload)) return state != State::Failed;
  while (!payload.empty()) {
    Reader reader(payload);
    reader.u8();
    const std::size_t size = reader.u24();
    if (!reader.failed() && size > kMaxMessage) return fail(Failure::BadMessage);
    if (reader.failed() || size > reader.left()) {
      partial.assign(payload.begin(), payload.end());
      return true;
    }
    keys_changed = false;
    if (!take_message(payload.first(4 + size))) return false;
    payload = payload.subspan(4 + size);
    // RFC 8446 5.1: messages under different keys do not share a record.
    if (keys_changed && !payload.empty()) return fail(Failure::BadMessage);
  }
  return true;
}

// Completes the message that earlier records began, and takes it. False when it is still not whole, or failed.
bool Client::Impl::take_partial(ConstBytes& payload) {
  const auto move = [&](std::size_t wanted) {
    const std::size_t part = wanted - partial.size() < payload.size() ? wanted - partial.size() : payload.size();
    partial.insert(partial.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(part));
    payload = payload.subspan(part);
    return partial.size() == wanted;
  };
  if (partial.size() < 4 && !move(4)) return false;
  Reader reader(partial);
  reader.u8();
  const std::size_t size = reader.u24();
  if (size > kMaxMessage) return fail(Failure::BadMessage);
  if (!move(4 + size)) return false;
  keys_changed = false;
  const bool good = take_message(partial);
  partial.clear();
  if (good && keys_changed && !payload.empty()) return fail(Failure::BadMessage);
  return good;
}

}  // namespace breakwater::flood
