"""A connector as a stranger would write and ship it, with the false network that it is tested before."""
