// An HTTPS server that answers a request by showing it: Breakwater with poll(), in one thread.
// Usage: echo_server [PORT]   (0: any free one; it tells its address)
#include <arpa/inet.h>
#include <breakwater/breakwater.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace bw = breakwater;

std::uint64_t now_ms() { return static_cast<std::uint64_t>(std::time(nullptr)) * 1000; }

struct Client {
  Client(int fd, bw::Connection& connection, std::size_t room) : fd(fd), connection(connection), room(room) {
    connection.set_user_data(this);
  }
  ~Client() {
    connection.worker().close(connection);
    close(fd);
  }

  void read_socket() {
    std::uint8_t bytes[16384];
    const ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size <= 0) gone = size == 0 || errno != EAGAIN;
    if (size > 0 && !ending) input.insert(input.end(), bytes, bytes + size), give_input();
  }

  // Worker::run_jobs() has done what this connection waited for.
  void resume() {
    handle(with_output([&](bw::Output& out) { return connection.resume(now_ms(), out); }));
    if (!ending) give_input();
  }

  void write_socket() {
    const ssize_t size = ::send(fd, output.data(), output.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) gone = errno != EAGAIN;
    if (size > 0) output.erase(output.begin(), output.begin() + size);
    if (ending && output.empty()) shutdown(fd, SHUT_WR);  // the client closes the rest
  }

  void give_input() {
    const auto receive = [&](bw::Output& out) {
      const std::span<std::uint8_t> piece(input);
      return connection.receive(now_ms(), {&piece, 1}, out);
    };
    while (handle(with_output(receive))) continue;
  }

  // Gives a call room behind the output that waits, and keeps what it wrote.
  bw::Result with_output(auto call) {
    const std::size_t waiting = output.size();
    output.resize(waiting + room);
    bw::Output out{.storage = output, .size = waiting};
    const bw::Result result = call(out);
    output.resize(out.size);
    return result;
  }

  // Acts on an event. Returns whether to look at the rest of the input.
  bool handle(const bw::Result& result) {
    request.append(reinterpret_cast<char*>(input.data()) + result.plaintext_offset, result.plaintext_size);
    input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(result.consumed));
    if (result.event == bw::Event::HandshakeDone) connection.release_handshake();
    if (result.event == bw::Event::PeerClosed || result.event == bw::Event::Failed) ending = true;
    if (result.event == bw::Event::Plaintext) return !answer();
    return result.event == bw::Event::HandshakeDone;
  }

  // Answers the request once its head is complete, and ends the connection.
  bool answer() {
    if (request.find("\r\n\r\n") == std::string::npos && request.size() < 8192) return false;
    send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n");
    send("hello over " + std::string(connection.facts().suite) + "\n\n" + request);
    with_output([&](bw::Output& out) { return connection.close(out), bw::Result{}; });
    return ending = true;
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      const std::string_view part = text.substr(0, connection.max_payload());
      std::vector<std::uint8_t> record(bw::kHeadRoom + part.size() + bw::kTailRoom);
      std::copy(part.begin(), part.end(), record.begin() + bw::kHeadRoom);
      const auto [offset, size] = connection.seal(record, bw::kHeadRoom, part.size());
      output.insert(output.end(), &record[offset], &record[offset] + size);
      text.remove_prefix(part.size());
    }
  }

  int fd;
  bw::Connection& connection;
  std::size_t room;
  std::vector<std::uint8_t> input, output;
  std::string request;
  bool ending = false;  // nothing more is read; what is in output is sent
  bool gone = false;
};

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, any, size) != 0 || listen(listener, 128) != 0) std::perror("cannot listen"), std::exit(1);
  getsockname(listener, any, &size);
  std::printf("https://localhost:%d/\n", ntohs(address.sin_port)), std::fflush(stdout);
  return listener;
}

int main(int argc, char** argv) {
  const std::string names[] = {"localhost"};
  bw::ServerOptions options;
  options.certificates = {bw::make_self_signed(bw::SelfSignedKey::EcdsaP256, names).value()};
  const auto [server, error] = bw::Server::build(options);
  if (server == nullptr) return std::fprintf(stderr, "%s\n", error.c_str()), 1;

  const int listener = listen_on(argc > 1 ? std::atoi(argv[1]) : 8443);
  bw::Worker worker(server);
  std::vector<std::unique_ptr<Client>> clients;
  for (;;) {
    std::vector<pollfd> sockets{{.fd = listener, .events = POLLIN, .revents = 0}};
    // A client that does not take its answer is not listened to.
    for (const auto& client : clients) {
      sockets.push_back({client->fd, static_cast<short>(client->output.empty() ? POLLIN : POLLOUT), 0});
    }
    // Whoever was resumed in the last pass may have asked for more.
    poll(sockets.data(), sockets.size(), worker.jobs_waiting() ? 0 : 60'000);
    server->rotate_ticket_keys(now_ms());
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if ((sockets[i + 1].revents & ~POLLOUT) != 0) clients[i]->read_socket();
    }
    const auto resume = [](bw::Connection& ready) { static_cast<Client*>(ready.user_data())->resume(); };
    if (worker.jobs_waiting()) worker.run_jobs(resume);
    for (const auto& client : clients) client->write_socket();
    std::erase_if(clients, [](const auto& client) { return client->gone; });
    for (int fd; (fd = accept(listener, nullptr, nullptr)) >= 0;) {
      clients.push_back(std::make_unique<Client>(fd, *worker.open(), server->max_flight_size() + bw::kMinOutput));
    }
    worker.prepare();  // while nobody waits for it
  }
}
