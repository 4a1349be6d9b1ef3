"""Looking is on record as well as doing: searches, authors that were looked up, private messages read.

The window and the command line both come through here. What a newcomer would get wrong: a look that
cannot be put on record is said in the log and goes on. Only what cannot be taken back has to wait for a
record that can be written; a person who looks for somebody in danger has not.
"""

import logging
from collections.abc import Sequence

from console.desk.onlookers import Look, OnlookerDesk
from console.domain.audit import Note
from console.domain.errors import ProfileError, UsageError
from console.domain.ids import ItemId, item_key
from console.domain.items import Item, ItemKind
from console.domain.lanes import parse_lane
from console.services.clock import Clock

_log = logging.getLogger(__name__)


class Onlookers:
    """Who looked at what."""

    def __init__(self, desk: OnlookerDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def searched(self, query: str, who: str) -> None:
        """Somebody searched the cache; an author that the search names was looked up by it."""
        typed = query.strip()
        if not typed:
            return
        looks = [Look(typed, Note("lane.searched", who, {}, {"query": typed}))]
        try:
            authors = sorted(parse_lane(typed, self._clock.now()).authors)
        except UsageError:
            authors = []  # then it found nothing either
        looks += [Look(author, Note("author.looked", who, {}, {"author": author})) for author in authors]
        await self._put(looks)

    async def opened_author(self, item: Item, who: str) -> None:
        """Somebody opened the card of the author of this item."""
        content = {"author": item.author.handle or item.author.id, "author_id": item.author.id}
        note = Note("author.looked", who, {"item": item_key(item.id)}, content)
        await self._put([Look(f"{item.network} {item.author.id}", note)])

    async def messages_read(self, items: Sequence[Item], who: str) -> None:
        """Somebody was shown these items; those that are private messages go on record."""
        await self.opened([item.id for item in items if item.kind is ItemKind.MESSAGE and item.text], who)

    async def opened(self, messages: Sequence[ItemId], who: str) -> None:
        """Somebody read these private messages."""
        await self._put(
            [
                Look(item_key(each), Note("message.read", who, {"item": item_key(each)}, {}))
                for each in messages
            ]
        )

    async def _put(self, looks: Sequence[Look]) -> None:
        try:
            await self._desk.put(looks, self._clock.now())
        except ProfileError as problem:
            _log.warning("That somebody looked could not be put on record: %s", problem)
