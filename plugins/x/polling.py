"""One list of posts, page by page, from a place onwards.

What a newcomer would get wrong: pages come newest first, so nothing may be handed over before the last of
them was read, or the place would move past what is still missing. But what was read is paid. When the money
or the link ends in the middle, what came is handed over all the same, and only the place stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.api import Failure
from console.api.entries import UnreadableError, decoded
from plugins.x.mapping import media_in
from plugins.x.money import USER
from plugins.x.people import People
from plugins.x.problems import CLOSED, about
from plugins.x.session import Session
from plugins.x.wire import BarePost, Listed, Media, number

MOST_PAGES = 60
PAGE = 100
SMALLEST_PAGE = 10
"""The least that may be asked for in every list that we read."""


@dataclass(slots=True)
class Found:
    """What a list gave, in no order."""

    raws: list[bytes] = field(default_factory=list)
    media: dict[str, Media] = field(default_factory=dict)
    newest: int = 0
    """The highest id in it, as a number."""
    oldest: int = 0
    complaints: list[str] = field(default_factory=list)
    failure: Failure | None = None
    """What ended it before its end; then there is more than this."""
    is_closed: bool = False
    """Whether X answered that it may not show the list."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list to be read."""

    path: str
    query: Mapping[str, str]
    ceiling: str
    price: int
    """Of one thing in it, in thousandths of a dollar."""
    has_strangers: bool = True
    """Whether each thing may bring an author who costs too."""
    most: int = PAGE
    """Things to a page."""
    most_pages: int = MOST_PAGES
    stop_at: int = 0
    """The id down to which it is read, where a list cannot be asked for what is new only."""


async def gather(session: Session, people: People, listing: Listing) -> Found:
    """Reads a list to its end. Raises a `Failure` when not even one page came."""
    found = Found()
    dearest = listing.price + (USER if listing.has_strangers else 0)
    token, passed = "", set[str]()
    for number_of_page in range(listing.most_pages):
        try:
            size = session.money.affords(dearest, most=listing.most, least=SMALLEST_PAGE)
            asked: dict[str, str] = {**listing.query, "max_results": str(size)}
            if token:
                asked["pagination_token"] = token
            page = await session.ask(listing.path, asked, ceiling=listing.ceiling)
            await _take(found, page, session, people, listing.price)
        except Failure as failure:
            if number_of_page == 0:
                raise
            found.failure = failure
            return found
        token = page.next_token
        if not token or token in passed or 0 < found.oldest <= listing.stop_at:
            return found
        passed.add(token)
    if listing.most_pages > 1:  # one page is a first look, which leaves out what is older on purpose
        found.complaints.append(
            f"More than {listing.most_pages} pages were waiting; the oldest were left out."
        )
    return found


async def _take(found: Found, page: Listed, session: Session, people: People, price: int) -> None:
    ids: list[str] = []
    for raw in page.data or ():
        found.raws.append(bytes(raw))
        try:
            ids.append(decoded(bytes(raw), BarePost).id)
        except UnreadableError:
            continue  # said when it is made into an item
    await people.take(page.includes)
    await session.money.pay(ids, price)
    found.media |= media_in(page.includes)
    places = [place for place in map(number, ids) if place]
    found.newest = max([found.newest, *places])
    found.oldest = min([found.oldest or 2**63, *places]) if places else found.oldest
    errors = page.errors or []
    if errors and page.data is None and all(problem.kind in CLOSED for problem in errors):
        found.is_closed = True
    elif words := about(errors):
        found.complaints.append(words)
