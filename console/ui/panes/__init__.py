"""The places of the window, each permanent: they change their words, never their size."""
