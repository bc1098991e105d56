"""Reloads that fail leave the server as it was, however often they fail."""
import os
import signal
import tempfile
import unittest

from proxy_harness import GET, Server, connect, main, make_certificate, read_response


class ReloadFailures(unittest.TestCase):
    def reload(self, server, text, expected):
        start = len(server.lines)
        server.config_path.write_text(text)
        server.signal(signal.SIGHUP)
        server.wait_for_line(expected, start)
        with connect(server.port) as connection:
            connection.sendall(GET)
            self.assertEqual(read_response(connection)[0], 200)

    def test_a_key_log_that_cannot_be_opened(self):
        with Server(config='respond = "hi"\n') as server:
            for _ in range(2):
                self.reload(server, 'respond = "hi"\nkey_log = "/nonexistent/keys"\n', "the old configuration stays")
            self.reload(server, 'respond = "hi"\n', "reloaded")

    def test_a_directory_for_a_certificate(self):
        with Server(config='respond = "hi"\n') as server:
            for _ in range(2):
                self.reload(server, 'respond = "hi"\n[[certificate]]\nchain = "/tmp"\nkey = "/tmp"\n',
                            "the old configuration stays")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_after_another_user_was_taken_on(self):
        with tempfile.TemporaryDirectory() as folder:
            chain, key = make_certificate(folder, "site", "localhost")
            os.chmod(folder, 0o755)
            os.chmod(key, 0o644)
            text = f'respond = "hi"\nuser = "nobody"\n[[certificate]]\nchain = "{chain}"\nkey = "{key}"\n'
            with Server(config=text) as server:
                os.chmod(server.folder.name, 0o755)
                self.reload(server, text, "reloaded")


if __name__ == "__main__":
    main()
