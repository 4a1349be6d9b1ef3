"""What accounts may still read, shared fairly between those that share a token or an app."""

from collections.abc import Sequence

from console.domain.capabilities import Ceiling


class AccountAllowance:
    """The ceilings of one account, as its connector sees them."""

    def __init__(self, ceilings: Sequence[Ceiling]) -> None:
        """`ceilings` are those of its manifest."""
        self._names = {ceiling.name for ceiling in ceilings}

    async def take(self, ceiling: str, points: int = 1) -> None:
        """Counts points of reading."""

    def learn(self, ceiling: str, *, left: int, until: int) -> None:
        """Takes the network's word."""

    def left(self, ceiling: str) -> int | None:
        """Points that are left for reading now."""
        return None
