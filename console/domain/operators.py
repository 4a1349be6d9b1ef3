"""Who sits at a seat: names, roles, on whose behalf, and how long a wrong code makes one wait.

With nothing set up there is no roster: whoever the operating system signed in sits here, and nobody is asked
anything. What a newcomer would get wrong: a `SignedSeat` is the seat's name, a plain `str`, and it also
knows who sits at it. So whatever writes to the ledger hands over the seat as it always did, and the role
and the behalf reach every entry from one place.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from console.domain.approving import same_person
from console.domain.errors import UsageError

PROGRAM: Final = "cordon"
"""Who is named for what the program does by itself; nobody can have this name."""
PLAIN_ROLE: Final = "Operator"
"""The role of somebody who is on no roster."""
ROLES: Final = (
    "Communications officer",
    "Digital desk operator",
    "Neighbourhood or specialist contributor",
    "Supervisor / force incident manager",
    "Commander",
)
"""The roles that are offered; a force may type another."""
SUPERVISOR: Final = ROLES[3]
"""The role that may give somebody a new code when the old one is forgotten."""
BEHALVES: Final = ("the lead", "the deputy", "Gold", "Silver", "Bronze")
"""On whose behalf somebody may say that they sit here, besides their own."""

NAME_MOST: Final = 60
"""How many characters a name, a role or a behalf may have."""
COLLAR_MOST: Final = 12
CODE_LEAST: Final = 4
CODE_MOST: Final = 128
FREE_TRIES: Final = 5
"""How many wrong codes there may be before the next try has to wait."""
FIRST_WAIT_MS: Final = 30_000
MOST_WAIT_MS: Final = 15 * 60_000
SHIFT_MS: Final = 12 * 3_600_000
"""How long somebody stays on without being asked again, for the command line."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One person of a seat's roster."""

    id: int
    name: str
    role: str
    collar: str | None
    """Collar or staff number."""
    has_code: bool
    """Whether a code proves that it is they; without one, only the operating system's account does."""
    wrong: int
    """Wrong codes since the last right one."""
    wrong_at: int | None
    """When the last wrong code was given, epoch ms."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who is on at a seat, as the ledger names them."""

    name: str
    role: str
    behalf: str | None = None
    """On whose behalf they sit here; None: on their own."""
    operator_id: int | None = None
    """Their number in the roster; None for the operating system's account."""
    since_at: int = 0
    """Since when, epoch ms; 0 for the operating system's account."""


@dataclass(frozen=True, slots=True)
class SeatState:
    """Everything about this seat at one moment; the window reads it from its own thread."""

    roster: tuple[Operator, ...] = ()
    sitting: Sitting | None = None
    """Who sat down last and has not left; None when nobody did."""
    locked_at: int | None = None
    went_on: bool = False
    """Whether the operating system's account went on because codes cannot be read."""

    @property
    def must_ask(self) -> bool:
        """Whether somebody must say who they are before the desk can be worked at."""
        return bool(self.roster) and not self.went_on and (self.sitting is None or self.locked_at is not None)

    @property
    def has_code(self) -> bool:
        """Whether whoever sits here has a code, so that a time away locks the seat."""
        return self.sitting is not None and any(
            one.id == self.sitting.operator_id and one.has_code for one in self.roster
        )


class SignedSeat(str):
    """The name of a seat, and who sits at it now.

    `sitting` is None while nobody has said who they are: then entries carry no role beyond the roster's.
    """

    __slots__ = ("sitting",)

    sitting: Sitting | None

    def __new__(cls, name: str, sitting: Sitting | None = None) -> Self:
        """A seat of this name."""
        seat = super().__new__(cls, name)
        seat.sitting = sitting
        return seat


def is_supervisor(role: str) -> bool:
    """Whether this role may change the roster and give somebody a new code."""
    return same_person(role, SUPERVISOR)


def role_named(text: str) -> str:
    """The role that somebody typed: one that is offered by the start of its words, else their own words.

    Raises UsageError when it cannot be kept.
    """
    typed = text.strip().casefold()
    for role in ROLES:
        if typed and any(part.strip().casefold().startswith(typed) for part in (role, *role.split("/"))):
            return role
    return checked_name(text, "role")


def wait_ms(wrong: int) -> int:
    """How long the next try must wait after so many wrong codes: nothing, then doubling up to a limit."""
    if wrong < FREE_TRIES:
        return 0
    return min(MOST_WAIT_MS, FIRST_WAIT_MS << min(wrong - FREE_TRIES, 16))


def still_waits_ms(wrong: int, wrong_at: int | None, now: int) -> int:
    """How long somebody still has to wait at `now`, ms.

    A clock that was set back makes nobody wait longer than the whole wait.
    """
    wait = wait_ms(wrong)
    if not wait or wrong_at is None:
        return 0
    return min(wait, max(0, wrong_at + wait - now))


def checked_name(text: str, what: str = "name", most: int = NAME_MOST) -> str:
    """A name, role or behalf as it is kept: one line of visible text. Raises UsageError with the reason."""
    found = unicodedata.normalize("NFC", " ".join(part for part in text.split(" ") if part))
    if not found:
        raise UsageError(f"The {what} is empty. Type one.")
    if len(found) > most:
        raise UsageError(f"The {what} has {len(found):,} characters; {most} are the most.")
    for character in found:
        if unicodedata.category(character) in _UNSEEN or (character.isspace() and character != " "):
            raise UsageError(
                f"The {what} holds a character that cannot be seen (U+{ord(character):04X}). Type it by hand."
            )
    if what == "name" and same_person(found, PROGRAM):
        raise UsageError(f"“{found}” is what the program calls itself in the record. Take another name.")
    if not any(character.isalnum() for character in found):
        raise UsageError(f"The {what} has neither letter nor digit. Type one.")
    return found


def checked_code(code: str) -> str:
    """A code as it is used. Raises UsageError when it is too short or too long."""
    found = unicodedata.normalize("NFC", code)
    if len(found) < CODE_LEAST:
        raise UsageError(f"A code has at least {CODE_LEAST} characters. Take a longer one.")
    if len(found) > CODE_MOST:
        raise UsageError(f"A code has at most {CODE_MOST} characters. Take a shorter one.")
    return found


_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what draws nothing by itself: controls, directions, surrogates, unassigned."""
