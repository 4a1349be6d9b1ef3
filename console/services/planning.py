"""Planning: what an act on one or many items will do, before anything is done.

There is one planner. The window's sheet, `cordon act --dry-run` and the act itself all go by the plan
made here, so what was shown is what happens. Making a plan changes nothing and sends nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from console.domain.accounts import Account
from console.domain.acts import INVERSE, LOCAL, OPEN, Verb, hold_ms, is_sealed_first, removes
from console.domain.capabilities import LEAVE_UP, Capabilities, Capability
from console.domain.ids import AccountId, ItemId
from console.domain.items import Item, ItemState
from console.services.ceilings import Ceilings, Load
from console.services.forecasting import Wish, forecast

READING_ONLY = "This account was added for reading only."
UNKNOWN_HERE = "Not on this network."
# Holding is not among these: what is held may be set aside at some networks, and their connectors know.
_ALREADY: Mapping[Verb, tuple[frozenset[ItemState], str]] = {
    Verb.HIDE: (frozenset({ItemState.HIDDEN}), "Already hidden."),
    Verb.UNHIDE: (frozenset({ItemState.VISIBLE}), "Already public."),
    Verb.PUBLISH: (frozenset({ItemState.VISIBLE}), "Already public."),
}
_GONE = frozenset({ItemState.DELETED, ItemState.GONE})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that the act will not touch, and why."""

    item_id: ItemId
    why: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What the plan does on one account."""

    account: Account
    will: tuple[ItemId, ...]
    left_out: tuple[LeftOut, ...]
    reversible: bool
    verifiable: bool
    allowance: str
    """What the network's ceiling leaves, in words."""
    finishes_at: int | None
    """Milliseconds since 1970, UTC; None when nothing is done here."""

    @property
    def selected(self) -> int:
        """How many items of this account were asked for."""
        return len(self.will) + len(self.left_out)

    @property
    def why(self) -> str:
        """Why items were left out; the commonest reason first."""
        return " ".join(why for why, _ in Counter(left.why for left in self.left_out).most_common(2))

    @property
    def undo(self) -> str:
        """How long the act can be taken back, in words."""
        return "Any time" if self.reversible else "Never"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one verb will do to the items that were asked for."""

    verb: Verb
    rows: tuple[PlanRow, ...]
    made_at: int
    media_not_captured: int
    """How many items will be sealed by their words alone, because their pictures were not captured."""

    @property
    def selected(self) -> int:
        """How many items were asked for."""
        return sum(row.selected for row in self.rows)

    @property
    def will(self) -> int:
        """How many items the act will touch."""
        return sum(len(row.will) for row in self.rows)

    @property
    def left_out(self) -> int:
        """How many it will not."""
        return sum(len(row.left_out) for row in self.rows)

    @property
    def reversible(self) -> bool:
        """Whether all of it can be taken back."""
        return all(row.reversible for row in self.rows if row.will)

    @property
    def hold_ms(self) -> int:
        """How long that of it waits which cannot be taken back, so that it can be cancelled."""
        return hold_ms(self.verb, reversible=self.reversible)

    @property
    def is_sealed_first(self) -> bool:
        """Whether any of it is sealed before it is sent."""
        return is_sealed_first(self.verb, reversible=self.reversible)

    @property
    def finishes_at(self) -> int | None:
        """When the last of it is done; None when nothing is to be done."""
        return max((row.finishes_at for row in self.rows if row.finishes_at is not None), default=None)

    @property
    def why_nothing(self) -> str:
        """When nothing can be done at all: the reasons."""
        return " ".join(dict.fromkeys(row.why for row in self.rows if row.why))


def judge(verb: Verb, item: Item, account: Account, capabilities: Capabilities) -> Capability:
    """Whether a verb can be done to an item now, with words: what the network allows, and more.

    The window asks this for the pane, the planner for every item of a selection.
    """
    if verb in LOCAL:
        return LEAVE_UP
    found = capabilities.get(verb)
    if found is None:
        return Capability(can=False, words=UNKNOWN_HERE)
    if not found.can:
        return found
    why = _why_not_now(verb, item, account)
    return Capability(can=False, words=why) if why else found


def _why_not_now(verb: Verb, item: Item, account: Account) -> str | None:
    if not account.may_act:
        return READING_ONLY
    if item.state in _GONE:
        return "It is no longer there."
    if item.act_verb is verb and item.act_state in OPEN:
        return "Under way already."
    taking_back = item.act_verb is INVERSE.get(verb) and item.act_state in OPEN
    states, words = _ALREADY.get(verb, (frozenset(), ""))
    return words if item.state in states and not taking_back else None


def make_plan(
    verb: Verb,
    items: Sequence[Item],
    accounts: Mapping[AccountId, Account],
    can: Callable[[Item], Capabilities],
    ceilings: Ceilings,
    *,
    now: int,
    text_alone: bool,
    backlog: Mapping[tuple[AccountId, Verb], int] | None = None,
) -> Plan:
    """The plan for one verb on these items.

    `backlog` is how many acts wait already, of all accounts. `text_alone` is the posture on pictures that
    were not captured: True seals the words and says so, False leaves such items out of anything that removes
    them. `now` is milliseconds since 1970, UTC.
    """
    will: dict[AccountId, list[Item]] = {}
    left_out: dict[AccountId, list[LeftOut]] = {}
    judged: dict[AccountId, Capability] = {}
    without_media = 0
    for item in items:
        account = accounts[item.account_id]
        verdict = judge(verb, item, account, can(item))
        lacks_media = removes(verb, reversible=verdict.reversible) and bool(item.media)
        if not verdict.can:
            left_out.setdefault(account.id, []).append(LeftOut(item.id, verdict.words))
        elif lacks_media and not text_alone:
            left_out.setdefault(account.id, []).append(
                LeftOut(item.id, "Its picture was not captured, so it waits for you.")
            )
        else:
            without_media += lacks_media
            will.setdefault(account.id, []).append(item)
            before = judged.setdefault(account.id, verdict)
            if (before.reversible, before.verifiable) != (verdict.reversible, verdict.verifiable):
                judged[account.id] = replace(
                    verdict,
                    reversible=verdict.reversible and before.reversible,
                    verifiable=verdict.verifiable and before.verifiable,
                )
    wishes = [
        Wish(
            account_id,
            verb,
            _orders(some, ceilings.batch(account_id)),
            now + hold_ms(verb, reversible=judged[account_id].reversible),
        )
        for account_id, some in will.items()
    ]
    ends = dict.fromkeys(will, now) if verb in LOCAL else forecast(ceilings, wishes, backlog or {}, now)
    rows = tuple(
        _row(
            accounts[account_id],
            will.get(account_id, []),
            left_out.get(account_id, []),
            judged.get(account_id),
            ends.get(account_id),
            "" if verb in LOCAL else _allowance_words(ceilings, account_id, verb, now),
        )
        for account_id in sorted({*will, *left_out})
    )
    return Plan(verb=verb, rows=rows, made_at=now, media_not_captured=without_media)


def _orders(items: Sequence[Item], batch: int) -> list[Load]:
    """The orders in which items will be sent, worst grade first, as the act worker takes them."""
    sent = sorted(items, key=lambda item: (item.grade, item.id))
    return [load_of(sent[start : start + batch]) for start in range(0, len(sent), max(1, batch))]


def load_of(items: Sequence[Item]) -> Load:
    """How much an order for these items asks of a ceiling."""
    return Load(len(items), len({item.thread or item.remote_id for item in items}))


def _row(
    account: Account,
    will: list[Item],
    left_out: list[LeftOut],
    verdict: Capability | None,
    finishes_at: int | None,
    allowance: str,
) -> PlanRow:
    return PlanRow(
        account=account,
        will=tuple(item.id for item in will),
        left_out=tuple(left_out),
        reversible=verdict.reversible if verdict else False,
        verifiable=verdict.verifiable if verdict else False,
        allowance=allowance,
        finishes_at=finishes_at,
    )


def _allowance_words(ceilings: Ceilings, account_id: AccountId, verb: Verb, now: int) -> str:
    allowance = ceilings.allowance(account_id, verb, now)
    if allowance.items is None:
        return "No ceiling"
    period = {60: "this minute", 3600: "this hour", 86_400: "today"}.get(
        allowance.seconds, f"in {allowance.seconds // 60} min"
    )
    return f"{allowance.items:,} left {period}"
