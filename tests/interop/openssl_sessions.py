"""What happens after a first handshake by `openssl s_client`: resumption, early data, the established connection."""
import re
import time

from certificates import BOTH, ECDSA_ONLY, RSA_ONLY
from harness import BODY, request_bytes, require
from openssl_client import suite_options, version_options
from session_file import with_early_data
from suites import SUITES_12, SUITES_13


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
            other = client.bench.server("second")
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

    def key_logs():
        """Both ends write down the same secrets (SSLKEYLOGFILE format), so that a sniffer can be given either file."""
        theirs, ours = client.bench.folder / "client.keys", client.bench.folder / "server.keys"
        server = client.bench.server("key_log", "--key-log", ours)
        traffic = {f"{end}_{secret}" for end in ("client", "server")
                   for secret in ("handshake_traffic_secret", "traffic_secret_0")}
        for version, labels in (("1.2", {"client_random"}), ("1.3", traffic)):
            theirs.unlink(missing_ok=True)
            client.fetch(BOTH, *version_options(version), "-keylogfile", theirs, server=server)
            lines = {line for line in theirs.read_text().lower().splitlines() if line.split()[0] in labels}
            require(len(lines) == len(labels), f"the client logged {lines}")
            lacking = lines - set(ours.read_text().lower().splitlines())
            require(not lacking, f"the server's log lacks {lacking}")
    yield "Established/KeyLogs", key_logs
