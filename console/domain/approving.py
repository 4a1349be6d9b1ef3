"""Acts that need a second person: which, how long they wait, and who may agree.

What a newcomer would get wrong: the rule is asked once, when the act is asked for, and for the whole of what
was asked for with one key. Who may agree is asked again inside the transaction that agrees.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from console.domain.acts import INVERSE, Act, Verb
from console.domain.ids import ActId, BulkId
from console.domain.items import ItemKind

HOURS: Final = 4.0
"""How long an act waits for a second person: a shift's half, after which the item has to be read anew."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a setting or a posture names; each of these asks for a second person."""

    over: int = 100
    """More acts than so many at once that cannot be taken back; 0: never for their number."""
    block: bool = False
    """Blocking an author."""
    messages: bool = True
    """Deleting private messages."""
    hours: float = HOURS
    """How long it waits."""

    @property
    def life_ms(self) -> int:
        """How long an act waits, in milliseconds."""
        return max(1, round(self.hours * 3_600_000))


NOBODY_ELSE: Final = Rules(over=0, block=False, messages=False)
"""One person is enough for everything."""


def why_second(
    rules: Rules, verb: Verb, *, number: int, irreversible: int, kinds: Collection[ItemKind]
) -> str | None:
    """Why these acts need a second person, in words; None when one person may ask for them.

    `number` is how many acts there are, `irreversible` how many of them have no way back, `kinds` are the
    sorts of their items.
    """
    if rules.block and verb is Verb.BLOCK:
        return "Blocking needs a second person."
    if rules.messages and verb is Verb.DELETE and ItemKind.MESSAGE in kinds:
        return "Deleting private messages needs a second person."
    if rules.over and irreversible > rules.over and verb not in _UNDOING:
        return (
            f"{irreversible:,} of {number:,} acts cannot be taken back; more than {rules.over:,} "
            "need a second person."
        )
    return None


_UNDOING: Final = frozenset({Verb.UNHIDE, Verb.UNBLOCK, Verb.UNMUTE, Verb.PUBLISH}) & frozenset(INVERSE)
"""What makes things public or possible again needs nobody's leave, however much of it there is."""


def same_person(one: str, other: str) -> bool:
    """Whether two names mean one person: blanks, capitals and ways of writing a letter make no difference."""
    return plain_name(one) == plain_name(other)


@lru_cache(256)
def plain_name(name: str) -> str:
    """A name as it is compared with others; nothing to show to anybody."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True, slots=True)
class Second:
    """Said of an act that is asked for and waits for a second person."""

    why: str
    expires_at: int
    """Milliseconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """Acts that wait for a second person together: one bulk act, or one act by itself."""

    acts: tuple[Act, ...]
    why: str
    expires_at: int
    """When the first of them waits no longer, milliseconds since 1970, UTC."""

    @property
    def bulk_id(self) -> BulkId | None:
        """The bulk act; None for an act by itself."""
        return self.acts[0].bulk_id

    @property
    def act_ids(self) -> tuple[ActId, ...]:
        """The acts."""
        return tuple(act.id for act in self.acts)

    @property
    def requested_by(self) -> str:
        """Who asked for them, and may not agree."""
        return self.acts[0].requested_by

    def may(self, who: str) -> bool:
        """Whether this person is another than the one who asked."""
        return bool(who.strip()) and not same_person(who, self.requested_by)
