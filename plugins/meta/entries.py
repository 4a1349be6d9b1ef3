"""When an entry of a list was written, as every one of Meta's networks says it.

What a newcomer would get wrong: the same field is a text in one list and a number in another.
"""

from console.api.entries import UnreadableError
from plugins.meta.times import milliseconds


def time_of(when: str | int | None) -> int:
    """When something was written, milliseconds since 1970. Raises UnreadableError."""
    at = milliseconds(when)
    if at is None:
        raise UnreadableError("an item without a time")
    return at
