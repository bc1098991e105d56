// Opens COUNT TLS connections to 127.0.0.1:PORT, one after the other, and drops each at another point of the handshake:
// after no byte, in the middle of the ClientHello, before and after the server's flight, in the middle of the client's
// second flight, and behind it. Half of them end with a reset.
//
//   abort_flood PORT COUNT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// A client whose bytes on the wire are ours to cut.
class Client {
 public:
  explicit Client(SSL_CTX* context) : ssl_(SSL_new(context), SSL_free) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    if (ssl_ == nullptr || in_ == nullptr || out_ == nullptr) die("SSL_new");
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_connect_state(ssl_.get());
  }

  std::string step() {
    SSL_do_handshake(ssl_.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    std::string output(data, static_cast<std::size_t>(size));
    (void)BIO_reset(out_);
    return output;
  }

  void feed(const char* data, std::size_t size) { BIO_write(in_, data, static_cast<int>(size)); }

 private:
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  BIO* in_;
  BIO* out_;
};

class Socket {
 public:
  explicit Socket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) die("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }

  void send(const std::string& bytes) {
    if (!bytes.empty() && ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) die("send");
  }

  std::size_t receive(std::array<char, 65536>& room) {
    const ssize_t got = ::recv(descriptor_, room.data(), room.size(), 0);
    if (got <= 0) die("recv: the server's flight does not come");
    return static_cast<std::size_t>(got);
  }

  void reset_on_close() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  int descriptor_;
};

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Context make_context(int version) {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (context == nullptr) die("SSL_CTX_new");
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

// Where a connection ends: before the server's flight after so many hundredths of the hello, or behind it after so many
// hundredths of the client's second flight.
struct Point {
  bool after_flight;
  unsigned hundredths;
};
constexpr Point kPoints[] = {
    {false, 0}, {false, 1}, {false, 2}, {false, 25}, {false, 50}, {false, 75}, {false, 99}, {false, 100},
    {true, 0},  {true, 3},  {true, 7},  {true, 10},  {true, 30},  {true, 60},  {true, 99},  {true, 100},
};

void abort_at(std::uint16_t port, SSL_CTX* context, const std::string& hello, Point point, bool reset) {
  static std::array<char, 65536> room;
  Socket socket(port);
  if (reset) socket.reset_on_close();
  if (!point.after_flight) return socket.send(hello.substr(0, hello.size() * point.hundredths / 100));
  Client client(context);
  socket.send(client.step());
  std::string second;
  while (second.empty()) {
    client.feed(room.data(), socket.receive(room));
    second = client.step();
  }
  socket.send(second.substr(0, second.size() * point.hundredths / 100));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: abort_flood PORT COUNT\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const long count = std::atol(argv[2]);
  const std::array<Context, 2> contexts = {make_context(TLS1_2_VERSION), make_context(TLS1_3_VERSION)};
  const std::array<std::string, 2> hellos = {Client(contexts[0].get()).step(), Client(contexts[1].get()).step()};
  for (long i = 0; i < count; ++i) {
    // Points behind the server's flight cost this client a handshake: every fourth connection goes there.
    const auto at = static_cast<std::size_t>(i / 2);
    const Point point = kPoints[i % 8 < 6 ? at % 8 : 8 + at % 8];
    const std::size_t version = static_cast<std::size_t>(i) % 2;
    abort_at(port, contexts[version].get(), hellos[version], point, i % 16 != 5);
  }
  return 0;
}
