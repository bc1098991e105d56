#include "flood/plan/help.h"

namespace breakwater::flood {

const char* const kHelpFooter = R"(
Modes:
  full         whole handshakes, one after the other
  resume       handshakes that resume a session
  hello        ClientHello, the server's answer, gone: the server signs, this side pays almost nothing
  stall        half a ClientHello, then silence
  trickle      a ClientHello, byte by byte
  garbage      random bytes instead of TLS
  renegotiate  handshakes over and over on one connection
  request      HTTP/1.1 requests, as a browser sends them
  idle         handshake, then silence
  plain        TCP without TLS, for comparison

How many handshakes can a server do?
  breakwater-flood 127.0.0.1:8443
  breakwater-flood --tls 1.2 --auth rsa --connections 256 --duration 30 127.0.0.1:8443
  breakwater-flood --mode resume --tickets 100 127.0.0.1:8443
How long do clients wait when so many come?
  breakwater-flood --rate 2000 127.0.0.1:8443
  breakwater-flood --mode request --rate 500 --requests 10 --connections 100 --shape browser 127.0.0.1:8443
What does it take to bring it down?
  breakwater-flood --mode hello --auth rsa --source 127.0.2.0/24 127.0.0.1:8443
  breakwater-flood --mode stall --connections 20000 --source 127.0.2.0/24 --duration 60 127.0.0.1:8443
  breakwater-flood --mix flood-and-browsers.toml --json report.json 127.0.0.1:8443

Only loopback, private and link-local addresses may be flooded. --i-own-this-target lifts that: with it you say that the
machine and the network before it are yours, or that their owners let you.
Exit status: 0 something succeeded, 1 nothing did, 2 wrong usage. Ctrl-C ends a run early, with its report.
Everything: man breakwater-flood.)";

}  // namespace breakwater::flood
