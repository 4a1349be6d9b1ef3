"""Planning: what an act on one or many items will do, before anything is done.

There is one planner. The window's sheet, `cordon act --dry-run` and the act itself all go by the plan
made here, so what was shown is what happens. Making a plan changes nothing and sends nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final

from console.domain.accounts import Account
from console.domain.acts import LOCAL, Verb, hold_ms, is_sealed_first, removes
from console.domain.approving import NOBODY_ELSE, Rules, why_second
from console.domain.capabilities import Capability
from console.domain.ids import AccountId, ItemId
from console.domain.items import Item, ItemKind
from console.domain.sketches import KINDS, Sketch, sketch_of
from console.services.ceilings import Ceilings, Load
from console.services.forecasting import Wish, forecast
from console.services.judging import READING_ONLY, UNKNOWN_HERE, Ask, Judging, judge

__all__ = [
    "READING_ONLY",
    "UNKNOWN_HERE",
    "LeftOut",
    "Part",
    "Plan",
    "PlanRow",
    "Planner",
    "judge",
    "load_of",
    "make_plan",
]

NO_MEDIA: Final = "Its picture was not captured, so it waits for you."
TAKEN_OUT: Final = "Taken out of the plan by you."


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that the act will not touch, and why."""

    item_id: ItemId
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """Items of one account on which the network's connector said the same."""

    words: str
    """What is worth knowing before it is done ("Reversible. Author still sees it.")."""
    reversible: bool
    verifiable: bool
    will: tuple[ItemId, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What the plan does on one account."""

    account: Account
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    allowance: str
    """What the network's ceiling leaves, in words."""
    finishes_at: int | None
    """Milliseconds since 1970, UTC; None when nothing is done here."""

    @property
    def will(self) -> tuple[ItemId, ...]:
        """The items that the act will touch."""
        if len(self.parts) == 1:
            return self.parts[0].will
        return tuple(sorted(item_id for part in self.parts for item_id in part.will))

    @property
    def number(self) -> int:
        """How many items the act will touch."""
        return sum(len(part.will) for part in self.parts)

    @property
    def reversible(self) -> bool:
        """Whether all of it can be taken back."""
        return bool(self.parts) and all(part.reversible for part in self.parts)

    @property
    def irreversible(self) -> int:
        """How many of the acts have no way back."""
        return sum(len(part.will) for part in self.parts if not part.reversible)

    @property
    def verifiable(self) -> bool:
        """Whether the network lets us look at all of it afterwards."""
        return bool(self.parts) and all(part.verifiable for part in self.parts)

    @property
    def selected(self) -> int:
        """How many items of this account were asked for."""
        return self.number + len(self.left_out)

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
    kinds: frozenset[ItemKind] = frozenset()
    """The sorts of the items that the act will touch."""
    rules: Rules = NOBODY_ELSE
    """What asks for a second person."""
    bytes_each: int = 0
    """How large a sealed record of these items is, about."""

    @property
    def selected(self) -> int:
        """How many items were asked for."""
        return sum(row.selected for row in self.rows)

    @property
    def will(self) -> int:
        """How many items the act will touch."""
        return sum(row.number for row in self.rows)

    @property
    def left_out(self) -> int:
        """How many it will not."""
        return sum(len(row.left_out) for row in self.rows)

    @property
    def reversible(self) -> bool:
        """Whether all of it can be taken back."""
        return all(row.reversible for row in self.rows if row.parts)

    @property
    def hold_ms(self) -> int:
        """How long that of it waits which cannot be taken back, so that it can be cancelled."""
        return hold_ms(self.verb, reversible=self.reversible)

    @property
    def is_sealed_first(self) -> bool:
        """Whether any of it is sealed before it is sent."""
        return is_sealed_first(self.verb, reversible=self.reversible)

    @property
    def evidence(self) -> int:
        """How many records are sealed before anything is sent."""
        return sum(
            len(part.will)
            for row in self.rows
            for part in row.parts
            if is_sealed_first(self.verb, reversible=part.reversible)
        )

    @property
    def evidence_bytes(self) -> int:
        """How much room those records take, about."""
        return self.evidence * self.bytes_each

    @property
    def second(self) -> str | None:
        """Why a second person must agree before any of it is sent, in words; None when one is enough."""
        return why_second(
            self.rules,
            self.verb,
            number=self.will,
            irreversible=sum(row.irreversible for row in self.rows),
            kinds=self.kinds,
        )

    def without(
        self,
        *,
        accounts: Collection[str] = (),
        reasons: Collection[str] = (),
        items: Collection[ItemId] = (),
        irreversible: bool = False,
    ) -> "Plan":
        """The plan without some of it; what is taken out counts as left out.

        `accounts` are keys of accounts; `reasons` are the words of a `Part` (all that the network says the
        same of); `irreversible` takes out whatever has no way back. The finishing times stay, as what it
        takes at the most.
        """
        unwanted = frozenset(items)
        rows: list[PlanRow] = []
        for row in self.rows:
            parts: list[Part] = []
            out: list[LeftOut] = []
            for part in row.parts:
                is_out = row.account.key in accounts or part.words in reasons
                is_out = is_out or (irreversible and not part.reversible)
                stays = () if is_out else tuple(each for each in part.will if each not in unwanted)
                gone = [each for each in part.will if is_out or each in unwanted]
                out += [LeftOut(each, TAKEN_OUT) for each in gone]
                if stays:
                    parts.append(replace(part, will=stays))
            finishes_at = row.finishes_at if parts else None
            rows.append(
                replace(row, parts=tuple(parts), left_out=(*row.left_out, *out), finishes_at=finishes_at)
            )
        return replace(self, rows=tuple(rows))

    @property
    def finishes_at(self) -> int | None:
        """When the last of it is done; None when nothing is to be done."""
        return max((row.finishes_at for row in self.rows if row.finishes_at is not None), default=None)

    @property
    def why_nothing(self) -> str:
        """When nothing can be done at all: the reasons."""
        return " ".join(dict.fromkeys(row.why for row in self.rows if row.why))


class Planner:
    """Makes one plan, from items that are handed to it part by part.

    `judged` may be slow for what a connector says for the first time, and is quick for what is alike.
    """

    def __init__(
        self,
        verb: Verb,
        accounts: Mapping[AccountId, Account],
        ask: Ask,
        *,
        text_alone: bool,
    ) -> None:
        self._verb = verb
        self._accounts = accounts
        self._judging = Judging(verb, accounts, ask)
        self._text_alone = text_alone
        self._will: dict[tuple[AccountId, int], list[Sketch]] = {}
        self._parts: dict[AccountId, dict[tuple[str, bool, bool], list[Sketch]]] = {}
        self._left_out: dict[AccountId, list[LeftOut]] = {}
        self._kinds: set[str] = set()
        self._without_media = 0

    def add(self, items: Iterable[Sketch]) -> None:
        """Judges some more items."""
        judge_one, will, kinds = self._judging.judge, self._will, self._kinds
        for item in items:
            verdict = judge_one(item)
            account_id = item.account_id
            lacks_media = bool(item.has_media) and removes(self._verb, reversible=verdict.reversible)
            if not verdict.can:
                self._left_out.setdefault(account_id, []).append(LeftOut(item.id, verdict.words))
            elif lacks_media and not self._text_alone:
                self._left_out.setdefault(account_id, []).append(LeftOut(item.id, NO_MEDIA))
            else:
                self._without_media += lacks_media
                alike = will.get((account_id, id(verdict)))  # verdicts are kept, so an id stays what it is
                if alike is None:
                    alike = will[account_id, id(verdict)] = self._alike(account_id, verdict)
                alike.append(item)
                kinds.add(item.kind)

    def _alike(self, account_id: AccountId, verdict: Capability) -> list[Sketch]:
        """The list of what goes with a verdict; one that says the same as another shares its list."""
        some = self._parts.setdefault(account_id, {})
        return some.setdefault((verdict.words, verdict.reversible, verdict.verifiable), [])

    def leave_out(self, items: Iterable[Sketch], why: Mapping[ItemId, str]) -> None:
        """Leaves items out without judging them, each for its reason."""
        for item in items:
            self._left_out.setdefault(item.account_id, []).append(LeftOut(item.id, why[item.id]))

    def orders(self, batch: Callable[[AccountId], int]) -> dict[AccountId, list[Load]]:
        """The orders in which each account will send, worst grade first, as the act worker takes them."""
        return {
            account_id: _orders([item for alike in some.values() for item in alike], batch(account_id))
            for account_id, some in self._parts.items()
        }

    def plan(
        self,
        ceilings: Ceilings,
        orders: Mapping[AccountId, Sequence[Load]],
        backlog: Mapping[tuple[AccountId, Verb], int],
        *,
        now: int,
        rules: Rules = NOBODY_ELSE,
        bytes_each: int = 0,
    ) -> Plan:
        """The plan. `now` is epoch milliseconds; `bytes_each` the size of a sealed record, about."""
        verb = self._verb
        parts = {
            account_id: tuple(
                Part(words, reversible, verifiable, tuple([item.id for item in alike]))
                for (words, reversible, verifiable), alike in some.items()
            )
            for account_id, some in self._parts.items()
        }
        wishes = [
            Wish(
                account_id,
                verb,
                orders[account_id],
                now + hold_ms(verb, reversible=all(part.reversible for part in some)),
            )
            for account_id, some in parts.items()
        ]
        ends = dict.fromkeys(parts, now) if verb in LOCAL else forecast(ceilings, wishes, backlog, now)
        rows = tuple(
            PlanRow(
                account=self._accounts[account_id],
                parts=parts.get(account_id, ()),
                left_out=tuple(self._left_out.get(account_id, ())),
                allowance="" if verb in LOCAL else _allowance_words(ceilings, account_id, verb, now),
                finishes_at=ends.get(account_id),
            )
            for account_id in sorted({*self._parts, *self._left_out})
        )
        return Plan(
            verb=verb,
            rows=rows,
            made_at=now,
            media_not_captured=self._without_media,
            kinds=frozenset(KINDS[kind] for kind in self._kinds),
            rules=rules,
            bytes_each=bytes_each,
        )


def make_plan(
    verb: Verb,
    items: Sequence[Item],
    accounts: Mapping[AccountId, Account],
    ask: Ask,
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
    planner = Planner(verb, accounts, ask, text_alone=text_alone)
    planner.add(sketch_of(item) for item in items)
    return planner.plan(ceilings, planner.orders(ceilings.batch), backlog or {}, now=now)


def _orders(items: Sequence[Sketch], batch: int) -> list[Load]:
    """The orders in which items will be sent, worst grade first."""
    sent = sorted(items, key=_turn)
    return [load_of(sent[start : start + batch]) for start in range(0, len(sent), max(1, batch))]


_turn = attrgetter("grade", "id")


def load_of(items: Sequence[Item | Sketch]) -> Load:
    """How much an order for these items asks of a ceiling."""
    return Load(len(items), len({item.thread or item.remote_id for item in items}))


def _allowance_words(ceilings: Ceilings, account_id: AccountId, verb: Verb, now: int) -> str:
    allowance = ceilings.allowance(account_id, verb, now)
    if allowance.items is None:
        return "No ceiling"
    period = {60: "this minute", 3600: "this hour", 86_400: "today"}.get(
        allowance.seconds, f"in {allowance.seconds // 60} min"
    )
    return f"{allowance.items:,} left {period}"
