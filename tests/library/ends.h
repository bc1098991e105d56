// Both ends of connections in memory: the library's, fed as a program would feed it, and the test client.
#pragma once

#include <memory>
#include <vector>

#include "breakwater/breakwater.h"
#include "tests/client/client.h"

namespace breakwater::test {

inline constexpr std::uint64_t kNow = 1'700'000'000'000;

// Above zero while a call into the library runs, for those who count what it allocates.
inline thread_local int library_depth = 0;
struct InLibrary {
  InLibrary() { ++library_depth; }
  ~InLibrary() { --library_depth; }
  InLibrary(const InLibrary&) = delete;
  InLibrary& operator=(const InLibrary&) = delete;
};

// The server's end of one connection. Its buffers have their full size from the start.
class ServerEnd {
 public:
  ServerEnd(Worker& worker, const Server& server);
  ~ServerEnd();  // closes the connection
  ServerEnd(const ServerEnd&) = delete;
  ServerEnd& operator=(const ServerEnd&) = delete;

  // Takes bytes of the client and lets the library work until it wants jobs or input. Plaintext is collected.
  Event give(View bytes, std::uint64_t now = kNow);
  // Goes on after run_jobs() named the connection.
  Event resume(std::uint64_t now = kNow);
  Bytes take_output();
  Bytes seal(View payload);
  void close();  // the connection, without a word to the client

  Connection& connection() { return *connection_; }
  bool closed() const { return connection_ == nullptr; }
  const Bytes& plaintext() const { return plaintext_; }
  static ServerEnd& of(Connection& connection) { return *static_cast<ServerEnd*>(connection.user_data()); }

 private:
  Event go_on(Result result, std::uint64_t now);

  Worker& worker_;
  Connection* connection_;
  Bytes input_;
  Bytes output_storage_;
  Output output_;
  Bytes plaintext_;
};

// Runs jobs until none wait, resuming every connection that is named.
void run_all_jobs(Worker& worker, std::uint64_t now = kNow);

// A server with a self-signed certificate for each key type asked for.
enum class Keys { Ecdsa, Rsa, Both };
ServerOptions options_for(Keys keys, std::vector<std::string> names = {"ecdsa.example"});
ServerPtr server_of(const ServerOptions& options, const Server* previous = nullptr);  // a failure ends the test

// One connection, driven until neither end has more to say.
struct Both {
  Both(Worker& worker, const Server& server, Script script);
  void pump();

  Client client;
  ServerEnd server;
  std::uint64_t now;
};

}  // namespace breakwater::test
