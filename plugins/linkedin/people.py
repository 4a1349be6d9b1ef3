"""Names of authors, where somebody turned that on.

What a newcomer would get wrong: a name costs a call of the day, may be private, and may be kept for 24 hours
only. So it is asked for once in that time, and never while little is left of the day.
"""

from collections.abc import Sequence

from console.api import Context, Gone, NotAllowed
from console.api.web import DAY_MS
from plugins.linkedin.session import CEILINGS, Session
from plugins.linkedin.urns import number_of
from plugins.linkedin.wire import Person

LEAST_LEFT = 40
"""Calls of the day that are kept for what was said, and not for who said it."""
MOST_KEPT = 5_000
_A_PERSON = "urn:li:person:"


class People:
    """Names for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """Both are the connector's."""
        self._session, self._context = session, context
        self._known: dict[str, tuple[int, str]] = {}

    async def names(self, urns: Sequence[str]) -> dict[str, str]:
        """The names of these authors, as far as they are known or may be asked for. Raises a `Failure`."""
        if not self._context.is_on("names"):
            return {}
        now = self._context.now()
        self._known = {urn: kept for urn, kept in self._known.items() if now - kept[0] < DAY_MS}
        for urn in dict.fromkeys(urns):
            if urn not in self._known and urn.startswith(_A_PERSON) and self._may_ask():
                self._known[urn] = (now, await self._ask(urn))
        return {urn: self._known[urn][1] for urn in urns if urn in self._known}

    def _may_ask(self) -> bool:
        lefts = [self._context.allowance.left(ceiling) for ceiling in CEILINGS]
        return len(self._known) < MOST_KEPT and all(left is None or left > LEAST_LEFT for left in lefts)

    async def _ask(self, urn: str) -> str:
        try:
            found = await self._session.ask(f"people/(id:{number_of(urn)})", Person)
        except (NotAllowed, Gone):
            return ""  # private, or not ours to ask for
        return f"{found.localized_first_name} {found.localized_last_name}".strip()
