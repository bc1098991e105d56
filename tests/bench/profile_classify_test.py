"""The table of classes: functions as perf and callgrind name them are sorted to where they belong."""
import pathlib
import re
import subprocess
import tempfile
import unittest

from profile_support import main, stack

from profiling.classify import Classifier

SERVER = ("breakwater:main", "breakwater:breakwater::proxy::Reactor::run")
OPENSSL = ("nginx:main", "libssl.so.3:state_machine")
CALL = (*SERVER, "libc.so.6:sendmsg", "[kernel]:entry_SYSCALL_64_after_hwframe", "[kernel]:do_syscall_64")

# class -> stacks from caller to callee
EXPECTED = {
    "field": [
        (*SERVER, "breakwater:breakwater::crypto::twice"),
        (*SERVER, "breakwater:breakwater::crypto::p256_shared_secret"),
        (*SERVER, "breakwater:breakwater::crypto::invert"),
        (*OPENSSL, "libcrypto.so.3:ecp_nistz256_point_doublex"),
        (*OPENSSL, "libcrypto.so.3:__ecp_nistz256_mul_montx"),
        (*OPENSSL, "libcrypto.so.3:bn_mul_mont"),
        (*OPENSSL, "libcrypto.so.3:int_bn_mod_inverse"),
        (*OPENSSL, "libcrypto.so.3:BN_mod_exp_mont_consttime"),
        (*OPENSSL, "libcrypto.so.3:rsaz_1024_mul_avx2"),
        (*OPENSSL, "libcrypto.so.3:ossl_rsaz_amm52x20_x2_256"),  # RSA-2048 on CPUs with AVX-512 IFMA
        (*OPENSSL, "libcrypto.so.3:ossl_extract_multiplier_2x20_win5"),
        (*OPENSSL, "libcrypto.so.3:bn_sqrx8x_internal"),
        (*OPENSSL, "libcrypto.so.3:rsa_ossl_mod_exp"),
        (*OPENSSL, "libcrypto.so.3:ossl_ec_GFp_simple_add"),
        (*OPENSSL, "libcrypto.so.3:ossl_ecdsa_sign_setup"),
        (*OPENSSL, "libcrypto.so.3:fe51_mul"),
        (*OPENSSL, "libcrypto.so.3:x25519_fe64_mul"),
        (*OPENSSL, "libcrypto.so.3:EC_POINT_mul"),
    ],
    "symmetric": [
        (*SERVER, "libIPSec_MB.so.1:aes_gcm_enc_256_vaes_avx512"),
        (*SERVER, "libIPSec_MB.so.1:[unnamed]"),
        (*SERVER, "libcrypto.so.3:sha256_block_data_order_shaext"),
        (*SERVER, "breakwater:breakwater::crypto::HmacSha256::update"),
        (*OPENSSL, "libcrypto.so.3:SHA512_Update"),
        (*OPENSSL, "libcrypto.so.3:aesni_gcm_encrypt"),
        (*OPENSSL, "libcrypto.so.3:chacha20_poly1305_cipher"),
        (*OPENSSL, "libcrypto.so.3:poly1305_blocks_avx2"),
        (*OPENSSL, "libcrypto.so.3:drbg_ctr_generate"),
        (*OPENSSL, "libcrypto.so.3:_shaext_shortcut"),
        (*OPENSSL, "libcrypto.so.3:CRYPTO_gcm128_encrypt"),
    ],
    "allocation": [
        (*OPENSSL, "libc.so.6:malloc"), (*OPENSSL, "libc.so.6:__libc_malloc"), (*OPENSSL, "libc.so.6:cfree"),
        (*OPENSSL, "libc.so.6:_int_free"), (*OPENSSL, "libc.so.6:calloc"), (*OPENSSL, "libc.so.6:unlink_chunk"),
        (*OPENSSL, "libcrypto.so.3:CRYPTO_zalloc"), ("nginx:main", "nginx:ngx_palloc"),
        (*SERVER, "libstdc++.so.6:operator new"),
    ],
    "copies": [
        (*SERVER, "libc.so.6:__memmove_avx512_unaligned_erms"), (*OPENSSL, "libc.so.6:__memset_evex_unaligned_erms"),
        (*OPENSSL, "libcrypto.so.3:OPENSSL_cleanse"), (*SERVER, "libc.so.6:__memcmp_evex_movbe"),
    ],
    "libcrypto_plumbing": [
        (*OPENSSL, "libcrypto.so.3:EVP_DigestSignInit"), (*OPENSSL, "libcrypto.so.3:BN_CTX_start"),
        (*OPENSSL, "libcrypto.so.3:ec_gen"), (*OPENSSL, "libcrypto.so.3:EC_GROUP_new_from_params"),
        (*OPENSSL, "libcrypto.so.3:hmac_get_params"), (*OPENSSL, "libcrypto.so.3:EC_KEY_new"),
        (*OPENSSL, "libcrypto.so.3:OSSL_PARAM_locate", "libc.so.6:__strcmp_evex"),  # libc works for its caller
        (*OPENSSL, "libcrypto.so.3:CRYPTO_THREAD_read_lock", "libc.so.6:pthread_rwlock_rdlock"),
    ],
    "libcrypto_unnamed": [(*OPENSSL, "libcrypto.so.3:[unnamed]")],
    "protocol": [
        (*SERVER, "breakwater:breakwater::tls::ClientHelloParser::feed"), ("nginx:main", "nginx:[unnamed]"), OPENSSL,
        (*SERVER, "[vdso]:__vdso_clock_gettime"), (*OPENSSL, "libssl.so.3:[unnamed]"),
    ],
    "system_call": [
        CALL, (*SERVER, "libc.so.6:epoll_wait"), (*CALL, "[kernel]:__x64_sys_sendmsg"), (*SERVER, "libc.so.6:accept4"),
        (*CALL, "[kernel]:__x64_sys_recvfrom", "[kernel]:__check_object_size"),  # a helper works for its caller
    ],
    "tcp": [
        (*CALL, "[kernel]:tcp_sendmsg", "[kernel]:kmem_cache_alloc_node_noprof"), (*CALL, "[kernel]:tcp_v4_rcv"),
        (*CALL, "[kernel]:net_rx_action", "[kernel]:_raw_spin_lock"), (*CALL, "[kernel]:__skb_clone"),
        (*CALL, "[kernel]:lock_sock_nested"), (*CALL, "[kernel]:ip_finish_output2"),
    ],
    "scheduling": [
        (*CALL, "[kernel]:tcp_rcv_established", "[kernel]:sock_def_readable", "[kernel]:_raw_spin_unlock_irqrestore"),
        (*CALL, "[kernel]:try_to_wake_up"),
        (*CALL, "[kernel]:do_epoll_wait", "[kernel]:schedule", "[kernel]:finish_task_switch"),
    ],
    "descriptors": [
        (*CALL, "[kernel]:do_epoll_wait", "[kernel]:ep_send_events"), (*CALL, "[kernel]:__fput", "[kernel]:dput"),
        (*CALL, "[kernel]:alloc_file_pseudo"), (*CALL, "[kernel]:eventpoll_release_file", "[kernel]:mutex_lock"),
        (*CALL, "[kernel]:fd_install"),
    ],
    "memory": [("nginx:main", "[kernel]:asm_exc_page_fault", "[kernel]:handle_mm_fault", "[kernel]:clear_page_erms")],
    "kernel_other": [
        (*SERVER, "[kernel]:asm_sysvec_reschedule_ipi", "[kernel]:something_new"),
        ("breakwater:breakwater::crypto::twice", "[kernel]:[unnamed]"),  # the kernel's time is never the caller's
    ],
    "other": [("[unknown]:[unnamed]",), ("libc.so.6:__libc_start_main", "libc.so.6:exit")],
}


class Table(unittest.TestCase):
    def setUp(self) -> None:
        self.classifier = Classifier()

    def test_every_class_gets_its_own(self) -> None:
        for key, stacks in EXPECTED.items():
            for frames in stacks:
                with self.subTest(key=key, running=frames[-1]):
                    self.assertEqual(self.classifier.classify(stack(*frames)), key)

    def test_every_class_is_tested(self) -> None:
        self.assertEqual(set(EXPECTED), set(self.classifier.by_key))

    def test_libcryptos_assembler_is_all_known(self) -> None:
        """Functions of the objects that hold nothing but arithmetic, or nothing but ciphers and hashes."""
        objects = {
            "field": r"bn_(add|asm|mont|mul|sqr|exp|exp2|div|shift|mod|gcd)|rsaz.*|(ecp_nistz256|x25519)-x86_64"
                     r"|x86_64-mont5?",
            "symmetric": r"(sha\d+|keccak1600|chacha|poly1305|ghash|aesni|aesni-gcm|vpaes|bsaes|aes)-x86_64"
                         r"|ctr128|gcm128",
        }
        archive = sorted(pathlib.Path("/usr/lib").glob("*/libcrypto.a"))[0]  # of libssl-dev, which the build needs
        names = subprocess.run(["nm", "-A", "--defined-only", str(archive)], capture_output=True, text=True).stdout
        checked = {"field": 0, "symmetric": 0}
        for found in re.finditer(r":libcrypto-lib-(\S+?)\.o:\S+ [tT] (\S+)", names):
            if re.fullmatch(r"K_XX_XX|K\d+(_shaext)?|iotas", found[2]):
                continue  # tables
            for key, pattern in objects.items():
                if re.fullmatch(pattern, found[1]):
                    checked[key] += 1
                    running = stack(*OPENSSL, f"libcrypto.so.3:{found[2]}")
                    self.assertEqual(self.classifier.classify(running), key, found[0])
        self.assertGreater(min(checked.values()), 100, checked)

    def test_colours_are_distinct(self) -> None:
        colours = [entry.colour for entry in self.classifier.classes]
        self.assertEqual(len(set(colours)), len(colours))
        for colour in colours:
            self.assertRegex(colour, r"\A#[0-9a-f]{6}\Z")


class OwnTable(unittest.TestCase):
    def load(self, text: str) -> Classifier:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "classes.toml")
            path.write_text(text)
            return Classifier(path)

    TEXT = """
transparent = ['^libc']
rest = "a"
kernel_rest = "%s"
[[class]]
key = "a"
title = "A"
colour = "#000000"
about = ""
rules = [['^x$', '']]
[[class]]
key = "b"
title = "B"
colour = "#ffffff"
about = ""
rules = [['', '^f']]
"""

    def test_the_first_class_that_fits_decides(self) -> None:
        classifier = self.load(self.TEXT % "b")
        self.assertEqual(classifier.classify(stack("x:f")), "a")
        self.assertEqual(classifier.classify(stack("y:f")), "b")
        self.assertEqual(classifier.classify(stack("y:f", "libc:g")), "b")
        self.assertEqual(classifier.classify(stack("y:f", "opaque:g")), "a")
        self.assertEqual(classifier.classify(stack("x:f", "[kernel]:g")), "b")

    def test_unknown_classes_are_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "'c'"):
            self.load(self.TEXT % "c")


if __name__ == "__main__":
    main()
