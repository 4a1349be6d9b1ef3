"""Judging: whether a verb can be done to an item now; for a hundred thousand items as quickly as for one.

A connector says what can be done to an item, and it is asked about each anew. Most of a hundred thousand
items are alike in all that it looks at, so `Judging` remembers, for as long as one plan is made, which
facts of an item the connector looked at, in their order, and what it said then.

What a newcomer would get wrong: nothing is guessed about which facts matter. What is handed to the connector
notes what is read from it; an item that is the same in just those facts would take the same way through the
same code.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from console.api import Target
from console.domain.accounts import Account
from console.domain.acts import INVERSE, LOCAL, OPEN, Verb
from console.domain.capabilities import LEAVE_UP, Capabilities, Capability
from console.domain.ids import AccountId
from console.domain.items import Item, ItemState
from console.domain.sketches import Sketch

READING_ONLY = "This account was added for reading only."
UNKNOWN_HERE = "Not on this network."
# Holding is not among these: what is held may be set aside at some networks, and their connectors know.
_ALREADY: Mapping[Verb, tuple[frozenset[ItemState], str]] = {
    Verb.HIDE: (frozenset({ItemState.HIDDEN}), "Already hidden."),
    Verb.UNHIDE: (frozenset({ItemState.VISIBLE}), "Already public."),
    Verb.PUBLISH: (frozenset({ItemState.VISIBLE}), "Already public."),
}
_GONE = frozenset({ItemState.DELETED, ItemState.GONE})
_MOST: Final = 20_000
"""So many different answers are remembered; where every item differs, more would be of no use."""

Ask = Callable[[AccountId, Target], Capabilities]
"""What the connector of an account says about an item."""


def judge(verb: Verb, item: Item | Sketch, account: Account, capabilities: Capabilities) -> Capability:
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


def _why_not_now(verb: Verb, item: Item | Sketch, account: Account) -> str | None:
    if not account.may_act:
        return READING_ONLY
    if item.state in _GONE:
        return "It is no longer there."
    if item.act_verb is verb and item.act_state in OPEN:
        return "Under way already."
    taking_back = item.act_verb is INVERSE.get(verb) and item.act_state in OPEN
    states, words = _ALREADY.get(verb, (frozenset(), ""))
    return words if item.state in states and not taking_back else None


class Judging:
    """Judges items for one verb while one plan is made."""

    def __init__(self, verb: Verb, accounts: Mapping[AccountId, Account], ask: Ask) -> None:
        self._verb = verb
        self._accounts = accounts
        self._ask = ask
        self._said: dict[AccountId, _Fork | Capabilities] = {}
        self._answers = 0
        self._verdicts: dict[tuple[object, ...], Capability] = {}

    def judge(self, item: Sketch) -> Capability:
        """Whether the verb can be done to this item now, with words."""
        offered, is_kept = self._offered(item) if self._verb not in LOCAL else (_NOTHING, True)
        if not is_kept:
            return judge(self._verb, item, self._accounts[item.account_id], offered)
        key = (id(offered.get(self._verb)), item.account_id, item.state, item.act_verb, item.act_state)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = judge(self._verb, item, self._accounts[item.account_id], offered)
            self._verdicts[key] = verdict
        return verdict

    def _offered(self, item: Sketch) -> tuple[Capabilities, bool]:
        """What the connector says of an item, and whether that is kept for others that are like it."""
        place = self._said.get(item.account_id)
        while type(place) is _Fork:
            place = place.ways.get(item[place.column])
        if place is not None:
            return place, True  # type: ignore[return-value]  # what is no fork is an answer
        looked: list[int] = []
        answer = self._ask(item.account_id, _Watched(item, looked))
        if self._answers >= _MOST:
            return answer, False
        self._answers += 1
        return answer, self._remember(item, looked, answer)

    def _remember(self, item: Sketch, looked: list[int], answer: Capabilities) -> bool:
        """Keeps an answer under the facts that led to it; whether it could."""
        columns = list(dict.fromkeys(looked))
        if not columns:
            self._said[item.account_id] = answer
            return True
        root = self._said.setdefault(item.account_id, _Fork(columns[0]))
        for number, column in enumerate(columns):
            if type(root) is not _Fork or root.column != column:
                return False  # it looks at things in no fixed order: asked about each item, then
            if number + 1 < len(columns):
                root = root.ways.setdefault(item[column], _Fork(columns[number + 1]))
            else:
                root.ways[item[column]] = answer
        return True


_NOTHING: Final[Capabilities] = {}


class _Fork:
    """A fact that a connector looks at, and where each of its values leads."""

    __slots__ = ("column", "ways")

    def __init__(self, column: int) -> None:
        self.column = column
        self.ways: dict[Any, _Fork | Capabilities] = {}


class _Watched(Target):
    """A target that notes what is read from it."""

    __slots__ = ("_item", "_looked")

    def __init__(self, item: Sketch, looked: list[int]) -> None:
        object.__setattr__(self, "_item", item)
        object.__setattr__(self, "_looked", looked)


def _noted(name: str) -> property:
    column = Sketch._fields.index(name)

    def read(self: _Watched) -> Any:
        self._looked.append(column)  # type: ignore[attr-defined]  # a slot, set past the frozen class
        return self._item[column]  # type: ignore[attr-defined]  # the same

    return property(read)


for _name in Target.__dataclass_fields__:
    setattr(_Watched, _name, _noted(_name))
