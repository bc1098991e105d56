#include "proxy/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "proxy/config/toml_file.h"
#include "proxy/config/values.h"

namespace breakwater::proxy {
namespace {

constexpr const char* kServeFooter = R"(
Examples:
  breakwater serve
      Answers on https://127.0.0.1:8443 with a self-signed certificate. Try: curl -k https://127.0.0.1:8443/
  breakwater serve --listen 0.0.0.0:443 --listen '[::]:443' --cert site.pem --key site.key --backend 127.0.0.1:8080
      TLS in front of a service that speaks plain HTTP (or anything else over TCP).
  breakwater serve --cert ecdsa.pem --key ecdsa.key --cert rsa.pem --key rsa.key --respond 'Back soon.'
      Two certificates for the same names: each client gets the one it can use, ECDSA first.
  breakwater serve --config /etc/breakwater.toml --workers 4
      Everything from a file; a flag wins over the file.
  breakwater serve --admin 127.0.0.1:8444
      With a page for people on http://127.0.0.1:8444/, and numbers for `breakwater top` and Prometheus.

Signals: SIGHUP reads configuration and certificates again; SIGTERM and SIGINT let connections finish (a second one
does not); SIGUSR1 logs statistics. Exit status: 0 ended as told, 1 failure, 2 wrong command line.)";

constexpr const char* kFooter = R"(
Start with: breakwater serve
More about a command: breakwater serve --help. Everything: man 8 breakwater.)";

// Flag values as CLI11 leaves them.
struct Flags {
  std::vector<std::string> listen, proxy_protocol_from, cert, key, xdp, allow, deny;
  std::string backend, root, respond, cpus, tls_min, tickets, groups, ktls, io, crypto, guard, admin, user, key_log,
      access_log, log_format;
  std::int64_t workers = 0;
};

struct ServeOptions {
  CLI::Option *listen, *proxy_protocol_from, *cert, *key, *backend, *root, *respond, *workers, *cpus, *tls_min,
      *tickets, *groups, *ktls, *io, *crypto, *guard, *allow, *deny, *xdp, *admin, *user, *key_log, *access_log,
      *log_format;
};

CLI::Option* repeatable(CLI::Option* option) { return option->allow_extra_args(false)->take_all(); }

ServeOptions add_serve_options(CLI::App& serve, Flags& f) {
  ServeOptions o{};
  o.listen =
      repeatable(serve.add_option("--listen", f.listen, "Where to listen; may be given again. Default 127.0.0.1:8443"));
  o.listen->type_name("ADDR:PORT");
  o.proxy_protocol_from = repeatable(
      serve.add_option("--proxy-protocol-from", f.proxy_protocol_from,
                       "Front ends that send PROXY headers, such as 10.0.0.0/8; may be given again. Default none"));
  o.proxy_protocol_from->type_name("NET");
  o.cert = repeatable(serve.add_option("--cert", f.cert,
                                       "Certificate chain, PEM, leaf first; may be given again, each time with --key.\n"
                                       "Default: self-signed for localhost"));
  o.cert->type_name("FILE");
  o.key = repeatable(serve.add_option("--key", f.key, "Private key of the --cert before it, PEM"));
  o.key->type_name("FILE");
  o.backend = serve.add_option("--backend", f.backend, "Pass the plaintext to this TCP service and its answers back")
                  ->type_name("HOST:PORT");
  o.root = serve.add_option("--root", f.root, "Serve files below this folder (not available in this version)")
               ->type_name("DIR");
  o.respond = serve
                  .add_option("--respond", f.respond,
                              "Answer every HTTP request with 200 and this text (the default, with a short text)")
                  ->type_name("TEXT");
  o.backend->excludes(o.root)->excludes(o.respond);
  o.root->excludes(o.respond);
  o.workers = serve.add_option("--workers", f.workers, "Threads. Default: one for each CPU this process may use")
                  ->type_name("N");
  o.cpus = serve.add_option("--cpus", f.cpus, "Pin workers to these CPUs, such as 0-3,8. Default: not pinned")
               ->type_name("LIST");
  o.tls_min =
      serve.add_option("--tls-min", f.tls_min, "Oldest version of TLS spoken. Default 1.2")->type_name("1.2|1.3");
  o.tickets =
      serve.add_option("--tickets", f.tickets, "Session tickets, for resumption. Default on")->type_name("on|off");
  o.groups =
      serve.add_option("--groups", f.groups, "Key exchange groups in order of preference. Default x25519,secp256r1")
          ->type_name("LIST");
  o.ktls = serve.add_option("--ktls", f.ktls, "Kernel TLS. Default auto (this version: user space always)")
               ->type_name("auto|on|off");
  o.io = serve.add_option("--io", f.io, "Event interface. Default auto (this version: epoll)")
             ->type_name("auto|uring|epoll");
  o.crypto = serve
                 .add_option("--crypto", f.crypto,
                             "Arithmetic of key exchange and signatures. Default auto: the fastest this CPU can run\n"
                             "(portable, adx, ifma)")
                 ->type_name("auto|portable|adx|ifma");
  o.guard = serve
                .add_option("--guard", f.guard,
                            "Judging of clients: who is served first, and who not, under attack. Default on")
                ->type_name("on|off");
  o.allow = repeatable(serve.add_option("--allow", f.allow,
                                        "A network, or one address, that is always served and never judged; may be\n"
                                        "given again"));
  o.allow->type_name("NET");
  o.deny = repeatable(
      serve.add_option("--deny", f.deny, "A network, or one address, that is never served; may be given again"));
  o.deny->type_name("NET");
  o.xdp = repeatable(serve.add_option("--xdp", f.xdp,
                                      "Drop blocked addresses in the kernel, on this interface; may be given again.\n"
                                      "Default off"));
  o.xdp->type_name("IFACE|off");
  o.admin = serve
                .add_option("--admin", f.admin,
                            "Administration interface on this loopback address: health, metrics, a page with charts.\n"
                            "Default: none")
                ->type_name("ADDR:PORT");
  o.user =
      serve.add_option("--user", f.user, "Become this user once the sockets are open. Default: stay who started it")
          ->type_name("NAME");
  o.access_log = serve
                     .add_option("--access-log", f.access_log,
                                 "Append a line for each served connection to this file (SIGHUP opens it again)")
                     ->type_name("FILE");
  o.log_format = serve
                     .add_option("--log-format", f.log_format,
                                 "The log on standard error: lines for people, or JSON, an object a line. Default text")
                     ->type_name("text|json");
  o.key_log = serve
                  .add_option("--key-log", f.key_log,
                              "Debugging only: append all session secrets to this file (SSLKEYLOGFILE format)")
                  ->type_name("FILE");
  return o;
}

Setting<std::string> text(const CLI::Option* option, const std::string& value) {
  if (option->count() == 0) return std::nullopt;
  return Located<std::string>{value, {option->get_name(), true}};
}

Settings to_settings(const ServeOptions& o, const Flags& f) {
  Settings s;
  for (const std::string& address : f.listen) s.listen.push_back({address, {"--listen", true}});
  for (const std::string& network : f.proxy_protocol_from) {
    s.proxy_protocol_from.push_back({network, {"--proxy-protocol-from", true}});
  }
  for (std::size_t i = 0; i < f.cert.size(); ++i) s.certificates.push_back({f.cert[i], f.key[i], {}, {"--cert", true}});
  s.backend = text(o.backend, f.backend);
  s.root = text(o.root, f.root);
  s.respond = text(o.respond, f.respond);
  if (o.workers->count() != 0) s.workers = {{f.workers, {"--workers", true}}};
  s.cpus = text(o.cpus, f.cpus);
  s.tls_min = text(o.tls_min, f.tls_min);
  s.tickets = text(o.tickets, f.tickets);
  if (o.groups->count() != 0) s.groups = {{split(f.groups, ','), {"--groups", true}}};
  s.ktls = text(o.ktls, f.ktls);
  s.io = text(o.io, f.io);
  s.crypto = text(o.crypto, f.crypto);
  s.guard = text(o.guard, f.guard);
  if (o.xdp->count() != 0) s.xdp = {{f.xdp, {"--xdp", true}}};
  for (const std::string& network : f.allow) s.guard_keys.allow.push_back({network, {"--allow", true}});
  for (const std::string& network : f.deny) s.guard_keys.deny.push_back({network, {"--deny", true}});
  s.admin = text(o.admin, f.admin);
  s.user = text(o.user, f.user);
  s.key_log = text(o.key_log, f.key_log);
  s.access_log = text(o.access_log, f.access_log);
  s.log_format = text(o.log_format, f.log_format);
  return s;
}

}  // namespace

ParsedCommandLine parse_command_line(int argc, const char* const* argv) {
  ParsedCommandLine parsed;
  CommandLine& line = parsed.command_line;
  Flags flags;

  CLI::App app("Breakwater terminates TLS 1.2 and 1.3 for web services.", "breakwater");
  app.require_subcommand(1);
  app.set_version_flag("--version", "breakwater " BREAKWATER_VERSION);
  app.footer(kFooter);
  app.get_formatter()->column_width(34);

  CLI::App* const serve = app.add_subcommand("serve", "Serve TLS");
  serve->add_option("--config", line.config_file, "Configuration (TOML)")->type_name("FILE");
  const ServeOptions options = add_serve_options(*serve, flags);
  serve->footer(kServeFooter);

  CLI::App* const check = app.add_subcommand("check", "Say what is wrong with a configuration, with line and column");
  check->add_option("--config", line.config_file, "Configuration (TOML)")->type_name("FILE")->required();
  check->footer(
      "\nPrints OK and a summary, or one line for each problem. Exit status: 0 good, 1 not, 2 wrong command line.");

  CLI::App* const speed = app.add_subcommand("speed", "Measure the cryptographic primitives on this machine");
  speed->add_flag("--json", line.json, "Print JSON instead of a table");

  CLI::App* const top = app.add_subcommand("top", "Show what a server is doing, live in the terminal");
  top->add_option("--admin", line.top_address, "The server's --admin address. Default 127.0.0.1:8444")
      ->type_name("ADDR:PORT");
  top->add_flag("--once", line.once, "Print one snapshot and end; needs no terminal");
  top->footer("\nKeys: q or Ctrl-C ends. Exit status: 0 ended as told, 1 nobody answers, 2 wrong command line.");

  try {
    app.parse(argc, argv);
    if (flags.cert.size() != flags.key.size()) {
      throw CLI::ValidationError(fmt::format("{} times --cert but {} times --key; give each certificate its key",
                                             flags.cert.size(), flags.key.size()));
    }
  } catch (const CLI::Success& success) {  // help or version
    app.exit(success);
    parsed.exit_status = kExitOk;
    return parsed;
  } catch (const CLI::ParseError& error) {
    std::cerr << "breakwater: " << error.what() << "\nTry: breakwater " << (serve->parsed() ? "serve --help" : "--help")
              << '\n';
    parsed.exit_status = kExitUsage;
    return parsed;
  }
  line.command = serve->parsed()   ? Command::Serve
                 : check->parsed() ? Command::Check
                 : top->parsed()   ? Command::Top
                                   : Command::Speed;
  line.flags = to_settings(options, flags);
  return parsed;
}

Settings read_settings(const CommandLine& command_line, Problems& problems) {
  Settings file;
  if (!command_line.config_file.empty()) file = read_toml_file(command_line.config_file, problems);
  return merge(command_line.flags, std::move(file));
}

}  // namespace breakwater::proxy
