"""Judging: whether a verb can be done to an item now; for a hundred thousand items as quickly as for one.

A connector says what can be done to an item, and it is asked about each anew. Most of a hundred thousand
items are alike in all that it looks at, so `Judging` remembers, for as long as one plan is made, which
facts of an item the connector looked at, in their order, and what it said then.

What a newcomer would get wrong: nothing is guessed about which facts matter. What is handed to the connector
notes what is read from it; an item that is the same in just those facts would take the same way through the
same code.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from console.api import Target
from console.domain.accounts import Account
from console.domain.acts import INVERSE, LOCAL, OPEN, ActState, Verb
from console.domain.capabilities import LEAVE_UP, Capabilities, Capability
from console.domain.ids import AccountId
from console.domain.items import Item, ItemState
from console.domain.sketches import ACT_STATES, KINDS, STATES, VERBS, Sketch

READING_ONLY = "This account was added for reading only."
UNKNOWN_HERE = "Not on this network."
# Holding is not among these: what is held may be set aside at some networks, and their connectors know.
_ALREADY: Mapping[Verb, tuple[frozenset[ItemState], str]] = {
    Verb.HIDE: (frozenset({ItemState.HIDDEN}), "Already hidden."),
    Verb.UNHIDE: (frozenset({ItemState.VISIBLE}), "Already public."),
    Verb.PUBLISH: (frozenset({ItemState.VISIBLE}), "Already public."),
}
_GONE = frozenset({ItemState.DELETED, ItemState.GONE})
_MOST: Final = 300
"""So many ways are remembered for each account; where every item differs, more would be of no use."""

Ask = Callable[[AccountId, Target, Verb], Capability | None]
"""What the connector of an account says about a verb on an item; None when its network has no such verb."""


def judge(verb: Verb, item: Item, account: Account, capabilities: Capabilities) -> Capability:
    """Whether a verb can be done to an item now, with words: what the network allows, and more.

    The window asks this for the pane.
    """
    return judge_offer(verb, item, account, None if verb in LOCAL else capabilities.get(verb))


def judge_offer(verb: Verb, item: Item, account: Account, found: Capability | None) -> Capability:
    """Like `judge`, of what a connector said about this very verb."""
    return _verdict(verb, item.state, item.act_verb, item.act_state, account, found)


def _verdict(
    verb: Verb,
    state: ItemState,
    act_verb: Verb | None,
    act_state: ActState | None,
    account: Account,
    found: Capability | None,
) -> Capability:
    if verb in LOCAL:
        return LEAVE_UP
    if found is None:
        return Capability(can=False, words=UNKNOWN_HERE)
    if not found.can:
        return found
    why = _why_not_now(verb, state, act_verb if act_state in OPEN else None, account)
    return Capability(can=False, words=why) if why else found


def _why_not_now(verb: Verb, state: ItemState, under_way: Verb | None, account: Account) -> str | None:
    if not account.may_act:
        return READING_ONLY
    if state in _GONE:
        return "It is no longer there."
    if under_way is verb:
        return "Under way already."
    taking_back = under_way is not None and under_way is INVERSE.get(verb)
    states, words = _ALREADY.get(verb, (frozenset(), ""))
    return words if state in states and not taking_back else None


class Judging:
    """Judges items for one verb while one plan is made."""

    def __init__(self, verb: Verb, accounts: Mapping[AccountId, Account], ask: Ask) -> None:
        self._verb = verb
        self._accounts = accounts
        self._ask = ask
        self._is_local = verb in LOCAL
        self._said: dict[AccountId, _Fork | _Offer] = {}
        self._answers: Counter[AccountId] = Counter()
        self._offers: dict[object, _Offer] = {}
        self._verdicts: dict[tuple[object, ...], Capability] = {}

    def judge(self, item: Sketch) -> Capability:
        """Whether the verb can be done to this item now, with words."""
        offer = _NOTHING if self._is_local else self._offered(item)
        key = (offer, item.account_id, item.state, item.act_verb, item.act_state)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = _verdict(
                self._verb,
                STATES[item.state],
                VERBS.get(item.act_verb or ""),
                ACT_STATES.get(item.act_state or ""),
                self._accounts[item.account_id],
                offer.capability,
            )
        return verdict

    def _offered(self, item: Sketch) -> "_Offer":
        """What the connector says of an item, as it said it before of one that is like it."""
        place = self._said.get(item.account_id)
        while type(place) is _Fork:
            place = place.ways.get(item[place.column])
        if place is not None:
            return place  # type: ignore[return-value]  # what is no fork is an offer
        looked: list[int] = []
        is_kept = self._answers[item.account_id] < _MOST
        target = _Watched(item, looked) if is_kept else _target(item)
        answer = self._ask(item.account_id, target, self._verb)
        said = (answer.can, answer.words, answer.reversible, answer.verifiable) if answer else None
        offer = self._offers.get(said)
        if offer is None:
            offer = self._offers[said] = _Offer(answer)
        if is_kept:
            self._answers[item.account_id] += 1
            self._remember(item, looked, offer)
        return offer

    def _remember(self, item: Sketch, looked: list[int], offer: "_Offer") -> None:
        """Keeps an offer under the facts that led to it."""
        columns = list(dict.fromkeys(looked))
        if not columns:
            self._said[item.account_id] = offer
            return
        root = self._said.setdefault(item.account_id, _Fork(columns[0]))
        for number, column in enumerate(columns):
            if type(root) is not _Fork or root.column != column:
                return  # it looks at things in no fixed order, and is asked about each item, then
            if number + 1 < len(columns):
                root = root.ways.setdefault(item[column], _Fork(columns[number + 1]))
            else:
                root.ways[item[column]] = offer


class _Offer:
    """What a connector said; one object for all items of which it said the same."""

    __slots__ = ("capability",)

    def __init__(self, capability: Capability | None) -> None:
        self.capability = capability


_NOTHING: Final = _Offer(None)


class _Fork:
    """A fact that a connector looks at, and where each of its values leads."""

    __slots__ = ("column", "ways")

    def __init__(self, column: int) -> None:
        self.column = column
        self.ways: dict[Any, _Fork | _Offer] = {}


class _Watched(Target):
    """A target that notes what is read from it."""

    __slots__ = ("_item", "_looked")

    def __init__(self, item: Sketch, looked: list[int]) -> None:
        object.__setattr__(self, "_item", item)
        object.__setattr__(self, "_looked", looked)


_SENSE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": KINDS.__getitem__,
    "state": STATES.__getitem__,
    "is_ours": bool,
}
"""What makes of a plain value what a connector knows."""


def _target(item: Sketch) -> Target:
    return Target(
        remote_id=item.remote_id,
        kind=KINDS[item.kind],
        author_id=item.author_id,
        parent=item.parent,
        thread=item.thread,
        state=STATES[item.state],
        is_ours=bool(item.is_ours),
        note=item.note,
    )


def _noted(name: str) -> property:
    column = Sketch._fields.index(name)
    sense = _SENSE.get(name)

    def read(self: _Watched) -> Any:
        self._looked.append(column)  # type: ignore[attr-defined]  # a slot, set past the frozen class
        value = self._item[column]  # type: ignore[attr-defined]  # the same
        return value if sense is None else sense(value)

    return property(read)


for _name in Target.__dataclass_fields__:
    setattr(_Watched, _name, _noted(_name))
