"""How much a connector may still read: the network's ceilings, shared fairly between accounts.

A ceiling is declared in the manifest, where it also counts acts. What a newcomer would get wrong: the count
here is the console's own and starts from nothing after a restart, so what the network says in its headers
stands above it: pass it on with `learn`, always.
"""

from typing import Protocol


class Allowance(Protocol):
    """The ceilings of one account, those included that it shares with others."""

    async def take(self, ceiling: str, points: int = 1) -> None:
        """Counts points of reading against a ceiling of the manifest, and waits a little if it must.

        Accounts that share a ceiling get their turn one after the other, and a part of each ceiling is
        left for acts. Raises SlowDown when there is nothing left for longer than a minute.
        """

    def learn(self, ceiling: str, *, left: int, until: int) -> None:
        """Takes the network's word that `left` points remain before `until`, milliseconds since 1970."""

    def left(self, ceiling: str) -> int | None:
        """Points that are left for reading now; None for a ceiling that has no end."""
