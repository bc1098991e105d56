#include "fuzz/mutations.h"

#include <algorithm>
#include <utility>

namespace breakwater::fuzz {
namespace {

using test::Bytes;
using test::Outgoing;
using test::View;

// The byte in front of a list of changes: most of its values mean none, so that scripts reach the end of a handshake.
std::size_t count_of(std::uint8_t byte) { return byte < 0xC0 ? byte % 4 : 0; }

template <typename List>
auto at(List& list, std::size_t place) {
  return list.begin() + static_cast<std::ptrdiff_t>(place);
}

void change_byte(Bytes& bytes, Input& input) {
  const std::size_t place = input.u16();
  const std::uint8_t mask = input.u8();
  if (!bytes.empty()) bytes[place % bytes.size()] ^= mask;
}

Outgoing made_up(Input& input) {
  constexpr tls::ContentType kTypes[] = {tls::ContentType::Handshake, tls::ContentType::Alert,
                                         tls::ContentType::ChangeCipherSpec, tls::ContentType::ApplicationData};
  Outgoing item;
  const std::uint8_t kind = input.u8();
  item.type = kTypes[kind & 3];
  item.epoch = static_cast<test::Epoch>(kind >> 2 & 3);
  item.payload = test::to_bytes(input.bytes(input.u8()));
  return item;
}

void change_item(std::vector<Outgoing>& flight, std::size_t place, Input& input) {
  Outgoing& item = flight[place];
  switch (input.u8() % 13) {
    case 0:
      flight.erase(at(flight, place));
      return;
    case 1: {
      const Outgoing copy = item;
      flight.insert(at(flight, place), copy);
      return;
    }
    case 2:
      std::swap(item, flight[(place + 1) % flight.size()]);
      return;
    case 3:
      item.payload.resize(std::min<std::size_t>(item.payload.size(), input.u16()));
      return;
    case 4:
      return change_byte(item.payload, input);
    case 5:
      item.type = static_cast<tls::ContentType>(20 + input.u8() % 5);
      return;
    case 6:
      item.epoch = static_cast<test::Epoch>(input.u8() & 3);
      return;
    case 7:
      item.fragment = 1 + input.u8();
      return;
    case 8:
      item.padding = input.u16() % 20'000;
      return;
    case 9:
      item.version = static_cast<std::uint16_t>(0x0300 + input.u8() % 6);
      return;
    case 10:
      flight.insert(at(flight, place), made_up(input));
      return;
    case 11:
      test::append(item.payload, input.bytes(input.u8()));
      return;
    default:  // two messages in one record
      if (place + 1 < flight.size()) {
        test::append(item.payload, flight[place + 1].payload);
        flight.erase(at(flight, place + 1));
      }
      return;
  }
}

void change_record(std::vector<LoggedRecord>& records, std::size_t place, Input& input) {
  Bytes& bytes = records[place].bytes;
  switch (input.u8() % 6) {
    case 0:
      records.erase(at(records, place));
      return;
    case 1: {
      const LoggedRecord copy = records[place];
      records.insert(at(records, place), copy);
      return;
    }
    case 2:
      std::swap(records[place], records[(place + 1) % records.size()]);
      return;
    case 3:
      bytes.resize(std::max<std::size_t>(1, std::min<std::size_t>(bytes.size(), input.u16())));
      return;
    case 4:
      return change_byte(bytes, input);
    default: {
      LoggedRecord raw;
      raw.bytes = test::to_bytes(input.bytes(input.u8()));
      if (!raw.bytes.empty()) records.insert(at(records, place), raw);
      return;
    }
  }
}

void change_extension(test::HelloSpec& hello, Input& input) {
  if (hello.extensions.empty()) return;
  const std::size_t place = input.u8() % hello.extensions.size();
  switch (input.u8() % 5) {
    case 0:
      hello.extensions.erase(at(hello.extensions, place));
      return;
    case 1:
      std::swap(hello.extensions[place], hello.extensions[(place + 1) % hello.extensions.size()]);
      return;
    case 2:
      return change_byte(hello.extensions[place].data, input);
    case 3: {
      const test::Extension copy = hello.extensions[place];
      hello.extensions.insert(at(hello.extensions, place), copy);
      return;
    }
    default: {
      const std::uint16_t type = input.u16();
      hello.extensions.insert(at(hello.extensions, place), {type, test::to_bytes(input.bytes(input.u8()))});
      return;
    }
  }
}

}  // namespace

bool change_hello(test::HelloSpec& hello, Input& input) {
  const std::size_t count = count_of(input.u8());
  for (std::size_t i = 0; i < count; ++i) {
    switch (input.u8() % 8) {
      case 0:
        hello.suites.insert(hello.suites.begin(), input.u16());
        break;
      case 1:
        hello.session_id.resize(input.u8() % 40);
        break;
      case 2:
        hello.legacy_version = static_cast<std::uint16_t>(0x02FE + input.u8() % 8);
        break;
      case 3:
        hello.compressions = test::to_bytes(input.bytes(input.u8() % 4));
        break;
      default:
        change_extension(hello, input);
        break;
    }
  }
  return count != 0;
}

bool change_flight(std::vector<Outgoing>& flight, Input& input) {
  const std::size_t count = count_of(input.u8());
  for (std::size_t i = 0; i < count && !flight.empty(); ++i) change_item(flight, input.u8() % flight.size(), input);
  return count != 0;
}

bool change_records(std::vector<LoggedRecord>& records, Input& input) {
  const std::size_t count = count_of(input.u8());
  for (std::size_t i = 0; i < count && !records.empty(); ++i) {
    change_record(records, input.u8() % records.size(), input);
  }
  return count != 0;
}

}  // namespace breakwater::fuzz
