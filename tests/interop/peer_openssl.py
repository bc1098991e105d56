"""`openssl s_client`: the whole matrix, and what only it can be told to do."""
import re
import shutil

from certificates import BOTH, ECDSA_ONLY, RSA_ONLY, WILDCARD
from harness import BODY, request_bytes, require
from openssl_client import OPENSSL_GROUPS, TEMPORARY_KEYS, Client, suite_options, version_options
from openssl_sessions import established_cases, resumption_cases
from suites import HOSTS, SUITES_13, case_name, matrix

SIGNATURES = {"ecdsa": "ECDSA", "rsa": "RSA-PSS"}
# Old things need the lowest security level, or s_client itself refuses.
LEGACY = ["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]


def missing():
    return None if shutil.which("openssl") else "openssl is not installed"


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
                       f"Peer signature type: {SIGNATURES[kind]}", "Peer signing digest: SHA256")

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
                ("rsa_pss_rsae_sha384:RSA+SHA256", "rsa", "RSA-PSS"),
                ("rsa_pss_rsae_sha512:RSA+SHA256", "rsa", "RSA-PSS")):
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


def cases(bench):
    client = Client(bench)
    yield from matrix_cases(client)
    yield from certificate_cases(client)
    yield from negotiation_cases(client)
    yield from resumption_cases(client)
    yield from established_cases(client)
