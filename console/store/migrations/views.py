"""Lanes that a person names, orders and keeps."""

SCRIPT = ""
