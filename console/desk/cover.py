"""The part of the desk that says who deals with what: claims, leads and deputies, duties.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer would
get wrong: whether somebody else was quicker is asked inside that transaction, because two people press the
same key on the same item on the worst night, and one of them must be told.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from console.domain.accounts import Account
from console.domain.approving import same_person
from console.domain.audit import Note, Plain
from console.domain.cover import MOST_CLAIMED, Claim, Claimed, Collision, Duty
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import ItemId, item_key
from console.domain.times import iso
from console.store import accounts, audit, cover
from console.store.database import Connection, Database

PROGRAM: Final = "cordon"
"""Who is named for what the program does by itself."""


class CoverDesk(Protocol):
    """Everything about cover that operators share."""

    async def claim(self, item_ids: Sequence[ItemId], claim: Claim, *, over: bool) -> Claimed:
        """Claims items, those of others too if `over`. Raises UsageError for one that is not there."""

    async def release(self, item_ids: Sequence[ItemId], who: str, at: int) -> list[ItemId]:
        """Gives up a person's own claims on these items; gives those that they had."""

    async def sweep(self, at: int) -> list[ItemId]:
        """Ends the claims and duties whose time is over; gives the items."""

    async def claims(self, item_ids: Sequence[ItemId] | None = None) -> dict[ItemId, Claim]:
        """The claims on these items (None: all), expired ones too until `sweep` is called."""

    async def set_cover(self, key: str, lead: str | None, deputy: str | None, who: str, at: int) -> Account:
        """Says who leads an account and who is the deputy. Raises UsageError for an unknown account."""

    async def take_duty(self, keys: Sequence[str], who: str, at: int, until_at: int) -> list[Duty]:
        """Has somebody cover accounts until then. Raises UsageError for an unknown account."""

    async def end_duty(self, keys: Sequence[str] | None, who: str, at: int) -> list[str]:
        """Ends a person's duty for these accounts (None: all); gives the keys of those that they covered."""

    async def duties(self) -> list[Duty]:
        """Every duty that was not ended, the earliest first."""

    async def last_duties(self) -> Mapping[str, int]:
        """When the last duty ended that is over, by the key of the account (epoch ms)."""


class LocalCover:
    """The `CoverDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def claim(self, item_ids: Sequence[ItemId], claim: Claim, *, over: bool) -> Claimed:
        """Claims items."""
        wanted = list(dict.fromkeys(item_ids))

        def work(conn: Connection) -> Claimed:
            missing = set(wanted) - set(cover.known_items(conn, wanted))
            if missing:
                raise UsageError(f"There is no item {item_key(min(missing))} in this profile.")
            known = {
                number: found for number, found in cover.claims(conn, wanted).items() if found.holds(claim.at)
            }
            others = {number: found for number, found in known.items() if not found.is_of(claim.who)}
            ours = [number for number in wanted if over or number not in others]
            held = sum(
                1
                for number, found in cover.every_claim(conn).items()
                if found.holds(claim.at) and found.is_of(claim.who) and number not in set(ours)
            )
            if held + len(ours) > MOST_CLAIMED:
                raise UsageError(
                    f"One person claims at most {MOST_CLAIMED:,} items; that would be {held + len(ours):,}. "
                    "Claim fewer, or act on all of them at once: that needs no claim."
                )
            cover.put_claims(conn, ours, claim)
            notes = [_claim_note(number, claim, others.get(number), known.get(number)) for number in ours]
            audit.append(conn, self._seat, notes, claim.at)
            left = () if over else tuple(Collision(number, found) for number, found in others.items())
            return Claimed(dict.fromkeys(ours, claim), left)

        return await self._database.record(work)

    async def release(self, item_ids: Sequence[ItemId], who: str, at: int) -> list[ItemId]:
        """Gives up a person's own claims."""

        def work(conn: Connection) -> list[ItemId]:
            own = [number for number, found in cover.claims(conn, item_ids).items() if found.is_of(who)]
            cover.drop_claims(conn, own)
            notes = [Note("item.released", who, {"item": item_key(number)}, {}) for number in own]
            audit.append(conn, self._seat, notes, at)
            return own

        return await self._database.record(work)

    async def sweep(self, at: int) -> list[ItemId]:
        """Ends the claims and duties whose time is over."""
        claims = await self._database.read(lambda conn: cover.expired(conn, at))
        duties = [duty for duty in await self.duties() if not duty.holds(at)]
        if not claims and not duties:
            return []

        def work(conn: Connection) -> list[ItemId]:
            over = cover.expired(conn, at)
            cover.drop_claims(conn, list(over))
            notes = [
                Note("item.claim-expired", PROGRAM, {"item": item_key(number), "claimed_by": found.who}, {})
                for number, found in over.items()
            ]
            for duty in cover.duties(conn):
                account = accounts.by_key(conn, duty.account)
                if account is not None and not duty.holds(at):
                    cover.end_duty(conn, account.id, duty.who, duty.until_at)
                    facts: dict[str, Plain] = {"account": duty.account, "covered_by": duty.who}
                    notes.append(Note("duty.over", PROGRAM, facts, {}))
            audit.append(conn, self._seat, notes, at)
            return list(over)

        return await self._database.record(work)

    async def claims(self, item_ids: Sequence[ItemId] | None = None) -> dict[ItemId, Claim]:
        """The claims on these items."""
        if item_ids is None:
            return await self._database.read(cover.every_claim)
        return await self._database.read(lambda conn: cover.claims(conn, item_ids))

    async def set_cover(self, key: str, lead: str | None, deputy: str | None, who: str, at: int) -> Account:
        """Says who leads an account and who is the deputy."""

        def work(conn: Connection) -> Account:
            before = _account(conn, key)
            accounts.set_cover(conn, before.id, lead, deputy)
            facts: dict[str, Plain] = {
                "account": key,
                "lead": lead,
                "deputy": deputy,
                "lead_before": before.lead,
                "deputy_before": before.deputy,
            }
            audit.append(conn, self._seat, [Note("account.cover", who, facts, {})], at)
            return _account(conn, key)

        return await self._database.record(work)

    async def take_duty(self, keys: Sequence[str], who: str, at: int, until_at: int) -> list[Duty]:
        """Has somebody cover accounts until then."""

        def work(conn: Connection) -> list[Duty]:
            notes = []
            for key in dict.fromkeys(keys):
                cover.put_duty(conn, _account(conn, key).id, who, at, until_at)
                facts: dict[str, Plain] = {"account": key, "until": iso(until_at)}
                notes.append(Note("duty.taken", who, facts, {}))
            audit.append(conn, self._seat, notes, at)
            return [Duty(key, who, at, until_at) for key in dict.fromkeys(keys)]

        return await self._database.record(work)

    async def end_duty(self, keys: Sequence[str] | None, who: str, at: int) -> list[str]:
        """Ends a person's duty for these accounts."""

        def work(conn: Connection) -> list[str]:
            own = [duty.account for duty in cover.duties(conn) if same_person(duty.who, who)]
            wanted = own if keys is None else list(dict.fromkeys(keys))
            for key in wanted:
                account = _account(conn, key)
                if not cover.end_duty(conn, account.id, who, at):
                    raise NotPossible(f"{who} is not on duty for {key}.")
            notes = [Note("duty.ended", who, {"account": key}, {}) for key in wanted]
            audit.append(conn, self._seat, notes, at)
            return wanted

        return await self._database.record(work)

    async def duties(self) -> list[Duty]:
        """Every duty that was not ended."""
        return await self._database.read(cover.duties)

    async def last_duties(self) -> Mapping[str, int]:
        """When the last duty ended that is over."""
        return await self._database.read(cover.last_duties)


def _account(conn: Connection, key: str) -> Account:
    found = accounts.by_key(conn, key)
    if found is None:
        raise UsageError(f"There is no account “{key}” in this profile.")
    return found


def _claim_note(number: ItemId, claim: Claim, other: Claim | None, own: Claim | None) -> Note:
    facts: dict[str, Plain] = {"item": item_key(number), "until": iso(claim.until_at)}
    if other is not None:
        return Note("item.taken-over", claim.who, {**facts, "from": other.who}, {})
    return Note("item.claimed-again" if own is not None else "item.claimed", claim.who, facts, {})
