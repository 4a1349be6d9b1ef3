"""Acts: what a person does to an item, the states an act goes through, and the only allowed moves.

An act is finished only when its effect was observed (`confirmed`) or, said openly, cannot be
(`unverifiable`). The table `MOVES` is the whole law of how an act may go on; the store refuses any
other move.
"""

from dataclasses import dataclass
from enum import StrEnum

from console.domain.ids import AccountId, ActId, BulkId, EvidenceId, ItemId


class Verb(StrEnum):
    """What can be done to an item or, for block, mute and restrict, to its author on one account."""

    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    LEAVE_UP = "leave-up"
    HOLD = "hold"
    PUBLISH = "publish"
    REPLY = "reply"
    PRIVATE_REPLY = "private-reply"
    LIKE = "like"
    BLOCK = "block"
    UNBLOCK = "unblock"
    MUTE = "mute"
    UNMUTE = "unmute"
    RESTRICT = "restrict"
    REPORT = "report"


class ActState(StrEnum):
    """Where an act stands."""

    DRAFTED = "drafted"
    AWAITING_APPROVAL = "awaiting-approval"
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    UNVERIFIABLE = "unverifiable"
    REFUSED = "refused"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNDONE = "undone"
    REAPPEARED = "reappeared"


S = ActState
MOVES: dict[ActState, frozenset[ActState]] = {
    S.DRAFTED: frozenset({S.AWAITING_APPROVAL, S.HELD, S.QUEUED, S.CANCELLED, S.CONFIRMED}),
    S.AWAITING_APPROVAL: frozenset({S.HELD, S.QUEUED, S.CANCELLED, S.EXPIRED}),
    S.HELD: frozenset({S.QUEUED, S.CANCELLED}),
    S.QUEUED: frozenset({S.SENDING, S.CANCELLED, S.EXPIRED, S.REFUSED}),
    S.SENDING: frozenset({S.ACCEPTED, S.REFUSED, S.FAILED, S.UNCERTAIN, S.QUEUED, S.CONFIRMED}),
    S.ACCEPTED: frozenset({S.CONFIRMED, S.UNVERIFIABLE, S.UNCERTAIN, S.REAPPEARED}),
    S.CONFIRMED: frozenset({S.UNDONE, S.REAPPEARED}),
    S.UNVERIFIABLE: frozenset({S.UNDONE, S.CONFIRMED}),
    S.REFUSED: frozenset(),
    S.FAILED: frozenset({S.QUEUED, S.CANCELLED}),
    S.UNCERTAIN: frozenset({S.QUEUED, S.ACCEPTED, S.CONFIRMED, S.UNVERIFIABLE, S.FAILED, S.REFUSED}),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
    S.UNDONE: frozenset(),
    S.REAPPEARED: frozenset({S.CONFIRMED, S.UNDONE}),
}
"""Every allowed move. `sending` goes back to `queued` only when nothing can have left the machine."""

OPEN = frozenset({S.DRAFTED, S.AWAITING_APPROVAL, S.HELD, S.QUEUED, S.SENDING, S.ACCEPTED, S.UNCERTAIN})
"""States of an act that still asks for work, by the program or by a person."""

LOCAL = frozenset({Verb.LEAVE_UP})
"""Verbs that are a decision on record and send nothing: they are confirmed as soon as recorded."""

_REMOVES = frozenset({Verb.HIDE, Verb.DELETE, Verb.HOLD})
"""Verbs that take an item out of public view everywhere."""

_AGAINST_AUTHOR = frozenset({Verb.BLOCK, Verb.MUTE, Verb.RESTRICT})
"""Verbs on an author. Without a way back they may take the item away too, as a ban at YouTube does."""

_ALWAYS_SEALED = _REMOVES | {Verb.BLOCK, Verb.RESTRICT, Verb.REPORT}
"""Verbs that remove an item, or are held against its author."""

_ADDS = frozenset({Verb.REPLY, Verb.PRIVATE_REPLY, Verb.LIKE})
"""Verbs that add something of ours and leave the item as it is: there is nothing to seal."""

INVERSE: dict[Verb, Verb] = {
    Verb.HIDE: Verb.UNHIDE,
    Verb.UNHIDE: Verb.HIDE,
    Verb.BLOCK: Verb.UNBLOCK,
    Verb.UNBLOCK: Verb.BLOCK,
    Verb.MUTE: Verb.UNMUTE,
    Verb.UNMUTE: Verb.MUTE,
    Verb.HOLD: Verb.PUBLISH,
    Verb.PUBLISH: Verb.HOLD,
}
"""What takes a finished act back. A verb that is missing here has no way back once sent."""

HOLD_MS = 10_000
"""How long an act that has no way back waits, so that it can be cancelled, in milliseconds."""

LATER_MS = (5 * 60_000, 30 * 60_000, 2 * 3_600_000, 8 * 3_600_000, 24 * 3_600_000)
"""When an act that took an item out of public view is looked at again, in milliseconds after it was confirmed
or after the look before: within minutes, because most of what comes back does so at once (an author edits, a
network restores from a copy); within a day, because that is how long appeals and reviews take."""

NEEDS_TEXT = frozenset({Verb.REPLY, Verb.PRIVATE_REPLY})


def hold_ms(verb: Verb, *, reversible: bool) -> int:
    """How long an act waits before it is sent, in milliseconds; `reversible` is the item's own capability."""
    return 0 if reversible or verb in LOCAL else HOLD_MS


def is_sealed_first(verb: Verb, *, reversible: bool) -> bool:
    """Whether nothing is sent before the item's evidence is sealed; `reversible` as in `hold_ms`."""
    return verb in _ALWAYS_SEALED or not (reversible or verb in _ADDS | LOCAL)


def removes(verb: Verb, *, reversible: bool) -> bool:
    """Whether the item may be out of public view afterwards; `reversible` as in `hold_ms`."""
    return verb in _REMOVES or (verb in _AGAINST_AUTHOR and not reversible)


def same_matter(verb: Verb) -> frozenset[Verb]:
    """Verbs whose effects overwrite one another on one item, so that their order must be kept; else empty."""
    return next((some for some in (_ON_VIEW, _ON_AUTHOR) if verb in some), frozenset())


_ON_VIEW = frozenset({Verb.HIDE, Verb.UNHIDE, Verb.DELETE, Verb.HOLD, Verb.PUBLISH})
_ON_AUTHOR = frozenset({Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE})


def may_move(old: ActState, new: ActState) -> bool:
    """Whether an act may go from one state to the other."""
    return new in MOVES[old]


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one item, as the queue holds it. Times are milliseconds since 1970, UTC."""

    id: ActId
    bulk_id: BulkId | None
    verb: Verb
    item_id: ItemId
    account_id: AccountId
    state: ActState
    reason: str
    category: str | None
    text: str | None
    """The words of a reply."""
    requested_by: str
    requested_at: int
    due_at: int
    """Not sent before this time: the end of its hold, or of a wait that the network asked for."""
    sent_at: int | None
    settled_at: int | None
    attempts: int
    """How often it was sent, or may have been; a try that never left the machine is none."""
    error: str | None
    """Why it was refused or failed, in words for a person."""
    note: str | None
    """What the connector wants back when this act is undone or looked at; opaque to us."""
    undo_of: ActId | None
    evidence_id: EvidenceId | None
    reversible: bool


@dataclass(frozen=True, slots=True)
class LaterLook:
    """One act that is to be looked at again."""

    act: Act
    step: int
    """How many of the later looks were made."""
    is_doubted: bool
    """Whether the last look, or somebody else, saw its item in public."""
