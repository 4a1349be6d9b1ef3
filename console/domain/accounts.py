"""Accounts: the force's own presences on networks, who covers them, and how healthy they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from console.domain.ids import AccountId
from console.domain.times import day_words

WARNED_MS = 14 * 86_400_000
"""So long before a sign-in ends for good a person is told."""


class AccountState(StrEnum):
    """The health of an account, worst first where people see a list."""

    SIGN_IN = "sign-in"
    """The network no longer accepts our sign-in."""
    NO_LINK = "no-link"
    """The network or the link does not answer."""
    STALE = "stale"
    """Nothing was heard from the network for longer than its own polling allows."""
    FAULTY = "faulty"
    """The connector failed in a way it should not; it was stopped, the rest goes on."""
    STARTING = "starting"
    LIVE = "live"
    ENDED = "ended"
    """A replay that has come to its end."""
    OFF = "off"
    """Not being watched now, because no Cordon runs on this profile."""


@dataclass(frozen=True, slots=True)
class Account:
    """One of the force's accounts. Times are milliseconds since 1970, UTC."""

    id: AccountId
    key: str
    """Readable text without spaces, unique in the profile."""
    network: str
    """The network that people see: `facebook`, `x`, `bluesky` …"""
    connector: str
    """The plugin that runs it; `replay` for exercises."""
    handle: str
    name: str
    lead: str | None
    deputy: str | None
    may_act: bool
    """Whether acting is allowed at all, and not only reading."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the connector was told when the account was added; never a secret."""
    state: AccountState = AccountState.OFF
    error: str | None = None
    """Why the state is not live, in words for a person."""
    since: int | None = None
    """Since when it is in this state."""
    last_item_at: int | None = None
    last_look_at: int | None = None
    """When the network last answered us."""
    notice: str | None = None
    """What a person should know though it works: a right that is missing, a role that is too low."""
    sign_in_ends_at: int | None = None
    """When the sign-in ends for good, whatever is done."""
    token: str = ""
    """Stands for the token, where several accounts use one and share its ceilings; never the token."""
    app: str = ""
    """Stands for the app through which it is reached; accounts of one app share its ceilings."""

    def warning(self, now: int) -> str | None:
        """That the sign-in ends soon, in words; None while there is time enough. `now` is epoch ms."""
        if self.sign_in_ends_at is None or self.sign_in_ends_at - now > WARNED_MS:
            return None
        if self.sign_in_ends_at <= now:
            return f"The sign-in ended on {day_words(self.sign_in_ends_at)}; sign in again."
        return f"The sign-in ends on {day_words(self.sign_in_ends_at)}; sign in again before that."

    def as_of(self, now: int) -> "Account":
        """The account with every notice that holds now, the end of its sign-in included."""
        words = " ".join(part for part in (self.warning(now), self.notice) if part)
        return replace(self, notice=words or None)

    @property
    def is_uncovered(self) -> bool:
        """Whether nobody answers for this account."""
        return not self.lead and not self.deputy
