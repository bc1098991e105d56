"""bench/flood: Breakwater and its peers under handshake floods, on one core."""
