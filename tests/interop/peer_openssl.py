"""`openssl s_client`: the whole matrix, and what only it can be told to do."""
import pathlib
import re
import shutil
import time

from certificates import BOTH, ECDSA_ONLY, RSA_ONLY, WILDCARD
from harness import BODY, Talk, request_bytes, require
from session_file import with_early_data
from suites import HOSTS, SUITES_12, SUITES_13, case_name, matrix

OPENSSL_GROUPS = {"x25519": "X25519", "secp256r1": "P-256"}
# How s_client names the group of the server's key share.
TEMPORARY_KEYS = {"x25519": "Server Temp Key: X25519", "secp256r1": "Server Temp Key: ECDH, prime256v1"}
SIGNATURES = {("1.2", "ecdsa"): "ECDSA", ("1.3", "ecdsa"): "ECDSA", ("1.2", "rsa"): "RSA-PSS", ("1.3", "rsa"): "RSA-PSS"}
# Old things need the lowest security level, or s_client itself refuses.
LEGACY = ["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
ALERTS = {"handshake_failure": "alert number 40", "protocol_version": "alert number 70",
          "inappropriate_fallback": "alert number 86", "no_application_protocol": "alert number 120"}


def missing():
    return None if shutil.which("openssl") else "openssl is not installed"


class Client:
    def __init__(self, bench):
        self.bench = bench

    def command(self, host, *options, server=None):
        port = (server or self.bench.server()).port
        return ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", host, "-verify_hostname", host,
                "-verify_return_error", "-CAfile", self.bench.authority.roots, *options]

    def fetch(self, host, *options, server=None, data=None):
        """One request, checked answer."""
        result = self.bench.run(*self.command(host, "-ign_eof", *options, server=server), stdin=data or request_bytes())
        return result.must_succeed().has("Verification: OK", "HTTP/1.1 200 OK", BODY)

    def refused(self, alert, *options, host=BOTH, server=None):
        result = self.bench.run(*self.command(host, *options, server=server))
        return result.must_fail().has(ALERTS[alert])

    def talk(self, host, *options):
        return Talk(self.bench, self.command(host, *options))

    def session(self, name):
        return self.bench.folder / f"{name.replace('/', '.')}.session"


def version_options(version):
    return ["-tls1_2"] if version == "1.2" else ["-tls1_3"]


def suite_options(suite):
    flag = "-cipher" if suite.version == "1.2" else "-ciphersuites"
    return [*version_options(suite.version), flag, suite.openssl]


def matrix_cases(client):
    for suite, kind, group in matrix():
        name = case_name(suite, kind, group)
        groups = OPENSSL_GROUPS[group]
        if suite.version == "1.2" and kind == "ecdsa" and group != "secp256r1":
            groups += ":P-256"  # for the certificate's key: TLS 1.2 has one list for both (RFC 8422 5.1.1)
        options = [*suite_options(suite), "-groups", groups]
        session = client.session(name)
        described = f"TLSv{suite.version}, Cipher is {suite.openssl}"

        def full(options=options, kind=kind, group=group, session=session, described=described, suite=suite):
            result = client.fetch(HOSTS[kind], *options, "-sess_out", session)
            result.has(f"New, {described}", TEMPORARY_KEYS[group],
                       f"Peer signature type: {SIGNATURES[suite.version, kind]}", "Peer signing digest: SHA256")

        def resumed(options=options, kind=kind, group=group, session=session, described=described, suite=suite):
            require(session.exists(), "the full handshake left no session")
            # Twice from the same ticket; in TLS 1.3 each of the two also uses a fresh key exchange.
            for _ in range(2):
                result = client.fetch(HOSTS[kind], *options, "-sess_in", session)
                result.has(f"Reused, {described}")
                if suite.version == "1.3":
                    result.has(TEMPORARY_KEYS[group])

        yield f"{name}/full", full
        yield f"{name}/resumed", resumed


def certificate_cases(client):
    """Which certificate is served: by name, and by what the client can verify."""
    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"
        options = version_options(version)
        for algorithms, kind, expected in (
                ("ECDSA+SHA256", "ecdsa", "ECDSA"), ("rsa_pss_rsae_sha256:RSA+SHA256", "rsa", "RSA-PSS"),
                ("rsa_pss_rsae_sha384:RSA+SHA256", "rsa", "RSA-PSS"), ("rsa_pss_rsae_sha512:RSA+SHA256", "rsa", "RSA-PSS")):
            def chosen(algorithms=algorithms, kind=kind, expected=expected, options=options):
                result = client.fetch(BOTH, *options, "-sigalgs", algorithms)
                result.has(f"CN = Breakwater test both_{kind}", f"Peer signature type: {expected}")
            yield f"Certificates/{tag}/{algorithms.split(':')[0]}", chosen

        def preferred(options=options):
            client.fetch(BOTH, *options).has("CN = Breakwater test both_ecdsa")

        def wildcard(options=options):
            client.fetch(WILDCARD, *options).has("CN = Breakwater test wildcard")

        def wildcard_is_one_label(options=options):
            result = client.bench.run(*client.command("a.b.wild.test", *options))
            result.must_fail().has("hostname mismatch")

        def unknown_name(options=options):
            # The default host's certificate: the client is the one who finds that it does not fit.
            result = client.bench.run(*client.command("nobody.test", *options))
            result.must_fail().has("hostname mismatch", "CN = Breakwater test both_")

        def no_name(options=options):
            command = client.command(BOTH, *options, "-ign_eof")
            at = command.index("-servername")
            command[at:at + 2] = ["-noservername"]
            client.bench.run(*command, stdin=request_bytes()).must_succeed().has("Verification: OK", BODY)

        yield f"Certificates/{tag}/EcdsaIsPreferred", preferred
        yield f"Certificates/{tag}/Wildcard", wildcard
        yield f"Certificates/{tag}/WildcardIsOneLabel", wildcard_is_one_label
        yield f"Certificates/{tag}/UnknownName", unknown_name
        yield f"Certificates/{tag}/NoName", no_name

    def pkcs1_in_tls12():
        result = client.fetch(RSA_ONLY, "-tls1_2", "-sigalgs", "RSA+SHA256")
        result.matches(r"Peer signature type: RSA$")

    def no_pkcs1_in_tls13():
        client.refused("handshake_failure", "-tls1_3", "-sigalgs", "RSA+SHA256", host=RSA_ONLY)

    def nothing_in_common():
        client.refused("handshake_failure", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", host=ECDSA_ONLY)

    def certificate_curve_counts():
        # The same list names the curves of certificates: without P-256 only the RSA certificate is left.
        cipher = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
        result = client.fetch(BOTH, "-tls1_2", "-cipher", cipher, "-groups", "X25519")
        result.has("CN = Breakwater test both_rsa", "Cipher is ECDHE-RSA-AES128-GCM-SHA256")
        client.refused("handshake_failure", "-tls1_2", "-cipher", cipher, "-groups", "X25519", host=ECDSA_ONLY)

    yield "Certificates/Tls12/Pkcs1", pkcs1_in_tls12
    yield "Certificates/Tls12/CurveOfTheCertificate", certificate_curve_counts
    yield "Certificates/Tls13/NoPkcs1", no_pkcs1_in_tls13
    yield "Certificates/Tls12/NoSuiteForTheOnlyCertificate", nothing_in_common


def negotiation_cases(client):
    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"
        options = version_options(version)

        def alpn(options=options):
            client.fetch(BOTH, *options, "-alpn", "h2,http/1.1").has("ALPN protocol: http/1.1")

        def alpn_in_vain(options=options):
            client.refused("no_application_protocol", *options, "-alpn", "spdy/3,h2")

        def status(options=options):
            client.fetch(BOTH, *options, "-status").has("OCSP response: no response sent")

        def other_extensions(options=options):
            more = ["-nextprotoneg", "http/1.1"] if options == ["-tls1_2"] else []
            client.fetch(BOTH, *options, "-maxfraglen", "4096", "-serverinfo", "18,4242,65000", "-no_etm", *more)

        def exporter(options=options):
            client.fetch(BOTH, *options, "-keymatexport", "EXPERIMENTAL breakwater").has("Keying material:")

        yield f"Alpn/{tag}/Http11", alpn
        yield f"Alpn/{tag}/NothingInCommon", alpn_in_vain
        yield f"Extensions/{tag}/CertificateStatus", status
        yield f"Extensions/{tag}/OthersAreIgnored", other_extensions
        yield f"Extensions/{tag}/Exporter", exporter

    def no_ticket_extension():
        client.fetch(BOTH, "-tls1_2", "-no_ticket").has("New, TLSv1.2").lacks("TLS session ticket:")
    yield "Extensions/Tls12/WithoutTickets", no_ticket_extension

    for suite in SUITES_13:
        for group in OPENSSL_GROUPS:
            def retried(suite=suite, group=group):
                # The only key share is for a group that we do not have.
                result = client.fetch(BOTH, *suite_options(suite), "-groups", f"P-384:{OPENSSL_GROUPS[group]}", "-msg")
                result.has(TEMPORARY_KEYS[group])
                hellos = len(re.findall(r"<<< TLS 1\.3, Handshake \[length [0-9a-f]+\], ServerHello", result.text))
                require(hellos == 2, f"{hellos} ServerHello messages, expected a HelloRetryRequest and another")
            yield f"HelloRetryRequest/{suite.aead}/{group}", retried

    def resumed_with_retry():
        session = client.session("retry")
        client.fetch(BOTH, "-tls1_3", "-sess_out", session)
        result = client.fetch(BOTH, "-tls1_3", "-sess_in", session, "-groups", "P-384:P-256", "-msg")
        result.has("Reused, TLSv1.3", TEMPORARY_KEYS["secp256r1"])
    yield "HelloRetryRequest/Resumed", resumed_with_retry

    def both_versions_prefer_13():
        client.fetch(BOTH).has("New, TLSv1.3")
    yield "Versions/TheNewestIsTaken", both_versions_prefer_13

    def fallback():
        client.refused("inappropriate_fallback", "-tls1_2", "-fallback_scsv")
    yield "Versions/Fallback", fallback

    def no_group():
        client.refused("handshake_failure", "-tls1_3", "-groups", "P-384:P-521")
    yield "Groups/Tls13/NothingInCommon", no_group

    def no_group_12():
        client.refused("handshake_failure", "-tls1_2", "-groups", "P-384:P-521")
    yield "Groups/Tls12/NothingInCommon", no_group_12

    for name, options in {"Tls10": ["-tls1", *LEGACY], "Tls11": ["-tls1_1", *LEGACY]}.items():
        def old(options=options):
            client.refused("protocol_version", *options)
        yield f"Refused/{name}", old

    for name, cipher in {"Cbc": "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES256-SHA", "StaticRsa": "AES128-GCM-SHA256",
                         "Dhe": "DHE-RSA-AES128-GCM-SHA256", "Ccm": "ECDHE-ECDSA-AES128-CCM",
                         "Psk": "PSK-AES128-GCM-SHA256"}.items():
        def weak(cipher=cipher):
            extra = ["-psk", "00112233"] if cipher.startswith("PSK") else []
            client.refused("handshake_failure", "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0", *extra)
        yield f"Refused/{name}", weak

    def min_13():
        server = client.bench.server("tls13", "--tls-min", "1.3")
        client.refused("protocol_version", "-tls1_2", server=server)
        client.fetch(BOTH, server=server).has("New, TLSv1.3")
    yield "Versions/OnlyTls13", min_13


def resumption_cases(client):
    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"
        options = version_options(version)

        def renewed(tag=tag, options=options):
            """A chain of resumptions, each from the ticket of the one before."""
            session = client.session(f"{tag}/chain")
            client.fetch(BOTH, *options, "-sess_out", session).has("New, ")
            for _ in range(3):
                client.fetch(BOTH, *options, "-sess_in", session, "-sess_out", session).has("Reused, ")

        def other_host(tag=tag, options=options):
            session = client.session(f"{tag}/host")
            client.fetch(ECDSA_ONLY, *options, "-sess_out", session)
            client.fetch(RSA_ONLY, *options, "-sess_in", session).has("New, ", "CN = Breakwater test only_rsa")

        def tickets_off(tag=tag, options=options):
            server = client.bench.server("no_tickets", "--tickets", "off")
            session = client.session(f"{tag}/off")
            client.fetch(BOTH, *options, "-sess_out", session, server=server).lacks("TLS session ticket:")

        def other_server(tag=tag, options=options):
            """The ticket of another server with other ticket keys: a full handshake."""
            session = client.session(f"{tag}/foreign")
            other = client.bench.server("tls13", "--tls-min", "1.3") if tag == "Tls13" else client.bench.server("second")
            client.fetch(BOTH, *options, "-sess_out", session, server=other)
            client.fetch(BOTH, *options, "-sess_in", session).has("New, ")

        yield f"Resumption/{tag}/EachFromTheLast", renewed
        yield f"Resumption/{tag}/NotForAnotherHost", other_host
        yield f"Resumption/{tag}/TicketsOff", tickets_off
        yield f"Resumption/{tag}/ForeignTicket", other_server

    def other_suite_hash():
        session = client.session("hash")
        client.fetch(BOTH, *suite_options(SUITES_13[0]), "-sess_out", session)
        client.fetch(BOTH, "-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384", "-sess_in", session).has("New, ")

    def same_suite_hash():
        session = client.session("same_hash")
        client.fetch(BOTH, *suite_options(SUITES_13[0]), "-sess_out", session)
        result = client.fetch(BOTH, *suite_options(SUITES_13[2]), "-sess_in", session)
        result.has("Reused, TLSv1.3, Cipher is TLS_CHACHA20_POLY1305_SHA256")

    yield "Resumption/Tls13/NotForAnotherHash", other_suite_hash
    yield "Resumption/Tls13/OtherSuiteOfTheHash", same_suite_hash

    def other_version():
        session = client.session("version")
        client.fetch(BOTH, "-tls1_2", "-sess_out", session)
        # s_client offers the TLS 1.2 ticket together with TLS 1.3: the newer version wins.
        client.fetch(BOTH, "-sess_in", session).has("New, TLSv1.3")
    yield "Resumption/Tls12/SessionOfferedWithTls13", other_version

    for case, foreign in (("OurTicket", False), ("RetryRequest", True)):
        for suite in SUITES_13:
            def early(suite=suite, foreign=foreign, case=case):
                """Early data is skipped: the handshake goes on and the request behind it is answered."""
                session = client.session(f"early.{case}.{suite.number}")
                client.fetch(BOTH, *suite_options(suite), "-sess_out", session)
                with_early_data(session)
                # Larger than one record, so that several records have to be skipped.
                data = client.bench.folder / "early_data"
                data.write_bytes(b"POST /early HTTP/1.1\r\n" * 600)
                options = ["-groups", "P-384:P-256"] if foreign else []
                result = client.fetch(BOTH, *suite_options(suite), *options, "-sess_in", session, "-early_data", data)
                result.has("Early data was rejected", "Reused, TLSv1.3")
            yield f"EarlyData/{case}/{suite.aead}", early


def established_cases(client):
    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"
        options = version_options(version)

        def keep_alive(options=options):
            with client.talk(BOTH, *options) as talk:
                for number in range(5):
                    talk.send(request_bytes(f"/{number}", close=False)).expect("HTTP/1.1 200 OK").expect(BODY)
                talk.send(request_bytes()).expect(BODY).expect("closed")
                talk.wait().must_succeed()

        def fragments(options=options):
            """A request in the smallest records that s_client makes."""
            data = request_bytes("/" + "f" * 12000)
            client.fetch(BOTH, *options, "-max_send_frag", "512", data=data)
            client.fetch(BOTH, *options, "-split_send_frag", "512", "-max_send_frag", "1024", data=data)

        def byte_by_byte(options=options):
            with client.talk(BOTH, *options, "-nocommands", "-ign_eof") as talk:
                for byte in request_bytes():
                    talk.send(bytes([byte]))
                    time.sleep(0.002)
                talk.expect(BODY)
                talk.wait().must_succeed()

        def client_closes(options=options):
            with client.talk(BOTH, *options) as talk:
                talk.expect("Verify return code: 0")
                talk.send(b"Q\n").expect("DONE")
                talk.wait().must_succeed()

        yield f"Established/{tag}/KeepAlive", keep_alive
        yield f"Established/{tag}/SmallRecords", fragments
        yield f"Established/{tag}/ByteByByte", byte_by_byte
        yield f"Established/{tag}/ClientCloses", client_closes

    for suite in SUITES_13:
        for command, asks in (("K", True), ("k", False)):
            def key_update(suite=suite, command=command, asks=asks):
                with client.talk(BOTH, *suite_options(suite), "-msg") as talk:
                    talk.expect("Verify return code: 0")
                    for number in range(3):
                        talk.send(f"{command}\n".encode()).expect("KEYUPDATE").expect("KeyUpdate")
                        talk.send(request_bytes(f"/{number}", close=False)).expect(BODY)
                    talk.send(b"Q\n")
                    text = talk.wait().must_succeed().text
                answers = len(re.findall(r"<<< TLS 1\.3, Handshake \[length 0005\], KeyUpdate", text))
                require(answers == (3 if asks else 0), f"{answers} KeyUpdate messages came back")
            yield f"KeyUpdate/{suite.aead}/{'Requested' if asks else 'NotRequested'}", key_update

    for padding in ("512", "4096", "16384"):
        def padded(padding=padding):
            client.fetch(BOTH, "-tls1_3", "-record_padding", padding)
        yield f"RecordPadding/{padding}", padded

    for suite in (SUITES_12[0], SUITES_12[3]):
        def renegotiation(suite=suite):
            with client.talk(BOTH, *suite_options(suite), "-msg") as talk:
                talk.expect("Verify return code: 0").send(request_bytes(close=False)).expect(BODY)
                talk.send(b"R\n").expect("RENEGOTIATING")
                # A warning is all that RFC 5246 7.2.2 has for it; s_client then gives up.
                talk.expect("no_renegotiation")
                talk.wait().must_fail()
        yield f"Renegotiation/{suite.kind}", renegotiation

    def secure_renegotiation():
        client.fetch(BOTH, "-tls1_2").has("Secure Renegotiation IS supported", "Extended master secret: yes")
    yield "Renegotiation/IsSignalledSecure", secure_renegotiation

    def half_close():
        """The end of the input is a close_notify; the answer to what came before it still arrives."""
        with client.talk(BOTH, "-tls1_3", "-quiet", "-no_ign_eof") as talk:
            talk.send(request_bytes()).expect(BODY)
            talk.finish().must_succeed()
    yield "Established/Tls13/EndOfInput", half_close

    def middlebox():
        for option in ([], ["-no_middlebox"]):
            result = client.fetch(BOTH, "-tls1_3", "-msg", *option)
            # s_client shows no more of an incoming ChangeCipherSpec than the header of its record.
            came = re.findall(r"<<< TLS 1\.2, RecordHeader \[length 0005\]\n +14 03 03 00 01", result.text)
            require(len(came) == (0 if option else 1), f"{len(came)} ChangeCipherSpec records came with {option}")
    yield "Middlebox/OnlyWhenAsked", middlebox

    def log_of_keys():
        path = client.bench.folder / "client.keys"
        client.fetch(BOTH, "-tls1_3", "-keylogfile", path)
        labels = {line.split()[0] for line in pathlib.Path(path).read_text().splitlines() if line[0] != "#"}
        require("CLIENT_TRAFFIC_SECRET_0" in labels and "EXPORTER_SECRET" in labels, f"labels {labels}")
    yield "Established/Tls13/KeyLog", log_of_keys


def cases(bench):
    client = Client(bench)
    yield from matrix_cases(client)
    yield from certificate_cases(client)
    yield from negotiation_cases(client)
    yield from resumption_cases(client)
    yield from established_cases(client)
