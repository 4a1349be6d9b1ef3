"""Signed statements of the ledger so far, kept by somebody else as well."""

SCRIPT = ""
