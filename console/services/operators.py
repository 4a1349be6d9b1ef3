"""Who sits at this seat, and what proves it: the roster, codes, locking, and the second person.

With no roster the operating system's account sits here, as it always did, and nothing asks anything. What a
newcomer would get wrong: the record never claims more than was proven. While the seat is locked, or nobody
has said who they are, whatever is done at it (by the command line, say) is the operating system account's
and not the person's who left.
"""

import asyncio
import contextlib
import hmac
import json
import logging
import os
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from console.desk.operators import Newcomer, OperatorDesk
from console.domain.approving import same_person
from console.domain.audit import Plain
from console.domain.errors import NotPossible, ProfileError, SecretsUnavailable, UsageError
from console.domain.operators import (
    COLLAR_MOST,
    FREE_TRIES,
    PLAIN_ROLE,
    SHIFT_MS,
    Operator,
    SeatState,
    SignedSeat,
    Sitting,
    checked_code,
    checked_name,
    is_supervisor,
    role_named,
    still_waits_ms,
    wait_ms,
)
from console.matching.normalise import fold
from console.services.clock import Clock
from console.services.events import Events, OperatorsChanged
from console.services.keys import Keys

Owed = Callable[[int], Awaitable[None]]
"""Puts something on record, at a time in epoch ms."""
_log = logging.getLogger(__name__)

SCRYPT_COST: Final = 2**14
"""16 MiB and some hundredths of a second for each try (RFC 7914 with r 8, p 1)."""
_SALT_BYTES: Final = 16
_LOOKS: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "3": "e", "!": "l"})
CODELESS: Final = "has no code, so nothing proves that it is they. Set one up: cordon operator code"


class WrongCode(NotPossible):
    """A code that is not right, or that comes before its time."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A person's name and code, as they were typed."""

    name: str
    code: str


def look_of(name: str) -> str:
    """A name as the eye reads it: alphabets, case, accents and marks aside, digits for letters too."""
    letters = "".join(one for one in fold(name).translate(_LOOKS) if one.isalnum())
    return letters.replace("rn", "m").replace("vv", "w")


class Operators:
    """The roster of this seat, and who is on."""

    def __init__(
        self,
        *,
        desk: OperatorDesk,
        keys: Keys,
        clock: Clock,
        events: Events,
        seat: SignedSeat,
        who: str,
        role: str = PLAIN_ROLE,
        account: str,
        away_minutes: int = 10,
    ) -> None:
        """`who` and `role` hold while there is no roster; `account` names the operating system's account.

        After `away_minutes` a seat that nobody touches is locked; 0: never.
        """
        self._desk, self._keys, self._clock, self._events = desk, keys, clock, events
        self._seat = seat
        self._plain = Sitting(who, role)
        self._waits: dict[int, float] = {}
        """Until when an operator's next try waits, in monotonic seconds: the wall's clock may be set."""
        self._trying = asyncio.Lock()
        self._unreadable: str | None = None
        self._owed: Owed | None = None
        """What happened here and could not be put on record yet, because the disk did not take it."""
        self.account, self.away_minutes = account, away_minutes
        self.state = SeatState()
        seat.sitting = self._plain

    # who is on ------------------------------------------------------------------------------------

    @property
    def on(self) -> Sitting:
        """Who is on now, for the record; the operating system's account while nobody has shown to be."""
        state = self.state
        if state.sitting is None or state.must_ask or state.went_on:
            return self._plain
        return state.sitting

    @property
    def roster(self) -> tuple[Operator, ...]:
        """Everyone on the roster."""
        return self.state.roster

    @property
    def why_unreadable(self) -> str | None:
        """Why codes cannot be checked now; None when they can."""
        if not any(one.has_code for one in self.state.roster):
            return None
        if not self._keys.ready:
            return self._keys.why_not
        return self._unreadable

    async def open(self) -> None:
        """Reads the roster and who is on."""
        await self.refresh()
        coded = next((one for one in self.state.roster if one.has_code), None)
        if coded is None or not self._keys.ready:
            return
        try:
            self._keys.unseal(await self._desk.code(coded.id) or b"")
        except SecretsUnavailable as problem:
            self._unreadable = problem.message

    async def refresh(self) -> None:
        """Takes up what another process changed."""
        if self._owed is not None:
            await self._put(self._owed, self.state)
        roster = tuple(await self._desk.roster())
        if self._owed is not None:
            self._take(replace(self.state, roster=roster))
            return
        stored = await self._desk.sitting()
        sitting: Sitting | None = None
        locked_at: int | None = None
        if stored is not None:
            found = next((one for one in roster if one.id == stored.operator_id), None)
            age = self._clock.now() - stored.since_at
            if found is not None and abs(age) < SHIFT_MS:
                sitting = Sitting(found.name, found.role, stored.behalf, found.id, stored.since_at)
                locked_at = stored.locked_at
        went_on = self.state.went_on and bool(roster) and sitting is None
        self._take(SeatState(roster, sitting, locked_at, went_on))

    async def _put(self, owed: "Owed", state: SeatState) -> None:
        """Puts on record what happened here; `state` holds meanwhile where the disk does not take it.

        Nobody is kept from a life at risk, or left unlocked, by a full disk: what is owed is written as soon
        as it can be.
        """
        try:
            await owed(self._clock.now())
        except ProfileError as problem:
            if self._owed is None:
                _log.warning("Who sits here cannot be put on record yet: %s", problem.message)
            self._owed = owed
            self._take(state)
        else:
            self._owed = None

    def _take(self, state: SeatState) -> None:
        if state == self.state:
            return
        self.state = state
        self._seat.sitting = self.on
        self._events.announce(OperatorsChanged())

    async def sign_on(self, name: str, code: str = "", behalf: str | None = None) -> Sitting:
        """Somebody of the roster sits down here, or comes back to a locked seat.

        Raises UsageError for an unknown name, WrongCode, and NotPossible when codes cannot be read.
        """
        operator = self.person(name)
        behalf = checked_name(behalf, "behalf") if behalf and behalf.strip() else None
        facts: dict[str, Plain] = {"proved": "system account", "system_account": self.account}
        if operator.has_code:
            await self._check(operator, code, "sitting down")
            facts["proved"] = "code"
        state, now = self.state, self._clock.now()
        before = state.sitting
        is_back = before is not None and before.operator_id == operator.id and state.locked_at is not None
        if is_back and before is not None and behalf in {None, before.behalf}:
            sitting = before
            owed = partial(self._desk.unlock, operator.name, facts)
        else:
            sitting = Sitting(operator.name, operator.role, behalf, operator.id, now)
            owed = partial(self._desk.sit, sitting, {**facts, "behalf": behalf})
        await self._put(owed, SeatState(state.roster, sitting))
        await self.refresh()
        return self.on

    async def go_on(self) -> Sitting:
        """The operating system's account goes on here. Raises NotPossible while codes can be read."""
        why = self.why_unreadable
        if why is None:
            raise NotPossible("Codes can be checked, so say who you are, with yours.")
        facts: dict[str, Plain] = {"proved": "system account", "codes": "cannot be read"}
        await self._desk.go_on(self._plain, facts, self._clock.now())
        self._take(SeatState(self.state.roster, None, None, went_on=True))
        return self.on

    async def leave(self, why: str = "asked") -> None:
        """Nobody sits here from now; nothing where nobody does."""
        if self.state.sitting is not None:
            owed = partial(self._desk.leave, self.state.sitting.name, why)
            await self._put(owed, SeatState(self.state.roster))
            await self.refresh()

    async def lock(self, why: str = "asked") -> None:
        """Asks for who is here from now: `asked`, `away` or `start`. Nothing where nobody sat down."""
        sitting = self.state.sitting
        if self.state.went_on:
            owed = partial(self._desk.lock, self._plain.name, why)
            await self._put(owed, replace(self.state, went_on=False))
            self._take(replace(self.state, went_on=False))
        if sitting is not None and self.state.locked_at is None:
            owed = partial(self._desk.lock, sitting.name, why)
            await self._put(owed, replace(self.state, locked_at=self._clock.now()))
            await self.refresh()

    # proof ----------------------------------------------------------------------------------------

    async def prove(self, name: str, code: str, purpose: str = "agreeing") -> Operator:
        """Somebody of the roster shows with their code that it is they, without sitting down.

        Raises UsageError for an unknown name, WrongCode, NotPossible where there is no code to be read.
        """
        operator = self.person(name)
        if not operator.has_code:
            raise NotPossible(f"{operator.name} {CODELESS}.")
        await self._check(operator, code, purpose)
        return operator

    def person(self, name: str) -> Operator:
        """The one of the roster with this name. Raises UsageError when there is none."""
        exact = next((one for one in self.state.roster if one.name == name), None)
        found = exact or next((one for one in self.state.roster if same_person(one.name, name)), None)
        if found is None:
            raise UsageError(f"“{name}” is not on the roster of this seat.")
        return found

    def waits_s(self, operator: Operator) -> int:
        """How many whole seconds somebody's next try must wait."""
        if operator.id in self._waits:
            left = self._waits[operator.id] - self._clock.monotonic()
        else:
            left = still_waits_ms(operator.wrong, operator.wrong_at, self._clock.now()) / 1000
        return max(0, -int(-left // 1))

    async def _check(self, operator: Operator, code: str, purpose: str) -> None:
        async with self._trying:  # tries at once would not be counted before they are made
            operator = self.person(operator.name)
            if wait := self.waits_s(operator):
                raise WrongCode(
                    f"Too many wrong codes for {operator.name}. Wait {wait} s, or ask a supervisor for a new "
                    "code."
                )
            sealed = await self._desk.code(operator.id)
            if sealed is None:
                raise NotPossible(f"{operator.name} {CODELESS}.")
            try:
                kept = json.loads(self._keys.unseal(sealed))
            except SecretsUnavailable as problem:
                self._unreadable = problem.message if self._keys.ready else None
                raise NotPossible(f"Codes cannot be checked: {problem.message}") from problem
            digest = await asyncio.to_thread(_stretched, code, bytes.fromhex(kept["salt"]), kept["cost"])
            is_right = kept["name"] == operator.name and hmac.compare_digest(digest.hex(), kept["digest"])
            if is_right:
                self._waits.pop(operator.id, None)
                if operator.wrong:
                    with contextlib.suppress(ProfileError):  # then the next wrong code waits sooner
                        await self._desk.right_code(operator.id)
                        await self.refresh()
                return
            try:
                number = await self._desk.wrong_code(operator, purpose, self._clock.now())
            except ProfileError:
                number = FREE_TRIES  # what cannot be counted waits as if it were too many
            await self.refresh()
            wait_s = wait_ms(number) // 1000
            if wait_s:
                self._waits[operator.id] = self._clock.monotonic() + wait_s
                raise WrongCode(f"That is not {operator.name}’s code. Wait {wait_s} s before the next try.")
            left = FREE_TRIES - number
            tries = "one more try" if left == 1 else f"{left} more tries"
            raise WrongCode(f"That is not {operator.name}’s code. After {tries} there is a wait.")

    def _sealed(self, name: str, code: str | None) -> bytes | None:
        """What is kept of a code: a slow digest, bound to the name, sealed. Runs in a thread."""
        if not code:
            return None
        salt = os.urandom(_SALT_BYTES)
        kept = {
            "name": name,
            "salt": salt.hex(),
            "cost": SCRYPT_COST,
            "digest": _stretched(checked_code(code), salt, SCRYPT_COST).hex(),
        }
        return self._keys.seal(json.dumps(kept).encode())

    # the roster -----------------------------------------------------------------------------------

    @property
    def supervisors(self) -> tuple[Operator, ...]:
        """Those of whom one must agree when the roster changes."""
        return tuple(one for one in self.state.roster if is_supervisor(one.role) and one.has_code)

    async def _author(self, by: Proof | None) -> str:
        """Who changes the roster: a supervisor, where there is one with a code."""
        if not self.supervisors:
            return self.on.name
        if by is None:
            names = ", ".join(one.name for one in self.supervisors)
            raise NotPossible(
                f"A supervisor must agree to a change of the roster: {names}. Give name and code."
            )
        operator = await self.prove(by.name, by.code, "the roster")
        if not is_supervisor(operator.role):
            raise NotPossible(
                f"{operator.name} is {operator.role}, and only a supervisor changes the roster."
            )
        return operator.name

    async def add(
        self,
        name: str,
        role: str,
        *,
        collar: str | None = None,
        code: str | None = None,
        by: Proof | None = None,
    ) -> Operator:
        """Puts somebody on the roster.

        Raises UsageError for a name that cannot be kept or be told from another's, SecretsUnavailable when a
        code cannot be sealed, NotPossible when a supervisor must agree.
        """
        name, role = checked_name(name), role_named(role)
        number = checked_name(collar, "collar number", COLLAR_MOST) if collar and collar.strip() else None
        if code:
            checked_code(code)
        who = await self._author(by)
        sealed = await asyncio.to_thread(self._sealed, name, code)
        newcomer = Newcomer(name, look_of(name), role, number, sealed)
        made = await self._desk.add(newcomer, who, self._clock.now())
        await self.refresh()
        return made

    async def remove(self, name: str, *, by: Proof | None = None) -> Operator:
        """Takes somebody off the roster; whoever is on under that name is off. Raises what `add` does."""
        operator = self.person(name)
        who = await self._author(by)
        await self._desk.remove(operator, who, self._clock.now())
        self._waits.pop(operator.id, None)
        await self.refresh()
        return operator

    async def start_over(self, reason: str) -> int:
        """Takes everybody off the roster because no supervisor knows their code; gives how many there were.

        The record names the operating system's account. Raises UsageError without a reason.
        """
        if not reason.strip():
            raise UsageError("A reason is needed; it goes on record.")
        number = await self._desk.clear(self._plain.name, reason.strip(), self._clock.now())
        self._waits.clear()
        await self.refresh()
        return number

    async def change_code(self, name: str, old: str, new: str) -> None:
        """Somebody gives themselves another code; the first one needs no old one.

        Raises what `prove` does, and UsageError for a code that is too short.
        """
        operator = self.person(name)
        checked_code(new)
        if operator.has_code:
            await self._check(operator, old, "a new code")
        await self._set_code(operator, new, operator.name)

    async def reset_code(self, name: str, new: str | None, by: Proof | None) -> None:
        """A supervisor gives somebody a new code because the old one is forgotten, or takes it away."""
        operator = self.person(name)
        if new:
            checked_code(new)
        await self._set_code(operator, new, await self._author(by))

    async def _set_code(self, operator: Operator, new: str | None, who: str) -> None:
        sealed = await asyncio.to_thread(self._sealed, operator.name, new)
        await self._desk.set_code(operator, sealed, who, self._clock.now())
        self._waits.pop(operator.id, None)
        await self.refresh()


def _stretched(code: str, salt: bytes, cost: int) -> bytes:
    """A slow digest of a code."""
    plain = unicodedata.normalize("NFC", code).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(plain)
