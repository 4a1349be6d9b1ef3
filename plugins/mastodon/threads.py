"""Which thread a post belongs to, and which posts stand in the threads of ours.

A post says only what it answers. What a newcomer would get wrong: one question to the server places a whole
thread, since the answer has everything above and below. So it is asked once for each thread and remembered;
where it cannot be asked, the post above counts as the beginning, and nothing is lost by that.
"""

from collections.abc import Sequence

import msgspec

from console.api import Failure, SignInAgain
from console.api.entries import UnreadableError, first_words
from plugins.mastodon.mapping import Place, age_of, post_of, text_of
from plugins.mastodon.session import Session, path_of
from plugins.mastodon.wire import Post, Thread

MOST_REMEMBERED = 50_000
KEEP_FOR_ACTS = 40
"""Requests that are left alone by what one can do without."""


class Threads:
    """The places of posts, as far as they are known."""

    def __init__(self, session: Session) -> None:
        """`session` asks in the account's name."""
        self._session = session
        self._places: dict[str, Place] = {}

    def known(self, post: Post) -> Place | None:
        """Where a post hangs, when that needs no question."""
        if post.in_reply_to_id is None:
            return self._note(post.id, self._beginning(post))
        above = self._places.get(post.in_reply_to_id)
        return self._note(post.id, above) if above else self._places.get(post.id)

    def is_ours(self, root: str) -> bool:
        """Whether the account is known to have begun this thread."""
        place = self._places.get(root)
        return place is not None and place.is_ours

    def guess(self, post: Post) -> Place:
        """Where a post hangs for all that is known, without a question."""
        is_ours = post.in_reply_to_account_id == self._session.me
        return self.known(post) or Place(post.in_reply_to_id or post.id, is_ours=is_ours)

    async def place(self, post: Post) -> Place:
        """Where a post hangs; asks the server when that is not known and there is enough left to ask."""
        found = self.known(post)
        left = self._session.left()
        if found is not None or (left is not None and left < KEEP_FOR_ACTS):
            return found or self.guess(post)
        try:
            thread = await self.read(post.id)
        except SignInAgain:
            raise
        except Failure:
            return self.guess(post)
        self.take_in([one for one, _ in posts_in([*thread.ancestors, *thread.descendants])])
        return self._note(post.id, self.guess(post))

    async def read(self, post: str) -> Thread:
        """Everything above and below a post, as far as the server knows it. Raises a `Failure`."""
        return await self._session.ask(f"{path_of('statuses', post)}/context", Thread)

    def take_in(self, posts: Sequence[Post]) -> None:
        """Remembers the places of posts of one thread, whatever their order."""
        waiting = sorted(posts, key=lambda post: age_of(post.id))
        while waiting:
            left = [post for post in waiting if self.known(post) is None]
            if len(left) == len(waiting):
                break  # what they answer was deleted: each begins a thread of its own
            waiting = left
        for post in waiting:
            self._note(post.id, self.guess(post))

    def _beginning(self, post: Post) -> Place:
        is_ours = post.account.id == self._session.me
        return Place(post.id, first_words(text_of(post)) if is_ours else "", is_ours)

    def _note(self, post: str, place: Place) -> Place:
        self._places.pop(post, None)
        self._places[post] = place
        while len(self._places) > MOST_REMEMBERED:
            del self._places[next(iter(self._places))]
        return place


def posts_in(raws: Sequence[msgspec.Raw]) -> list[tuple[Post, bytes]]:
    """The posts of a list that can be read, each once and with its own bytes."""
    found: dict[str, tuple[Post, bytes]] = {}
    for raw in raws:
        try:
            post = post_of(bytes(raw))
        except UnreadableError:
            continue
        found.setdefault(post.id, (post, bytes(raw)))
    return list(found.values())
