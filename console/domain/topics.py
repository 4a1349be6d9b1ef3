"""Topics: what is searched for on networks for a while, for a purpose, on somebody's authority."""

from dataclasses import dataclass

from console.domain.ids import AccountId, TopicId


@dataclass(frozen=True, slots=True)
class Search:
    """The search for a topic through one account."""

    account_id: AccountId
    cursor: str | None = None
    error: str | None = None
    """Why it does not run at the moment, in words; None when it does."""
    last_look_at: int | None = None
    """When the network last answered, milliseconds since 1970."""
    found: int = 0
    """How many items it brought, those that were known already included."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Times are milliseconds since 1970, UTC."""

    id: TopicId
    words: str
    purpose: str
    opened_by: str
    authorised_by: str
    """Who allowed it, which the law may want to be another person than who asked for it."""
    opened_at: int
    ends_at: int
    closed_at: int | None
    searches: tuple[Search, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is still searched for."""
        return self.closed_at is None
