#include "flood/tls/hello_template.h"

#include <array>
#include <span>

#include "flood/tls/codes.h"
#include "flood/tls/wire.h"

namespace breakwater::flood::protocol {
namespace {

constexpr std::size_t kExtensionHeader = 4;

// Puts a head and a tail in the place of `remove` bytes of the template.
struct Edit {
  std::size_t at = 0;
  std::size_t remove = 0;
  std::array<std::uint8_t, 14> head = {};
  std::size_t head_size = 0;
  ConstBytes body;
  std::array<std::uint8_t, 4> tail = {};
  std::size_t tail_size = 0;
  std::size_t zeros = 0;

  std::size_t size() const noexcept { return head_size + body.size() + tail_size + zeros; }
  void u16(std::size_t value) noexcept {
    put_u16(head.data() + head_size, value);
    head_size += 2;
  }
  void u8(std::size_t value) noexcept { head[head_size++] = static_cast<std::uint8_t>(value); }
};

// Kept in the order of their places; of two for one place the first stays the first.
class Edits {
 public:
  Edit& add(std::size_t at, std::size_t remove) noexcept {
    std::size_t place = count_++;
    for (; place > 0 && edits_[place - 1].at > at; --place) edits_[place] = edits_[place - 1];
    edits_[place] = Edit{};
    edits_[place].at = at;
    edits_[place].remove = remove;
    return edits_[place];
  }
  std::span<const Edit> all() const noexcept { return {edits_.data(), count_}; }

 private:
  std::array<Edit, 8> edits_;
  std::size_t count_ = 0;
};

std::size_t read_u16(const std::vector<std::uint8_t>& from, std::size_t at) noexcept {
  return static_cast<std::size_t>(from[at] << 8 | from[at + 1]);
}

void add_ticket(const HelloTemplate& from, const HelloFill& fill, Edits& edits) noexcept {
  Edit& edit = edits.add(from.session_ticket + 2, 2);
  edit.u16(fill.ticket.size());
  edit.body = fill.ticket;
}

// RFC 5746 3.5: the extension with the verify_data; the SCSV must go.
void add_renegotiation(const HelloTemplate& from, const HelloFill& fill, Edits& edits) noexcept {
  if (from.scsv != HelloTemplate::kNone) {
    edits.add(0, 2).u16(read_u16(from.rest, 0) - 2);
    edits.add(from.scsv, 2);
  }
  const bool there = from.renegotiation_info != HelloTemplate::kNone;
  Edit& edit = there ? edits.add(from.renegotiation_info, kExtensionHeader + 1) : edits.add(from.extensions + 2, 0);
  edit.u16(extension::kRenegotiationInfo);
  edit.u16(1 + fill.verify_data.size());
  edit.u8(fill.verify_data.size());
  edit.body = fill.verify_data;
}

void add_share(const HelloTemplate& from, const HelloFill& fill, Edits& edits) noexcept {
  const std::size_t old_size = kExtensionHeader + read_u16(from.rest, from.key_share + 2);
  Edit& edit = edits.add(from.key_share, old_size);
  edit.u16(extension::kKeyShare);
  edit.u16(6 + fill.share.size());
  edit.u16(4 + fill.share.size());
  edit.u16(fill.group);
  edit.u16(fill.share.size());
  edit.body = fill.share;
}

void add_cookie(const HelloTemplate& from, const HelloFill& fill, Edits& edits) noexcept {
  Edit& edit = edits.add(from.key_share, 0);
  edit.u16(extension::kCookie);
  edit.u16(2 + fill.cookie.size());
  edit.u16(fill.cookie.size());
  edit.body = fill.cookie;
}

// RFC 8446 4.2.11: one identity, its age, one binder; always the last extension.
void add_psk(const HelloTemplate& from, const HelloFill& fill, Edits& edits) noexcept {
  const std::size_t identities = 2 + fill.psk_identity.size() + 4;
  const std::size_t binders = 1 + fill.binder_size;
  Edit& edit = edits.add(from.rest.size(), 0);
  edit.u16(extension::kPreSharedKey);
  edit.u16(2 + identities + 2 + binders);
  edit.u16(identities);
  edit.u16(fill.psk_identity.size());
  edit.body = fill.psk_identity;
  put_u32(edit.tail.data(), fill.psk_age);
  edit.tail_size = 4;
  edit.zeros = 2 + binders;
}

// Gathers what the fill asks for and the template has a place for.
void gather(const HelloTemplate& from, const HelloFill& fill, Edits& edits) noexcept {
  const bool has_share = from.key_share != HelloTemplate::kNone;
  if (!fill.ticket.empty() && from.session_ticket != HelloTemplate::kNone) add_ticket(from, fill, edits);
  if (!fill.verify_data.empty()) add_renegotiation(from, fill, edits);
  if (!fill.cookie.empty() && has_share) add_cookie(from, fill, edits);
  if (!fill.share.empty() && has_share) add_share(from, fill, edits);
  const bool same_size = fill.ticket.empty() && fill.verify_data.empty() && fill.cookie.empty() && fill.share.empty() &&
                         fill.psk_identity.empty();
  if (!same_size && from.padding != HelloTemplate::kNone) {
    edits.add(from.padding, from.rest.size() - from.padding);
  }
  if (!fill.psk_identity.empty()) add_psk(from, fill, edits);
}

std::uint8_t* append(std::uint8_t* at, ConstBytes bytes) noexcept {
  copy_bytes(at, bytes);
  return at + bytes.size();
}

}  // namespace

std::size_t write_hello(const HelloTemplate& from, const HelloFill& fill, MutableBytes out) noexcept {
  Edits edits;
  gather(from, fill, edits);
  const std::span<const Edit> sorted = edits.all();
  const std::size_t front = 4 + 2 + 32 + 1 + fill.session_id.size();
  std::size_t rest_size = from.rest.size();
  std::size_t extensions_at = from.extensions;
  for (const Edit& edit : sorted) {
    rest_size = rest_size - edit.remove + edit.size();
    if (edit.at < from.extensions) extensions_at = extensions_at - edit.remove + edit.size();
  }
  const std::size_t size = front + rest_size;
  if (size > out.size()) return 0;

  std::uint8_t* at = out.data();
  *at++ = static_cast<std::uint8_t>(MessageType::ClientHello);
  put_u24(at, size - 4);
  at += 3;
  put_u16(at, kVersion12);
  at = append(at + 2, fill.random.first(32));
  *at++ = static_cast<std::uint8_t>(fill.session_id.size());
  at = append(at, fill.session_id);
  std::size_t done = 0;
  for (const Edit& edit : sorted) {
    at = append(at, {from.rest.data() + done, edit.at - done});
    done = edit.at + edit.remove;
    at = append(at, {edit.head.data(), edit.head_size});
    at = append(at, edit.body);
    at = append(at, {edit.tail.data(), edit.tail_size});
    memset(at, 0, edit.zeros);
    at += edit.zeros;
  }
  append(at, {from.rest.data() + done, from.rest.size() - done});
  put_u16(out.data() + front + extensions_at, rest_size - extensions_at - 2);
  if (!fill.psk_identity.empty()) {  // the lengths of the zero binders
    put_u16(out.data() + size - binders_size(fill.binder_size), 1 + fill.binder_size);
    out[size - 1 - fill.binder_size] = static_cast<std::uint8_t>(fill.binder_size);
  }
  return size;
}

}  // namespace breakwater::flood::protocol
