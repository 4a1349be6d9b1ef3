"""Whether posts that were handed over are still there: X tells of nobody's deletions but our own.

What a newcomer would get wrong: this is no luxury. X wants deleted posts gone from everywhere within a day,
so posts are looked up again in turn, a hundred at a time, as far as a part of the day's money goes. Within
the day (UTC) on which a post was read a look at it costs nothing more.
Source: https://developer.x.com/en/developer-terms/policy.
"""

from console.api import Context, ItemState, RemoteId, Sight
from console.api.web import DAY_MS
from plugins.x import names
from plugins.x.keeping import keep, kept
from plugins.x.money import POST
from plugins.x.problems import CLOSED
from plugins.x.session import Session
from plugins.x.threads import is_gone, look_up
from plugins.x.wire import number, time_of

SHARE = 4
"""One part in so many of the day's money goes into looking again."""
MOST_REMEMBERED = 20_000
_SCANNED = 2_000
_SUSPICIOUS = 3
"""So many posts closed to us at once, and not one shown, say more about our rights than about the posts."""
_FILE = "known.json"


class Recheck:
    """The posts of one account that may still lie in the cache."""

    def __init__(self, session: Session, context: Context) -> None:
        """Nothing is read from the disk yet; `open` does."""
        self._session, self._money = session, session.money
        self._now = context.now
        self._life_ms = context.manifest.text_life_hours * 3_600_000
        self._context = context
        self._known: dict[str, str] = {}
        self._spent_on = (0, 0)
        self._is_changed = False

    async def open(self) -> None:
        """Takes up the posts that an earlier run handed over."""
        found = await kept(self._context.folder, _FILE, dict[str, str])
        self._known = {**(found or {}), **self._known}

    async def close(self) -> None:
        """Keeps the ids (nobody's words) for the next run."""
        if self._is_changed:
            self._is_changed = False
            await keep(self._context.folder, _FILE, dict(self._known))

    def add(self, post: str, version: str) -> None:
        """Remembers a post that was handed over, by its first id, with its newest."""
        if self._known.get(post) != version:
            self._known[post] = version
            self._is_changed = True
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]

    def first_of(self, version: str) -> str:
        """The id under which a post was handed over, by any version's that we know of."""
        known = (first for first, newest in self._known.items() if newest == version)
        return version if version in self._known else next(known, version)

    async def look(self) -> tuple[list[Sight], list[str]]:
        """Looks at the posts whose turn it is: what is gone, and the ids of newer versions.

        Raises a `Failure`.
        """
        batch = self._turn()
        if not batch:
            return [], []
        before = self._money.spent
        found, missing = await look_up(self._session, list(batch.values()))
        self._spend(self._money.spent - before)
        closed = [kind for kind in missing.values() if kind in CLOSED]
        is_odd = len(closed) >= _SUSPICIOUS and not found
        gone: list[Sight] = []
        newer: list[str] = []
        for first, version in batch.items():
            kind = missing.get(version, "")
            if is_gone(kind) or (kind in CLOSED and not is_odd):
                gone.append(Sight(RemoteId(first), ItemState.GONE))
                del self._known[first]
                continue
            self._known[first] = self._known.pop(first)  # to the end of the row
            latest = found[version].versions[-1] if version in found else version
            if number(latest) > number(version):
                newer.append(latest)
        self._is_changed = True
        await self.close()
        return gone, newer

    def _turn(self) -> dict[str, str]:
        """The posts to look at now; those beyond their life in the cache are forgotten."""
        border = self._now() - self._life_ms
        for first in [one for one in self._known if (time_of(one) or 0) < border]:
            del self._known[first]
        day, spent = self._spent_on
        free = self._money.limit // SHARE - (spent if day == self._now() // DAY_MS else 0)
        free = min(free, self._money.left)
        batch: dict[str, str] = {}
        for first, version in list(self._known.items())[:_SCANNED]:
            cost = self._money.price_of([version], POST)
            if cost <= free:
                free -= cost
                batch[first] = version
            if len(batch) == names.AT_ONCE:
                break
        return batch

    def _spend(self, thousandths: int) -> None:
        day, spent = self._spent_on
        today = self._now() // DAY_MS
        self._spent_on = (today, thousandths + (spent if day == today else 0))
