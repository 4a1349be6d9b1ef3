"""A network that does not exist, in a process of its own, with a connector to it."""
