#include "tests/library/ends.h"

#include <cstdio>
#include <cstdlib>
#include <map>

namespace breakwater::test {

ServerEnd::ServerEnd(Worker& worker, const Server& server)
    : worker_(worker), output_storage_(server.max_flight_size() + 8192), output_{.storage = output_storage_} {
  input_.reserve(64 * 1024);
  plaintext_.reserve(64 * 1024);
  const InLibrary mark;
  connection_ = worker.open();
  if (connection_ == nullptr) std::abort();
  connection_->set_user_data(this);
}

ServerEnd::~ServerEnd() { close(); }

void ServerEnd::close() {
  if (connection_ == nullptr) return;
  const InLibrary mark;
  worker_.close(*connection_);
  connection_ = nullptr;
}

Event ServerEnd::give(View bytes, std::uint64_t now) {
  append(input_, bytes);
  const std::span<std::uint8_t> piece(input_);
  Result result;
  {
    const InLibrary mark;
    result = connection_->receive(now, {&piece, 1}, output_);
  }
  return go_on(result, now);
}

Event ServerEnd::resume(std::uint64_t now) {
  Result result;
  {
    const InLibrary mark;
    result = connection_->resume(now, output_);
  }
  const Event event = go_on(result, now);
  // What came while the jobs were waited for is presented again.
  return event == Event::WantInput && !input_.empty() ? give({}, now) : event;
}

Event ServerEnd::go_on(Result result, std::uint64_t now) {
  for (;;) {
    if (result.event == Event::Plaintext) {
      append(plaintext_, View(input_).subspan(result.plaintext_offset, result.plaintext_size));
    }
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(result.consumed));
    if (result.event != Event::Plaintext && result.event != Event::HandshakeDone) return result.event;
    const std::span<std::uint8_t> piece(input_);
    const InLibrary mark;
    result = connection_->receive(now, {&piece, 1}, output_);
  }
}

Bytes ServerEnd::take_output() {
  Bytes bytes(output_storage_.begin(), output_storage_.begin() + static_cast<std::ptrdiff_t>(output_.size));
  output_.size = 0;
  return bytes;
}

Bytes ServerEnd::seal(View payload) {
  Bytes buffer(kHeadRoom + payload.size() + kTailRoom);
  std::copy(payload.begin(), payload.end(), buffer.begin() + kHeadRoom);
  Connection::Sealed sealed;
  {
    const InLibrary mark;
    sealed = connection_->seal(buffer, kHeadRoom, payload.size());
  }
  return to_bytes(View(buffer).subspan(sealed.offset, sealed.size));
}

void run_all_jobs(Worker& worker, std::uint64_t now) {
  const InLibrary mark;
  while (worker.jobs_waiting()) {
    worker.run_jobs([&](Connection& ready) { ServerEnd::of(ready).resume(now); });
  }
}

ServerOptions options_for(Keys keys, std::vector<std::string> names) {
  // Each is made once: RSA keys are slow to make.
  static std::map<std::pair<SelfSignedKey, std::vector<std::string>>, CertificateOptions> made;
  ServerOptions options;
  for (const SelfSignedKey key : {SelfSignedKey::EcdsaP256, SelfSignedKey::Rsa2048}) {
    if (keys == (key == SelfSignedKey::EcdsaP256 ? Keys::Rsa : Keys::Ecdsa)) continue;
    auto& certificate = made[{key, names}];
    if (certificate.chain_pem.empty()) certificate = make_self_signed(key, names).value();
    options.certificates.push_back(certificate);
  }
  return options;
}

ServerPtr server_of(const ServerOptions& options, const Server* previous) {
  BuildResult result = Server::build(options, previous);
  if (result.server == nullptr) {
    std::fprintf(stderr, "no server: %s\n", result.error.c_str());
    std::abort();
  }
  return std::move(result.server);
}

Both::Both(Worker& worker, const Server& shared, Script script)
    : client(std::move(script)), server(worker, shared), now(client.script().now_ms) {
  server.give(client.start(), now);
  pump();
}

void Both::pump() {
  for (;;) {
    run_all_jobs(server.connection().worker(), now);
    const Bytes answer = client.receive(server.take_output());
    if (answer.empty()) return;
    server.give(answer, now);
  }
}

}  // namespace breakwater::test
