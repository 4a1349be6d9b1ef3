"""Stand-ins for what is outside: networks, clocks, keyrings. They fail on demand and count what is asked."""
