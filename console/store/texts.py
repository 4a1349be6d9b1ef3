"""Texts that UTF-8 cannot hold, on their way to the disk and back.

Some networks send half of a surrogate pair. SQLite keeps text as UTF-8, which has no bytes for that, so
such a text is kept as a BLOB of its UTF-8 with the lone half written as if it were a letter
("surrogatepass"). The type of the value tells which it is, so nothing is escaped and every text comes
back as it was. NUL needs no care: values are bound with their length.
"""

from typing import Final

LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1
"""The whole numbers that SQLite can hold."""

Value = str | bytes | int | None


def kept(value: Value) -> Value:
    """The value as the disk can hold it: texts whole, numbers no further out than 64 bits."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    elif isinstance(value, int):
        return min(max(value, LEAST), MOST)
    return value


def told(value: str | bytes) -> str:
    """The text that was kept."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def told_or_none(value: str | bytes | None) -> str | None:
    """The text that was kept, where there was one."""
    return None if value is None else told(value)
