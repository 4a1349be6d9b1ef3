"""Which page the signed-in person looks after, and in what role.

What a newcomer would get wrong: a role that is too low is not refused. A `RECRUITING_POSTER` gets every list,
and every list is empty. So the role itself is asked for, when the account is opened and now and then later.
"""

from dataclasses import dataclass

import msgspec

from console.api import Gone, NotAllowed
from plugins.linkedin.session import Session
from plugins.linkedin.urns import address, number_of
from plugins.linkedin.wire import Elements, Organisation, Role

ENOUGH = "ADMINISTRATOR"
NO_ROLE = (
    "The signed-in person has no role at this LinkedIn page any more, so every list would be empty. A super "
    "admin of the page must give them one; then sign in again."
)


@dataclass(frozen=True, slots=True)
class Duty:
    """One page that the signed-in person has a role at."""

    page: str
    role: str
    person: str

    @property
    def is_enough(self) -> bool:
        """Whether comments can be read in it."""
        return self.role == ENOUGH

    @property
    def notice(self) -> str:
        """What is wrong with it, in words; empty when nothing is."""
        if self.is_enough:
            return ""
        return (
            f"At this LinkedIn page the signed-in person is only {self.role.replace('_', ' ').lower()}: "
            "LinkedIn then shows no comments, without a word. A super admin of the page must raise it."
        )


async def duties(session: Session) -> list[Duty]:
    """All pages that the person has a role at, those that suffice first. Raises a `Failure`."""
    query: dict[str, str | int] = {"q": "roleAssignee", "state": "APPROVED", "count": 100, "start": 0}
    found: dict[str, Duty] = {}
    for raw in (await session.ask(address("organizationAcls", query), Elements)).elements:
        try:
            role = msgspec.json.decode(raw, type=Role)
        except msgspec.DecodeError:
            continue  # as good as no role: what it would allow is not known
        page = role.organization or role.organization_target
        if not page or role.state != "APPROVED":
            continue
        duty = Duty(page, role.role, role.role_assignee)
        if page not in found or duty.is_enough:
            found[page] = duty
    return sorted(found.values(), key=lambda duty: not duty.is_enough)


async def duty_at(session: Session, page: str) -> Duty:
    """The role at one page. Raises NotAllowed when there is none, and any other `Failure`."""
    for duty in await duties(session):
        if duty.page == page:
            return duty
    raise NotAllowed(NO_ROLE)


async def name_of(session: Session, page: str) -> tuple[str, str]:
    """A page's short name in addresses, and its name for people. Raises a `Failure`."""
    try:
        found = await session.ask(f"organizations/{number_of(page)}", Organisation)
    except (NotAllowed, Gone):
        return number_of(page), number_of(page)  # a page can be worked on without its name
    short = found.vanity_name or number_of(page)
    return short, found.localized_name or short
