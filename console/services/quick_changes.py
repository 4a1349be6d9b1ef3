"""Changes of watchlists made from an item, in one step: mute a wrong hit, watch a phrase.

They only work out what the list shall be; `editing` publishes it. What a newcomer would get wrong: an
exception cancels its rule wherever it stands in a text. One of the rule's very own words would silence it
everywhere, so an exception is tried before it is offered for publishing.
"""

import asyncio
import datetime as dt
from dataclasses import dataclass, replace

from console.desk.lists import ListDesk
from console.desk.protocol import Desk
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import ItemId
from console.domain.items import Item
from console.domain.watchlists import CATEGORIES, Hit, Rule, Watchlist
from console.matching.excepting import words_around
from console.matching.table import rule_id
from console.services.clock import Clock
from console.services.events import Events
from console.services.matching import Matching
from console.services.rehearsing import Rehearsing, compiled
from console.services.searching import Searching
from console.store import items as stored_items
from console.store.database import Database


@dataclass(frozen=True, slots=True)
class Beside:
    """What editing works with."""

    db: Database
    desk: Desk
    lists: ListDesk
    matching: Matching
    rehearsing: Rehearsing
    searching: Searching
    events: Events
    clock: Clock


class QuickChanges:
    """Watchlists as they would be after one change from an item."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._lists = beside.lists

    async def in_force(self, watchlist_id: str) -> Watchlist:
        """A list as it is in force. Raises NotPossible when it is not."""
        newest = await self._lists.newest(watchlist_id)
        if newest is None or newest.ended_at is not None:
            raise NotPossible(f"There is no watchlist “{watchlist_id}” in force.")
        return newest.watchlist

    async def exception_for(self, item_id: ItemId, hit: Hit) -> str:
        """The words of a hit with those around them; empty where there are none that would do."""
        item = await self._item(item_id)
        if hit.text and item.text[hit.start : hit.end] == hit.text:
            return words_around(item.text, hit.start, hit.end)
        for media in item.media:
            if hit.text and (place := media.description.find(hit.text)) >= 0:
                return words_around(media.description, place, place + len(hit.text))
        return ""

    async def muted(self, item_id: ItemId, hit: Hit, words: str | None, why: str) -> tuple[Watchlist, str]:
        """The list of a hit with an exception on its rule, and the reason. See `Editing.mute`."""
        exception = (await self.exception_for(item_id, hit) if words is None else words).strip()
        if not exception:
            raise NotPossible(
                "An exception of these very words would silence the rule. "
                "Type a few of the words around them."
            )
        found = await self.in_force(hit.watchlist)
        rule = next((each for each in found.rules if each.id == hit.rule), None)
        if rule is None:
            raise NotPossible(f"Version {found.version} of {found.name} has no rule {hit.rule} any more.")
        if exception in rule.unless:
            raise NotPossible(f"Rule {rule.id} has the exception “{exception}” already.")
        misses = rule.misses if exception in rule.misses else (*rule.misses, exception)
        muted = replace(rule, unless=(*rule.unless, exception), misses=misses)
        wanted = replace(found, rules=tuple(muted if each is rule else each for each in found.rules))
        item = await self._item(item_id)
        if said := await asyncio.to_thread(_spoils, wanted, muted, item):
            raise NotPossible(said)
        return wanted, why.strip() or f"Wrong hit: “{exception}”"

    async def watching(
        self, phrase: str, who: str, category: str, grade: int, why: str, review_by: dt.date
    ) -> tuple[Watchlist, str]:
        """The open incident's own list with a phrase more, and the reason. See `Editing.watch_phrase`."""
        phrase = " ".join(phrase.split())
        incident = await self._beside.desk.incident()
        if incident is None:
            raise NotPossible("No incident is open, so there is nothing for which a phrase could be watched.")
        name = f"incident-{incident.id}-{category}"
        newest = await self._lists.newest(name)
        if newest is not None and newest.ended_at is None:
            found = newest.watchlist
        elif newest is not None:  # ended by hand, so what it watched then is not wanted any more
            found = replace(newest.watchlist, rules=())
        else:
            title = f"Watched for {incident.name}"
            suggest = CATEGORIES[category].suggest if category in CATEGORIES else None
            found = Watchlist(
                name, title, category, grade, suggest, who, 0, review_by, (), incident=incident.id
            )
        if any(phrase.casefold() == word.casefold() for rule in found.rules for word in rule.words):
            raise NotPossible(f"“{phrase}” is watched for {incident.name} already.")
        new = Rule(rule_id(phrase, [rule.id for rule in found.rules]), words=(phrase,), grade=grade)
        wanted = replace(found, rules=(*found.rules, new))
        return wanted, why.strip() or f"Quick watch: “{phrase}”"

    async def adding(
        self, phrase: str, watchlist_id: str, grade: int | None, why: str
    ) -> tuple[Watchlist, str]:
        """A list in force with a phrase more, and the reason. See `Editing.watch_for_good`."""
        phrase = " ".join(phrase.split())
        found = await self.in_force(watchlist_id)
        if any(phrase.casefold() == word.casefold() for rule in found.rules for word in rule.words):
            raise NotPossible(f"“{phrase}” is on the list {found.name} already.")
        own = None if grade == found.grade else grade
        new = Rule(rule_id(phrase, [rule.id for rule in found.rules]), words=(phrase,), grade=own)
        return replace(found, rules=(*found.rules, new)), why.strip() or f"Watched for good: “{phrase}”"

    async def _item(self, item_id: ItemId) -> Item:
        unseal = self._beside.rehearsing.unseal
        found = await self._beside.db.read(lambda conn: stored_items.items(conn, [item_id], unseal))
        if not found:
            raise UsageError("That item is not in this profile.")
        return found[0]


def _spoils(wanted: Watchlist, muted: Rule, item: Item) -> str:
    """What is wrong with an exception, in words; empty when it does what it should and nothing more."""
    matcher = compiled(wanted)

    def fires(said: str) -> bool:
        hits = matcher.match([said], [item.lang])[0]
        return any((hit.watchlist, hit.rule) == (wanted.id, muted.id) for hit in hits)

    for word in muted.words:
        if not fires(word):
            return f"That exception would silence the rule: “{word}” alone would hit no more. Say more words."
    if any(fires(said) for said in (item.text, *(media.description for media in item.media))):
        return "The item would hit the rule even so, by other words. Nothing was changed."
    return ""
