"""Who sits here, in words for the screen."""

from console.domain.operators import Sitting


def foot_words(on: Sitting) -> str:
    """The foot of the rail: name, role, and on whose behalf."""
    words = f"{on.name} · {on.role}"
    return f"{words}, for {on.behalf}" if on.behalf else words
