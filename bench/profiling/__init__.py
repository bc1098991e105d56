"""bench/profile: where the work of a TLS server under flood goes."""
