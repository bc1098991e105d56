// A TCP relay that changes one bit of the server's Finished on its way to the client.
//   corrupting_relay flip|keep SERVER-PORT
// Listens on a port of loopback that it prints, until its standard input ends. `keep` seals the Finished anew without a
// change: what fails then fails for another reason.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "tests/flood/finished_corruptor.h"

namespace {

using breakwater::flood::testing::FinishedCorruptor;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool send_all(int fd, const FinishedCorruptor::Bytes& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t part = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (part <= 0) return false;
    sent += static_cast<std::size_t>(part);
  }
  return true;
}

void relay(int client, std::uint16_t server_port, bool flip) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in target = loopback(server_port);
  if (connect(server, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0) {
    FinishedCorruptor corruptor(flip);
    pollfd ends[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    std::uint8_t buffer[16384];
    for (bool open = true; open && poll(ends, 2, -1) > 0;) {
      for (int side = 0; side < 2 && open; ++side) {
        if (ends[side].revents == 0) continue;
        const ssize_t got = recv(ends[side].fd, buffer, sizeof buffer, 0);
        const FinishedCorruptor::View bytes(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
        open = got > 0 && (side == 0 ? send_all(server, corruptor.from_client(bytes))
                                     : send_all(client, corruptor.from_server(bytes)));
      }
    }
  }
  close(server);
  close(client);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: corrupting_relay flip|keep SERVER-PORT\n");
    return 2;
  }
  const bool flip = std::strcmp(argv[1], "flip") == 0;
  const auto server_port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  std::signal(SIGPIPE, SIG_IGN);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("corrupting_relay");
    return 1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  std::thread([&] {
    for (;;) {
      const int client = accept(listener, nullptr, nullptr);
      if (client < 0) return;
      std::thread(relay, client, server_port, flip).detach();
    }
  }).detach();
  while (std::getchar() != EOF) {
  }
  std::_Exit(0);  // threads still relay, and have nothing to clean up
}
