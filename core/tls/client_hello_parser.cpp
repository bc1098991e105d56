#include "core/tls/client_hello_parser.h"

#include <array>
#include <initializer_list>

#include "core/tls/client_hello_steps.h"

namespace breakwater::tls {
namespace {

std::uint16_t word_at(const std::uint8_t* bytes) noexcept {
  return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

// Of one, two or four bytes.
std::uint32_t integer_at(const std::uint8_t* bytes, std::size_t width) noexcept {
  if (width == 2) return word_at(bytes);
  if (width == 1) return bytes[0];
  return std::uint32_t{word_at(bytes)} << 16 | word_at(bytes + 2);
}

}  // namespace

void ClientHelloParser::begin(std::uint32_t length) noexcept {
  ends_[0] = length;
  levels_[0] = Level::Message;
  position_ = 0;
  value_ = 0;
  run_size_ = 0;
  run_done_ = 0;
  protocols_ = 0;
  share_group_ = 0;
  depth_ = 0;
  have_ = 0;
  step_ = Step::LegacyVersion;
  extension_ = Known::None;
  keep_run_ = false;
  name_seen_ = false;
  first_protocol_ = false;
  binders_ahead_ = false;
  error_ = kNoError;
}

// A table, since it is asked for at every field.
ClientHelloParser::Field ClientHelloParser::field_of(Step step) noexcept {
  static constexpr auto kFields = [] {
    std::array<Field, static_cast<std::size_t>(Step::ExtensionEnd) + 1> fields{};
    const auto set = [&](Field field, std::initializer_list<Step> steps) {
      for (const Step one : steps) fields[static_cast<std::size_t>(one)] = field;
    };
    fields.fill(Field(2));
    set(Field(1), {Step::SessionIdLength, Step::CompressionsLength, Step::VersionsLength, Step::ModesLength,
                   Step::FormatsLength, Step::RenegotiationLength});
    set(Field(1, Field::kOptional),
        {Step::Compression, Step::NameType, Step::ProtocolLength, Step::BinderLength, Step::Mode, Step::Format});
    set(Field(2, Field::kOptional),
        {Step::ExtensionsLength, Step::IdentityLength, Step::Version, Step::ShareGroup, Step::ExtensionEnd});
    set(Field(2, Field::kOptional | Field::kListed), {Step::Suite, Step::Group, Step::Scheme});
    set(Field(4), {Step::TicketAge});
    set(Field(4, Field::kOptional), {Step::ExtensionHeader});
    set(Field(0), {Step::Random, Step::SessionId, Step::Name, Step::Protocol, Step::Ticket, Step::Identity,
                   Step::Binder, Step::Cookie, Step::Share, Step::Skip});
    return fields;
  }();
  return kFields[static_cast<std::size_t>(step)];
}

bool ClientHelloParser::fail(Error error) noexcept {
  error_ = error;
  return false;
}

// Sets a bound `size` bytes ahead, within the one around it.
bool ClientHelloParser::push(Level level, std::uint32_t size) noexcept {
  if (size > ends_[depth_] - position_) {
    return fail(peer_error(Alert::DecodeError, "a length in ClientHello runs past the field around it"));
  }
  ++depth_;
  ends_[depth_] = position_ + size;
  levels_[depth_] = level;
  return true;
}

// A list that fills the rest of its extension (identities: that is followed by binders).
bool ClientHelloParser::open_list(Step element, std::uint32_t size, std::uint32_t minimum, Level level) noexcept {
  if (size < minimum) return fail(peer_error(Alert::DecodeError, "a list in a ClientHello extension is too short"));
  if (level == Level::List && size != ends_[depth_] - position_) {
    return fail(peer_error(Alert::DecodeError, "a list does not fill its ClientHello extension"));
  }
  step_ = element;
  return push(level, size);
}

bool ClientHelloParser::begin_run(Step step, std::uint32_t size) noexcept {
  if (size > ends_[depth_] - position_) {
    return fail(peer_error(Alert::DecodeError, "a length in ClientHello runs past the field around it"));
  }
  step_ = step;
  run_size_ = size;
  run_done_ = 0;
  return true;
}

// Leaves every bound that ends here. A bound that ends in the middle of something is an error.
bool ClientHelloParser::close_bounds() noexcept {
  while (position_ == ends_[depth_]) {
    if (!field_of(step_).is_optional()) {
      return fail(peer_error(Alert::DecodeError, "a field of ClientHello is cut short"));
    }
    switch (levels_[depth_]) {
      case Level::Message:
        return true;
      case Level::Suites:
        step_ = Step::CompressionsLength;
        break;
      case Level::Compressions:
        step_ = Step::ExtensionsLength;
        break;
      case Level::Block:
        break;
      case Level::Extension:
        step_ = Step::ExtensionHeader;
        break;
      case Level::List:
        step_ = Step::ExtensionEnd;
        break;
      case Level::Identities:
        step_ = Step::BindersLength;
        binders_ahead_ = true;
        break;
    }
    --depth_;
  }
  return true;
}

ClientHelloParser::Progress ClientHelloParser::feed(ConstBytes bytes, std::size_t& used,
                                                    const HelloSink& sink) noexcept {
  const std::uint32_t begun = position_;
  const Progress progress = take(bytes, sink);
  used += position_ - begun;
  return progress;
}

// Each turn of the loop takes one run, one field or the elements of a list, and advances position_ by what it took.
ClientHelloParser::Progress ClientHelloParser::take(ConstBytes bytes, const HelloSink& sink) noexcept {
  while (true) {
    const Field field = field_of(step_);
    const std::uint32_t before = position_;
    if (field.width() == 0) {
      // A run of no bytes ends before any byte is looked at.
      if (bytes.empty() && run_done_ != run_size_) break;
      take_run(bytes, sink);
      if (run_done_ != run_size_) break;
      on_run_end(sink);
    } else {
      if (bytes.empty()) break;
      if (have_ == 0 && field.width() > ends_[depth_] - position_) {
        fail(peer_error(Alert::DecodeError, "a field of ClientHello is cut short"));
        return Progress::Failed;
      }
      const bool whole = have_ == 0 && field.width() <= bytes.size();  // as nearly always
      if (whole && field.is_listed()) {
        take_words(bytes, sink);
      } else {
        std::uint32_t value;
        if (whole) {
          value = integer_at(bytes.data(), field.width());
          position_ += field.width();
        } else if (!take_part(bytes, field.width(), value)) {
          break;
        }
        if (!on_field(value, sink)) return Progress::Failed;
      }
    }
    bytes = bytes.subspan(position_ - before);
    // An opaque run that was just begun with no bytes is ended by the next turn of the loop.
    if (position_ != ends_[depth_] || field_of(step_).width() == 0) continue;
    if (!close_bounds()) return Progress::Failed;
    if (depth_ == 0 && position_ == ends_[0]) return Progress::Complete;
    if (binders_ahead_) {
      binders_ahead_ = false;
      return Progress::BindersAhead;
    }
  }
  if (remaining() == 0) {
    fail(peer_error(Alert::DecodeError, "ClientHello is cut short"));
    return Progress::Failed;
  }
  return Progress::More;
}

void ClientHelloParser::take_run(ConstBytes bytes, const HelloSink& sink) noexcept {
  const std::size_t rest = run_size_ - run_done_;
  const ConstBytes part = bytes.first(rest < bytes.size() ? rest : bytes.size());
  if (!part.empty()) on_run_bytes(part, sink);
  run_done_ += static_cast<std::uint32_t>(part.size());
  position_ += static_cast<std::uint32_t>(part.size());
}

// A field that came, or comes, in parts. False when it is not whole yet.
bool ClientHelloParser::take_part(ConstBytes bytes, std::size_t width, std::uint32_t& value) noexcept {
  std::size_t taken = 0;
  while (have_ + taken != width && taken != bytes.size()) value_ = value_ << 8 | bytes[taken++];
  have_ = static_cast<std::uint8_t>(have_ + taken);
  position_ += static_cast<std::uint32_t>(taken);
  if (have_ != width) return false;
  value = value_;
  value_ = 0;
  have_ = 0;
  return true;
}

// As many elements of the list as lie here; at least one does. Most fields of a hello are such.
void ClientHelloParser::take_words(ConstBytes bytes, const HelloSink& sink) noexcept {
  const std::size_t bound = ends_[depth_] - position_;
  const std::size_t size = (bound < bytes.size() ? bound : bytes.size()) & ~std::size_t{1};
  position_ += static_cast<std::uint32_t>(size);
  const std::uint8_t* const begin = bytes.data();
  const std::uint8_t* const end = begin + size;
  switch (step_) {
    case Step::Suite:
      for (const std::uint8_t* at = begin; at != end; at += 2) on_suite(word_at(at), sink.hello);
      break;
    case Step::Scheme:
      for (const std::uint8_t* at = begin; at != end; at += 2) on_scheme(word_at(at), sink);
      break;
    default:  // Group is the only other one
      for (const std::uint8_t* at = begin; at != end; at += 2) on_group(word_at(at), sink.hello);
      break;
  }
}

bool ClientHelloParser::on_field(std::uint32_t value, const HelloSink& sink) noexcept {
  ClientHello& hello = sink.hello;
  switch (step_) {
    case Step::LegacyVersion:
      hello.legacy_version = static_cast<std::uint16_t>(value);
      return begin_run(Step::Random, sizeof sink.identity.random);
    case Step::SessionIdLength:
      if (value > sizeof sink.identity.session_id) {
        return fail(peer_error(Alert::DecodeError, "legacy_session_id is longer than 32 bytes"));
      }
      sink.identity.session_id_size = static_cast<std::uint8_t>(value);
      return begin_run(Step::SessionId, value);
    case Step::SuitesLength:
      if (value < 2) return fail(peer_error(Alert::DecodeError, "ClientHello lists no cipher suites"));
      step_ = Step::Suite;
      return push(Level::Suites, value);
    case Step::Suite:
      on_suite(static_cast<std::uint16_t>(value), hello);
      return true;
    case Step::CompressionsLength:
      if (value < 1) return fail(peer_error(Alert::DecodeError, "ClientHello lists no compression methods"));
      step_ = Step::Compression;
      return push(Level::Compressions, value);
    case Step::Compression:
      (value == 0 ? hello.null_compression : hello.other_compression) = true;
      return true;
    case Step::ExtensionsLength:
      if (value != remaining()) {
        return fail(peer_error(Alert::DecodeError, "the extensions do not fill the rest of ClientHello"));
      }
      step_ = Step::ExtensionHeader;
      return push(Level::Block, value);
    case Step::ExtensionHeader:
      return begin_extension(value, sink);
    default:
      return on_extension_field(value, sink);
  }
}

void ClientHelloParser::on_suite(std::uint16_t suite, ClientHello& hello) noexcept {
  if (hello.suite_count < kMaxSuites) hello.suites[hello.suite_count] = suite;
  ++hello.suite_count;  // a hello has at most 2^15 - 1
  if (suite == static_cast<std::uint16_t>(CipherSuite::FallbackScsv)) hello.fallback_scsv = true;
  if (suite == static_cast<std::uint16_t>(CipherSuite::EmptyRenegotiationInfoScsv)) hello.renegotiation_scsv = true;
}

void ClientHelloParser::on_run_bytes(ConstBytes bytes, const HelloSink& sink) noexcept {
  ClientHello& hello = sink.hello;
  switch (step_) {
    case Step::Random:
      copy_bytes(sink.identity.random + run_done_, bytes);
      break;
    case Step::SessionId:
      copy_bytes(sink.identity.session_id + run_done_, bytes);
      break;
    case Step::Name:
      keep_name(bytes, sink.identity);
      break;
    case Step::Protocol:
      match_protocols(bytes, sink);
      break;
    case Step::Ticket:
    case Step::Identity:
      if (keep_run_) copy_bytes(hello.ticket + run_done_, bytes);
      break;
    case Step::Binder:
      if (keep_run_) copy_bytes(hello.binder + run_done_, bytes);
      break;
    case Step::Cookie:
      if (keep_run_) copy_bytes(hello.cookie + run_done_, bytes);
      if (hello.fixed_cookie_matches) {
        const ConstBytes expected = sink.configuration.fixed_cookie.subspan(run_done_, bytes.size());
        hello.fixed_cookie_matches = equal_constant_time(expected, bytes);
      }
      break;
    case Step::Share:
      if (keep_run_) copy_bytes(hello.share + run_done_, bytes);
      break;
    default:
      break;  // passed over
  }
}

void ClientHelloParser::on_run_end(const HelloSink& sink) noexcept {
  switch (step_) {
    case Step::Random:
      step_ = Step::SessionIdLength;
      break;
    case Step::SessionId:
      step_ = Step::SuitesLength;
      break;
    case Step::Name:
      step_ = Step::NameType;
      break;
    case Step::Protocol:
      sink.hello.protocols |= protocols_;
      first_protocol_ = false;
      step_ = Step::ProtocolLength;
      break;
    case Step::Identity:
      step_ = Step::TicketAge;
      break;
    case Step::Binder:
      step_ = Step::BinderLength;
      break;
    case Step::Share:
      step_ = Step::ShareGroup;
      break;
    default:
      step_ = Step::ExtensionEnd;
      break;
  }
  keep_run_ = false;
}

}  // namespace breakwater::tls
