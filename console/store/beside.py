"""What a card says of an item from elsewhere in the cache: whom it answers, and with which words.

What a newcomer would get wrong: the words of private messages, and words that were purged, are not here. A
reply to either says whom it answers and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.ids import ItemId
from console.store.database import Connection
from console.store.texts import told

MOST: Final = 160
"""How many letters of what is answered are read; a line holds fewer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an item answers, where somebody outside said it."""

    author: str
    words: str
    """How it begins; empty where its words are sealed or gone."""


def answered(conn: Connection, ids: Sequence[int]) -> Mapping[ItemId, Answered]:
    """What each of some hundreds of items answers, for those of which the cache knows it."""
    marks = ",".join("?" * len(ids))
    rows = conn.execute(
        "SELECT i.id, p.author_name, p.author_handle, "  # noqa: S608  # question marks only
        "CASE WHEN p.purged_at IS NULL THEN substr(p.text, 1, ?) ELSE '' END "
        "FROM items i CROSS JOIN items p ON p.account_id = i.account_id AND p.remote_id = i.parent "
        f"WHERE i.id IN ({marks}) AND i.parent IS NOT NULL AND NOT p.is_ours",
        (MOST, *ids),
    )
    return {
        ItemId(number): Answered(told(name) or told(handle), told(words))
        for number, name, handle, words in rows
    }
