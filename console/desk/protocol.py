"""The desk: everything that operators share, behind one protocol.

Alone (`desk/local.py`) it is kept in the profile's own database; a team keeps it in one place for all.
Neither the window nor a plugin can tell the difference.

Every method that changes something puts its entry into the ledger in the same transaction, so there is
no call here that acts without a record, and none that records without acting.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from console.domain.acts import Act, ActState, LaterLook, Verb
from console.domain.approving import Second
from console.domain.audit import Entry, Note, Verdict
from console.domain.ids import AccountId, ActId, BulkId, EvidenceId, ItemId, TopicId
from console.domain.incidents import Incident
from console.domain.items import ItemState
from console.domain.retention import CLASSES, MODERATION
from console.domain.topics import Topic
from console.domain.watchlists import Watchlist
from console.domain.waves import Standing


@dataclass(frozen=True, slots=True)
class Sealed:
    """An evidence record, sealed and ready to be put on disk."""

    cipher: bytes
    """Nonce and AES-256-GCM cipher text of the record."""
    wrapped_key: bytes
    """The record's own key, sealed under the profile's key."""
    digest: str
    """SHA-256 of `cipher` in hexadecimal; it goes into the ledger."""
    facts: Mapping[str, str | int | bool | None]
    """What may stand in the ledger about it: media count, what could not be captured."""
    recovery_wrap: bytes | None = None
    """The record's own key, sealed to the force's recovery key; None while there is none."""
    retention: str = MODERATION
    """Its class (`domain.retention`)."""
    life_ms: int = CLASSES[MODERATION].life_ms
    """How long after it was sealed it is reviewed or disposed of."""
    supplement_of: EvidenceId | None = None
    """The record that it adds pictures to."""
    files: Sequence[str] = ()
    """The names of sealed picture files that it speaks of."""
    wants_media: bool = False
    """Whether its pictures are still to be fetched."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One act that is to be queued."""

    verb: Verb
    item_id: ItemId
    account_id: AccountId
    state: ActState
    """Where it starts: `held`, `queued`, `awaiting-approval`, or `confirmed` for a decision that sends
    nothing."""
    due_at: int
    reversible: bool
    evidence: Sealed | None
    undo_of: ActId | None = None
    note: str | None = None
    """For an undo: what the connector said when the first act was done."""
    facts: Mapping[str, str | int | bool | None] | None = None
    """More for the ledger: grade, visibility before, the rules that hit with their versions."""
    content: Mapping[str, str | int | bool | None] | None = None
    """More for the salted content: network ids, author, exact words of the hits."""
    second: Second | None = None
    """Why a second person must agree, and until when; such a draft starts as `awaiting-approval`."""


@dataclass(frozen=True, slots=True)
class Under:
    """What acts belong to that go on from what a person decided before."""

    standing: int
    """The number of the standing verdict."""
    bulk_id: BulkId | None
    """Its bulk act; None when these are the first acts of it."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What one person asked for with one key press: one act, or many as one bulk act."""

    who: str
    at: int
    reason: str
    category: str | None
    text: str | None
    drafts: Sequence[Draft]
    bulk: bool
    """Whether it is a bulk act with an entry of its own."""
    under: Under | None = None
    """For acts that follow from a standing verdict; each of their entries names it."""
    number: int | None = None
    """How many drafts there are in all, when more are handed over while the first are put on disk."""

    @property
    def of(self) -> int:
        """How many drafts there are in all."""
        return len(self.drafts) if self.number is None else self.number


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission."""

    bulk_id: BulkId | None
    act_ids: tuple[ActId, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One act's step from one state to the next."""

    act_id: ActId
    to: ActState
    error: str | None = None
    note: str | None = None
    """The connector's note; None keeps the one that is there."""
    due_at: int | None = None
    """For a step back to `queued`: not before this time."""
    item_state: ItemState | None = None
    """What was seen of the item, where something was seen."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A sealed record as it is kept."""

    id: EvidenceId
    item_id: ItemId
    sealed_at: int
    cipher: bytes | None
    """None once it was disposed of."""
    wrapped_key: bytes | None
    digest: str
    retention: str
    review_at: int
    recovery_wrap: bytes | None = None
    supplement_of: EvidenceId | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much work one account's queue holds in one state."""

    account_id: AccountId
    state: ActState
    count: int
    due_at: int
    """When the first of them is due, milliseconds since 1970, UTC."""


class Desk(Protocol):
    """Everything that operators share."""

    # acts ----------------------------------------------------------------------------------------
    async def submit(
        self, submission: Submission, more: AsyncIterator[Sequence[Draft]] | None = None
    ) -> Submitted:
        """Puts evidence, acts and ledger entries on disk, in one durable transaction for each 500 drafts.

        `more` brings further drafts of the same bulk act, part by part, each made while the one before is
        put on disk; `submission.number` says how many there are with them.

        Sets each item's newest act; a `leave-up` marks the item left up at once.
        """

    async def take(
        self,
        accounts: Sequence[AccountId],
        now: int,
        most: int,
        room: Mapping[Verb, int] | None = None,
        *,
        reversible_only: bool = False,
    ) -> list[Act]:
        """The acts that are due on these accounts, moved to `sending` durably.

        The worst graded items come first, then what was asked for first; the acts on one item keep their
        order always. `room` says of how many items there may be acts of a verb at the most; a verb that is
        missing has no end. `reversible_only` leaves what has no way back where it is.

        A `held` act whose hold is over is moved to `queued` and on to `sending` in the same step.
        """

    async def move(self, moves: Sequence[Move], who: str, at: int) -> list[Act]:
        """Steps acts on, items with them, each with its ledger entry, in one durable transaction.

        A move that `domain.acts.MOVES` does not allow is left out (the act was cancelled meanwhile);
        the result holds the acts that moved, as they are now.
        """

    async def acts(self, ids: Sequence[ActId]) -> list[Act]:
        """These acts, in the order of their ids."""

    async def waiting(self) -> list[Waiting]:
        """What the queue holds, by account and state, for acts that are open. Quick at any length."""

    async def next_due(self, account_id: AccountId, after: int) -> int | None:
        """When the next act of an account becomes due that is not yet, epoch ms; None when there is none."""

    async def backlog(self) -> Mapping[tuple[AccountId, Verb], int]:
        """How many acts wait to be sent, by account and verb."""

    async def open_acts(self) -> list[Act]:
        """Every act that still asks for work, oldest first."""

    async def acts_in(
        self, states: Sequence[ActState], accounts: Sequence[AccountId] | None, most: int
    ) -> list[Act]:
        """Acts in these states, oldest first."""

    async def newest_acts(self, who: str | None, most: int) -> list[Act]:
        """The newest acts (of one operator), newest first."""

    async def last_undoable(self, who: str) -> Act | None:
        """The operator's newest act that can still be taken back and is not being taken back already.

        That is: it undoes nothing itself, no undo of it is open or done, and it is waiting, under way, or
        done with a way back (`domain.acts.INVERSE`, or a `leave-up`).
        """

    async def acts_of_bulk(self, bulk_id: BulkId) -> list[Act]:
        """All acts of one bulk act."""

    # later looks ---------------------------------------------------------------------------------
    async def next_look(self, account_id: AccountId) -> int | None:
        """When something done on an account is to be looked at again, epoch ms; None when nothing is."""

    async def due_looks(self, account_id: AccountId, now: int, most: int) -> list[LaterLook]:
        """Finished acts of an account that are to be looked at again by now, the most urgent first."""

    async def put_off_looks(self, looks: Sequence[tuple[ActId, int, int, bool]]) -> None:
        """Plans the next look of acts: when (epoch ms), its step, and whether the last one showed it back.

        A step beyond `domain.acts.LATER_MS` ends the looks.
        """

    # standing verdicts ---------------------------------------------------------------------------
    async def put_standing(self, verdict: Standing) -> Standing:
        """Puts a verdict on record and in force; gives it with its number."""

    async def pass_standing(self, number: int, after: int) -> None:
        """Says that a verdict has looked at arrivals up to this item and found nothing to do."""

    async def end_standing(self, number: int, who: str, why: str, at: int) -> bool:
        """Ends a verdict, on record; whether it still stood."""

    async def open_standings(self) -> list[Standing]:
        """Verdicts that were not ended, those whose time is over too, oldest first."""

    # evidence ------------------------------------------------------------------------------------
    async def evidence(self, evidence_id: EvidenceId) -> EvidenceRow | None:
        """One sealed record."""

    # ledger --------------------------------------------------------------------------------------
    async def note(self, notes: Sequence[Note], at: int) -> list[int]:
        """Puts something on record that is neither an act nor an evidence record; gives the places."""

    async def entries(self, after: int, most: int) -> list[Entry]:
        """Ledger entries with a place above `after`, in order."""

    async def verify(self) -> Verdict:
        """Checks every entry, its place in the chain, its content, and every evidence record."""

    # incidents, watchlists, cover ------------------------------------------------------------------
    async def incident(self) -> Incident | None:
        """The open incident, if there is one."""

    async def open_incident(self, name: str, posture: str, who: str, at: int) -> Incident:
        """Opens an incident; an open one is closed first."""

    async def close_incident(self, who: str, at: int) -> None:
        """Closes the open incident."""

    async def open_topic(
        self,
        *,
        words: str,
        purpose: str,
        authorised_by: str,
        accounts: Sequence[AccountId],
        ends_at: int,
        who: str,
        at: int,
    ) -> Topic:
        """Opens a topic to search for on some accounts, until a time."""

    async def close_topic(self, topic_id: TopicId, who: str, at: int) -> bool:
        """Closes a topic; whether it was open."""

    async def watchlists(self) -> list[Watchlist]:
        """The newest version of every watchlist that is in force."""

    async def put_watchlist(self, watchlist: Watchlist, source: str, who: str, at: int) -> None:
        """Puts a new version in force; `source` is its TOML text. An older version number is refused."""
