"""Working together: what is shared between operators goes through one small protocol with two sides."""
