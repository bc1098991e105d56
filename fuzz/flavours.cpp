#include "fuzz/flavours.h"

#include "fuzz/stages.h"
#include "fuzz/world.h"

namespace breakwater::fuzz {
namespace {

using test::Offer;
using tls::ProtocolVersion;

Offer tls12(std::uint16_t suite, std::uint16_t group) {
  Offer offer = Offer::tls12_only();
  offer.suites = {suite};
  offer.groups = {group, 0x0017};
  return offer;
}

Offer tls13(std::uint16_t suite, std::uint16_t share) {
  Offer offer = Offer::tls13_only();
  offer.suites = {suite};
  offer.shares = {share};
  return offer;
}

Offer resumed(Offer offer, ProtocolVersion version, bool early_data = false) {
  offer.sessions = {session(version)};
  offer.early_data = early_data;
  return offer;
}

Offer retried(Offer offer) {
  offer.shares = {};
  return offer;
}

std::vector<Offer> make_flavours() {
  std::vector<Offer> made;
  made.push_back(tls12(0xC02B, 0x001D));
  made.push_back(tls12(0xCCA9, 0x001D));
  made.back().extended_master_secret = false;
  made.push_back(tls12(0xC02C, 0x0017));
  made.back().session_ticket = false;
  made.back().session_id = false;
  made.push_back(resumed(Offer::tls12_only(), ProtocolVersion::Tls12));
  made.push_back(tls13(0x1301, 0x001D));
  made.push_back(tls13(0x1302, 0x0017));
  made.push_back(tls13(0x1303, 0x001D));
  made.back().session_id = false;
  made.push_back(resumed(Offer::tls13_only(), ProtocolVersion::Tls13));
  made.push_back(retried(Offer::tls13_only()));
  made.push_back(retried(resumed(Offer::tls13_only(), ProtocolVersion::Tls13)));
  made.push_back(resumed(Offer::tls13_only(), ProtocolVersion::Tls13, true));
  made.push_back(retried(resumed(Offer::tls13_only(), ProtocolVersion::Tls13, true)));
  made.push_back(Offer::browser());
  made.push_back(Offer{});
  made.back().server_name = "www.fuzz.example";
  made.back().record_size_limit = 100;
  made.back().session_id = false;
  made.push_back(tls12(0xC02B, 0x001D));
  made.back().server_name.clear();
  made.back().protocols = {"http/1.1"};
  made.back().renegotiation_info = false;
  made.back().renegotiation_scsv = true;
  made.back().record_size_limit = 64;
  return made;
}

}  // namespace

const std::vector<Offer>& flavours() {
  static const std::vector<Offer> made = make_flavours();
  return made;
}

}  // namespace breakwater::fuzz
