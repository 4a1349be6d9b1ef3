"""Drafting: what is asked for on some items, with what the record shall hold about each.

What a newcomer would get wrong: `facts` stand in the ledger for ever and hold our own keys, counts and
states; `content` is salted and can be destroyed. What names a member of the public belongs into `content`.
"""

from collections.abc import Mapping, Sequence

from console.desk.protocol import Draft
from console.domain.accounts import Account
from console.domain.acts import LOCAL, ActState, Verb, hold_ms
from console.domain.approving import Second
from console.domain.ids import AccountId
from console.domain.items import Item
from console.services.capturing import Captured


def drafts(
    verb: Verb,
    accounts: Mapping[AccountId, Account],
    now: int,
    second: Second | None,
    ready: Sequence[tuple[Item, bool]],
    captured: Captured,
) -> list[Draft]:
    """What is asked for on some items, each with whether it can be taken back there."""
    return [
        Draft(
            verb=verb,
            item_id=item.id,
            account_id=item.account_id,
            state=_first_state(verb, reversible=reversible, waits=second is not None),
            due_at=now + hold_ms(verb, reversible=reversible),
            reversible=reversible,
            evidence=captured.sealed.get(item.id),
            second=second,
            facts=_facts(item, accounts[item.account_id]),
            content=_content(item),
        )
        for item, reversible in ready
    ]


def _first_state(verb: Verb, *, reversible: bool, waits: bool) -> ActState:
    if verb in LOCAL:
        return ActState.CONFIRMED
    if waits:
        return ActState.AWAITING_APPROVAL
    return ActState.HELD if hold_ms(verb, reversible=reversible) else ActState.QUEUED


def _facts(item: Item, account: Account) -> dict[str, str | int | bool | None]:
    rules = sorted({f"{hit.watchlist}/{hit.rule} v{hit.version}" for hit in item.hits})
    return {
        "network": account.network,
        "account": account.key,
        "kind": str(item.kind),
        "before": str(item.state),
        "grade": item.grade,
        "rules": "; ".join(rules),
    }


def _content(item: Item) -> dict[str, str | int | bool | None]:
    return {
        "remote_id": item.remote_id,
        "author_id": item.author.id,
        "author": item.author.handle or item.author.name,
        "words": "; ".join(hit.text for hit in item.hits),
        "permalink": item.permalink,
    }


def no_pictures(captured: Captured, went: int) -> str:
    """What a person is told when pictures that had to come first could not be had."""
    number = len(captured.missing)
    why = next(iter(captured.missing.values()))
    what = "An item's picture" if number == 1 else f"The pictures of {number:,} items"
    waits = "it waits" if number == 1 else "they wait"
    rest = f"The other {went:,} went ahead." if went else "Nothing was done."
    return (
        f"{what} could not be captured, so {waits} for you: {why} {rest} "
        "Try again later, or give a reason to go on without."
    )
