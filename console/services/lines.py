"""Lines: how an account is reached now, and what its connector may know of an item.

What a newcomer would get wrong: an account without a line is not one without acts. They wait, without a word
in the ledger, until it is signed in and has a link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from console.api import Connector, Failure, Manifest, Target
from console.domain.ids import AccountId
from console.domain.items import Item


@dataclass(frozen=True, slots=True)
class Line:
    """An account that is signed in and can act."""

    connector: Connector
    manifest: Manifest


class Lines(Protocol):
    """Where the worker finds the accounts that can act now."""

    def line(self, account_id: AccountId) -> Line | None:
        """The line of an account, or None while it is not signed in or has no link."""

    def open_accounts(self) -> Sequence[AccountId]:
        """The accounts that have a line now."""

    def report(self, account_id: AccountId, failure: Failure) -> None:
        """Tells the account's keeper of a failure that is not about one item: sign-in, link."""


def target_of(item: Item) -> Target:
    """What a connector may know about an item."""
    return Target(
        remote_id=item.remote_id,
        kind=item.kind,
        author_id=item.author.id,
        parent=item.parent,
        thread=item.thread,
        state=item.state,
        is_ours=item.is_ours,
        note=item.note,
    )
