"""Saved views: lanes that a person named, and accounts that stand together under a name.

What a newcomer would get wrong: a view keeps the question as it was typed and not what it meant then, so
that `since:2h` and `claimed:me` mean the last two hours, and whoever looks, each time it is opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.errors import UsageError

MOST: Final = 60
"""How many views one person keeps at the most."""
MOST_LETTERS: Final = 40
"""How long a name may be, so that the rail shows all of it."""
MOST_QUESTION: Final = 2_000
Groups = Mapping[str, Sequence[str]]
"""Account keys by the name of their group."""


@dataclass(frozen=True, slots=True)
class View:
    """A lane that somebody named."""

    id: int
    name: str
    question: str
    """As it was typed."""
    owner: str
    is_shared: bool
    """Whether everybody sees it in their rail; only its owner changes it."""
    place: int
    """The owner's order; lower comes first."""

    def is_of(self, who: str) -> bool:
        """Whether somebody owns it."""
        return same_name(self.owner, who)


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, however they were typed."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def good_name(typed: str, what: str = "lane") -> str:
    """A name as it is kept. Raises UsageError for none, one that is too long, or one of odd characters."""
    name = " ".join(typed.split())
    if not name:
        raise UsageError(f"A {what} needs a name.")
    if len(name) > MOST_LETTERS:
        raise UsageError(f"“{name[:20]}…” is too long for a name; {MOST_LETTERS} letters fit into the rail.")
    if not name.isprintable():
        raise UsageError(f"The name of a {what} is made of letters that can be seen.")
    return name
