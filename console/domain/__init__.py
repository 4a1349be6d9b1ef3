"""What things are: frozen values and pure functions; no clock, no disk, no network, no Qt."""
