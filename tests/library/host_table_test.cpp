// Which certificates speak for which name.
#include "library/src/host_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace breakwater::test {
namespace {

constexpr auto kEcdsa = batch::KeyType::EcdsaP256;
constexpr auto kRsa = batch::KeyType::Rsa;

class HostTableTest : public testing::Test {
 protected:
  void add(std::string origin, batch::KeyType type, std::vector<std::string> names) {
    auto certificate = std::make_unique<LoadedCertificate>();
    certificate->origin = std::move(origin);
    certificate->key.type = type;
    certificate->names = std::move(names);
    certificates_.push_back(std::move(certificate));
  }

  void build() { ASSERT_EQ(build_hosts(certificates_, {}, table_), ""); }
  std::string error() { return build_hosts(certificates_, {}, table_); }

  // Origins of the certificates of a host, joined by '+'.
  std::string speakers(const tls::VirtualHost& host) const {
    std::string list;
    for (const tls::Certificate& certificate : host.certificates) {
      for (const auto& loaded : certificates_) {
        if (&loaded->key == certificate.key) list += (list.empty() ? "" : "+") + loaded->origin;
      }
    }
    return list;
  }
  std::string default_speakers() const { return speakers(table_.hosts.front()); }
  std::map<std::string, std::string> by_name() const {
    std::map<std::string, std::string> map;
    for (const tls::HostName& name : table_.names) map[std::string(name.name)] = speakers(table_.hosts[name.host]);
    return map;
  }

  std::vector<std::unique_ptr<LoadedCertificate>> certificates_;
  HostTable table_;
};

using Map = std::map<std::string, std::string>;

TEST_F(HostTableTest, PutsBothKeyTypesOfANameSideBySideEcdsaFirst) {
  add("rsa", kRsa, {"a.example", "b.example"});
  add("ecdsa", kEcdsa, {"a.example", "b.example"});
  build();
  EXPECT_EQ(table_.hosts.size(), 1u);
  EXPECT_EQ(by_name(), (Map{{"a.example", "ecdsa+rsa"}, {"b.example", "ecdsa+rsa"}}));
}

TEST_F(HostTableTest, GivesEveryNameExactlyTheCertificatesThatHaveIt) {
  add("ecdsa", kEcdsa, {"a.example", "b.example"});
  add("rsa", kRsa, {"b.example", "c.example"});
  build();
  EXPECT_EQ(table_.hosts.size(), 3u);
  EXPECT_EQ(by_name(), (Map{{"a.example", "ecdsa"}, {"b.example", "ecdsa+rsa"}, {"c.example", "rsa"}}));
  EXPECT_EQ(default_speakers(), "ecdsa+rsa");  // most clients can be served by it
  EXPECT_EQ(table_.host_sources.at(0), (std::vector<std::uint32_t>{0, 1}));
  for (std::size_t host = 0; host < table_.hosts.size(); ++host) {
    std::string list;
    for (const std::uint32_t source : table_.host_sources.at(host)) {
      list += (list.empty() ? "" : "+") + certificates_.at(source)->origin;
    }
    EXPECT_EQ(list, speakers(table_.hosts[host]));
  }
}

TEST_F(HostTableTest, DefaultsToTheFirstCertificate) {
  add("z", kEcdsa, {"z.example"});
  add("a", kEcdsa, {"a.example"});
  build();
  EXPECT_EQ(default_speakers(), "z");
}

TEST_F(HostTableTest, SortsNames) {
  add("one", kEcdsa, {"b.example", "*.example", "a.example"});
  add("two", kEcdsa, {"aa.example", "-.example"});
  build();
  EXPECT_TRUE(std::is_sorted(table_.names.begin(), table_.names.end(),
                             [](const auto& left, const auto& right) { return left.name < right.name; }));
  EXPECT_EQ(table_.names.size(), 5u);
}

TEST_F(HostTableTest, FillsInTheWildcardThatCoversAName) {
  add("rsa", kRsa, {"www.example.com"});
  add("star", kEcdsa, {"*.example.com", "example.com"});
  build();
  EXPECT_EQ(by_name(), (Map{{"www.example.com", "star+rsa"}, {"*.example.com", "star"}, {"example.com", "star"}}));
}

TEST_F(HostTableTest, PrefersTheExactNameOverTheWildcard) {
  add("exact", kEcdsa, {"www.example.com"});
  add("star", kEcdsa, {"*.example.com"});
  build();
  EXPECT_EQ(by_name(), (Map{{"www.example.com", "exact"}, {"*.example.com", "star"}}));
}

TEST_F(HostTableTest, WildcardsCoverOneLabelOnly) {
  add("rsa", kRsa, {"a.b.example.com", "com"});
  add("star", kEcdsa, {"*.example.com"});
  build();
  EXPECT_EQ(by_name(), (Map{{"a.b.example.com", "rsa"}, {"com", "rsa"}, {"*.example.com", "star"}}));
}

TEST_F(HostTableTest, RefusesANameTwiceForOneKeyType) {
  add("one.pem", kEcdsa, {"a.example", "b.example"});
  add("two.pem", kEcdsa, {"b.example"});
  EXPECT_EQ(error(), "two.pem: b.example already has an ECDSA certificate, one.pem: remove one of the two");
}

TEST_F(HostTableTest, ServesNamelessCertificatesToClientsThatNameNoHost) {
  add("ecdsa", kEcdsa, {});
  add("rsa", kRsa, {});
  build();
  EXPECT_EQ(table_.hosts.size(), 1u);
  EXPECT_TRUE(table_.names.empty());
  EXPECT_EQ(default_speakers(), "ecdsa+rsa");
}

TEST_F(HostTableTest, RefusesNamelessCertificatesNobodyWouldGet) {
  add("one.pem", kEcdsa, {"a.example"});
  add("two.pem", kEcdsa, {});
  EXPECT_EQ(error(), "two.pem: it has no host name, so no client could ask for it: give its names, or list it first");
}

TEST_F(HostTableTest, RefusesTwoNamelessCertificatesOfOneKeyType) {
  add("one.pem", kRsa, {});
  add("two.pem", kRsa, {});
  EXPECT_EQ(error(), "two.pem: the default host already has an RSA certificate, one.pem: remove one of the two");
}

std::string identity(const tls::VirtualHost& host) {
  return {reinterpret_cast<const char*>(host.identity), sizeof host.identity};
}

TEST_F(HostTableTest, IdentityDependsOnTheNamesAlone) {
  add("old", kEcdsa, {"a.example", "b.example"});
  add("other", kEcdsa, {"c.example"});
  build();
  const std::string before = identity(table_.hosts[0]);
  EXPECT_NE(before, identity(table_.hosts[1]));

  // A reload: another key, another order, a new host in front.
  certificates_.clear();
  table_ = {};
  add("new host", kEcdsa, {"0.example"});
  add("renewed", kRsa, {"b.example", "a.example"});
  build();
  const auto name = std::find_if(table_.names.begin(), table_.names.end(),
                                 [](const tls::HostName& entry) { return entry.name == "a.example"; });
  ASSERT_NE(name, table_.names.end());
  EXPECT_EQ(identity(table_.hosts[name->host]), before);
}

TEST_F(HostTableTest, IdentitiesOfDifferentNameListsDiffer) {
  std::set<std::string> identities;
  const std::vector<std::vector<std::string>> lists = {{},          {"ab"},     {"a", "b"}, {"a"}, {"a", "b", "c"},
                                                       {"ab", "c"}, {"a", "bc"}};
  for (const auto& list : lists) {
    certificates_.clear();
    table_ = {};
    add("one", kEcdsa, list);
    build();
    identities.insert(identity(table_.hosts[0]));
  }
  EXPECT_EQ(identities.size(), lists.size());
}

}  // namespace
}  // namespace breakwater::test
