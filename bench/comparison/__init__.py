"""bench/compare: Breakwater beside the TLS servers of Debian, on one core."""
